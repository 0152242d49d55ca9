"""The procedure's 21 steps, walked by the demo; and that it notices when one of them goes wrong."""

from dataclasses import replace

import pytest

from local.callers import Caller
from local.demo.story import StepError, begin
from local.demo.walk import walk
from tests.integration.cloud import LocalCloud


def test_all_21_steps_pass(cloud: LocalCloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert walk(cloud.config) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line[:7] for line in printed[:-1]] == [f"step {number:>2}" for number in range(1, 22)]
    assert printed[-1] == "demo: 21 of 21 steps passed"


def test_a_step_that_fails_is_named_with_what_was_expected(
    cloud: LocalCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    with cloud.directory.edit() as directory:
        contoso = next(one for one in directory["tenants"] if one["displayName"] == "Contoso")
        for application in directory["applications"]:
            if contoso["id"] in application["tenants"]:
                application["secrets"][0]["endDateTime"] = "-3d"
    assert walk(cloud.config) == 1
    printed = capsys.readouterr().out
    assert "step 10  admin     sees confirmation: FAILED" in printed
    assert "expected  a check that passed" in printed
    assert printed.endswith("demo: step 10 of 21 failed\n")


def test_a_secret_in_a_reply_or_a_log_is_noticed(cloud: LocalCloud) -> None:
    story = begin(cloud.config)
    story.expect_no_secret()
    talkative = Caller(cloud.config.api_url)
    talkative.replies.append(f"GET /api/services/1\n{{}}\n{story.secret}")
    with pytest.raises(StepError, match="GET /api/services/1"):
        replace(story, admin=talkative).expect_no_secret()
    log = cloud.config.data / "logs" / "written-by-a-test.log"
    log.write_text(f"value={story.secret}\n")
    try:
        with pytest.raises(StepError, match="written-by-a-test"):
            story.expect_no_secret()
    finally:
        log.unlink()
