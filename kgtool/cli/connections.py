"""Commands that find what is not in one abstract: find, related, connect."""

from __future__ import annotations

from pathlib import Path

import click

from kgtool.cli.base import confidence_option, kg_option, output_option, print_table
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


@click.command()
@click.argument("name")
@click.option(
    "--label",
    type=click.Choice(LABELS, case_sensitive=False),
    help="Which nodes to give.  [default: those of NAME's own label]",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="At most so many rows."
)
@confidence_option
@kg_option
@output_option
def related(name: str, label: str | None, limit: int, min_confidence: float, kg: Path, output: str | None) -> None:
    """The nearest papers to a paper, entities to an entity, authors to an author, and what they share.

    NAME is a name, an alias or an id, in any case. Two nodes are near if their papers have the same methods, datasets
    and tasks; rare ones weigh more, and the same paper does not count for both. Exit code 1 where nothing is related.

    \b
    Example:
      kgtool related PPO --limit 5
      kgtool related PPO --label Dataset
    """
    from kgtool.analysis.related import related as find_related

    print_table(find_related(kg, name, label=label, limit=limit, min_confidence=min_confidence), output)


COMMANDS: tuple[click.Command, ...] = (find, related)
