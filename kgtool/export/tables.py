"""The property graph as a folder of tables: ``nodes/Paper``, ``edges/EVALUATES_ON`` and so on, one for each kind.

There is a table for every label and relationship type, also where it has no rows. Nodes have the columns of their
label, edges `source`, `target` (ids) and the columns of their type. A language-tagged note is its text alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from kgtool import cypher, vocab
from kgtool.export.selection import Selection
from kgtool.records import Node, Statement, Value

Row = tuple[Value | None, ...]

_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_ENDS = (("source", "STRING"), ("target", "STRING"))


def columns() -> dict[str, tuple[tuple[str, str], ...]]:
    """The tables by their names without suffix (``nodes/Paper``), each with its columns as (name, type)."""
    nodes = {f"nodes/{label}": found for label, found in cypher.NODE_COLUMNS.items()}
    return nodes | {f"edges/{type_}": (*_ENDS, *found) for type_, found in cypher.RELATIONSHIP_COLUMNS.items()}


def rows(selection: Selection) -> Iterator[tuple[str, Row]]:
    """All rows, each with the name of its table; what Unicode does not allow (lone surrogates) becomes U+FFFD."""
    for node in selection.nodes():
        yield f"nodes/{node.label}", _row(node)
    for statement in selection.statements():
        yield f"edges/{vocab.relationship_type(statement.predicate)}", _row(statement)


def _row(record: Node | Statement) -> Row:
    """The values in the order of the columns."""
    if isinstance(record, Node):
        names = cypher.NODE_COLUMNS[record.label]
        values: dict[str, Value] = {"id": record.id, **dict(record.properties)}
    else:
        names = (*_ENDS, *cypher.RELATIONSHIP_COLUMNS[vocab.relationship_type(record.predicate)])
        values = {"source": record.subject, "target": record.object, **dict(record.properties)}
    return tuple(_clean(cypher.plain(name, values.get(name))) for name, _ in names)


def _clean(value: Value | None) -> Value | None:
    if isinstance(value, tuple):
        return tuple(_SURROGATE.sub("\ufffd", item) for item in value)
    return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def write_csv(selection: Selection, folder: Path) -> None:
    """CSV (RFC 4180, but with ``\\n``) in UTF-8: text in quotation marks, numbers without, nothing for what is missing.

    Lists are JSON. A text that a spreadsheet would take for a formula gets a ``'`` before it, and so does one that
    begins with such signs already, so that taking one ``'`` away gives back every text.
    """
    with ExitStack() as stack:
        files: dict[str, TextIO] = {}
        for name, found in columns().items():
            path = folder / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            files[name] = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            files[name].write(_line(column for column, _ in found))
        for name, row in rows(selection):
            files[name].write(_line(row))


def _line(cells: Iterable[Value | None]) -> str:
    return ",".join(map(_cell, cells)) + "\n"


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return repr(value)
    guard = "'" if _FORMULA.match(value) else ""
    return f'"{guard}{value.replace(chr(34), chr(34) * 2)}"'
