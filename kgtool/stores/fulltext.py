"""The full-text index of a corpus, in the corpus' own file: what its nodes are called, and what papers say.

The index is made of the nodes and statements that lie beside it and says of which state it is, so that one that
is missing or behind is noticed. Texts are cut into terms here, on both sides of a search, and FTS5
(sqlite.org/fts5.html) only ever sees these: it keeps the postings and ranks by BM25, and no character of a query
means anything to it.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from kgtool import ids
from kgtool.errors import StoreError

FORMAT_VERSION = 1
LONGEST_TERM = 64

_RUN = re.compile(r"[^\W_][^\W_\u0300-\u036f]*(?:[\u0300-\u036f]+[^\W_\u0300-\u036f]*)*")
_UNSPACED = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECE = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_JOINTS = frozenset("-\u2010\u2011\u2013.'\u2019_")
_GREEK = {
    code: unicodedata.name(chr(code)).split()[-1].lower() for code in range(ord("α"), ord("ω") + 1) if code != ord("ς")
}
_NOTES = ("tldr", "motivation", "method", "result", "conclusion")
_ADDRESSES = ("arxivId", "doi", "url")
_COUNTED = {"wrote": "subject", "inCategory": "object", "listedIn": "object"}

_TABLES = ("written", "named", "searchable", "called", "term", "indexed")
_SCHEMA = (
    "CREATE TABLE main.indexed (version INTEGER NOT NULL, fingerprint TEXT NOT NULL)",
    "CREATE TABLE main.searchable (row INTEGER PRIMARY KEY, id TEXT NOT NULL, label TEXT NOT NULL, papers INTEGER)",
    "CREATE TABLE main.called (key TEXT NOT NULL, row INTEGER NOT NULL, verbatim INTEGER NOT NULL, "
    "PRIMARY KEY (key, row)) WITHOUT ROWID",
    "CREATE TABLE main.term (term TEXT PRIMARY KEY, nodes INTEGER NOT NULL) WITHOUT ROWID",
    # The terms come ready made: of ASCII only letters and digits are left, and to this tokenizer all else is letters.
    "CREATE VIRTUAL TABLE main.written USING fts5(title, abstract, notes, content='', tokenize='ascii')",
    "CREATE VIRTUAL TABLE main.named USING fts5(name, aliases, content='', tokenize='ascii')",
)
_WEIGHTS = {"written": (5.0, 1.0, 0.5), "named": (2.0, 1.0)}
"""What a hit in each column counts. Papers and names are apart, since BM25 goes by the usual length of a text."""


class Term(NamedTuple):
    """What is searched for and found: a word without case, accents and plural, at characters ``[start, end)``.

    `compound` says that it is made of several words that hang together (``cifar10`` of CIFAR-10).
    """

    text: str
    start: int
    end: int
    compound: bool = False


def terms(text: str) -> Iterator[Term]:
    """The terms of a text: each word, and behind words that hang together what they make as one.

    Scripts that put no blanks between words give the pairs of their neighbouring characters, and the last character.

    >>> [term.text for term in terms("Naïve GNNs on CIFAR-10")]
    ['naive', 'gnn', 'on', 'cifar', '10', 'cifar10']
    """
    chain: list[Term] = []
    for word in _words(text):
        if chain and not _hang_together(text, chain[-1].end, word.start):
            yield from _compound(chain)
            chain = []
        yield word
        chain.append(word)
    yield from _compound(chain)


def name_key(text: str) -> str:
    """A name without case, accents, plural, blanks and signs: equal for ``CIFAR-10`` and ``Cifar10``."""
    return "".join(word.text for word in _words(text))


def verbatim_key(text: str) -> str:
    """A name without case and accents, but with its signs: tells ``UNet++`` from ``UNet``."""
    # A lone surrogate, which JSON can hold and SQLite cannot, becomes a question mark.
    return ids.strip_accents(ids.fold(text)).casefold().encode("utf-8", "replace").decode("utf-8")


def _words(text: str) -> Iterator[Term]:
    for run in _RUN.finditer(text):
        found = run[0]
        if found.isascii():
            yield Term(_folded(found), run.start(), run.end())
            continue
        for piece in _PIECE.finditer(found):
            start = run.start() + piece.start()
            if _IS_UNSPACED.match(piece[0]):
                pairs = (piece[0][place : place + 2] for place in range(len(piece[0])))
                yield from (
                    Term(plain, place, place + len(pair))
                    for place, pair in enumerate(pairs, start)
                    if (plain := _plain(pair))
                )
            elif word := _folded(piece[0]):
                yield Term(word, start, start + len(piece[0]))


@lru_cache(maxsize=1 << 16)
def _folded(word: str) -> str:
    return _singular(_plain(word[: 2 * LONGEST_TERM]))[:LONGEST_TERM]


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, ids.strip_accents(word).casefold().translate(_GREEK)))


def _singular(word: str) -> str:
    """The word by the S stemmer of Harman (1991), "How effective is suffixing?"; of four letters and more."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and word[-4] not in "ea":
        return word[:-3] + "y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    return word if word[-2] in "us" else word[:-1]


