"""The store's guards, and what it makes of answers that were lost, against Azurite."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.data.tables import TableServiceClient

from shared import due
from shared.due import Due, insert
from shared.kinds import Kind
from shared.outbound import CONNECTIONS
from shared.rows import COMMIT_COLUMN, Change, Delete, Insert, Page, Put, Replace, Row, Write
from shared.store import Doubtful, InvalidCursor, Store, StoreUnavailable, open_store
from shared.sweep import heartbeat, sweep
from shared.work import claim
from tests.integration.cloud import LocalCloud
from tests.integration.pipe import Pipe
from tests.unit.builders import settings

TABLE = f"store{secrets.token_hex(6)}"  # no other test, and no sweep of the running app, works on it
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def pipe(running_cloud: LocalCloud) -> Iterator[Pipe]:
    pipe = Pipe(running_cloud.config.ports.table).start()
    yield pipe
    pipe.stop()


@pytest.fixture
def store(running_cloud: LocalCloud, pipe: Pipe) -> Iterator[Store]:
    """A store that reaches Azurite through a pipe, with the app's own limits on waiting and repeating."""
    piped = running_cloud.connection_string.replace(f":{running_cloud.config.ports.table}/", f":{pipe.port}/")
    service = TableServiceClient.from_connection_string(
        piped, connection_timeout=3, read_timeout=10, retry_total=2, retry_backoff_factor=0.05
    )
    service.create_table_if_not_exists(TABLE)
    pipe.watch(None)
    yield Store(service.get_table_client(TABLE))
    pipe.watch(None)


@pytest.fixture
def partition() -> str:
    """A partition of the test's own."""
    return f"00000000-0000-4000-8000-{secrets.token_hex(6)}"


def change(partition: str, *writes: Write, commit_id: str = "mine") -> Change:
    """The writes, with a proof row of their own."""
    proof = Insert(Row(f"event:{secrets.token_hex(4)}", columns={COMMIT_COLUMN: commit_id}))
    return Change(partition, (*writes, proof), proof.row.key, commit_id)


def lose_the_first(pipe: Pipe) -> None:
    pipe.watch(lambda moment: moment.lose() if moment.number == 1 else None)


def test_a_change_is_made_whole_or_not_at_all(store: Store, partition: str) -> None:
    store.commit(change(partition, Insert(Row("name", "1"))))
    with pytest.raises(Doubtful):
        store.commit(change(partition, Insert(Row("other", "2")), Insert(Row("name", "2"))))
    assert store.read(partition, "other") is None
    assert store.read(partition, "name") == Row("name", "1", etag=store.read(partition, "name").etag)  # type: ignore[union-attr]


def test_a_row_that_changed_meanwhile_is_not_overwritten(store: Store, partition: str) -> None:
    store.put(partition, Row("row", "1"))
    seen = store.read(partition, "row")
    store.put(partition, Row("row", "2"))
    assert seen is not None
    late = change(partition, Replace(Row("row", "3", etag=seen.etag)))
    with pytest.raises(Doubtful):
        store.commit(late)
    assert not store.made(late)
    assert store.read(partition, "row").body == "2"  # type: ignore[union-attr]


def test_writing_a_row_wipes_what_it_no_longer_holds(store: Store, partition: str) -> None:
    store.put(partition, Row("row", "secret", {"state": "old", "hint": "abc"}))
    store.commit(change(partition, Put(Row("row", "{}", {"state": "new"}))))
    assert store.read(partition, "row").columns == {"state": "new"}  # type: ignore[union-attr]


def test_a_change_that_deletes_a_missing_row_is_not_made(store: Store, partition: str) -> None:
    with pytest.raises(Doubtful):
        store.commit(change(partition, Delete("missing"), Insert(Row("row"))))
    assert store.read(partition, "row") is None


def test_a_change_of_more_than_a_hundred_rows_is_refused_before_it_is_sent(store: Store, partition: str) -> None:
    with pytest.raises(ValueError, match="100"):
        store.commit(change(partition, *(Insert(Row(f"row-{number}")) for number in range(100))))


def test_a_lost_answer_is_recognised_as_our_own_success(store: Store, pipe: Pipe, partition: str) -> None:
    lose_the_first(pipe)
    ours = change(partition, Insert(Row("row")))
    with pytest.raises(Doubtful):
        store.commit(ours)
    assert store.made(ours)


def test_a_repeat_by_the_sdk_that_meets_our_own_write_is_recognised(store: Store, pipe: Pipe, partition: str) -> None:
    pipe.watch(lambda moment: moment.answer(503) if moment.number == 1 else None)
    ours = change(partition, Insert(Row("row")))
    with pytest.raises(Doubtful):
        store.commit(ours)
    assert pipe.transactions == 2, "the SDK was expected to repeat a 503 by itself"
    assert store.made(ours)


