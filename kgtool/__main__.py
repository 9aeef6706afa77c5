"""``python -m kgtool`` is ``kgtool``."""

from kgtool.cli import main

main(prog_name="kgtool")
