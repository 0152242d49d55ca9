"""A short run with a fixed seed: what ``make fuzz`` does for minutes."""

from pathlib import Path

from tests.fuzz.run import Fuzz, Ground
from tests.integration.cloud import SETTINGS

SEED = 7


def test_every_call_answers_everybody_as_the_description_says(tmp_path: Path) -> None:
    cloud, told = Ground(tmp_path, SETTINGS), list[str]()
    try:
        cloud.start()
        run = Fuzz(cloud, SEED, told.append)
        run.stock.seed(thoroughly=False)
        run.round(1, main=2, others=1)
    except Exception:
        print(cloud.log())
        raise
    finally:
        cloud.stop()
    assert run.passed(), "\n".join([*told, *run.summary(), run.tally.line()])
    assert run.tally.requests > 400
