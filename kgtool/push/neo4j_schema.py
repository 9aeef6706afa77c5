"""The constraints and indexes that a knowledge graph wants on a Neo4j server: all follow from the ontology.

None of them binds nodes and relationships of others: what is unique is so among nodes with the label `KgNode`, and
among relationships with the properties `graph` and `kgId`.
"""

from __future__ import annotations

from kgtool import vocab
from kgtool.stores.neo4j import Connection, Transaction
from kgtool.stores.neo4j_rows import LABEL, LOCK_LABEL, naming_column

_SECONDS = 3600.0
"""How long the server may take to look through a graph that was imported."""


def schema() -> dict[str, str]:
    """Name to the statement that makes it, constraints first."""
    constraints = {
        "kgtool_node": f"FOR (n:{LABEL}) REQUIRE (n.graph, n.id) IS UNIQUE",
        "kgtool_lock": f"FOR (n:{LOCK_LABEL}) REQUIRE n.graph IS UNIQUE",
    }
    for type_ in sorted(relationship.type for relationship in vocab.RELATIONSHIPS.values()):
        constraints[f"kgtool_{type_.lower()}"] = f"FOR ()-[r:{type_}]-() REQUIRE (r.graph, r.kgId) IS UNIQUE"
    found = {name: f"CREATE CONSTRAINT {name} IF NOT EXISTS {rest}" for name, rest in constraints.items()}
    for label in vocab.LABELS:
        name, naming = f"kgtool_{label.lower()}", naming_column(label)
        found[f"{name}_id"] = f"CREATE INDEX {name}_id IF NOT EXISTS FOR (n:{label}) ON (n.id)"
        found[f"{name}_{naming}"] = f"CREATE TEXT INDEX {name}_{naming} IF NOT EXISTS FOR (n:{label}) ON (n.{naming})"
    names = dict.fromkeys(
        column.name
        for label, node in vocab.NODES.items()
        for column in node.columns
        if column.name in (naming_column(label), "aliases")
    )
    searched = ", ".join(f"n.{name}" for name in names)
    found["kgtool_names"] = f"CREATE FULLTEXT INDEX kgtool_names IF NOT EXISTS FOR (n:{LABEL}) ON EACH [{searched}]"
    return found


def ensure_schema(connection: Connection) -> int:
    """Make what is missing, in one transaction; how many that were. What stands under its name is left as it is.

    A constraint holds when this is done; an index is filled by the server in its own time.
    """

    def known(transaction: Transaction) -> set[str]:
        queries = ("SHOW CONSTRAINTS YIELD name", "SHOW INDEXES YIELD name")
        return {name for query in queries for (name,) in transaction.run(query).values()}

    def make(transaction: Transaction) -> None:
        for statement in missing:
            transaction.run(statement).consume()

    there = connection.read(known)
    missing = [statement for name, statement in schema().items() if name not in there]
    if missing:
        connection.write(make, seconds=_SECONDS)
    return len(missing)
