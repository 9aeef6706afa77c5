"""Commands about the whole graph: gaps, trends, stats."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgtool.cli.base import (
    KINDS,
    chosen,
    confidence_option,
    kg_option,
    named_options,
    output_option,
    print_table,
    render,
    trend_options,
)
from kgtool.cli.servers import graph_options
from kgtool.records import printable

if TYPE_CHECKING:
    from kgtool.analysis.reader import Graph
    from kgtool.records import Table

_SECTIONS = ("node", "edge", "size", "connected", "component", "degree", "spread")
_F = TypeVar("_F", bound=Callable[..., Any])
_MEANING = {
    "node": "nodes by label",
    "edge": "edges by relationship type",
    "size": "size and density",
    "connected": "most connected: count is the degree",
    "component": "connected components",
    "degree": "degrees by label",
    "spread": "how many nodes have a degree of this range",
}


def _first(count: int, help_: str) -> Callable[[_F], _F]:
    """``--limit N``, for commands whose first rows say most."""
    return click.option(
        "--limit", type=click.IntRange(min=1), default=count, show_default=True, metavar="N", help=help_
    )


@click.command()
@click.argument("rows", type=click.Choice(KINDS), default="methods")
@click.argument("columns", type=click.Choice(KINDS), default="datasets")
@named_options("method", "dataset", "task")
@click.option(
    "--min-papers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="Both ends have a role that counts in so many papers.",
)
@click.option(
    "--min-specificity",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Leave out methods and tasks that are more general, unless they are named, and what only these argue for; 0.5 "
    "is that of what about the square root of all papers have.",
)
@confidence_option
@_first(20, "At most so many pairs.")
@kg_option
@output_option
def gaps(kg: Path, output: str | None, **question: Any) -> None:
    """What nobody tried yet but its neighbours suggest: pairs of two kinds, with the papers that argue for them.

    ROWS and COLUMNS are two of methods, datasets and tasks; methods and datasets unless said otherwise. No paper has
    both ends of a gap in roles that count (as in matrix), and no sentence relates them. Because GAT via Cora, PubMed
    says that GAT has a paper with the second end, and shares Cora and PubMed with the first. --method, --dataset and
    --task keep the pairs that hold one of those named; of the kind that is on no side, the papers that do.

    \b
    Example:
      kgtool gaps methods tasks --task 'link prediction' --limit 5
    """
    from kgtool.analysis.gaps import gaps as find

    print_table(find(kg, **question), output)


@click.command()
@trend_options
@click.option("--counts", is_flag=True, help="Every period's counts, a row each, in place of the comparison.")
@click.option(
    "--min-papers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="Leave out what fewer papers have.",
)
@confidence_option
@_first(20, "At most so many methods, datasets and tasks.")
@kg_option
@output_option
def trends(
    kg: Path,
    output: str | None,
    status: str | None,
    counts: bool,
    min_papers: int,
    limit: int,
    **filters: Any,
) -> None:
    """What is new, rising or falling: the latest month or digest against all before it.

    What rises most comes first, what falls last. z is how surprising the change is for counts as small as these: beyond
    1.64 chance gives it one time in twenty. New is what no paper before has. Digests are in the order of their dates.

    \b
    Example:
      kgtool trends --by digest --kind methods --limit 5
    """
    from kgtool.analysis import trends as analysis

    found = analysis.timeline(kg, **filters)
    compared = analysis.compare(found, status=status, min_papers=min_papers, limit=limit)
    click.echo(printable(analysis.periods_line(found)), err=True)
    print_table(analysis.counts(found, {str(row["id"]) for row in compared.records()}) if counts else compared, output)


@click.command()
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(_SECTIONS),
    multiple=True,
    help="Only these sections; may be repeated.  [default: all]",
)
@confidence_option
@_first(10, "At most so many of the most connected nodes.")
@graph_options
@output_option
def stats(kinds: tuple[str, ...], min_confidence: float, limit: int, kg: Graph, output: str | None) -> None:
    """What the graph holds and its shape: nodes and edges, size, most connected, components, degrees.

    A node's degree is the number of distinct nodes that it has an edge with. Every row has the section that it is of
    (kind), a name and a count.

    \b
    Example:
      kgtool stats --kind node --kind connected
    """
    from kgtool.analysis.stats import stats as count

    table = count(kg, kinds=kinds or _SECTIONS, min_confidence=min_confidence, limit=limit)
    if chosen(output) == "table" and len(table):
        _print_sections(table)
    else:
        print_table(table, output)


COMMANDS: tuple[click.Command, ...] = (gaps, trends, stats)


def _print_sections(table: Table) -> None:
    """Each section under its heading, with those of its columns that say something."""
    from kgtool.records import Table

    for number, (kind, items) in enumerate(groupby(table.records(), lambda item: item["kind"])):
        rows = list(items)
        columns = [name for name in table.columns if name != "kind" and any(row[name] is not None for row in rows)]
        click.echo(f"{chr(10) if number else ''}{_MEANING[str(kind)]}")
        click.echo(render(Table(tuple(columns), tuple(tuple(row[column] for column in columns) for row in rows))))
