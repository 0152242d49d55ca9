"""NCRONTAB and time spans, as tables. 2026-11-24 is a Tuesday.

They follow Learn, "Timer trigger for Azure Functions" (fields, names, UTC, TimeSpan), except where a test says more.
"""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from local.host.ncrontab import Schedule
from local.host.time_span import parse_time_span

START = datetime(2026, 11, 24, 10, 30, 15, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("* * * * * *", "2026-11-24 10:30:16"),
        ("*/5 * * * * *", "2026-11-24 10:30:20"),
        ("15 30 10 * * *", "2026-11-25 10:30:15"),
        ("0 */5 * * * *", "2026-11-24 10:35:00"),
        ("0 0 * * * *", "2026-11-24 11:00:00"),
        ("0 0 */2 * * *", "2026-11-24 12:00:00"),
        ("0 0 9-17 * * *", "2026-11-24 11:00:00"),
        ("0 30 9 * * *", "2026-11-25 09:30:00"),
        ("0 30 9 * * 1-5", "2026-11-25 09:30:00"),
        ("0 30 9 * * Mon", "2026-11-30 09:30:00"),
        ("0 30 9 * Jan Mon", "2027-01-04 09:30:00"),
        ("0 0 0 1 january,july *", "2027-01-01 00:00:00"),
        ("0 0 0 13 * fri", "2027-08-13 00:00:00"),
        ("0 0 0 31 * *", "2026-12-31 00:00:00"),
        ("0 0 0 29 2 *", "2028-02-29 00:00:00"),
        ("0 0 0 * * 0", "2026-11-29 00:00:00"),
        ("50-40 * * * * *", "2026-11-24 10:30:40"),
        ("5/15 * * * * *", "2026-11-24 10:30:20"),
        ("10-40/10 * * * * *", "2026-11-24 10:30:20"),
        ("1,2,58 * * * * *", "2026-11-24 10:30:58"),
        ("59 59 23 31 12 *", "2026-12-31 23:59:59"),
        ("0 0 0 1 jan-MAR *", "2027-01-01 00:00:00"),
        ("0 0 0 * * mon-Fri", "2026-11-25 00:00:00"),
        ("0 0 0 * * sat,sun", "2026-11-28 00:00:00"),
        # Five fields have no seconds: CronSchedule.cs of azure-webjobs-sdk-extensions.
        ("*/10 * * * *", "2026-11-24 10:40:00"),
    ],
)
def test_the_next_run_is_the_first_moment_that_every_field_allows(text: str, following: str) -> None:
    assert Schedule(text).next_after(START) == datetime.fromisoformat(following).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "* * * *", "* * * * * * *", "60 * * * * *", "* * 24 * * *", "* * * 0 * *", "* * * * 13 *"),
        *("* * * * * 7", "a * * * * *", "1- * * * * *", "*-5 * * * * *", "-1 * * * * *", "1,,2 * * * * *"),
        *("٣ * * * * *", "00:00:00", "00:60:00", "xx:00:00", "* * * * * Mo"),
    ],
)
def test_a_schedule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"schedule|interval|time span"):
        Schedule(text)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(ValueError, match="no run before the year"):
        Schedule("0 0 0 31 2 *").next_after(START)


def test_a_schedule_is_in_utc_whatever_the_moment_s_zone() -> None:
    there = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2026, 11, 24, 4, 0, tzinfo=there)  # 22:30 of the day before
    assert Schedule("0 0 3 * * *").next_after(moment) == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_an_interval_counts_from_the_run_before() -> None:
    assert Schedule("00:00:30").next_after(START) == START + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("text", "is_long"),
    [
        ("* * * * * *", False),
        ("*/59 * * * * *", False),
        ("0 * * * * *", True),
        ("0,30 0 3 * * *", True),
        ("20,40 30 10 * * *", False),
        ("00:00:59", False),
        ("00:01:00", True),
    ],
)
def test_timers_that_run_at_most_once_in_the_next_minute_are_kept(text: str, is_long: bool) -> None:
    """TimerSchedule.cs of azure-webjobs-sdk-extensions."""
    assert Schedule(text).is_long(START) is is_long


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("00:00:02", timedelta(seconds=2)),
        ("01:30", timedelta(hours=1, minutes=30)),
        ("1.02:03:04.5", timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=500)),
        ("24:00:00", timedelta(days=24)),
        ("00:00:00.1000000", timedelta(milliseconds=100)),
    ],
)
def test_time_spans_are_read_as_dotnet_reads_them(text: str, span: timedelta) -> None:
    assert parse_time_span(text) == span


@pytest.mark.parametrize("text", ["", "2", "2 s", "00:61:00", "00:00:60", "-00:00:01", "1.24:00:00"])
def test_other_texts_are_no_time_spans(text: str) -> None:
    with pytest.raises(ValueError, match="time span"):
        parse_time_span(text)
