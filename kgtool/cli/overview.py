"""Commands about the whole graph: gaps, trends, stats."""

from __future__ import annotations

from pathlib import Path

import click

from kgtool.cli.base import kg_option, output_option, print_table


@click.command()
@kg_option
@output_option
def stats(kg: Path, output: str | None) -> None:
    """What the graph holds: nodes by label and edges by relationship type.

    \b
    Example:
      kgtool stats -o csv
    """
    from kgtool.records import Table
    from kgtool.stores.corpus import Corpus
    from kgtool.vocab import relationship_type

    with Corpus.open(kg) as corpus, corpus.snapshot():
        rows = [("node", label, count) for label, count in corpus.count_nodes().items()]
        edges = corpus.count_statements().items()
        rows += [("edge", relationship_type(predicate), count) for predicate, count in edges]
    print_table(Table(("kind", "name", "count"), tuple(rows)), output)


COMMANDS: tuple[click.Command, ...] = (stats,)