def test_somebody_elses_commit_under_the_same_key_is_not_taken_for_ours(store: Store, partition: str) -> None:
    theirs = change(partition, commit_id="theirs")
    store.commit(theirs)
    assert not store.made(Change(partition, (), theirs.proof, "mine"))


def test_a_decision_whose_answer_was_lost_is_applied_once(store: Store, pipe: Pipe, partition: str) -> None:
    store.put(partition, Row("count", "0"))
    lose_the_first(pipe)

    def decide(row: Row | None) -> tuple[Change, int]:
        assert row is not None
        count = int(row.body) + 1
        key = f"event:{count}"
        writes = (Replace(Row("count", str(count), etag=row.etag)), Insert(Row(key, columns={COMMIT_COLUMN: "mine"})))
        return Change(partition, writes, key, "mine"), count

    assert store.transact(lambda: store.read(partition, "count"), decide) == 1
    assert store.read(partition, "count").body == "1"  # type: ignore[union-attr]


def test_whoever_loses_a_race_decides_again_on_what_the_winner_left(store: Store, partition: str) -> None:
    store.put(partition, Row("count", "0"))

    def add_one(number: int) -> int:
        commit_id = f"commit-{number}"

        def decide(row: Row | None) -> tuple[Change, int]:
            assert row is not None
            count = int(row.body) + 1
            key = f"event:{count}"
            proof = Insert(Row(key, columns={COMMIT_COLUMN: commit_id}))
            return Change(partition, (Replace(Row("count", str(count), etag=row.etag)), proof), key, commit_id), count

        return store.transact(lambda: store.read(partition, "count"), decide)

    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(add_one, range(4)))
    assert sorted(counts) == [1, 2, 3, 4]
    assert store.read(partition, "count").body == "4"  # type: ignore[union-attr]


def test_a_change_that_never_wins_ends_as_unavailable(store: Store, partition: str) -> None:
    def decide(_: None) -> tuple[Change, None]:
        return change(partition, Delete("missing")), None

    with pytest.raises(StoreUnavailable):
        store.transact(lambda: None, decide)


def test_of_fifty_racing_creates_of_one_name_exactly_one_wins(store: Store, partition: str) -> None:
    def create(number: int) -> bool:
        ours = change(partition, Insert(Row("short-name:x")), commit_id=f"commit-{number}")
        try:
            store.commit(ours)
        except Doubtful:
            return store.made(ours)
        return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(create, range(50))) == 1


def test_a_long_list_goes_on_at_its_cursor(store: Store, partition: str) -> None:
    store.commit(change(partition, *(Insert(Row(f"item:{number:03}")) for number in range(7))))
    first = store.query(partition, "item:", "item:~", limit=5)
    assert first.cursor is not None
    second = store.query(partition, "item:", "item:~", limit=5, cursor=first.cursor)
    assert [row.key for row in (*first.rows, *second.rows)] == [f"item:{number:03}" for number in range(7)]
    assert second.cursor is None


@pytest.mark.parametrize("cursor", ["", "x", "e30", "W10", "WzEsIDJd", "ä", "bm90IGpzb24"])
def test_a_cursor_that_is_not_ours_is_refused_or_harmless(store: Store, partition: str, cursor: str) -> None:
    store.put(partition, Row("item:1"))
    try:
        page = store.query(partition, "item:", "item:~", limit=5, cursor=cursor)
    except InvalidCursor:
        return
    assert all(row.key.startswith("item:") for row in page.rows)


def test_a_query_never_leaves_its_partition(store: Store, partition: str) -> None:
    other = partition[:-1] + ("0" if partition[-1] != "0" else "1")
    store.put(other, Row("item:1"))
    assert store.query(partition, "item:", "item:~", limit=5).rows == ()


# Owed work


def work(partition: str, *, at: datetime, kind: Kind = Kind.CHECK) -> Due:
    return due.owed(partition, kind, "service", due.new_work_id(), NOW, at=at)


def test_two_deliveries_of_one_message_cannot_both_work(store: Store, partition: str) -> None:
    owed = work(partition, at=NOW)
    store.commit(change(partition, insert(owed)))
    with ThreadPoolExecutor(2) as threads:
        claims = list(threads.map(lambda _: claim(store, due.message(owed), Kind.CHECK, NOW), range(2)))
    assert sum(claimed is not None for claimed in claims) == 1
    (won,) = [claimed for claimed in claims if claimed is not None]
    assert won.attempts == 1
    assert won.time == NOW + due.LEASE


def test_a_claim_whose_answer_was_lost_is_still_ours(store: Store, pipe: Pipe, partition: str) -> None:
    owed = work(partition, at=NOW)
    store.commit(change(partition, insert(owed)))
    lose_the_first(pipe)
    assert claim(store, due.message(owed), Kind.CHECK, NOW) is not None


