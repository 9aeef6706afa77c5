"""Asking a knowledge graph on a Neo4j server, where it was pushed: questions of kgtool's own, and queries of users.

A user's query only reads. The judge is the server: it says what kind of query a text is, and shows the plan by which it
would run it, before anything runs; and it runs in a session that may not write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import neo4j
from neo4j.exceptions import ClientError, Neo4jError

from kgtool.errors import InputError, QueryError, QueryTimeout, QueryTooLarge
from kgtool.records import Cell, Table
from kgtool.stores import cypher_guard
from kgtool.stores.asking import ANSWER_BYTES, check_query, check_timeout, checked, too_long
from kgtool.stores.neo4j import Connection, Server, Transaction, connect
from kgtool.stores.neo4j_cells import cell
from kgtool.stores.neo4j_confined import confined
from kgtool.stores.neo4j_rows import LABEL
from kgtool.stores.pointing import point
from kgtool.stores.protocol import TIMEOUT, Answer, Parameters

_RETRY_SECONDS = 5.0
"""A question is asked again for so long where the connection is lost: somebody waits for the answer."""

_T = TypeVar("_T")
_EXPLAIN = "EXPLAIN "
_REACHING_OUT = {"LoadCSV": "LOAD CSV", "TerminateTransactions": "TERMINATE TRANSACTIONS"}
"""Operators of plans that read no graph, though the server takes them for reading."""
_PLACE = re.compile(r"\s*\(line \d+, column \d+ \(offset: (\d+)\)\)")
_LISTED = 20


@dataclass(frozen=True, slots=True)
class ServerGraph:
    """A knowledge graph on a server, by its name; without one it is the only one of the database."""

    server: Server
    name: str | None = None

    def __str__(self) -> str:
        return self.server.uri if self.name is None else f"{self.name} on {self.server.uri}"


class Asker:
    """An open connection to a server, and the one knowledge graph that is asked for there."""

    def __init__(self, connection: Connection, graph: str) -> None:
        self._connection = connection
        self.graph = graph

    def ask(self, query: str, parameters: Parameters | None = None, timeout: float = TIMEOUT) -> Table:
        """The rows that answer a query of kgtool's own, kept to this graph (`kgtool.stores.neo4j_confined`)."""
        return _run(self._connection, confined(query), {**(parameters or {}), "graph": self.graph}, timeout)

    def ask_as_it_is(self, query: str, parameters: Parameters | None = None, timeout: float = TIMEOUT) -> Table:
        """Likewise of a query that says itself, by `$graph`, what it is kept to."""
        return _run(self._connection, query, {**(parameters or {}), "graph": self.graph}, timeout)


@contextmanager
def asking(graph: ServerGraph) -> Iterator[Asker]:
    """The graph on its server, to be asked within the block.

    Raises `ServerError` where the server cannot be reached or refuses, `InputError` with the names that are there where
    it does not hold the graph, or several and none is named.
    """
    with connect(graph.server, _RETRY_SECONDS) as connection:
        yield Asker(connection, _graph(connection, graph))


def ask_server(
    graph: ServerGraph, query: str, parameters: Parameters | None = None, timeout: float = TIMEOUT
) -> Answer:
    """The answer of one Cypher query of a user, which runs as it stands: what it may see is the whole database.

    `$graph` is the name of the graph, for queries that keep to it. Raises `QueryError` for a query that cannot or may
    not run, `QueryTimeout` after so many seconds, else as `asking` does.
    """
    check_query(query)
    masked = cypher_guard.mask(query)
    _check_beginning(query, masked)
    bound = checked(parameters or {})
    if unused := [name for name in bound if not re.search(rf"\$(?:{re.escape(name)}(?!\w)|`)", masked)]:
        raise QueryError(f"the query has no parameter ${unused[0]}")
    with connect(graph.server, _RETRY_SECONDS) as connection:
        if "graph" not in bound and re.search(r"\$graph(?!\w)", masked):
            bound["graph"] = _graph(connection, graph)
        _check_plan(connection, query, bound, timeout)
        return Answer(_run(connection, query, bound, timeout))


def _check_beginning(query: str, masked: str) -> None:
    start = len(masked) - len(masked.lstrip())
    word = re.match(r"\w+", masked[start:])
    if start == len(masked):
        raise QueryError("the query is empty")
    if word and word[0].lower() in {"explain", "profile"}:
        raise QueryError(point(query, start, len(word[0]), f"{word[0].upper()} is not offered; leave it out"))


