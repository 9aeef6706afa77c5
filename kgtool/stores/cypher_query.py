"""One Cypher query against a Ladybug database, in the process that calls (see `kgtool.stores.asking` for the other)."""

from __future__ import annotations

import datetime
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import ladybug

from kgtool import cypher
from kgtool.errors import QueryError, StoreError, TornView
from kgtool.stores import cypher_guard
from kgtool.stores.cypher_errors import explain_error
from kgtool.stores.cypher_idioms import idiom_notes, refuse_idioms, refuse_lost_order
from kgtool.stores.cypher_notes import notes

Message = dict[str, Any]
_BATCH = 200
_BUSY = re.compile(r"could not set lock|permission denied|too many open files|buffer manager", re.I)
"""What keeps a database that is whole from being opened."""
_DAMAGE = re.compile(r"may be corrupted|outside the offset table|past the end of the file|out of bounds for file", re.I)
_OF_THE_TEXT = re.compile(r"(?:Parser|Binder|Conversion|Overflow) exception", re.I)


def answer(location: str, query: str, parameters: Mapping[str, Any], memory: int) -> Iterator[Message]:
    """Runs a query that only reads; gives the columns, then rows in batches, then notes.

    Raises QueryError for one that cannot or may not run, TornView where the database is damaged or not there,
    StoreError where it cannot be opened for another reason.
    """
    start = cypher_guard.check_text(query)
    masked = cypher_guard.mask(query)
    if unused := [name for name in parameters if not re.search(rf"\${re.escape(name)}(?!\w)", masked)]:
        raise QueryError(f"the query has no parameter ${unused[0]}")
    refuse_idioms(query)
    nulls = False
    with _open(location, memory) as database, ladybug.Connection(database) as connection:
        _check_tables(connection, location)
        yield {"opened": True}
        try:
            # What the engine reads begins with the word that was checked.
            result = _run(connection, query[start:], dict(parameters))
            yield {"columns": _columns(query, masked, result.get_column_names())}
            rows = []
            for row in _rows(result):
                rows.append([_cell(value) for value in row])
                nulls = nulls or None in row
                if len(rows) >= _BATCH:
                    yield {"rows": rows}
                    rows = []
            yield {"rows": rows}
        except RuntimeError as error:
            if _DAMAGE.search(str(error)) and not _OF_THE_TEXT.match(str(error)):
                raise TornView(f"{location}: the property graph is damaged: {error}") from error
            raise QueryError(explain_error(query, start, str(error), lambda: _schema(connection))) from error
    for note in (*notes(query, parameters), *idiom_notes(query, parameters, nulls)):
        yield {"note": note}


def _open(location: str, memory: int) -> ladybug.Database:
    if not Path(location).is_file():
        raise TornView(f"{location}: there is no property graph")
    size = 1 << max(30, (4 * Path(location).stat().st_size).bit_length())
    try:
        return ladybug.Database(
            location,
            read_only=True,
            buffer_pool_size=memory,
            max_db_size=size,
            # With more threads, rows without ORDER BY come in another order every time.
            max_num_threads=1,
            throw_on_wal_replay_failure=False,
        )
    except (RuntimeError, ValueError, IndexError) as error:
        kind = StoreError if _BUSY.search(str(error)) else TornView
        raise kind(f"{location}: the property graph cannot be opened: {error}") from error


def _check_tables(connection: ladybug.Connection, location: str) -> None:
    """An empty file opens as an empty database; one that was loaded has all tables of the schema."""
    found = {row[0] for row in _rows(_only(connection.execute("CALL show_tables() RETURN name")))}
    if missing := sorted((cypher.NODE_COLUMNS.keys() | cypher.RELATIONSHIP_COLUMNS.keys()) - found):
        raise TornView(f"{location}: the property graph is damaged: it has no table {missing[0]}")