def test_settled_work_cannot_be_claimed(store: Store, partition: str) -> None:
    owed = work(partition, at=NOW)
    assert claim(store, due.message(owed), Kind.CHECK, NOW) is None


def test_the_sweep_wakes_what_is_due_and_nothing_else(store: Store, partition: str) -> None:
    overdue, later = work(partition, at=NOW - timedelta(minutes=1)), work(partition, at=NOW + timedelta(minutes=1))
    store.commit(change(partition, insert(overdue), insert(later)))
    ((kind, message),) = sweep(store, [partition], NOW)
    assert kind is Kind.CHECK
    claimed = claim(store, message, kind, NOW)
    assert claimed is not None
    assert claimed.work_id == overdue.work_id
    assert sweep(store, [partition], NOW) == []


def test_a_row_that_cannot_be_read_harms_no_other(store: Store, partition: str) -> None:
    owed = work(partition, at=NOW - timedelta(minutes=1))
    broken = Row(f"due:{due.stamp(NOW - timedelta(hours=1))}:nonsense:{'0' * 32}", "not json")
    store.commit(change(partition, insert(owed), Insert(broken)))
    assert len(sweep(store, [partition], NOW)) == 1


def test_two_sweeps_at_once_wake_each_piece_of_work_once(store: Store, partition: str) -> None:
    store.commit(change(partition, *(insert(work(partition, at=NOW - timedelta(minutes=1))) for _ in range(8))))
    with ThreadPoolExecutor(2) as threads:
        woken = list(threads.map(lambda _: sweep(store, [partition], NOW), range(2)))
    assert len(woken[0]) + len(woken[1]) == 8


def oldest(store: Store) -> datetime | None:
    beat = heartbeat(store)
    return beat.oldest.since if beat and beat.oldest else None


def test_the_heartbeat_tells_how_long_the_oldest_work_has_waited(store: Store, partition: str) -> None:
    owed = work(partition, at=NOW - timedelta(minutes=1))
    store.commit(change(partition, insert(owed)))
    for minutes in (0, 1, 6, 7):  # the second and the fourth fall between two looks at the row
        sweep(store, [partition], NOW + timedelta(minutes=minutes))
        assert oldest(store) == owed.time


def test_work_that_was_claimed_does_not_wait_any_more(store: Store, partition: str) -> None:
    store.commit(change(partition, insert(work(partition, at=NOW - timedelta(minutes=1)))))
    ((kind, message),) = sweep(store, [partition], NOW)
    assert claim(store, message, kind, NOW) is not None
    sweep(store, [partition], NOW)
    assert oldest(store) is None


def test_a_provider_that_cannot_be_read_takes_no_wake_up_from_another(store: Store, partition: str) -> None:
    class HalfBlind(Store):
        def query(self, partition: str, *args: Any, **kwargs: Any) -> Page:
            if partition == "unreadable":
                raise StoreUnavailable
            return super().query(partition, *args, **kwargs)

    store.commit(change(partition, insert(work(partition, at=NOW - timedelta(minutes=1)))))
    before = heartbeat(store)
    half_blind = HalfBlind(store._table)
    assert len(sweep(half_blind, ["unreadable", partition], NOW)) == 1
    assert heartbeat(store) == before, "a sweep that was not complete leaves no heartbeat"


def test_a_claim_at_the_end_of_its_own_lease_still_moves(store: Store, partition: str) -> None:
    owed = work(partition, at=NOW + due.LEASE)
    store.commit(change(partition, insert(owed)))
    claimed = claim(store, due.message(owed), Kind.CHECK, NOW)
    assert claimed is not None
    assert claimed.key != owed.key


def test_a_sweep_whose_time_has_run_out_moves_nothing_more_and_leaves_no_heartbeat(
    store: Store, partition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed = work(partition, at=NOW - timedelta(minutes=1))
    store.commit(change(partition, insert(owed)))
    before = heartbeat(store)
    monkeypatch.setattr("shared.sweep.SECONDS_A_RUN", -1.0)
    assert sweep(store, [partition], NOW + timedelta(hours=1)) == []
    assert store.read(partition, owed.key) is not None
    assert heartbeat(store) == before


def test_as_many_connections_are_kept_as_functions_run_at_once(
    running_cloud: LocalCloud, partition: str, caplog: pytest.LogCaptureFixture
) -> None:
    """One that finds no place in the pool is thrown away, with a warning, and the next call makes another."""
    opened = open_store(replace(settings(), data_connection=running_cloud.connection_string))
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert list(pool.map(lambda number: opened.read(partition, f"none:{number}"), range(20 * CONNECTIONS)))
    assert [record.getMessage() for record in caplog.records if record.name.startswith("urllib3")] == []