def _check_plan(connection: Connection, query: str, parameters: dict[str, Any], timeout: float) -> None:
    """Raise `QueryError` unless the server takes the query for one that only reads the graph."""

    def explain(transaction: Transaction) -> neo4j.ResultSummary:
        return transaction.run(_EXPLAIN + query, parameters).consume()

    summary = _work(connection, explain, timeout, query, len(_EXPLAIN))
    if summary.query_type != "r":
        raise QueryError("the query would write, or change the server: queries only read the graph here")
    for operator in _operators(summary.plan):
        if operator in _REACHING_OUT:
            raise QueryError(f"{_REACHING_OUT[operator]} is not allowed: queries only read the graph here")


def _operators(plan: Any) -> Iterator[str]:
    if plan:
        yield plan["operatorType"].partition("@")[0]
        for child in plan.get("children", ()):
            yield from _operators(child)


def _run(connection: Connection, query: str, parameters: dict[str, Any], timeout: float) -> Table:
    def fetch(transaction: Transaction) -> Table:
        result = transaction.run(query, {name: _sent(value) for name, value in parameters.items()})
        rows: list[tuple[Cell, ...]] = []
        size = 0
        for record in result:
            row = tuple(map(cell, record.values()))
            size += len(json.dumps(row))
            if size > ANSWER_BYTES:
                raise QueryTooLarge(
                    f"the answer is larger than {ANSWER_BYTES >> 20} MB; narrow the query, or add a LIMIT"
                )
            rows.append(row)
        return Table(tuple(result.keys()), tuple(rows))

    return _work(connection, fetch, timeout, query)


def _sent(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _work(connection: Connection, work: Callable[[Transaction], _T], timeout: float, query: str, shift: int = 0) -> _T:
    """What `work` makes of a transaction; what the server has against the query becomes a `QueryError`.

    `shift` is by how many characters the query begins later there.
    """
    check_timeout(timeout)

    @neo4j.unit_of_work(timeout=timeout)
    def understood(transaction: Transaction) -> _T:
        try:
            return work(transaction)
        except Neo4jError as error:
            kind = (error.code or "").removeprefix("Neo.").partition(".")[2]
            if kind.startswith("Transaction.TransactionTimedOut"):
                raise QueryTimeout(too_long(timeout)) from None
            if kind == "Statement.AccessMode":
                raise QueryError("the query would write: queries only read the graph here") from None
            if kind == "General.MemoryPoolOutOfMemoryError" or "MemoryLimit" in kind:
                raise QueryTooLarge("the query needs more memory than the server gives it; narrow it") from None
            if isinstance(error, ClientError) and kind.partition(".")[0] in {"Statement", "Procedure"}:
                raise QueryError(_said(error.message or kind, query, shift)) from None
            raise

    return connection.read(understood)


def _said(message: str, query: str, shift: int) -> str:
    """The server's message, pointing at the place in the query as it was given."""
    place = _PLACE.search(message)
    text = " ".join(message[: place.start()].split()) if place else " ".join(message.split())
    if not place:
        return text
    return point(query, min(max(0, int(place[1]) - shift), len(query)), 1, text)


def _graph(connection: Connection, graph: ServerGraph) -> str:
    """The name of the graph, which is there."""
    if graph.name is not None and _is_there(connection, graph.name):
        return graph.name
    names = _names(connection)
    if graph.name is None and len(names) == 1:
        return names[0]
    where = graph.server.uri
    if not names:
        raise InputError(f"{where}: holds no knowledge graph that kgtool pushed; kgtool push does")
    listed = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
    if graph.name is None:
        raise InputError(f"{where}: holds several knowledge graphs; say by --graph which: {listed}")
    raise InputError(f"{where}: holds no knowledge graph {graph.name!r}; say by --graph which: {listed}")


def _is_there(connection: Connection, name: str) -> bool:
    query = f"MATCH (n:{LABEL} {{graph: $graph}}) WHERE n.id IS NOT NULL RETURN 1 LIMIT 1"
    return bool(_run(connection, query, {"graph": name}, TIMEOUT).rows)


def _names(connection: Connection) -> list[str]:
    """The names of the graphs of the database, from one to the next by the index: nodes are many, graphs are few."""
    names: list[str] = []
    query = (
        f"MATCH (n:{LABEL}) WHERE n.graph > $last AND n.id IS NOT NULL "
        "WITH n.graph AS name ORDER BY name LIMIT 1 RETURN name"
    )
    while rows := _run(connection, query, {"last": names[-1] if names else ""}, TIMEOUT).rows:
        names.append(str(rows[0][0]))
    return names