def _run(connection: ladybug.Connection, query: str, parameters: dict[str, Any]) -> ladybug.QueryResult:
    with warnings.catch_warnings():
        # To prepare apart from executing is deprecated, and it is the one way to plan a query without running it.
        warnings.simplefilter("ignore", DeprecationWarning)
        # One statement: what follows a second semicolon would run at once.
        for text in (query, f"EXPLAIN {query}"):
            prepared = connection.prepare(text, parameters)
            if not prepared.is_success():
                raise RuntimeError(prepared.get_error_message())
        plan = _only(connection.execute(prepared, parameters))
    operators = cypher_guard.check_plan("\n".join(str(row[0]) for row in _rows(plan)))
    refuse_lost_order(query, operators)
    return _only(connection.execute(query, parameters))


def _only(result: ladybug.QueryResult | list[ladybug.QueryResult]) -> ladybug.QueryResult:
    if isinstance(result, list):
        raise RuntimeError("multiple statements")
    return result


def _rows(result: ladybug.QueryResult) -> Iterator[list[Any]]:
    while result.has_next():
        row = result.get_next()
        yield row if isinstance(row, list) else list(row.values())


def _schema(connection: ladybug.Connection) -> dict[str, list[str]]:
    """Each table (label or relationship type) with its columns."""

    def names(query: str) -> list[str]:
        return [row[0] for row in _rows(_only(connection.execute(query)))]

    tables = names("CALL show_tables() RETURN name")
    return {table: names(f"CALL table_info('{table}') RETURN name") for table in tables}


def _columns(query: str, masked: str, names: list[str]) -> list[str]:
    """The columns under the names of the query, as in Neo4j: the engine names them by what it made of them.

    `type(r)` would be `USES`, `count(*)` `COUNT_STAR()`. A name that comes twice is numbered.
    """
    written = _returned(query, masked)
    if len(written) == len(names) and "*" not in written:
        names = written
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _returned(query: str, masked: str) -> list[str]:
    """The items of the first RETURN that is not inside of braces: the alias, or the expression as written."""
    depth, start, items = 0, -1, []
    for found in re.finditer(r"[({\[]|[)}\]]|[,;]|\b[A-Za-z]+\b|\Z", masked):
        token = found[0].lower()
        if token in ("(", "{", "["):
            depth += 1
        elif token in (")", "}", "]"):
            depth -= 1
        elif depth == 0 and start < 0 and token == "return":
            start = found.end()
        elif depth == 0 and start >= 0 and token in ("", ",", ";", "order", "skip", "limit", "union"):
            items.append((start, found.start()))
            start = found.end()
            if token != ",":
                break
    return [_name(query[a:b], masked[a:b], first=not number) for number, (a, b) in enumerate(items)]


def _name(item: str, masked: str, first: bool) -> str:
    alias = re.search(r"\bas\s+(\S+)\s*\Z", masked, re.I)
    if alias:
        return item[alias.start(1) : alias.end(1)].strip("`")
    text = " ".join(item.split())
    return re.sub(r"^distinct\s+", "", text, flags=re.I) if first else text


def _cell(value: Any) -> Any:
    """A value as JSON has it: nodes and edges as dictionaries of what they hold, a path as a list of both in turn."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return int(value) if value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, datetime.date | datetime.datetime | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_cell(item) for item in value]
    if isinstance(value, dict):
        return _mapping(value)
    return str(value)


def _mapping(value: dict[Any, Any]) -> Any:
    if "_NODES" in value and "_RELS" in value:
        nodes, edges = value["_NODES"], value["_RELS"]
        path = [part for pair in zip(nodes, edges, strict=False) for part in pair] + nodes[len(edges) :]
        return [_cell(part) for part in path]
    kind = {"label": value["_LABEL"]} if "_LABEL" in value and "_SRC" not in value else {}
    if "_SRC" in value:
        kind = {"type": value["_LABEL"]}
    inner = re.compile(r"_(?:ID|LABEL|SRC|DST)\Z")
    items = {str(name): _cell(item) for name, item in value.items() if not inner.match(str(name))}
    if kind:
        items = {name: item for name, item in items.items() if item is not None}
    return kind | items
