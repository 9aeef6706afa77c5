"""The command line: each command parses its arguments, calls one function of the library and prints."""

from __future__ import annotations

import os

import click

from kgtool import __version__
from kgtool.cli import ask, canned, connections, explore, ingest, model, overview, pictures, share
from kgtool.cli.base import KgtoolGroup

# One thread multiplies the small matrices of the model as fast as several, and does not fall into spinning where
# other work has the cores; it must be said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

EPILOG = """
Exit codes: 0 done, 1 an honest no (nothing found, not valid), 2 failure or wrong usage.

The knowledge graph lies in ./kg unless --kg or KGTOOL_KG says otherwise.
"""


@click.group(cls=KgtoolGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kgtool")
def main() -> None:
    """From the paper digests you read to a knowledge graph you can ask.

    \b
    Example:
      kgtool build digests/           read every digest in a folder
      kgtool stats                    what the graph holds
      kgtool cypher 'MATCH (d:Dataset) RETURN d.name, d.papers ORDER BY d.papers DESC LIMIT 5'
    """


for room in (ingest, ask, canned, explore, connections, overview, pictures, share, model):
    for command in room.COMMANDS:
        main.add_command(command)
