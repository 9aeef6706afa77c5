"""Commands that take the graph elsewhere: export, push, serve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kgtool.cli.base import (
    confidence_option,
    kg_option,
    output_option,
    print_table,
    progress,
)
from kgtool.cli.servers import neo4j_options, neo4j_server
from kgtool.export import FORMATS
from kgtool.ids import BASE
from kgtool.records import printable

_STDOUT = Path("-")
_FORMATS = "\b\nFormats:\n" + "\n".join(f"  {name:<10} {each.summary}" for name, each in FORMATS.items())


def _rdf_options(command: Any) -> Any:
    for option in (
        click.option(
            "--evidence",
            type=click.Choice(("statement", "full")),
            default="statement",
            show_default=True,
            help="With full, sentences and places are selectors of the Web Annotation Data Model too (RDF).",
        ),
        click.option(
            "--base", metavar="IRI", default=BASE, show_default=True, help="What the IRIs of nodes begin with (RDF)."
        ),
    ):
        command = option(command)
    return command


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
@_rdf_options
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


def _sparql_options(command: Any) -> Any:
    for option in (
        click.option("--data-url", metavar="URL", help="Where it reads and writes graphs.  [default: TARGET/data]"),
        click.option("--update-url", metavar="URL", help="Where it takes updates.  [default: TARGET/update]"),
        click.option(
            "--query-url", metavar="URL", help="Where a SPARQL server takes queries.  [default: TARGET/sparql]"
        ),
        click.option(
            "--name",
            metavar="NAME",
            help="The name of this graph on a SPARQL server.  [default: one kept in the folder]",
        ),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("target", envvar="NEO4J_URI")
@click.option(
    "--graph",
    metavar="NAME|IRI",
    help="The name of this graph on a Neo4j server.  [default: one kept in the folder]  "
    "On a SPARQL server the named graph to push into.  [default: the default graph]",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; print what would be written.")
@neo4j_options
@_sparql_options
@_rdf_options
@kg_option
@output_option
@click.pass_context
def push(
    context: click.Context,
    /,
    target: str,
    graph: str | None,
    dry_run: bool,
    kg: Path,
    output: str | None,
    **options: Any,
) -> None:
    """Bring the graph on a server up to date.

    TARGET is a Neo4j server (neo4j://HOST, with TLS neo4j+s://HOST), a dataset of a SPARQL server
    (sparql+http://HOST/DATASET, sparql+https://HOST/DATASET), or else what NEO4J_URI says. Only what has changed since
    the last push is written, and only what kgtool wrote is ever changed or removed. A push that was interrupted is
    finished by the next one.

    User and password of a SPARQL server are in KGTOOL_SPARQL_USER and KGTOOL_SPARQL_PASSWORD, unless --user and
    --password-file say otherwise.

    \b
    Example:
      kgtool push neo4j://localhost
      kgtool push neo4j+s://db.example.org --user ada --password-file secret --dry-run
      kgtool push sparql+http://localhost:3030/papers
    """
    from kgtool.push.targets import kind_of

    neo4j = {name: options.pop(name) for name in ("user", "password_file", "database")}
    if kind_of(target) == "sparql":
        given = context.get_parameter_source("user") is click.core.ParameterSource.COMMANDLINE
        user = neo4j["user"] if given else None
        _push_sparql(target, user, neo4j["password_file"], kg, output, graph=graph, dry_run=dry_run, **options)
        return
    from kgtool.push.neo4j import push as push_neo4j

    server = neo4j_server(target, **neo4j)
    with progress("Pushing") as show:
        pushed = push_neo4j(kg, server, graph=graph, dry_run=dry_run, progress=show)
    click.echo(f"{'Would write to' if dry_run else 'Wrote to'} the graph {pushed.graph} on {target}:", err=True)
    print_table(pushed.table(), output)


def _push_sparql(
    target: str, user: str | None, password_file: Path | None, kg: Path, output: str | None, **options: Any
) -> None:
    from kgtool.push.sparql import TIMEOUT, endpoint_of
    from kgtool.push.sparql import push as push_sparql
    from kgtool.stores.wire import Web, credentials

    urls = {name: options.pop(name) for name in ("query_url", "update_url", "data_url")}
    endpoint = endpoint_of(target, **urls, web=Web(credentials(password_file, user), TIMEOUT))
    with progress("Pushing") as show:
        pushed = push_sparql(kg, endpoint, progress=show, **options)
    if pushed.others:
        others = printable(", ".join(pushed.others))
        click.echo(f"note: beside {pushed.graph} there: {others}; --name goes on with another one of them", err=True)
    into = pushed.into or "the default graph"
    click.echo(f"{'Would write' if pushed.dry_run else 'Wrote'} {pushed.graph} into {into} of {target}:", err=True)
    print_table(pushed.table(), output)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7878,
    show_default=True,
    metavar="N",
    help="The port; 0 is any that is free.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; others can ask only if this is not local."
)
@click.option(
    "--timeout", type=click.FloatRange(0, 604800, min_open=True), default=60.0, show_default=True, metavar="SECONDS"
)
@click.option(
    "--cors", metavar="ORIGIN", help="Let the pages of this origin ask from a browser; * lets all.  [default: none]"
)
@click.option("-v", "--verbose", is_flag=True, help="Tell of each request on stderr.")
@kg_option
def serve(port: int, host: str, timeout: float, cors: str | None, verbose: bool, kg: Path) -> None:
    """Serve the graph as a SPARQL 1.1 endpoint on this machine. Read-only.

    Prints the endpoint's address, and answers until Ctrl-C. A graph that is built anew meanwhile is answered from as
    it then is.

    \b
    Example:
      kgtool serve --port 7878
      curl http://127.0.0.1:7878/sparql -H 'Accept: text/csv' --data-urlencode 'query=SELECT * { ?d a kg:Dataset }'
    """
    from kgtool.serve import Server

    log = (lambda line: click.echo(printable(line), err=True)) if verbose else None
    with Server(kg, host, port, timeout=timeout, cors=cors, log=log) as server:
        click.echo(server.url)
        sys.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)


COMMANDS = (export, push, serve)


def _size(size: float) -> str:
    """A number of bytes, as people say it."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
