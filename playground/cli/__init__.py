"""The command line: one module per command."""

import os
import sys


def main() -> None:
    """What the command `playground` runs."""
    # Else each press of the tab key would wait for Rich, which wraps what the shell shows, too.
    os.environ.setdefault("TYPER_USE_RICH", "0")
    try:
        from playground.cli.app import run

        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # before there was anything to interrupt
        status = 130
    sys.exit(status)
