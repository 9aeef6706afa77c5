"""Commands that ask the graph: sparql, cypher, validate."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kgtool.cli.base import (
    kg_option,
    output_option,
    print_table,
)
from kgtool.cli.servers import graph_options
from kgtool.errors import EXIT_NO, QueryError
from kgtool.records import printable

if TYPE_CHECKING:
    from kgtool.analysis.reader import Graph
    from kgtool.stores.protocol import Parameters

_TIMEOUT = 60.0
_NAME = re.compile(r"[\w.-]+")
"""What can only be the name of a canned query: no query is a single word."""


def _query_options(command: Any) -> Any:
    for option in (
        click.option("-f", "--file", type=click.File(encoding="utf-8"), help="Read the query from a file; - is stdin."),
        click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Bind a variable ($name)."),
        click.option(
            "--show", is_flag=True, help="Print the text of a canned query, to start from, and do not run it."
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=_TIMEOUT,
            show_default=True,
            metavar="SECONDS",
        ),
        output_option,
    ):
        command = option(command)
    return command


@click.command()
@click.argument("query", required=False)
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the graph in the folder.")
@kg_option
@_query_options
def sparql(
    query: str | None,
    file: Any,
    params: tuple[str, ...],
    show: bool,
    timeout: float,
    kg: Path,
    output: str | None,
    endpoint: str | None,
) -> None:
    """Ask the graph in SPARQL 1.1. Read-only.

    QUERY is a text, or the name of a canned query (`kgtool queries` lists them), to which -p gives its parameters.

    The prefixes kg, dcterms, foaf, skos, schema, prov, rdf, rdfs and xsd are known. -p binds the variable ?name to a
    string, a number or, in angle brackets, an IRI; what looks like a number and is none goes in quotes, as in
    -p 'id="2602.15076"'. An --endpoint that wants a password finds it in KGTOOL_SPARQL_USER and KGTOOL_SPARQL_PASSWORD.

    \b
    Example:
      kgtool sparql papers-of-method -p method=GRPO -p limit=5
      kgtool sparql 'SELECT ?name ?papers WHERE { ?d a kg:Dataset ; skos:prefLabel ?name ; kg:papers ?papers }
                     ORDER BY DESC(?papers) LIMIT 5'
    """
    if show:
        _show(query, "sparql")
        return
    from kgtool.stores import views
    from kgtool.stores.asking import ask_sparql

    text, bound = _question(query, "sparql", file, params)
    if endpoint is None:
        answer = views.ask(kg, lambda view: ask_sparql(view.rdf, text, bound, timeout))
    else:
        from kgtool.stores.endpoint import ask_endpoint
        from kgtool.stores.wire import credentials

        answer = ask_endpoint(endpoint, text, bound, timeout, credentials=credentials())
    _print_notes(answer.notes)
    print_table(answer.table, output)


@click.command()
@click.argument("query", required=False)
@graph_options
@_query_options
def cypher(
    query: str | None,
    file: Any,
    params: tuple[str, ...],
    show: bool,
    timeout: float,
    kg: Graph,
    output: str | None,
) -> None:
    """Ask the graph in Cypher. Read-only.

    QUERY is a text, or the name of a canned query (`kgtool queries` lists them), to which -p gives its parameters.

    -p binds the parameter $name to a string, or to a number, true, false, null or a list in JSON; what looks like a
    number and is none goes in quotes, as in -p 'id="2602.15076"'.

    With --neo4j a server answers. Canned queries keep to the graph there; a query text sees the whole database, and
    keeps to the graph by :KgNode and {graph: $graph}.

    \b
    Example:
      kgtool cypher papers-of-method -p method=GRPO -p limit=5
      kgtool cypher 'MATCH (p:Paper)-[r:EVALUATES_ON]->(d:Dataset)
                     RETURN d.name, count(p) AS papers ORDER BY papers DESC LIMIT 5'
      kgtool cypher top-methods --neo4j neo4j://localhost
    """
    if show:
        _show(query, "cypher")
        return
    from kgtool.stores import views
    from kgtool.stores.asking import ask_cypher

    text, bound = _question(query, "cypher", file, params)
    if isinstance(kg, Path):
        folder = kg
        answer = views.ask(folder, lambda view: ask_cypher(view.ladybug, text, bound, timeout))
    else:
        from kgtool.stores.neo4j_asking import ask_server, asking

        if _is_canned(query, file):
            with asking(kg) as asker:
                print_table(asker.ask(text, bound, timeout), output)
            return
        answer = ask_server(kg, text, bound, timeout)
    _print_notes(answer.notes)
    print_table(answer.table, output)


@click.command()
@kg_option
@output_option
def validate(kg: Path, output: str | None) -> None:
    """Hold the graph against the SHACL shapes of the ontology. Prints what violates them; exit code 1 if anything does.

    \b
    Example:
      kgtool validate --kg kg
    """
    from kgtool.stores.corpus import Corpus
    from kgtool.validate import validate as check

    with Corpus.open(kg) as corpus, corpus.snapshot():
        nodes = tuple(corpus.nodes())
        violations = check(nodes, corpus.statements())
    print_table(violations, output)
    if violations.rows:
        click.echo(f"Not valid: {len(violations):,} violations in {kg}.", err=True)
        raise SystemExit(EXIT_NO)
    click.echo(f"Valid: {len(nodes):,} nodes conform.", err=True)


COMMANDS = (sparql, cypher, validate)


def _question(
    query: str | None, language: Literal["sparql", "cypher"], file: Any, params: tuple[str, ...]
) -> tuple[str, Parameters]:
    """The text of the query that is meant, and the values of its parameters."""
    given = _given(params)
    if query is not None and _is_canned(query, file):
        from kgtool import queries

        return queries.prepare(query, language, {name: _unquoted(value) for name, value in given.items()})
    return _text(query, file), {name: _decoded(value) for name, value in given.items()}


def _is_canned(query: str | None, file: Any) -> bool:
    return file is None and query is not None and _NAME.fullmatch(query) is not None


def _show(query: str | None, language: Literal["sparql", "cypher"]) -> None:
    from kgtool import queries

    if query is None or not _NAME.fullmatch(query):
        raise click.UsageError("--show goes with the name of a canned query; `kgtool queries` lists them")
    click.echo(queries.find(query).text(language), nl=False)


def _text(query: str | None, file: Any) -> str:
    if (query is None) == (file is None):
        raise click.UsageError("give the query as an argument, or its file with -f")
    try:
        return str(query) if file is None else str(file.read())
    except UnicodeDecodeError as error:
        raise QueryError(f"{file.name}: is not UTF-8: {error.reason} at byte {error.start}") from error


def _given(params: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"{param!r}: expected NAME=VALUE", param_hint="-p")
        found[name] = value
    return found


def _decoded(value: str) -> Any:
    """What the value is as JSON, else itself."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _unquoted(value: str) -> str:
    """The value of a parameter whose type is known; quotes, as a query of one's own needs them, do no harm."""
    decoded = _decoded(value)
    return decoded if isinstance(decoded, str) else value


def _print_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        click.echo(f"note: {printable(note)}", err=True)
