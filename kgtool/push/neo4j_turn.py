"""Whose turn it is to write a graph on a Neo4j server: of several pushes the one that began last."""

from __future__ import annotations

import secrets

from kgtool.errors import ServerError
from kgtool.stores.neo4j import Connection, Transaction
from kgtool.stores.neo4j_rows import LOCK_LABEL

# Read after the write: only then is it certain that nobody else changes it.
_MINE = f"MATCH (l:{LOCK_LABEL} {{graph: $graph}}) SET l.batches = l.batches + 1 WITH l WHERE l.token = $token"


class Turn:
    """The right to write one graph, from when it is made until another push makes one.

    It stands in a node `KgLock` for as long as a push writes. A push that is killed leaves that node behind, and the
    next one takes it over: nobody waits for somebody who is gone. Each batch writes to the node before all else, and so
    holds its lock until the batch is done: two pushes never write at the same time.
    """

    def __init__(self, connection: Connection, graph: str) -> None:
        self._connection = connection
        self._parameters = {"graph": graph, "token": secrets.token_hex(8)}
        take = f"MERGE (l:{LOCK_LABEL} {{graph: $graph}}) SET l.token = $token, l.batches = 0"
        connection.write(lambda transaction: transaction.run(take, self._parameters).consume())

    def check(self, transaction: Transaction) -> None:
        """Raise `ServerError` where another push has begun; else none can before this transaction ends."""
        ((mine,),) = transaction.run(f"{_MINE} RETURN count(l)", self._parameters).values()
        if not mine:
            graph = self._parameters["graph"]
            raise ServerError(f"another push of the graph {graph} has begun: that one goes on, this one ends")

    def end(self) -> None:
        """Take the node away, unless another push has begun."""
        self._connection.write(lambda transaction: transaction.run(f"{_MINE} DELETE l", self._parameters).consume())
