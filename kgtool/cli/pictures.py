"""The command that draws: plot, with a subcommand for each kind of picture."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kgtool.cli.base import (
    KINDS,
    confidence_option,
    kg_option,
    named_options,
    support_option,
    trend_options,
)
from kgtool.records import printable
from kgtool.vocab import LABELS

if TYPE_CHECKING:
    from kgtool.plot.pictures import Picture

_FORMATS = ("png", "svg", "html")
_F = TypeVar("_F", bound=Callable[..., Any])


def _drawn(count: int, most: int, help_: str) -> Callable[[_F], _F]:
    """``--limit N``: how much is drawn; a picture of everything shows nothing."""
    return click.option(
        "--limit", type=click.IntRange(1, most), default=count, show_default=True, metavar="N", help=help_
    )


def _out_options(command: _F) -> _F:
    """``--out FILE`` and ``--format``."""
    command = click.option(
        "--format",
        "format_",
        type=click.Choice(_FORMATS),
        help="Format of the picture.  [default: what the name of the file ends in]",
    )(command)
    return click.option(
        "--out",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        required=True,
        metavar="FILE",
        help="Where the picture goes: a name in .png, .svg or .html, which is replaced if it is there; - is stdout.",
    )(command)


def _pair_arguments(command: _F) -> _F:
    """Of which pairs: the two kinds, who they must hold, and by how many papers."""
    for option in (
        support_option,
        named_options("method", "dataset", "task"),
        click.argument("columns", type=click.Choice(KINDS), default="datasets"),
        click.argument("rows", type=click.Choice(KINDS), default="methods"),
    ):
        command = option(command)
    return command


@click.group()
def plot() -> None:
    """Draw a picture of the graph, as PNG, SVG or interactive HTML.

    PNG and SVG need matplotlib (pip install 'kgtool[plot]'). The HTML is one file that opens offline and asks nothing
    of anywhere: search and filter in it, and click on an edge or a tile for the papers and what they say.

    \b
    Example:
      kgtool plot neighbourhood LoRA --out lora.html
    """


@plot.command()
@click.argument("name")
@click.option(
    "--depth", type=click.IntRange(1, 5), default=1, show_default=True, metavar="N", help="Up to so many steps away."
)
@click.option(
    "--type",
    "types",
    type=click.Choice(LABELS, case_sensitive=False),
    multiple=True,
    help="Only neighbours of this type; may be repeated.  [default: all but Category and Digest]",
)
@_drawn(40, 300, "At most so many nodes, the closest: over strong and sure edges, and over what is specific.")
@confidence_option
@kg_option
@_out_options
def neighbourhood(kg: Path, out: Path, format_: str | None, types: tuple[str, ...], **question: Any) -> None:
    """What a node is linked with, and how that hangs together.

    NAME is the name, an alias or the id of a paper, author, method, dataset or task.

    \b
    Example:
      kgtool plot neighbourhood LoRA --depth 2 --out lora.png
    """
    from kgtool.plot import neighbourhood as picture

    _draw(lambda: picture.neighbourhood(kg, types=types or picture.TYPES, **question), out, format_)


@plot.command()
@click.argument("a")
@click.argument("b")
@click.option(
    "--via",
    multiple=True,
    metavar="WHAT",
    help="A type, a relationship or a node that every path has; may be repeated; see kgtool connect.",
)
@click.option(
    "--max-length", type=click.IntRange(1, 10), default=4, show_default=True, metavar="N", help="At most so many steps."
)
@_drawn(3, 20, "At most so many paths.")
@confidence_option
@kg_option
@_out_options
def path(kg: Path, out: Path, format_: str | None, **question: Any) -> None:
    """How two nodes are connected, with the paper and the sentence behind each step.

    A and B are names, aliases or ids. The paths are those of kgtool connect; exit code 1 where there is none.

    \b
    Example:
      kgtool plot path LoRA Cora --out lora-cora.svg
    """
    from kgtool.plot.paths import path as picture

    _draw(lambda: picture(kg, **question), out, format_)


@plot.command()
@_pair_arguments
@_drawn(25, 200, "At most so many rows and so many columns: those whose pairs have the most papers.")
@confidence_option
@kg_option
@_out_options
def matrix(kg: Path, out: Path, format_: str | None, **question: Any) -> None:
    """Who was tried on what, as a heat map: the pairs of kgtool matrix, and the same filters.

    ROWS and COLUMNS are two of methods, datasets and tasks; methods and datasets unless said otherwise. Exit code 1
    where no pair is like that.

    \b
    Example:
      kgtool plot matrix methods datasets --task 'node classification' --out tried.html
    """
    from kgtool.plot.pairs import matrix as picture

    _draw(lambda: picture(kg, **question), out, format_)


@plot.command()
@_pair_arguments
@_drawn(40, 200, "At most so many pairs, the most supported.")
@confidence_option
@kg_option
@_out_options
def bipartite(kg: Path, out: Path, format_: str | None, **question: Any) -> None:
    """Who was tried on what, as a graph with two sides: the wider a line, the more papers.

    ROWS and COLUMNS are two different ones of methods, datasets and tasks; methods and datasets unless said otherwise.
    Exit code 1 where no pair is like that.

    \b
    Example:
      kgtool plot bipartite methods tasks --min-support 2 --out used-for.svg
    """
    from kgtool.plot.pairs import bipartite as picture

    _draw(lambda: picture(kg, **question), out, format_)


@plot.command()
@trend_options
@click.option(
    "--min-papers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="Leave out what fewer papers have.",
)
@_drawn(12, 60, "At most so many methods, datasets and tasks.")
@confidence_option
@kg_option
@_out_options
def trends(kg: Path, out: Path, format_: str | None, **question: Any) -> None:
    """What is new or rising: the first rows of kgtool trends, each with its course over the months or digests.

    Neighbouring months with few papers are drawn as one, because shares of few papers say little. Exit code 1 where
    nothing is like that.

    \b
    Example:
      kgtool plot trends --by digest --kind methods --out rising.png
    """
    from kgtool.plot.rising import trends as picture

    _draw(lambda: picture(kg, **question), out, format_)


COMMANDS: tuple[click.Command, ...] = (plot,)


def _draw(picture: Callable[[], Picture], out: Path, format_: str | None) -> None:
    """Makes the picture and writes it; what it shows and leaves out goes to stderr."""
    from kgtool.plot import drawing

    format_ = drawing.format_of(out, format_)
    made = picture()
    if str(out) == "-":
        sys.stdout.buffer.write(drawing.to_bytes(made, format_))
        lacking = ""
    else:
        lacking = drawing.save(made, out, format_)
    for note in (made.title, *made.notes):
        click.echo(printable(note), err=True)
    if lacking:
        click.echo(
            printable(
                f"no installed font has {lacking[:20]}, shown as �: "
                "install one that has, such as Noto Sans CJK, or draw .svg or .html"
            ),
            err=True,
        )
