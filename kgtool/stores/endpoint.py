"""A SPARQL endpoint on a server: the SPARQL 1.1 Protocol and the Graph Store HTTP Protocol, from the client's side.

`ask_endpoint` answers as `kgtool.stores.asking.ask_sparql` does from the embedded view. `Endpoint` is what writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urlencode

import pyoxigraph as ox

from kgtool import vocab
from kgtool.errors import KgtoolError, QueryError, QueryTimeout, ServerError, ServerUnavailable
from kgtool.records import Table
from kgtool.stores import sparql_query
from kgtool.stores.asking import Collected, check_query, checked
from kgtool.stores.media_types import GRAPHS, SOLUTIONS
from kgtool.stores.protocol import TIMEOUT, Answer, Parameters
from kgtool.stores.sparql_notes import date_notes, term_notes
from kgtool.stores.sparql_parameters import TOKEN, Rewritten, substitute
from kgtool.stores.wire import Credentials, Reply, Web

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Result = ox.QueryBoolean | ox.QuerySolutions | Iterable[ox.Triple]
_Item = TypeVar("_Item")

# CSV is not among them: it does not tell an IRI from a text.
_ACCEPT = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.8, text/tab-separated-values;q=0.5, "
    "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
)
_DECLARED = re.compile(r"(?i)\bprefix\s+([\w.-]*):")
_NESTING = re.compile(r"[({\[<]")
_DEEPEST = 1000
"""Oxigraph's parser calls itself: where it has no child process of its own, no deeper."""
_DETAIL = 300
_STATUS = {
    400: "does not take the request",
    401: "wants a user and a password (KGTOOL_SPARQL_USER, KGTOOL_SPARQL_PASSWORD), or others than these",
    403: "does not allow this",
    404: "there is nothing under this address",
    405: "nothing under this address takes such a request",
    408: "took too long over the query",
    413: "does not take requests of this size",
    415: "nothing under this address takes such a request",
    429: "is asked too often",
    503: "gave the query up, or is not ready",
    504: "took too long over the query",
    507: "has no room left",
}


def ask_endpoint(
    url: str,
    query: str,
    parameters: Parameters | None = None,
    timeout: float = TIMEOUT,
    *,
    credentials: Credentials | None = None,
) -> Answer:
    """Answers SELECT, ASK (one row, `answer`), CONSTRUCT and DESCRIBE (`subject, predicate, object`, and N-Triples).

    `parameters` replace the variables of their names; the prefixes of `vocab.PREFIXES` are known. Raises QueryError,
    QueryTimeout (also where the server itself gave up), ServerError, InputError for what is no address.
    """
    check_query(query)
    rewritten = substitute(query, checked(parameters or {}))
    endpoint = Endpoint(url, web=Web(credentials, timeout))
    collected = Collected()
    with endpoint.answer(rewritten) as result:
        for message in _read(sparql_query.messages(result, query), endpoint.query_url):
            collected.take(message)
    notes = (*term_notes(query), *date_notes(rewritten.text))
    lines = None if collected.lines is None else tuple(collected.lines)
    return Answer(Table(collected.columns, tuple(collected.rows)), notes, lines)


def with_prefixes(query: str) -> str:
    """The query behind declarations of the known prefixes that it uses and does not declare; its lines stay.

    >>> with_prefixes("ASK { ?p a kg:Paper }")
    'PREFIX kg: <https://w3id.org/kgtool/ontology#> ASK { ?p a kg:Paper }'
    """
    used = {match["name"].partition(":")[0] for match in TOKEN.finditer(query) if ":" in (match["name"] or "")}
    wanted = sorted((used & set(vocab.PREFIXES)) - set(_DECLARED.findall(query)))
    return "".join(f"PREFIX {name}: <{vocab.PREFIXES[name]}> " for name in wanted) + query


