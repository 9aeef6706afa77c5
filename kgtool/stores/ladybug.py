"""The property graph view: a Ladybug database in one file, for Cypher.

It is always made whole and new: a second `COPY` after one that failed crashes Ladybug 0.22.0, as a primary key that
comes twice does, so rows are checked before the engine sees them. Queries of users do not run here but in a child
process (`kgtool.stores.asking`).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa
import pyarrow.parquet as pq

from kgtool import cypher
from kgtool.errors import StoreError
from kgtool.records import Node, Statement, Value

MACROS = (
    "type(r) AS label(r)",
    "head(l) AS list_extract(l, 1)",
    "last(l) AS list_extract(l, -1)",
    "split(s, d) AS string_split(s, d)",
    "toFloat(x) AS to_double(x)",
    "startNode(r) AS start_node(r)",
    "endNode(r) AS end_node(r)",
    "randomUUID() AS gen_random_uuid()",
    "rand() AS random()",
)
"""Functions of Neo4j under their own names. Calls of one function only: a database with a macro that holds an
operator or CASE cannot be opened again (Ladybug 0.22.0 stops at an assertion)."""

_BUFFER_POOL = 1 << 30
_BATCH = 20_000
_ARROW = {"STRING": pa.string(), "INT64": pa.int64(), "DOUBLE": pa.float64(), "STRING[]": pa.list_(pa.string())}

Row = tuple[Value | None, ...]


def load(path: Path, nodes: Iterable[Node], statements: Iterable[Statement]) -> None:
    """Makes a new database at `path`: all tables (empty ones too), then the rows, each kind in one `COPY`.

    Both are read once, in any order of labels, and held in memory by batches only; beside the rows, the id of each
    node is kept. Raises StoreError for an id that comes twice, an edge whose end is no node, or a value that does not
    fit its column; the file is then of no use and is the caller's to delete.
    """
    if path.exists():
        raise StoreError(f"{path} exists already: a database is made in a file of its own")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="load-", dir=path.parent) as scratch:
        sources = _write(Path(scratch), nodes, statements)
        try:
            with ladybug.Database(path, buffer_pool_size=_BUFFER_POOL) as database, ladybug.Connection(database) as to:
                to.execute("BEGIN TRANSACTION")
                for definition in (*cypher.ddl(), *(f"CREATE MACRO {macro}" for macro in MACROS)):
                    to.execute(definition)
                to.execute("COMMIT")
                for source, copy in sources:
                    to.execute(copy.format(source=_quoted(source)))
                to.execute("CHECKPOINT")
        except RuntimeError as error:
            raise StoreError(f"{path}: the property graph cannot be made: {error}") from error


def _quoted(path: Path) -> str:
    """A path as `COPY` reads it: a pattern of files, in a literal."""
    pattern = re.sub(r"[\[*?]", r"[\g<0>]", path.as_posix())
    return re.sub(r"[\\']", r"\\\g<0>", pattern)


def counts(path: Path) -> dict[str, int]:
    """How many nodes a label has and how many edges a relationship type, for every table, in order of name."""
    if not path.is_file():
        raise StoreError(f"{path}: there is no property graph")
    try:
        with (
            ladybug.Database(path, read_only=True, throw_on_wal_replay_failure=False) as database,
            ladybug.Connection(database) as connection,
        ):
            tables = sorted(_rows(connection, "CALL show_tables() RETURN name, type"))
            patterns = {name: f"(x:`{name}`)" if kind == "NODE" else f"()-[x:`{name}`]->()" for name, kind in tables}
            return {
                name: int(count)
                for name, pattern in patterns.items()
                for (count,) in _rows(connection, f"MATCH {pattern} RETURN count(*)")
            }
    except RuntimeError as error:
        raise StoreError(f"{path}: the property graph cannot be read: {error}") from error


def _rows(connection: ladybug.Connection, query: str) -> Iterator[list[Any]]:
    result = connection.execute(query)
    assert isinstance(result, ladybug.QueryResult)
    while result.has_next():
        row = result.get_next()
        assert isinstance(row, list)
        yield row


class _Table:
    """Rows of one table on their way into a Parquet file."""

    def __init__(self, path: Path, columns: Iterable[tuple[str, str]]) -> None:
        self.path = path
        self.schema = pa.schema([(name, _ARROW[type_]) for name, type_ in columns])
        self.rows: list[Row] = []
        self.writer = pq.ParquetWriter(path, self.schema)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        if len(self.rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.schema)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        self.rows.clear()


def _write(folder: Path, nodes: Iterable[Node], statements: Iterable[Statement]) -> list[tuple[Path, str]]:
    """Parquet files, one for each label and each (type, label, label), and the `COPY` of each."""
    tables: dict[tuple[str, ...], _Table] = {}
    try:
        labels = _write_nodes(folder, nodes, tables)
        _write_edges(folder, statements, labels, tables)
        for table in tables.values():
            table.flush()
    except (pa.ArrowException, TypeError, KeyError) as error:
        raise StoreError(f"a value does not fit the schema of the property graph: {error}") from error
    finally:
        for table in tables.values():
            table.writer.close()
    copies = []
    for key, table in tables.items():
        ends = f" (from='{key[1]}', to='{key[2]}')" if len(key) > 1 else ""
        copies.append((table.path, f"COPY `{key[0]}` FROM '{{source}}'{ends}"))
    return copies


def _write_nodes(folder: Path, nodes: Iterable[Node], tables: dict[tuple[str, ...], _Table]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for batch in _batches(nodes):
        for node in batch:
            if node.id in labels:
                raise StoreError(f"the node {node.id!r} comes twice, as {labels[node.id]} and as {node.label}")
            if node.label not in cypher.NODE_COLUMNS:
                raise StoreError(f"the node {node.id!r} has the label {node.label!r}, which the schema does not know")
            labels[node.id] = node.label
        for label in sorted({node.label for node in batch}):
            if (label,) not in tables:
                tables[label,] = _Table(folder / f"{len(tables)}.parquet", cypher.NODE_COLUMNS[label])
            for row in cypher.node_rows(label, batch):
                tables[label,].add(row)
    return labels


def _write_edges(
    folder: Path, statements: Iterable[Statement], labels: dict[str, str], tables: dict[tuple[str, ...], _Table]
) -> None:
    def label_of(node: str) -> str:
        try:
            return labels[node]
        except KeyError:
            raise StoreError(f"an edge ends at {node!r}, which is no node") from None

    ends = (("from", "STRING"), ("to", "STRING"))
    for row in cypher.relationship_rows(statements, label_of):
        key = (row.type, row.from_label, row.to_label)
        if key not in tables:
            if key[1:] not in cypher.relationship_pairs(row.type):
                raise StoreError(
                    f"{row.type} does not go from {row.from_label} to {row.to_label} ({row.from_id!r}, {row.to_id!r})"
                )
            columns = (*ends, *cypher.RELATIONSHIP_COLUMNS[row.type])
            tables[key] = _Table(folder / f"{len(tables)}.parquet", columns)
        tables[key].add((row.from_id, row.to_id, *row.values))


def _batches(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    rest = iter(nodes)
    while batch := list(islice(rest, _BATCH)):
        yield batch
