"""``python -m kgtool`` is ``kgtool``."""

import sys

from kgtool.errors import EXIT_INTERRUPTED


def run() -> None:
    """The program; interrupted while it is still being loaded, it ends as it does later on."""
    try:
        from kgtool.cli import main

        main(prog_name="kgtool")
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    run()
