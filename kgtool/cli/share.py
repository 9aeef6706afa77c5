"""Commands that take the graph elsewhere: export, push, serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kgtool.cli.base import confidence_option, kg_option, output_option, print_table, progress
from kgtool.cli.servers import neo4j_options, neo4j_server
from kgtool.export import FORMATS
from kgtool.ids import BASE

_STDOUT = Path("-")
_FORMATS = "\b\nFormats:\n" + "\n".join(f"  {name:<10} {each.summary}" for name, each in FORMATS.items())


@click.command(epilog=_FORMATS)
@click.argument("format_", metavar="FORMAT", type=click.Choice(tuple(FORMATS)))
@click.option(
    "--out",
    required=True,
    metavar="FILE|DIR",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Where to: a file, - for standard output, or for a format of several files a folder of its own.",
)
@confidence_option
@click.option("--base", metavar="IRI", default=BASE, show_default=True, help="What the IRIs of nodes begin with (RDF).")
@click.option(
    "--evidence",
    type=click.Choice(("statement", "full")),
    default="statement",
    show_default=True,
    help="With full, sentences and places are selectors of the Web Annotation Data Model too (RDF).",
)
@kg_option
def export(format_: str, out: Path, kg: Path, **options: Any) -> None:
    """Write the graph in another format, as large as it may be.

    An earlier export under the same name is replaced when the new one is whole; a folder that holds other things is
    refused.

    \b
    Example:
      kgtool export turtle --out graph.ttl
      kgtool export csv --out tables
      kgtool export nquads --out - | gzip > graph.nq.gz
    """
    from kgtool.export import export as write

    if out == _STDOUT:
        write(kg, format_, sys.stdout.buffer, **options)
        return
    write(kg, format_, out, **options)
    files = [path for path in out.rglob("*") if path.is_file()] if out.is_dir() else [out]
    click.echo(f"Wrote {out}: {_size(sum(path.stat().st_size for path in files))}.", err=True)


@click.command()
@click.argument("target", envvar="NEO4J_URI")
@click.option(
    "--graph", metavar="NAME", help="The name of this graph on the server.  [default: one kept in the folder]"
)
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be written.")
@neo4j_options
@kg_option
@output_option
def push(target: str, graph: str | None, dry_run: bool, kg: Path, output: str | None, **options: Any) -> None:
    """Bring the graph on a server up to date.

    TARGET is a Neo4j server (neo4j://HOST, with TLS neo4j+s://HOST), or else the one in NEO4J_URI. Only what has
    changed since the last push is written, and only what kgtool wrote is ever changed or removed. A push that was
    interrupted is finished by the next one.

    \b
    Example:
      kgtool push neo4j://localhost
      kgtool push neo4j+s://db.example.org --user ada --password-file secret --dry-run
    """
    from kgtool.push.neo4j import push as push_neo4j
    from kgtool.push.targets import kind_of

    if kind_of(target) != "neo4j":
        raise click.UsageError("only Neo4j servers can be pushed to")
    server = neo4j_server(target, **options)
    with progress("Pushing") as show:
        pushed = push_neo4j(kg, server, graph=graph, dry_run=dry_run, progress=show)
    click.echo(f"{'Would write to' if dry_run else 'Wrote to'} the graph {pushed.graph} on {target}:", err=True)
    print_table(pushed.table(), output)


COMMANDS = (export, push)


def _size(size: float) -> str:
    """A number of bytes, as people say it."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
