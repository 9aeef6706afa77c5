"""Commands that ask the graph: sparql, cypher, validate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from kgtool.cli.base import kg_option, output_option, print_table, printable
from kgtool.errors import EXIT_NO, QueryError

_TIMEOUT = 60.0


def _query_options(command: Any) -> Any:
    for option in (
        click.option("-f", "--file", type=click.File(encoding="utf-8"), help="Read the query from a file; - is stdin."),
        click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Bind a variable ($name)."),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=_TIMEOUT,
            show_default=True,
            metavar="SECONDS",
        ),
        kg_option,
        output_option,
    ):
        command = option(command)
    return command


@click.command()
@click.argument("query", required=False)
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the graph in the folder.")
@_query_options
def sparql(
    query: str | None,
    file: Any,
    params: tuple[str, ...],
    timeout: float,
    kg: Path,
    output: str | None,
    endpoint: str | None,
) -> None:
    """Ask the graph in SPARQL 1.1. Read-only.

    The prefixes kg, dcterms, foaf, skos, schema, prov, rdf, rdfs and xsd are known. -p binds the variable ?name to a
    string, a number or, in angle brackets, an IRI; what looks like a number and is none goes in quotes, as in
    -p 'id="2602.15076"'. An --endpoint that wants a password finds it in KGTOOL_SPARQL_USER and KGTOOL_SPARQL_PASSWORD.

    \b
    Example:
      kgtool sparql 'SELECT ?name ?papers WHERE { ?d a kg:Dataset ; skos:prefLabel ?name ; kg:papers ?papers }
                     ORDER BY DESC(?papers) LIMIT 5'
    """
    from kgtool.stores import views
    from kgtool.stores.asking import ask_sparql

    text, bound = _text(query, file), _parameters(params)
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
@_query_options
def cypher(query: str | None, file: Any, params: tuple[str, ...], timeout: float, kg: Path, output: str | None) -> None:
    """Ask the graph in Cypher. Read-only.

    -p binds the parameter $name to a string, or to a number, true, false, null or a list in JSON; what looks like a
    number and is none goes in quotes, as in -p 'id="2602.15076"'.

    \b
    Example:
      kgtool cypher 'MATCH (p:Paper)-[r:EVALUATES_ON]->(d:Dataset)
                     RETURN d.name, count(p) AS papers ORDER BY papers DESC LIMIT 5'
    """
    from kgtool.stores import views
    from kgtool.stores.asking import ask_cypher

    text, bound = _text(query, file), _parameters(params)
    answer = views.ask(kg, lambda view: ask_cypher(view.ladybug, text, bound, timeout))
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


def _text(query: str | None, file: Any) -> str:
    if (query is None) == (file is None):
        raise click.UsageError("give the query as an argument, or its file with -f")
    try:
        return str(query) if file is None else str(file.read())
    except UnicodeDecodeError as error:
        raise QueryError(f"{file.name}: is not UTF-8: {error.reason} at byte {error.start}") from error


def _parameters(params: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"{param!r}: expected NAME=VALUE", param_hint="-p")
        try:
            found[name] = json.loads(value)
        except (ValueError, RecursionError):
            found[name] = value
    return found


def _print_notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        click.echo(f"note: {printable(note)}", err=True)
