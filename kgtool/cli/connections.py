"""Commands that find what is not in one abstract: find, related, connect."""

from __future__ import annotations

import shutil
import sys
import textwrap
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgtool.cli.base import (
    chosen,
    confidence_option,
    kg_option,
    output_option,
    print_table,
)
from kgtool.cli.servers import graph_options
from kgtool.records import printable
from kgtool.vocab import LABELS

if TYPE_CHECKING:
    from kgtool.analysis.connect import Connection, Step
    from kgtool.analysis.reader import Graph

_LONGEST_NAME = 60


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


@click.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--via",
    multiple=True,
    metavar="WHAT",
    help="What has to be on the way: a label (Author), a relationship type (COMPARED_TO), or the name or id of a node; "
    "may be repeated, all of it has to be there.",
)
@click.option(
    "--max-length",
    type=click.IntRange(1, 10),
    default=4,
    show_default=True,
    metavar="N",
    help="At most so many steps.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="At most so many ways."
)
@confidence_option
@graph_options
@output_option
def connect(a: str, b: str, output: str | None, kg: Graph, **question: Any) -> None:
    """How two nodes are connected: a few ways from A to B, each step with the paper and the sentence that says so.

    A and B are papers, authors, methods, datasets or tasks, by name, alias or id. The first way is a shortest one, the
    others are the most informative of those that do not say the same again: over nodes that few others are linked
    with, by edges that are sure. Edges are walked both ways; categories and digests are passed only where --via asks
    for them. Exit code 1 where there is no way of so few steps, 2 where a name fits several nodes. With --neo4j
    all ways are as short as the shortest.

    As json, jsonl and csv, each step is a row.

    \b
    Example:
      kgtool connect GraphMend 'offline reinforcement learning' --limit 3
    """
    from kgtool.analysis.connect import as_table
    from kgtool.analysis.connect import connect as find_ways

    found = find_ways(kg, a, b, **question)
    if chosen(output) == "table":
        click.echo("\n\n".join(_block(number, connection) for number, connection in enumerate(found, 1)))
    else:
        print_table(as_table(found), output)


COMMANDS: tuple[click.Command, ...] = (find, related, connect)


def _block(number: int, connection: Connection) -> str:
    """A way as a line of arrows, and under it the papers with what each says of its steps."""
    way = _line(connection.steps[0].start.name, _LONGEST_NAME)
    for step in connection.steps:
        arrow = f"—{step.relationship}→" if step.forward else f"←{step.relationship}—"
        way += f" {arrow} {_line(step.end.name, _LONGEST_NAME)}"
    lines = [_indented(f"{number}. {way}", 0)]
    for paper, steps in groupby(connection.steps, lambda step: step.paper):
        lines.append(_indented(f"{_line(paper.name)} ({_line(paper.id)})", 3))
        lines += [_indented(_said(step), 6) for step in steps]
    return "\n".join(lines)


def _said(step: Step) -> str:
    """What the paper says of the step, and how sure that is."""
    source, target = (step.start, step.end) if step.forward else (step.end, step.start)
    names = [_line(node.name, _LONGEST_NAME) if node != step.paper else "" for node in (source, target)]
    said = f"{names[0]} {step.relationship} {names[1]}".strip()
    if step.confidence is not None:
        said += f", confidence {step.confidence:.2f}"
    if step.papers > 1:
        said += f", {step.papers} papers in all"
    return said if step.sentence is None else f"{said}: “{_line(step.sentence)}”"


def _line(text: str, longest: int | None = None) -> str:
    """The text on one line, as far as there is room for it."""
    line = printable(" ".join(text.split()))
    return line if longest is None or len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _indented(text: str, blanks: int) -> str:
    """The text behind so many blanks, on as many lines as the terminal needs."""
    if not sys.stdout.isatty():
        return " " * blanks + text
    return textwrap.fill(
        text,
        max(40, shutil.get_terminal_size().columns),
        initial_indent=" " * blanks,
        subsequent_indent=" " * (blanks + 3),
        break_on_hyphens=False,
    )
