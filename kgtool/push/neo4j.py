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

from kgtool import cypher
from kgtool.errors import ServerError
from kgtool.push.naming import graph_name
from kgtool.push.neo4j_difference import OTHER, Difference, Own
from kgtool.push.neo4j_schema import ensure_schema
from kgtool.push.neo4j_turn import Turn
from kgtool.records import Table
from kgtool.stores.corpus import Corpus
from kgtool.stores.neo4j import RETRY_SECONDS, Connection, Server, Transaction, connect
from kgtool.stores.neo4j_rows import HALF, Sum, checked_name, edge_rows, node_row

Progress = Callable[[int, int], None]
"""Is told how many nodes and relationships of how many are compared and written."""

_SUMS = f"RETURN kind, count(x) AS number, sum(x.kgHash % {HALF}) AS low, sum(x.kgHash / {HALF}) AS high"


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

    Without `graph` it is the name that the folder keeps. A dry run only reads. Raises `StoreError` where there is no
    graph, and `ServerError` where the server cannot be reached, refuses or goes away, or another push takes over: what
    was written till then stays, and the next push goes on from there.
    """
    with Corpus.open(kg) as corpus, corpus.snapshot(), connect(server, retry_seconds) as connection:
        own = Own(graph_name(kg) if graph is None else checked_name(graph))
        if not dry_run:
            ensure_schema(connection)
        wanted = _sums(corpus)
        differing = _differing(connection, own, wanted)
        turn = Turn(connection, own.graph) if differing and not dry_run else None
        difference = Difference(corpus, connection, own, turn, progress)
        # Asked again, now that no other push writes.
        difference.write(_differing(connection, own, wanted) if turn else differing)
        if turn is not None:
            if _differing(connection, own, wanted):
                raise ServerError(f"{server.uri}: something else changed the graph while it was pushed: push it again")
            turn.end()
        return Pushed(own.graph, difference.counters)


def _sums(corpus: Corpus) -> dict[str, Sum]:
    """Label or relationship type to the sum of what the corpus has of it."""
    sums: dict[str, Sum] = {}
    nodes = ((row.label, row.hash) for row in map(node_row, corpus.nodes()))
    edges = ((row.type, row.hash) for row in edge_rows(corpus.statements()))
    for kind, hash_ in chain(nodes, edges):
        sums.setdefault(kind, Sum()).add(hash_)
    return sums


def _differing(connection: Connection, own: Own, wanted: dict[str, Sum]) -> set[str]:
    """The labels and relationship types of which the server has other nodes and relationships, or more or fewer.

    What is of none of them, or of two, is under `OTHER`.
    """

    def ask(transaction: Transaction) -> dict[str, Sum]:
        ((types,),) = transaction.run(
            "CALL db.relationshipTypes() YIELD relationshipType AS t RETURN collect(t)"
        ).values()
        queries = [
            f"{own.nodes} WITH x, [l IN labels(x) WHERE l IN $labels] AS found "
            f"WITH x, CASE size(found) WHEN 1 THEN found[0] ELSE '{OTHER}' END AS kind {_SUMS}"
        ]
        queries += [f"{own.edges(type_)} WITH x, '{type_}' AS kind {_SUMS}" for type_ in cypher.RELATIONSHIP_COLUMNS]
        if set(types) - set(cypher.RELATIONSHIP_COLUMNS):
            queries.append(f"{own.edges_of_other_types} WITH x, '{OTHER}' AS kind {_SUMS}")
        rows = transaction.run(" UNION ALL ".join(queries), own.parameters).values()
        return {kind: Sum(*sums) for kind, *sums in rows}

    there = connection.read(ask)
    return {kind for kind in wanted.keys() | there.keys() if wanted.get(kind) != there.get(kind)}
