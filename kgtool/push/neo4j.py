"""`kgtool push neo4j://…`: the graph into a Neo4j server, again and again.

A push compares what the server has with the corpus and writes the difference. At first it asks only for counts and for
sums of hashes, which the server makes: where they are equal, nothing else is read and nothing is written. Each batch is
a transaction of its own: what a push that breaks off has written stays, and the next one goes on from there. At the end
the sums are asked for again. Of two pushes of one graph at once the later goes on (`kgtool.push.neo4j_turn`).

What kgtool did not write is never changed: of its own nodes it changes its own properties and labels, no others, and
one that vanishes from the graph while relationships of others hang on it stays behind as `KgVanished`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from kgtool import cypher, vocab
from kgtool.errors import ServerError
from kgtool.push.naming import graph_name
from kgtool.push.neo4j_difference import Difference, Own
from kgtool.push.neo4j_schema import ensure_schema
from kgtool.push.neo4j_turn import Turn
from kgtool.records import Table
from kgtool.stores.corpus import Corpus
from kgtool.stores.neo4j import RETRY_SECONDS, Connection, Server, Transaction, connect
from kgtool.stores.neo4j_rows import HALF, Sum, checked_name, edge_rows, node_row

Progress = Callable[[int, int], None]
"""Is told how many nodes and relationships of how many are compared and written."""

_SUMS = f"RETURN count(x), sum(x.kgHash % {HALF}), sum(x.kgHash / {HALF})"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push wrote into the graph of this name, by the server's own counters; of a dry run what it would write."""

    graph: str
    counters: dict[str, int] = field(hash=False)

    def table(self) -> Table:
        """One row: the name of the graph, and the counters."""
        return Table(("graph", *self.counters), ((self.graph, *self.counters.values()),))


def push(
    kg: Path,
    server: Server,
    *,
    graph: str | None = None,
    dry_run: bool = False,
    progress: Progress = lambda done, of: None,
    retry_seconds: float = RETRY_SECONDS,
) -> Pushed:
    """Bring the graph of this name on the server to what the knowledge graph in the folder `kg` is.

    Without `graph` it is the name that the folder keeps. A dry run only reads; its `properties_set` leaves out
    properties that would be taken away. Raises `StoreError` where there is no graph, and `ServerError` where the server
    cannot be reached, refuses or goes away, or another push takes over: what was written till then stays, and the next
    push goes on from there.
    """
    with Corpus.open(kg) as corpus, corpus.snapshot(), connect(server, retry_seconds) as connection:
        name = graph_name(kg) if graph is None else checked_name(graph)
        if not dry_run:
            ensure_schema(connection)
        own = _own_sums(corpus)
        if _server_sums(connection, name) == own:
            return Pushed(name, Difference(corpus, connection, Own(name)).counters)
        if dry_run:
            difference = Difference(corpus, connection, Own(name), progress=progress)
            difference.write()
            return Pushed(name, difference.counters)
        turn = Turn(connection, name)
        difference = Difference(corpus, connection, Own(name), turn, progress)
        difference.write()
        if _server_sums(connection, name) != own:
            raise ServerError(f"{server.uri}: something else changed the graph while it was pushed: push it again")
        turn.end()
        return Pushed(name, difference.counters)


def _own_sums(corpus: Corpus) -> dict[str, Sum]:
    """Label or relationship type to the sum of what the corpus has of it."""
    sums: dict[str, Sum] = {}
    nodes = ((row.label, row.hash) for row in map(node_row, corpus.nodes()))
    edges = ((row.type, row.hash) for row in edge_rows(corpus.statements()))
    for kind, hash_ in chain(nodes, edges):
        sums.setdefault(kind, Sum()).add(hash_)
    return sums


def _server_sums(connection: Connection, graph: str) -> dict[str, Sum]:
    """The same of what the server has, and under names of their own of what it should not have."""
    own = Own(graph)
    queries = {label: f"{own.nodes} AND x:{label} {_SUMS}" for label in vocab.LABELS}
    queries |= {type_: f"{own.edges(type_)} {_SUMS}" for type_ in cypher.RELATIONSHIP_COLUMNS}
    queries["nodes of no class"] = f"{own.nodes} AND NOT x:{'|'.join(vocab.LABELS)} {_SUMS}"
    queries["relationships of no type"] = f"{own.edges_of_other_types} {_SUMS}"

    def ask(transaction: Transaction) -> dict[str, Sum]:
        found = {}
        for kind, query in queries.items():
            ((count, low, high),) = transaction.run(query, own.parameters).values()
            found[kind] = Sum(count, low, high)
        return {kind: sum_ for kind, sum_ in found.items() if sum_.count}

    return connection.read(ask)
