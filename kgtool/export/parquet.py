"""The tables of the property graph as Parquet files, each in row groups of bounded size."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from kgtool.errors import StoreError
from kgtool.export import tables
from kgtool.export.selection import Selection

_ROWS = 10_000
_CHARACTERS = 1 << 20
"""A row group ends when it has so many rows, or so much text: that is what is in memory of each table."""
_ARROW = {"STRING": pa.string(), "INT64": pa.int64(), "DOUBLE": pa.float64(), "STRING[]": pa.list_(pa.string())}


class _Table:
    """One table on its way into its file."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self.writer = writer
        self.schema = schema
        self.rows: list[tables.Row] = []
        self.characters = 0

    def add(self, row: tables.Row) -> None:
        self.rows.append(row)
        self.characters += sum(len(value) for value in row if isinstance(value, str))
        if len(self.rows) >= _ROWS or self.characters >= _CHARACTERS:
            self.flush()

    def flush(self) -> None:
        values = list(zip(*self.rows, strict=True)) or [()] * len(self.schema)
        arrays = [pa.array(column, field.type) for column, field in zip(values, self.schema, strict=True)]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        self.rows.clear()
        self.characters = 0


def write(selection: Selection, folder: Path) -> None:
    """Strings, 64-bit integers, doubles and lists of strings; null is what is missing. Compressed by Zstandard."""
    with ExitStack() as stack:
        found: dict[str, _Table] = {}
        for name, columns in tables.columns().items():
            path = folder / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            schema = pa.schema([(column, _ARROW[type_]) for column, type_ in columns])
            writer = stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd"))
            found[name] = _Table(writer, schema)
        try:
            for name, row in tables.rows(selection):
                found[name].add(row)
            for table in found.values():
                table.flush()
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise StoreError(f"a value does not fit the schema of the property graph: {error}") from error
