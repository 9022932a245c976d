"""The command line: `centerdecode detect`, `evaluate`, `inspect`, `bench`, `demo`, a module each.

Only `main` is meant for others. Sub-commands stand on the package's public names;
`evaluate`, `inspect` and `bench` also look inside, because that is their job.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence

import centerdecode as cd

from . import _completion, _demo, _inspect, _version, bench, detect, evaluate
from .arguments import joined
from .console import CommandError, print_error, reason

_MORE = """\
exit status: 0; 1 if some input failed; 2 for a wrong call or a model that
cannot be used; 130 after Ctrl-C. Errors go to stderr. Colors and progress are
for terminals only, and NO_COLOR=1 is respected.

examples:
  centerdecode demo
  centerdecode detect street.jpg --model centernet.xml --output found
  centerdecode inspect --model centernet.xml
  centerdecode bench --model centernet.xml
  centerdecode COMMAND --help
  source <(centerdecode --print-completion bash)
"""

_COMMANDS = (_demo, detect, evaluate, _inspect, bench)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments; None: those of the process.

    Returns:
        The exit status: 0; 1 when some input failed; 2 for a wrong call or a
        model that cannot be used; 130 after Ctrl-C.
    """
    _let_any_name_be_printed()
    parser = _parser()
    try:
        args = parser.parse_args(joined(sys.argv[1:] if argv is None else argv))
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else 2
    if args.version:
        args.run = _version.run
    elif args.run is None and args.print_completion is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        if args.print_completion is not None:
            print(_completion.script(parser, args.print_completion))
            return 0
        _check_isa()
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except CommandError as failure:
        print_error(str(failure))
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if not isinstance(error, BrokenPipeError):  # the reader is gone, as in `| head`
            print_error(f"stdout: {reason(error)}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="centerdecode",
        description="Detect objects with CenterNet-family models on OpenVINO.",
        epilog=_MORE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=None)
    parser.add_argument(
        "--version",
        action="store_true",
        help="version, compiler, instruction sets and libraries, one fact a line",
    )
    parser.add_argument(
        "--print-completion",
        choices=_completion.SHELLS,
        metavar="SHELL",
        help=f"a script that completes arguments in {', '.join(_completion.SHELLS)}",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in _COMMANDS:
        command.add_to(commands)
    return parser


def _check_isa() -> None:
    try:
        cd.active_isa()
    except ValueError as error:
        raise CommandError(str(error)) from None


def _let_any_name_be_printed() -> None:
    """A file name that the terminal cannot show must not end the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):  # closed
                stream.reconfigure(errors="backslashreplace")
