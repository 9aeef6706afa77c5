"""What all commands share: the error translation, common options, output formats and progress."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from kgtool.errors import EXIT_FAILURE, EXIT_INTERRUPTED, KgtoolError
from kgtool.records import MIN_CONFIDENCE, Problem, Table, printable

FORMATS = ("table", "json", "jsonl", "csv")
KINDS = ("methods", "datasets", "tasks")
"""What pairs and trends are of."""
_STATUSES = ("new", "rising", "falling", "steady")
_NARROWEST = 16
_NAMED = {
    "method": "A method, by name, alias or id; may be repeated.",
    "dataset": "A dataset, likewise.",
    "task": "A task, likewise.",
    "author": "An author, by name or id; may be repeated.",
    "category": "A category, as in cs.LG; may be repeated.",
    "digest": "A digest, by name or id; may be repeated.",
}
_F = TypeVar("_F", bound=Callable[..., Any])


class KgtoolGroup(click.Group):
    """The one place where the library's errors become a line on stderr and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that closed its end of the pipe is no failure."""
        if sys.stdout is None:
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - stands in for a closed one
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except click.NoSuchOption as error:
            if error.option_name == "--neo4j":
                raise self._needs_folder(error.ctx) from None
            raise
        except KgtoolError as error:
            ctx.exit(complain(str(error), error.exit_code))
        except KeyboardInterrupt:
            ctx.exit(complain("interrupted", EXIT_INTERRUPTED))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)
        except (OSError, MemoryError, RecursionError) as error:
            ctx.exit(complain(str(error) or type(error).__name__, EXIT_FAILURE))

    def _needs_folder(self, ctx: click.Context | None) -> click.UsageError:
        able = [each.name or "" for each in self.commands.values() if any("--neo4j" in one.opts for one in each.params)]
        name = ctx.info_name if ctx else None
        return click.UsageError(f"{name} needs the local graph (--kg); a server answers {', '.join(able)}", ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the pipeline, not of the alphabet."""
        return list(self.commands)


def complain(message: str, code: int = EXIT_FAILURE) -> int:
    """A line to stderr; gives back the exit code."""
    with suppress(OSError):  # where stderr is full or closed, the exit code has to say it alone
        click.echo(f"kgtool: {printable(message)}", err=True)
    return code


def kg_option(command: _F) -> _F:
    """``--kg DIR``: where the knowledge graph lies."""
    return click.option(
        "--kg",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="KGTOOL_KG",
        default=Path("kg"),
        show_default=True,
        show_envvar=True,
        help="The folder of the knowledge graph.",
    )(command)


def model_option(command: _F) -> _F:
    """``--model DIR``: which extraction model reads the papers."""
    return click.option(
        "--model",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A model of your own, as `kgtool train` makes it.  [default: the shipped one]",
    )(command)


def output_option(command: _F) -> _F:
    """``-o FORMAT``: how rows come out."""
    return click.option(
        "-o",
        "--output",
        type=click.Choice(FORMATS),
        default=None,
        help="Format of the output.  [default: table on a terminal, else jsonl]",
    )(command)


def confidence_option(command: _F) -> _F:
    """``--min-confidence P``: how sure an edge must be to count."""
    return click.option(
        "--min-confidence",
        type=click.FloatRange(0, 1),
        default=MIN_CONFIDENCE,
        show_default=True,
        help="Leave out edges that are less sure.",
    )(command)


def limit_option(help_: str) -> Callable[[_F], _F]:
    """``--limit N``, for commands that give all rows unless told otherwise."""
    return click.option("--limit", type=click.IntRange(min=1), metavar="N", help=f"{help_}  [default: all]")


def named_options(*names: str) -> Callable[[_F], _F]:
    """``--method NAME`` and its like, each of which may be repeated."""

    def add(command: _F) -> _F:
        for name in reversed(names):
            command = click.option(f"--{name}", multiple=True, metavar="NAME", help=_NAMED[name])(command)
        return command

    return add


def support_option(command: _F) -> _F:
    """``--min-support N``: how many papers a pair must have."""
    return click.option(
        "--min-support",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        metavar="N",
        help="Leave out pairs with fewer papers; with 0, pairs come too that only a sentence relates.",
    )(command)


def trend_options(command: _F) -> _F:
    """What trends are asked of: ``--by --kind --method --dataset --task --status --since --until --undated``."""
    for option in (
        click.option(
            "--undated", is_flag=True, help="Papers of unknown date too; by month they come before all others."
        ),
        click.option("--until", metavar="DATE", help="Papers published then or before."),
        click.option("--since", metavar="DATE", help="Papers published then or later: 2026, 2026-02 or 2026-02-17."),
        click.option("--status", type=click.Choice(_STATUSES), help="Only what is like that."),
        named_options("method", "dataset", "task"),
        click.option(
            "--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only these kinds; may be repeated."
        ),
        click.option(
            "--by", type=click.Choice(("month", "digest")), default="month", show_default=True, help="What a period is."
        ),
    ):
        command = option(command)
    return command


def chosen(output: str | None) -> str:
    """The format that was asked for, or the one that suits where the output goes."""
    return output or ("table" if sys.stdout.isatty() else "jsonl")


def print_table(table: Table, output: str | None) -> None:
    """Rows to stdout in the format that was asked for."""
    if chosen(output) == "table":
        click.echo(render(table))
    elif chosen(output) == "csv":
        print_csv(table.columns, table.rows)
    else:
        print_objects(table.records(), output)


def print_objects(objects: Iterable[Mapping[str, Any]], output: str | None) -> None:
    """Objects to stdout as JSON Lines, one by one, or as one JSON list."""
    if chosen(output) == "json":
        click.echo(json.dumps(list(objects), ensure_ascii=False, indent=2))
    else:
        for item in objects:
            click.echo(json.dumps(item, ensure_ascii=False))


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows to stdout as CSV (RFC 4180 but with ``\\n``); lists are joined by `; `, what is missing is empty."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    show = printable if sys.stdout.isatty() else str
    writer.writerows([show(str(_cell(value, ""))) for value in row] for row in rows)


def render(table: Table) -> str:
    """The rows under their columns, as wide as the terminal allows; control characters are shown, not obeyed."""
    from prettytable import PrettyTable, TableStyle

    if not table.rows:
        return "  ".join(table.columns)
    cells = [[printable(_shown(value)) for value in row] for row in table.rows]
    view = PrettyTable(list(_unique(table.columns)))
    view.set_style(TableStyle.PLAIN_COLUMNS)
    view.align = "l"
    view.left_padding_width = 0
    view.right_padding_width = 2
    widths = [
        max(len(name), *(len(line) for row in cells for line in row[column].split("\n")))
        for column, name in enumerate(view.field_names)
    ]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else sum(widths) + 2 * len(widths)
    for column, (name, width) in enumerate(zip(view.field_names, _fitted(widths, room), strict=True)):
        view.max_width[name] = width
        if all(isinstance(row[column], int | float) for row in table.rows):
            view.align[name] = "r"
    view.add_rows(cells)
    return "\n".join(line.rstrip() for line in view.get_string().splitlines())


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit into the room with two blanks behind each: the widest columns give way first, down to 16."""
    fitted = list(widths)
    while sum(fitted) + 2 * len(fitted) > room and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _unique(columns: Sequence[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for column in columns:
        seen[column] = seen.get(column, 0) + 1
        yield column if seen[column] == 1 else f"{column} ({seen[column]})"


def _cell(value: Any, missing: str) -> Any:
    if value is None:
        return missing
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "; ".join(str(_cell(item, missing)) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(_cell(value, ""))


def print_problems(problems: Iterable[Problem]) -> None:
    """What could not be read, a line each, to stderr."""
    for problem in problems:
        text = printable(str(problem)).replace("\n", "\\n")
        click.echo(f"kgtool: {'' if problem.fatal else 'note: '}{text}", err=True)


@contextmanager
def progress(label: str, hidden: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while in the block, fed with (done, of how many); nothing where stderr is no terminal."""
    if hidden or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, of: None
        return
    bar: Any = None

    def show(done: int, of: int) -> None:
        nonlocal bar
        if bar is None:
            bar = click.progressbar(length=of, label=label, file=sys.stderr, show_pos=True)
            bar.__enter__()
        bar.update(done - bar.pos)

    try:
        yield show
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)
