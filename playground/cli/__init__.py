"""The command line: one module per command."""

import sys


def main() -> None:
    """What the command `playground` runs."""
    try:
        from playground.cli.app import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # before there was anything to interrupt
        status = 130
    sys.exit(status)
