"""`python -m local`: the commands of the local cloud."""

import argparse
import signal
import sys
from collections.abc import Callable

# Until a command takes over, Ctrl-C just ends the process: Python would print where the imports were.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from local import claim, config, demo, settings, up  # noqa: E402
from local.config import ConfigError  # noqa: E402
from local.seed import seed  # noqa: E402
from local.token import fetch_token  # noqa: E402


def main(argv: list[str]) -> int:
    """Run one command and return its exit code."""
    if argv[:1] == ["host"]:  # a tool of its own, with options of its own
        from local.host.cli import main as host  # noqa: PLC0415, the other commands need none of it

        return host(argv[1:])
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description="The local cloud and its tools.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    cloud = commands.add_parser("up", help="run everything, until Ctrl-C")
    cloud.add_argument(
        "--without-host",
        action="store_true",
        help="all but the functions host, for `func start` or a debugger",
    )
    cloud.add_argument("--clock", metavar="SHIFT", help="what to add to the clocks, such as +10m, +8d or -2h")
    cloud.set_defaults(command=_up)
    commands.add_parser("demo", help="walk through the 21 steps").set_defaults(command=_demo)
    token = commands.add_parser("token", help="print an access token of a portal user")
    token.add_argument("--role", choices=["operator", "monitor"], default="operator")
    token.add_argument("--provider", metavar="NAME", help="name or tenant id; the first in the directory if not given")
    token.set_defaults(command=_token)
    commands.add_parser("seed", help="make the first customers, where there are none").set_defaults(command=_seed)
    commands.add_parser("settings", help=f"make or complete {settings.NAME}").set_defaults(command=_settings)
    commands.add_parser("host", help="run any Python function app (see `python -m local host --help`)")
    return parser


def _up(arguments: argparse.Namespace) -> int:
    return up.run(config.from_environment(), with_host=not arguments.without_host, clock=arguments.clock)


def _demo(arguments: argparse.Namespace) -> int:
    del arguments
    return demo.run(config.from_environment())


def _token(arguments: argparse.Namespace) -> int:
    print(fetch_token(_running_cloud(), arguments.role, arguments.provider))
    return 0


def _running_cloud() -> config.Config:
    """The cloud that runs on this data folder, at whatever ports; else the one that the variables describe."""
    wanted = config.from_environment()
    return claim.running(wanted) or wanted


def _seed(arguments: argparse.Namespace) -> int:
    del arguments
    for sentence in seed(_running_cloud()):
        print(sentence)
    return 0


def _settings(arguments: argparse.Namespace) -> int:
    del arguments
    for sentence in settings.ensure_settings(config.ROOT):
        print(sentence)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
