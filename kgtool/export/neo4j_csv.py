"""The graph for `neo4j-admin database import`: header and data files, and the arguments that name them all.

What is imported is what a push would write, with the same `graph`, `kgId` and `kgHash`: a push into it finds nothing to
do. The import makes no constraints and no indexes; a push does, or `schema.cypher` by way of cypher-shell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from kgtool import cypher, vocab
from kgtool.errors import InputError
from kgtool.export.selection import Selection
from kgtool.push.naming import graph_name
from kgtool.push.neo4j_schema import schema
from kgtool.records import Value
from kgtool.stores.neo4j_rows import LABEL, edge_rows, node_row

ARGUMENTS = "import.args"
SCHEMA = "schema.cypher"

_TYPES = {"STRING": "string", "INT64": "long", "DOUBLE": "double", "STRING[]": "string[]"}
_NODES = tuple(f"nodes_{label}" for label in cypher.NODE_COLUMNS)
_EDGES = tuple(f"relationships_{type_}" for type_ in cypher.RELATIONSHIP_COLUMNS)
_DELIMITERS = (";", "|", *map(chr, range(0xE000, 0xF8FF)))
"""What may stand between the items of a list, which the import knows no way to quote; most are for private use."""


def names() -> Iterator[str]:
    """The files that may be written."""
    yield from (ARGUMENTS, SCHEMA)
    for name in (*_NODES, *_EDGES):
        yield from (f"{name}_header.csv", f"{name}.csv")


def write(selection: Selection, folder: Path) -> None:
    """Fill the folder; kinds of which there are none get headers alone.

    The graph has the name that the folder of the corpus keeps. Raises `StoreError` where it can keep none.
    """
    graph = graph_name(selection.corpus.path.parent)
    delimiter = _delimiter(selection)
    with ExitStack() as stack:
        files: dict[str, TextIO] = {}
        for name, header in _headers().items():
            (folder / f"{name}_header.csv").write_text(",".join(header) + "\n", encoding="utf-8")
            path = folder / f"{name}.csv"
            files[name] = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
        for node in map(node_row, selection.nodes()):
            files[f"nodes_{node.label}"].write(_line((*node.values, graph, node.hash), delimiter))
        for edge in edge_rows(selection.statements()):
            ends = (edge.start, edge.end, *edge.values, graph, edge.key, edge.hash)
            files[f"relationships_{edge.type}"].write(_line(ends, delimiter))
    statements = "".join(f"{statement};\n" for statement in schema().values())
    (folder / SCHEMA).write_text(statements, encoding="utf-8", newline="\n")
    (folder / ARGUMENTS).write_text("\n".join(_arguments(delimiter)) + "\n", encoding="utf-8", newline="\n")


def _headers() -> dict[str, list[str]]:
    """The columns of each file, as the import wants them named."""
    found = {}
    for label, columns in cypher.NODE_COLUMNS.items():
        typed = [f"{name}:{_TYPES[type_]}" for name, type_ in columns if name != "id"]
        found[f"nodes_{label}"] = ["id:ID", *typed, "graph:string", "kgHash:long"]
    for type_, columns in cypher.RELATIONSHIP_COLUMNS.items():
        typed = [f"{name}:{_TYPES[kind]}" for name, kind in columns]
        own = ["graph:string", "kgId:string", "kgHash:long"]
        found[f"relationships_{type_}"] = [":START_ID", ":END_ID", *typed, *own]
    return found


def _arguments(delimiter: str) -> Iterator[str]:
    """One argument a line: what is in the files is taken as it is, and nothing is passed over."""
    for label in vocab.LABELS:
        yield f"--nodes={LABEL}:{label}=nodes_{label}_header.csv,nodes_{label}.csv"
    for type_ in cypher.RELATIONSHIP_COLUMNS:
        yield f"--relationships={type_}=relationships_{type_}_header.csv,relationships_{type_}.csv"
    yield from ("--id-type=string", "--multiline-fields=true", "--bad-tolerance=0")
    yield f"--array-delimiter={delimiter if delimiter.isascii() else f'U+{ord(delimiter):04X}'}"


def _delimiter(selection: Selection) -> str:
    """The first sign that is in no item of any list.

    Raises `InputError` where there is none.
    """
    used: set[str] = set()
    for node in selection.nodes():
        for _, value in node.properties:
            if isinstance(value, tuple):
                used.update(*value)
    for delimiter in _DELIMITERS:
        if delimiter not in used:
            return delimiter
    raise InputError("the aliases hold every sign that could stand between them")


def _line(values: Iterable[Value | None], delimiter: str) -> str:
    return ",".join(_cell(value, delimiter) for value in values) + "\n"


def _cell(value: Value | None, delimiter: str) -> str:
    """Text in quotation marks, so that an empty one is not nothing."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        value = delimiter.join(value)
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return repr(value)