def _hang_together(text: str, end: int, start: int) -> bool:
    return start == end + 1 and text[end] in _JOINTS


def _compound(chain: Sequence[Term]) -> Iterator[Term]:
    if len(chain) > 1:
        joined = "".join(term.text for term in chain)
        if len(joined) <= LONGEST_TERM:
            yield Term(joined, chain[0].start, chain[-1].end, compound=True)


def write(db: sqlite3.Connection, fingerprint: str) -> None:
    """Make the index anew of the nodes and statements in `db`, within the caller's transaction.

    Raises `StoreError` where Python's SQLite was made without FTS5.
    """
    for table in _TABLES:
        db.execute(f"DROP TABLE IF EXISTS main.{table}")
    try:
        for definition in _SCHEMA:
            db.execute(definition)
    except sqlite3.OperationalError as error:
        if "no such module" in str(error):
            raise StoreError("this Python's SQLite lacks FTS5, which kgtool searches with") from error
        raise
    counts = _papers(db)
    nodes: Counter[str] = Counter()
    for row, (id_, label, encoded) in enumerate(db.execute("SELECT id, label, properties FROM node ORDER BY id"), 1):
        properties = _decoded(encoded)
        columns = [" ".join(term.text for term in terms(text)) for text in texts(properties)]
        nodes.update({term for column in columns for term in column.split()})
        if label == "Paper":
            title, _, abstract, notes = columns
            db.execute(
                "INSERT INTO main.written (rowid, title, abstract, notes) VALUES (?, ?, ?, ?)",
                (row, title, abstract, notes),
            )
        else:
            db.execute("INSERT INTO main.named (rowid, name, aliases) VALUES (?, ?, ?)", (row, *columns[:2]))
        papers = properties.get("papers", counts.get(id_, 0))
        db.execute(
            "INSERT INTO main.searchable VALUES (?, ?, ?, ?)", (row, id_, label, None if label == "Paper" else papers)
        )
        db.executemany(
            "INSERT OR IGNORE INTO main.called VALUES (?, ?, ?)",
            [(key, row, verbatim) for key, verbatim in _keys(id_, properties)],
        )
    db.executemany("INSERT INTO main.term VALUES (?, ?)", sorted(nodes.items()))
    db.execute("INSERT INTO main.indexed VALUES (?, ?)", (FORMAT_VERSION, fingerprint))


def _decoded(encoded: str | None) -> dict[str, Any]:
    try:
        return dict(json.loads(encoded or ""))
    except (ValueError, TypeError) as error:
        raise StoreError(
            f"the corpus is damaged (a node cannot be read: {error}): delete it and build again"
        ) from error


def names(properties: dict[str, Any]) -> tuple[str, ...]:
    """What a node is called: its name or title, then its aliases."""
    first = [str(properties[name]) for name in ("title", "name") if properties.get(name)]
    return (*first[:1], *map(str, properties.get("aliases", ())))


def texts(properties: dict[str, Any]) -> tuple[str, str, str, str]:
    """The texts of a node's properties (as JSON has them) that are searched: name, aliases, abstract, notes."""
    name, *aliases = names(properties) or ("",)
    # A note is its language and its text.
    notes = (str(properties[note][-1]) for note in _NOTES if properties.get(note))
    return name, "\n".join(aliases), str(properties.get("abstract", "")), "\n".join(notes)


