"""`python -m keys`: what each sealing key is needed for, and sealing anew with the newest."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

if __name__ == "__main__":  # until a command takes over: Python would print where in the imports Ctrl-C has struck
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from keys import rules
from keys.operations import Walk, count, reseal
from keys.report import CLEAR, Progress, amount, report
from shared.languages.translations import ENGLISH
from shared.platform import Platform
from shared.reporting import quieten_libraries
from shared.sealing import Sealer
from shared.settings import SettingsError, read_settings
from shared.store import StoreUnavailable, open_store

EXIT_CODES = """\
exit codes:
  0    everything is under the newest key, the first in SEALING_KEYS
  1    a key that is needed is missing, something cannot be read or opened, or the storage does not answer
  2    a setting is missing or malformed, or the command line is
  3    a key in SEALING_KEYS is still needed beside the newest
  130  interrupted; what was done stands, and the next run goes on with what is left
"""


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    progress = Progress()
    logging.basicConfig(format=f"{CLEAR if progress.rewrites else ''}%(message)s")
    quieten_libraries()
    walk = None
    try:
        settings = read_settings(_values(arguments.settings) if arguments.settings else os.environ)
        walk = Walk(Platform(settings, open_store(settings), Sealer(settings.sealing_keys)), progress.say)
        return _run(arguments.command, walk, progress)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except StoreUnavailable as problem:
        progress.end()
        print(f"{_far(walk)}{ENGLISH.say(problem.detail)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress.end()
        print(f"{_far(walk)}interrupted; run the command again to go on", file=sys.stderr)
        return 130


def _run(command: str, walk: Walk, progress: Progress) -> int:
    tally = reseal(walk) if command == "reseal" else count(walk)
    progress.end()
    settings = walk.platform.settings
    providers = {provider.id: provider.name for provider in settings.providers}
    for line in report(tally, providers, settings.sealing_keys):
        print(line)
    if command == "reseal":
        print(f"resealed {amount(walk.done)}; {tally.older(walk.newest):,} still need an older key")
    return rules.exit_code(tally, walk.newest)


def _far(walk: Walk | None) -> str:
    return f"resealed {amount(walk.done)}; " if walk and walk.done else ""


def _values(path: Path) -> Mapping[str, str]:
    """The ``Values`` of a file like ``local.settings.json``. Raises SettingsError, which quotes nothing of it."""
    try:
        content = json.loads(path.read_bytes())
        return {str(name): str(value) for name, value in content["Values"].items()}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SettingsError(f"{path} is no JSON with an object “Values”.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m keys",
        description=(
            "The keys that client secrets and links are sealed with. Uses the app's own settings, from the environment "
            "or from a file, and signs in to Azure as `az login` does. See docs/operations.md, Sealing keys."
        ),
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    texts = {
        "status": "count what stands under which key, by provider",
        "reseal": "seal with the newest key what stands under an older one; can be interrupted and repeated",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, epilog=EXIT_CODES, formatter_class=parser.formatter_class)
        command.add_argument(
            "--settings", type=Path, metavar="FILE", help="take `Values` of this file instead of the environment"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