@dataclass(frozen=True)
class Endpoint:
    """The addresses under which one dataset of a server is asked, written and read as graphs."""

    query_url: str
    update_url: str = ""
    data_url: str = ""
    web: Web = field(default_factory=Web, repr=False, compare=False)

    def select(self, query: str) -> list[tuple[Term | None, ...]]:
        """The rows of a SELECT, as terms."""
        with self.answer(Rewritten(query, query)) as result:
            if not isinstance(result, ox.QuerySolutions):
                raise ServerError(f"{self.query_url}: answers a SELECT with something else than rows")
            names = [variable.value for variable in result.variables]
            return [tuple(solution[name] for name in names) for solution in _read(result, self.query_url)]

    def ask(self, query: str) -> bool:
        """The answer to an ASK."""
        with self.answer(Rewritten(query, query)) as result:
            if not isinstance(result, ox.QueryBoolean):
                raise ServerError(f"{self.query_url}: answers an ASK with something else than true or false")
            return bool(result)

    @contextmanager
    def answer(self, query: Rewritten) -> Iterator[Result]:
        """What the server answers to a query, to be read while in the block.

        Raises QueryError for a query that the server does not take, QueryTimeout, ServerError.
        """
        body = urlencode({"query": with_prefixes(query.text)}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _ACCEPT}
        with self.web.request("POST", self.query_url, body, headers) as reply:
            if reply.status != 200:
                raise _refused(reply, query)
            yield _result(reply, query.text)

    def update(self, request: str) -> None:
        """Sends one SPARQL 1.1 Update; raises ServerError where the server does not carry it out."""
        headers = {"Content-Type": "application/sparql-update; charset=utf-8", "Accept": "*/*"}
        with self.web.request("POST", self.update_url, request.encode(), headers, write=True) as reply:
            if reply.status >= 300:
                raise _refused(reply)
            reply.read()

    def graph(self, name: str) -> Iterator[ox.Triple]:
        """The triples of a named graph, however many; by the Graph Store HTTP Protocol (5.2), else by a query."""
        url = f"{self.data_url}{'&' if '?' in self.data_url else '?'}graph={quote(name, safe='')}"
        headers = {"Accept": "application/n-triples, text/turtle;q=0.5"}
        with self.web.request("GET", url, None, headers, most=None) as reply:
            if reply.status == 200 and reply.media_type in GRAPHS:
                yield from _triples(reply)
                return
            if reply.status not in (200, 400, 404, 405, 501):
                raise _refused(reply)
        body = urlencode({"query": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {ox.NamedNode(name)} {{ ?s ?p ?o }} }}"})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        with self.web.request("POST", self.query_url, body.encode(), headers, most=None) as reply:
            if reply.status != 200:
                raise _refused(reply)
            yield from _triples(reply)


def _triples(reply: Reply) -> Iterator[ox.Triple]:
    format_ = sparql_query.GRAPH_FORMATS.get(GRAPHS.get(reply.media_type, ""))
    if format_ is None:
        raise ServerError(f"{reply.server}: answers with {reply.media_type or 'something'}, not with a graph")
    for quad in _read(ox.parse(reply.file(), format_), reply.server):
        yield quad.triple


def _read(items: Iterable[_Item], server: str) -> Iterator[_Item]:
    """The items of a parser, whose complaints become those of the reply; what the reply itself raises passes."""
    try:
        yield from items
    except (SyntaxError, ValueError) as error:
        raise ServerError(f"{server}: its answer cannot be read: {_line(str(error))}") from error


def _result(reply: Reply, query: str) -> Result:
    format_ = SOLUTIONS.get(reply.media_type, "")
    solutions = sparql_query.SOLUTION_FORMATS.get(format_) if format_ != "csv" else None
    graph = sparql_query.GRAPH_FORMATS.get(GRAPHS.get(reply.media_type, ""))
    if solutions is None and graph is None:
        what = "a web page" if "html" in reply.media_type else reply.media_type or "something without a media type"
        raise ServerError(
            f"{reply.server}: answers with {what}, not with SPARQL results: is it the endpoint's address?"
        )
    body = reply.read()
    if solutions is None:
        return (quad.triple for quad in _read(ox.parse(body, graph), reply.server))
    try:
        return ox.parse_query_results(body, solutions)
    except (SyntaxError, ValueError) as error:
        raise ServerError(f"{reply.server}: its answer cannot be read: {_line(str(error))}") from error


def _refused(reply: Reply, query: Rewritten | None = None) -> KgtoolError:
    """The error that a status other than success means, with what the server says about it."""
    said = _said(reply)
    status = f"{reply.server}: {_STATUS.get(reply.status, 'fails')} (HTTP {reply.status}){said and ': ' + said}"
    if query is None and reply.status in (429, 502, 503, 504):
        return ServerUnavailable(status)
    if query is None or reply.status not in (400, 408, 422, 500, 503, 504):
        return ServerError(status)
    if reply.status in (408, 503, 504):
        return QueryTimeout(status)
    try:
        if len(_NESTING.findall(query.text)) < _DEEPEST:
            sparql_query.check(query, service=True)
    except QueryError as error:
        # It points at the place in the query as the user wrote it.
        return error
    return QueryError(status)


def _said(reply: Reply) -> str:
    """The beginning of a plain text that explains an error, on one line; web pages and stack traces are no help."""
    if reply.media_type not in ("text/plain", ""):
        return ""
    text = reply.read(1 << 16).decode("utf-8", "replace")
    return _line(text.partition("\n\tat ")[0])


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _DETAIL else f"{line[:_DETAIL]}…"
