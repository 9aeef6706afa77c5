"""Commands that explore the graph without a query language: show, papers, matrix."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from kgtool.cli.base import (
    FORMATS,
    KINDS,
    chosen,
    confidence_option,
    limit_option,
    named_options,
    output_option,
    print_table,
    render,
    support_option,
)
from kgtool.cli.servers import graph_options
from kgtool.errors import NothingFound

if TYPE_CHECKING:
    from kgtool.analysis.reader import Graph
    from kgtool.records import Table

_REFERENCES = ("bibtex", "ris", "markdown")


@click.command()
@click.argument("name")
@confidence_option
@limit_option("At most so many rows of each section.")
@graph_options
@output_option
def show(name: str, min_confidence: float, limit: int | None, kg: Graph, output: str | None) -> None:
    """Everything about one paper, author, method, dataset or task, with its evidence.

    NAME is a name, an alias or an id, in any case; of a paper also its title, arXiv id, DOI or address. Exit code 1
    where nothing has this name, 2 where several have it; their ids are listed then.

    \b
    Example:
      kgtool show ImageNet --limit 5
    """
    from kgtool.analysis.show import show as find

    table = find(kg, name, min_confidence=min_confidence, limit=limit)
    if chosen(output) == "table":
        _print_sections(table, limit)
    else:
        print_table(table, output)


@click.command()
@named_options("method", "dataset", "task", "author", "category", "digest")
@click.option(
    "--role",
    metavar="ROLE",
    help="What the named entities are to the paper, or any entity where none is named: introduces, uses, "
    "compares-with, evaluates-on, trains-on, addresses or mentions.",
)
@click.option("--since", metavar="DATE", help="Published then or later: 2026, 2026-02 or 2026-02-17.")
@click.option("--until", metavar="DATE", help="Published then or before.")
@click.option("--undated", is_flag=True, help="With --since and --until, papers of unknown date too.")
@confidence_option
@limit_option("At most so many papers.")
@graph_options
@click.option(
    "-o",
    "--output",
    type=click.Choice((*FORMATS, *_REFERENCES)),
    default=None,
    help="Format of the output.  [default: table on a terminal, else jsonl]",
)
def papers(kg: Graph, output: str | None, **filters: Any) -> None:
    """Papers by what they do, the latest first. All that is asked for has to hold. Exit code 1 where no paper fits.

    A paper of which only the month is known is within every day of that month. A role holds for those of the named
    entities that can have it: with --method GAT --dataset Cora --role uses the paper uses GAT and has Cora in any
    role.

    \b
    Example:
      kgtool papers --dataset ImageNet --role evaluates-on --since 2026-02 -o bibtex
    """
    from kgtool.analysis import references
    from kgtool.analysis.papers import as_table
    from kgtool.analysis.papers import references as find

    found = find(kg, **filters)
    if output in _REFERENCES:
        write = {
            "bibtex": references.to_bibtex,
            "ris": references.to_ris,
            "markdown": references.to_markdown,
        }[output]
        click.echo(write(found), nl=False)
    elif found or chosen(output) != "table":
        print_table(as_table(found), output)
    if not found:
        raise NothingFound(f"no paper in {kg} is like that")


@click.command()
@click.argument("rows", type=click.Choice(KINDS))
@click.argument("columns", type=click.Choice(KINDS))
@named_options("method", "dataset", "task")
@support_option
@confidence_option
@limit_option("At most so many pairs.")
@graph_options
@output_option
def matrix(kg: Graph, output: str | None, **question: Any) -> None:
    """Who was tried on what: pairs of two kinds by the papers behind them.

    Support counts the papers in which the method is introduced, used or compared with and the dataset introduced,
    evaluated on or trained on (a task: addressed). Direct counts the papers that relate the two in a sentence.
    --method, --dataset and --task keep the pairs that hold one of those named; where the matrix does not have that
    kind, the papers that do.

    \b
    Example:
      kgtool matrix methods datasets --dataset ImageNet -o csv
    """
    from kgtool.analysis.matrix import matrix as count

    print_table(count(kg, **question), output)


COMMANDS = (show, papers, matrix)


def _print_sections(table: Table, limit: int | None) -> None:
    """Each section under its heading, with those of its columns that say something."""
    from kgtool.records import Table

    shown = table.records()[0]["id"]
    for section, items in groupby(table.records(), lambda item: item["section"]):
        rows = list(items)
        if section == "about":
            click.echo(render(Table(("about", ""), tuple((row["relationship"], row["name"]) for row in rows))))
            continue
        said = {"section"} if section == "relations" else {"section", "relationship"}
        columns = [name for name in table.columns if name not in said and any(row[name] is not None for row in rows)]
        if "paper" in columns and {row["paper"] for row in rows} <= {shown, *(row["id"] for row in rows)}:
            columns.remove("paper")
        click.echo(f"\n{section} ({'the first ' if len(rows) == limit else ''}{len(rows)})")
        click.echo(render(Table(tuple(columns), tuple(tuple(row[column] for column in columns) for row in rows))))
