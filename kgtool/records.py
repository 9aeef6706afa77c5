"""The records that flow down the pipeline: digest file → Paper → Extraction → Node and Statement → answers.

All of them are really frozen: fields hold scalars and tuples, never lists or dicts, so that a record can be a
key, be shared between stages and be compared by value.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from kgtool.errors import KgtoolError

if TYPE_CHECKING:
    import pandas as pd

Scalar = str | int | float | bool
Value = Scalar | tuple[str, ...]
"""What a property of a node or a statement may hold."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the digest's maker on a paper, in a natural language.

    `kind` is one of ``tldr``, ``motivation``, ``method``, ``result``, ``conclusion``; `lang` is a BCP 47 tag.
    """

    kind: str
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One entry of a digest, as read. What the digest does not say is None or empty."""

    id: str
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    url: str | None = None
    arxiv_id: str | None = None
    doi: str | None = None
    published: str | None = None
    """ISO 8601 date, as exact as known: ``2026``, ``2026-02`` or ``2026-02-17``."""
    venue: str | None = None
    category: str | None = None
    categories: tuple[str, ...] = ()
    n_authors: int | None = None
    code_url: str | None = None
    comment: str | None = None
    notes: tuple[Note, ...] = ()
    digest: str = ""
    rank: int | None = None

    @property
    def text(self) -> str:
        """What is annotated and extracted from; all character offsets count in this string."""
        return f"{self.title}\n{self.abstract}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an input file that could not be read as it should.

    `line` counts from 1; `fatal` tells damage (exit code 2) from a remark (a total that a digest does not keep).
    """

    source: str
    line: int
    message: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest file: its id is made of its name, its identity is its content."""

    content_hash: str
    """SHA-256 of the file's bytes, in hexadecimal."""
    stem: str
    """The file's name without folder and suffix."""
    format: str
    title: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Where a mention stands: characters ``[start, end)`` of the paper's text, with its confidence."""

    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Mention:
    """One entity within one paper: its type, its distinct surface forms and its role there."""

    type: str
    """``Method``, ``Dataset`` or ``Task``."""
    surfaces: tuple[str, ...]
    """Distinct surface forms, in the order of their first occurrence."""
    role: str
    confidence: float
    role_confidence: float
    spans: tuple[Span, ...]
    """Every occurrence, by start."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation between two entities of one paper, with the sentence that says so.

    `head` and `tail` are positions in `Extraction.mentions`; `name` is the guidelines' name, as in ``Used-For``;
    `start` and `end` are the sentence's characters in the paper's text.
    """

    head: int
    name: str
    tail: int
    sentence: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one extractor found in one text."""

    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the knowledge graph: `label` is a class of the ontology, `properties` are sorted by name."""

    id: str
    label: str
    properties: tuple[tuple[str, Value], ...] = ()

    def get(self, name: str) -> Value | None:
        """The value of a property, None where the node lacks it."""
        return dict(self.properties).get(name)


@dataclass(frozen=True, slots=True)
class Statement:
    """An edge of the knowledge graph, and its evidence.

    `predicate` is the local name of a property of the ontology (``evaluatesOn``). Where it was extracted, the
    properties are ``paper``, ``sentence``, ``charStart``, ``charEnd``, ``confidence`` and ``extractor``.
    """

    subject: str
    predicate: str
    object: str
    properties: tuple[tuple[str, Value], ...] = ()

    def get(self, name: str) -> Value | None:
        """The value of a property, None where the statement lacks it."""
        return dict(self.properties).get(name)


MIN_CONFIDENCE = 0.0
"""How sure an extracted edge must be to count in an answer, unless the user says otherwise."""

Cell = str | int | float | bool | None | tuple[object, ...] | dict[str, object]
"""What a cell of a table holds; dictionaries are nodes, edges and maps of a Cypher answer."""


_TEXT_ROWS = 20
_TEXT_WIDTH = 60
_HTML_ROWS = 60


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows that answer a question, under named columns.

    It shows itself as text, and in a notebook as HTML; of a long one the first rows.

    >>> print(Table(("name", "papers"), (("Cora", 3), ("GSM8K", 12))))
    name   papers
    Cora        3
    GSM8K      12
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.rows)

    def records(self) -> list[dict[str, Cell]]:
        """The rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_pandas(self) -> pd.DataFrame:
        """The table as a data frame, lists as tuples.

        Whole numbers stay whole where some are missing (``Int64``). Raises KgtoolError where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise KgtoolError("a data frame needs pandas: pip install 'kgtool[notebook]'") from error
        columns = [pd.Series([row[at] for row in self.rows], dtype=self._dtype(at)) for at in range(len(self.columns))]
        frame = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(len(self.rows)))
        frame.columns = pd.Index(self.columns, dtype=object)
        return frame

    def _dtype(self, at: int) -> str | None:
        """The type of a column that pandas would not find: integers with gaps, and what it would take apart."""
        types = {type(row[at]) for row in self.rows}
        if types == {int, type(None)} and all(abs(row[at] or 0) < 1 << 63 for row in self.rows):  # type: ignore[arg-type]
            return "Int64"
        return None if types and types <= {int, float, bool, str, type(None)} else "object"

    def __str__(self) -> str:
        shown = [[_in_line(cell) for cell in row] for row in self.rows[:_TEXT_ROWS]]
        numbers = [
            all(isinstance(row[at], int | float) for row in self.rows[:_TEXT_ROWS]) for at in range(len(self.columns))
        ]
        lines = [[_in_line(name) for name in self.columns], *shown]
        widths = [max(_width(line[at]) for line in lines) for at in range(len(self.columns))]
        text = [
            "  ".join(_padded(*cell) for cell in zip(line, widths, numbers, strict=True)).rstrip() for line in lines
        ]
        return "\n".join((*text, *self._more(_TEXT_ROWS)))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """What a notebook shows: names and sentences are escaped, whatever they hold."""
        head = "".join(f"<th>{_in_html(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td {_CELL}>{_in_html(cell)}</td>' for cell in row)}</tr>\n"
            for row in self.rows[:_HTML_ROWS]
        )
        more = "".join(f"<p>{line}</p>" for line in self._more(_HTML_ROWS))
        return f"<table {_TABLE}>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>{more}"

    def _more(self, shown: int) -> tuple[str, ...]:
        left = len(self.rows) - shown
        return (f"… and {left:,} more {'row' if left == 1 else 'rows'}",) if left > 0 else ()


_TABLE = 'class="tex2jax_ignore mathjax_ignore"'
"""A dollar sign in a title is no formula."""
_CELL = 'dir="auto" style="text-align: left; white-space: pre-wrap"'


def printable(text: str) -> str:
    """The text with control characters shown as escapes; line feeds stay."""
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)


def _shown(cell: Cell | object) -> str:
    """A cell as people read it: lists joined, nothing where it is missing, control characters as escapes."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, list | tuple):
        return "; ".join(map(_shown, cell))
    if isinstance(cell, dict):
        cell = json.dumps(cell, ensure_ascii=False)
    text = f"{cell:g}" if isinstance(cell, float) else str(cell)
    return printable(text)


def _in_line(cell: Cell) -> str:
    text = _shown(cell).replace("\n", " ")
    if _width(text) <= _TEXT_WIDTH:
        return text
    while _width(text) >= _TEXT_WIDTH:
        text = text[: min(len(text) - 1, _TEXT_WIDTH)]
    return f"{text}…"


def _in_html(cell: Cell) -> str:
    return html.escape(_shown(cell))


def _width(text: str) -> int:
    """The columns of a terminal that a text takes: letters of East Asia take two (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, to_the_right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if to_the_right else text + blanks
