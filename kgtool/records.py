"""The records that flow down the pipeline: digest file → Paper → Extraction → Node and Statement → answers.

All of them are really frozen: fields hold scalars and tuples, never lists or dicts, so that a record can be a
key, be shared between stages and be compared by value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that answer a question, under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return iter(self.rows)

    def records(self) -> list[dict[str, Cell]]:
        """The rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]
