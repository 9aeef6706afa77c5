"""Commands that read digests: build, remove, parse, extract."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgtool.cli.base import (
    chosen,
    complain,
    kg_option,
    model_option,
    output_option,
    print_csv,
    print_objects,
    print_problems,
    print_table,
    progress,
)
from kgtool.errors import EXIT_FAILURE, InputError
from kgtool.records import Problem, Table

if TYPE_CHECKING:
    from kgtool.build import BuildReport
    from kgtool.digests import DigestFile

_FORMAT_HELP = "Read as this format instead of the one that the content shows."


@click.command()
@click.argument("digests", nargs=-1, required=True, metavar="DIGEST...")
@kg_option
@click.option("--format", "format_", metavar="NAME", help=_FORMAT_HELP)
@model_option
@output_option
def build(digests: tuple[str, ...], kg: Path, format_: str | None, model: Path | None, output: str | None) -> None:
    """Build the knowledge graph from digests, or bring it up to date.

    DIGEST is a file, a folder or - (standard input). What was read before is passed over; what can't be read is
    named, and the rest is kept.

    \b
    Example:
      kgtool build examples --kg kg
    """
    from kgtool.build import build as build_graph
    from kgtool.extract.pipeline import PipelineExtractor

    unread = _Unread()
    with progress("Extracting") as show:
        report = build_graph(kg, _read(digests, format_, unread), PipelineExtractor(model), show)
    _print_report(report, kg, output)
    unread.finish(report.problems)


@click.command()
@click.argument("digests", nargs=-1, required=True, metavar="DIGEST...")
@kg_option
@model_option
@output_option
def remove(digests: tuple[str, ...], kg: Path, model: Path | None, output: str | None) -> None:
    """Take digests out of the knowledge graph again.

    DIGEST is the digest's name or id, or its file. Papers that other digests list stay.

    \b
    Example:
      kgtool remove digest:monday --kg kg
    """
    from kgtool.build import remove as remove_digests
    from kgtool.extract.pipeline import PipelineExtractor

    with progress("Extracting") as show:
        report = remove_digests(kg, digests, PipelineExtractor(model), show)
    _print_report(report, kg, output)


@click.command()
@click.argument("digests", nargs=-1, required=True, metavar="DIGEST...")
@click.option("--format", "format_", metavar="NAME", help=_FORMAT_HELP)
@output_option
def parse(digests: tuple[str, ...], format_: str | None, output: str | None) -> None:
    """Only read digests: one paper per line as JSON, with every field that the digest holds.

    The output can be fed back to build, parse and extract.

    \b
    Example:
      kgtool parse examples/conference.txt -o csv
    """
    from kgtool.digests import paper_to_json

    unread = _Unread()
    files = list(_read(digests, format_, unread))
    papers = [paper_to_json(paper) for file in files for paper in file.papers]
    if chosen(output) in ("json", "jsonl"):
        print_objects(papers, output)
    elif papers:
        columns = tuple(papers[0])
        rows = tuple(tuple(paper[column] for column in columns) for paper in papers)
        if chosen(output) == "csv":
            print_csv(columns, rows)
        else:
            short = ("id", "title", "authors", "published", "rank")
            print_table(Table(short, tuple(tuple(_cell(paper[name]) for name in short) for paper in papers)), "table")
    unread.finish(chain.from_iterable(file.problems for file in files))


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--format", "format_", metavar="NAME", help=_FORMAT_HELP)
@model_option
@click.option(
    "--view",
    type=click.Choice(("terminal", "html")),
    help="Show the papers with their mentions highlighted: here, or as one page that needs no network.",
)
@output_option
def extract(
    inputs: tuple[str, ...], format_: str | None, model: Path | None, view: str | None, output: str | None
) -> None:
    """Find methods, datasets and tasks in papers, their roles and relations, with the evidence.

    INPUT is a digest, or JSON Lines with id, title and abstract. One record per paper comes out.

    \b
    Example:
      kgtool extract examples/conference.txt -o jsonl
      kgtool extract examples/conference.txt --view html > page.html
    """
    if view and output:
        raise click.UsageError("--view shows papers, -o prints records: give one of them")
    from kgtool.extract.gold import to_record
    from kgtool.extract.pipeline import PipelineExtractor

    unread = _Unread()
    files = list(_read(inputs, format_, unread))
    papers = [paper for file in files for paper in file.papers]

    def records() -> Iterator[dict[str, Any]]:
        with progress("Extracting", hidden=sys.stdout.isatty()) as show:
            found = PipelineExtractor(model)(papers)
            for done, (paper, extraction) in enumerate(zip(papers, found, strict=True), 1):
                show(done, len(papers))
                yield to_record(paper.id, paper.title, paper.abstract, extraction)

    if view:
        _print_view(records(), view)
    elif chosen(output) in ("json", "jsonl"):
        print_objects(records(), output)
    else:
        columns = ("paper", "type", "name", "mentions", "role", "confidence", "role_confidence")
        rows = tuple(_entity_row(record["id"], entity) for record in records() for entity in record["entities"])
        print_table(Table(columns, rows), output)
    unread.finish(chain.from_iterable(file.problems for file in files))


COMMANDS = (build, remove, parse, extract)


@dataclass
class _Unread:
    """Inputs that are no digests. Errors are failures; notes, on files in a folder that are something else, are not."""

    errors: list[InputError] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def finish(self, problems: Iterable[Problem]) -> None:
        """Print what could not be read, and end with the exit code that it deserves."""
        problems = tuple(problems)
        print_problems((*self.notes, *problems))
        for error in self.errors:
            complain(str(error))
        if self.errors or any(problem.fatal for problem in problems):
            raise SystemExit(EXIT_FAILURE)


def _read(inputs: tuple[str, ...], format_: str | None, unread: _Unread) -> Iterator[DigestFile]:
    """The digests, one by one; what is not there, or in a folder but no digest, is told in `unread`."""
    from kgtool.digests import expand_inputs, formats, read_digest

    if format_ is not None and format_ not in formats():
        raise click.BadParameter(f"{format_!r} is not one of {', '.join(formats())}", param_hint="--format")
    seen = set()
    for given in inputs:
        try:
            sources = [source for source in expand_inputs([given]) if source.name not in seen]
        except InputError as error:
            unread.errors.append(error)
            continue
        for source in sources:
            seen.add(source.name)
            try:
                file = read_digest(source, format_)
            except InputError as error:
                unread.errors.append(error)
                continue
            if not file.digest.format and Path(given).is_dir():
                unread.notes += (replace(problem, fatal=False) for problem in file.problems)
            else:
                yield file


def _print_report(report: BuildReport, kg: Path, output: str | None) -> None:
    rows = tuple((d.digest, d.format, d.papers, d.status) for d in report.digests)
    print_table(Table(("digest", "format", "papers", "status"), rows), output)
    new = ", ".join(f"{count:+,} {label}" for label, count in report.new_nodes.items() if count)
    total = f"{sum(report.nodes.values()):,} nodes, {sum(report.statements.values()):,} edges"
    click.echo(f"{new or 'Nothing new'}. {kg} holds {total}.", err=True)


def _print_view(records: Iterable[dict[str, Any]], view: str) -> None:
    from kgtool.extract import view as views

    if view == "html":
        click.echo(views.html(tuple(records)), nl=False)
        return
    colour = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if colour else None
    for record in records:
        click.echo(views.text(record, colour, width))


def _entity_row(paper: str, entity: dict[str, Any]) -> tuple[Any, ...]:
    mentions = entity["mentions"]
    return (
        paper,
        entity["type"],
        max(mentions, key=len),
        tuple(mentions),
        entity["role"],
        entity["confidence"],
        entity["role_confidence"],
    )


def _cell(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
