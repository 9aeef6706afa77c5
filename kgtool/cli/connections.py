"""Commands that find what is not in one abstract: find, related, connect."""

from __future__ import annotations

from pathlib import Path

import click

from kgtool.cli.base import kg_option, output_option, print_table
from kgtool.vocab import LABELS


@click.command()
@click.argument("text")
@click.option(
    "--label",
    "labels",
    type=click.Choice(LABELS, case_sensitive=False),
    multiple=True,
    help="Find only these; may be repeated.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="At most so many rows."
)
@kg_option
@output_option
def find(text: str, labels: tuple[str, ...], limit: int, kg: Path, output: str | None) -> None:
    """Search papers, authors, methods, datasets, tasks, categories and digests for TEXT, the best first.

    Titles, abstracts, names and aliases are searched, without regard to case, accents and plurals; spelling errors are
    forgiven. What TEXT is a name of comes first. Any command takes the id. Exit code 1 where nothing is found.

    \b
    Example:
      kgtool find 'reinforcment lerning' --label Task --label Method --limit 5
    """
    from kgtool.analysis.find import find as search

    print_table(search(kg, text, label=labels, limit=limit), output)


COMMANDS: tuple[click.Command, ...] = (find,)