def _keys(id_: str, properties: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """What a node is looked up by, and whether just as it is written; what is written comes first."""
    called = names(properties)
    addresses = [str(properties[name]) for name in _ADDRESSES if properties.get(name)]
    yield from ((verbatim_key(name), True) for name in (id_, *addresses, *called))
    yield from ((key, False) for name in called if (key := name_key(name)))


def _papers(db: sqlite3.Connection) -> dict[str, int]:
    """The number of papers of authors, categories and digests, whose nodes do not say it."""
    counts: Counter[str] = Counter()
    for predicate, end in _COUNTED.items():
        rows = db.execute(f"SELECT {end}, count(*) FROM statement WHERE predicate = ? GROUP BY {end}", (predicate,))
        counts.update(dict(rows))
    return counts


@dataclass(frozen=True, slots=True)
class Searchable:
    """A node as the index has it; `papers` is None for a paper, `properties` are as JSON has them."""

    id: str
    label: str
    papers: int | None
    properties: dict[str, Any]


class Index:
    """The full-text index of an open corpus; rows are the index' own numbers of nodes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def is_of(self, fingerprint: str) -> bool:
        """Whether the index is there, and of the state of the corpus that has this fingerprint."""
        if not self._db.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'indexed'").fetchone():
            return False
        found: object = self._db.execute("SELECT version, fingerprint FROM main.indexed").fetchone()
        return found == (FORMAT_VERSION, fingerprint)

    def hits(self, term: str, prefix: bool = False) -> dict[int, float]:
        """The rows that have the term, or with `prefix` one that begins with it, and how much of it each has.

        That is BM25 without the inverse document frequency, which FTS5 puts at next to nothing for a term that most of
        a few texts have: what the term's frequency in the text comes to, from 0 to 2.2.
        """
        quoted = f'"{term}"*' if prefix else f'"{term}"'
        found: dict[int, float] = {}
        for table, weights in _WEIGHTS.items():
            score = f"-bm25({table}, {', '.join(map(str, weights))})"
            rows = self._db.execute(f"SELECT rowid, {score} FROM {table} WHERE {table} MATCH ?", (quoted,)).fetchall()
            size = self._db.execute(f"SELECT count(*) FROM {table}_docsize").fetchone()[0]
            # As FTS5 has it, sqlite.org/fts5.html#the_bm25_function.
            frequency = max(math.log((size - len(rows) + 0.5) / (len(rows) + 0.5)), 1e-6)
            found.update((row, score / frequency) for row, score in rows)
        return found

    def called(self, key: str, verbatim: bool) -> tuple[int, ...]:
        """The rows that have this key as `verbatim_key` or `name_key` makes it."""
        rows = self._db.execute("SELECT row FROM called WHERE key = ? AND verbatim >= ? ORDER BY row", (key, verbatim))
        return tuple(row for (row,) in rows)

    def count(self, term: str) -> int:
        """The number of nodes that have the term."""
        found = self._db.execute("SELECT nodes FROM term WHERE term = ?", (term,)).fetchone()
        return found[0] if found else 0

    def frequent(self, nodes: int, shortest: int, longest: int) -> Iterator[tuple[str, int]]:
        """The terms that so many nodes have or more, of so many characters, in order, with the number of nodes."""
        yield from self._db.execute(
            "SELECT CAST(term AS TEXT), nodes FROM term "
            "WHERE nodes >= ? AND length(term) BETWEEN ? AND ? ORDER BY term",
            (nodes, shortest, longest),
        )

    def kinds(self) -> dict[int, tuple[str, str, int | None]]:
        """Each row's id, label and number of papers."""
        return {row: rest for row, *rest in self._db.execute("SELECT row, id, label, papers FROM searchable")}

    def node(self, row: int) -> Searchable:
        """The node of a row."""
        found = self._db.execute(
            "SELECT id, s.label, papers, properties FROM searchable s LEFT JOIN node USING (id) WHERE row = ?", (row,)
        ).fetchone()
        if found is None:
            raise StoreError("the corpus is damaged (its index has a row of no node): delete it and build again")
        id_, label, papers, properties = found
        return Searchable(id_, label, papers, _decoded(properties))
