"""The truth: papers as read, what was extracted from them, and the graph as resolved, in one SQLite file.

There are two scopes of commit. Extractions are kept paper by paper, in batches, under the hash of their text and
the extractor's name, so that an interrupted build goes on where it was. The corpus state (digests, papers and the
graph made of them) changes in one transaction, which bumps the generation: a crash leaves the old state or the new.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from kgtool import vocab
from kgtool.digests.kgtool_jsonl import paper_from_json, paper_to_json
from kgtool.errors import StoreError
from kgtool.ids import content_hash
from kgtool.records import Digest, Extraction, Mention, Node, Paper, Relation, Scalar, Span, Statement, Value
from kgtool.stores import fulltext

_T = TypeVar("_T")

FILE_NAME = "corpus.sqlite"
SCHEMA_VERSION = 1
_BUSY_SECONDS = 60.0
_PROPERTIES = frozenset(
    {column.name for label in vocab.NODES.values() for column in label.columns}
    | {column.name for relationship in vocab.RELATIONSHIPS.values() for column in relationship.columns}
)

Order = Literal["position", "predicate", "ends", "object"]
_ORDERS: dict[Order, str] = {
    "position": "position",
    "predicate": "subject, predicate, object, properties",
    "ends": "subject, object, predicate, properties",
    "object": "object, predicate, subject, properties",
}

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE digest (
    content_hash TEXT PRIMARY KEY, stem TEXT NOT NULL, format TEXT NOT NULL, title TEXT NOT NULL, published TEXT
) WITHOUT ROWID;
CREATE TABLE record (
    digest TEXT NOT NULL REFERENCES digest (content_hash) ON DELETE CASCADE,
    position INTEGER NOT NULL, text_hash TEXT NOT NULL, paper TEXT NOT NULL,
    PRIMARY KEY (digest, position)
) WITHOUT ROWID;
CREATE TABLE extraction (
    text_hash TEXT NOT NULL, extractor TEXT NOT NULL, found TEXT NOT NULL, PRIMARY KEY (text_hash, extractor)
) WITHOUT ROWID;
CREATE TABLE node (id TEXT PRIMARY KEY, label TEXT NOT NULL, properties TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE statement (
    position INTEGER PRIMARY KEY, subject TEXT NOT NULL, predicate TEXT NOT NULL, object TEXT NOT NULL,
    properties TEXT NOT NULL
);
CREATE TABLE redirect (old TEXT PRIMARY KEY, new TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class State:
    """Which state of the corpus this is: `fingerprint` is a hash of the graph's content."""

    generation: int
    fingerprint: str


def text_hash(paper: Paper) -> str:
    """The key under which a paper's extraction is kept: a hash of the text that offsets count in."""
    return content_hash(paper.title, paper.abstract)


class Corpus:
    """The open corpus of one knowledge graph; a context manager that closes its file."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._db = connection
        self.path = path

    @classmethod
    def create_or_open(cls, folder: Path) -> Corpus:
        """Open the corpus of the knowledge graph in `folder` for writing; make both where they are missing."""
        path = folder / FILE_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            corpus = cls(_connect(path, "rwc"), path)
            corpus._db.execute("PRAGMA journal_mode = WAL")
            with corpus._transaction():
                if not corpus._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    for statement in _SCHEMA.split(";"):
                        corpus._db.execute(statement)
                    corpus._set_meta("schema", str(SCHEMA_VERSION))
                    corpus._set_meta("generation", "0")
                    corpus._set_meta("fingerprint", _fingerprint((), ()))
            corpus._check_version()
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened for writing: {error.strerror or error}") from error
        except sqlite3.Error as error:
            raise _translated(path, error) from error
        return corpus

    @classmethod
    def open(cls, folder: Path) -> Corpus:
        """Open an existing corpus for reading.

        Raises `StoreError` where there is none, or where the file is not one of this version.
        """
        path = folder / FILE_NAME
        if not path.is_file():
            raise StoreError(f"{folder}: no knowledge graph here; `kgtool build DIGEST… --kg {folder}` makes one")
        try:
            corpus = cls(_connect(path, "ro" if os.access(folder, os.W_OK) else "ro&immutable=1"), path)
            corpus._check_version()
        except sqlite3.Error as error:
            raise _translated(path, error) from error
        return corpus

    def __enter__(self) -> Corpus:
        return self

    def __exit__(self, kind: object = None, error: BaseException | None = None, trace: object = None) -> None:
        self._db.close()
        if isinstance(error, sqlite3.Error):
            raise _translated(self.path, error) from error

    def state(self) -> State:
        """The generation number and the fingerprint of the graph, read together."""
        meta = dict(self._db.execute("SELECT key, value FROM meta"))
        return _whole(lambda text: State(int(text), meta["fingerprint"]), meta.get("generation", ""))

    @contextmanager
    def snapshot(self) -> Iterator[State]:
        """Within the block all reads see one state, whatever others write."""
        self._db.execute("BEGIN")
        try:
            yield self.state()
        finally:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")

    # Papers and extractions

    def digests(self) -> tuple[Digest, ...]:
        """The digests that were read, by stem and content."""
        rows = self._db.execute(
            "SELECT content_hash, stem, format, title, published FROM digest ORDER BY stem, content_hash"
        )
        found = tuple(Digest(*row) for row in rows)
        if any(not isinstance(value, str | None) for digest in found for value in astuple(digest)):
            raise StoreError(f"{self.path}: the corpus is damaged (a digest cannot be read): delete it and build again")
        return found

    def papers_of(self, digest: Digest) -> tuple[Paper, ...]:
        """The papers of one digest as read, in its order."""
        rows = self._db.execute("SELECT paper FROM record WHERE digest = ? ORDER BY position", (digest.content_hash,))
        return tuple(_whole(lambda text: paper_from_json(json.loads(text)), row[0]) for row in rows)

    def not_extracted(self, extractor: str, papers: Iterable[Paper]) -> tuple[Paper, ...]:
        """One paper for each text that this extractor has not read yet, in the order given."""
        known = {
            row[0] for row in self._db.execute("SELECT text_hash FROM extraction WHERE extractor = ?", (extractor,))
        }
        fresh: dict[str, Paper] = {}
        for paper in papers:
            key = text_hash(paper)
            if key not in known:
                fresh.setdefault(key, paper)
        return tuple(fresh.values())

    def extraction(self, extractor: str, paper: Paper) -> Extraction:
        """What the extractor found in this paper's text; raises `StoreError` where it never read it."""
        row = self._db.execute(
            "SELECT found FROM extraction WHERE extractor = ? AND text_hash = ?", (extractor, text_hash(paper))
        ).fetchone()
        if row is None:
            raise StoreError(f"{self.path}: {paper.id} was not extracted by {extractor}")
        return _whole(_decode_extraction, row[0])

    def add_extractions(self, extractor: str, found: Sequence[tuple[Paper, Extraction]]) -> None:
        """Keep what was found in a batch of papers, at once."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO extraction VALUES (?, ?, ?)",
                [(text_hash(paper), extractor, _encode_extraction(extraction)) for paper, extraction in found],
            )

    # The graph

    def nodes(self) -> Iterator[Node]:
        """All nodes, by id."""
        for id_, label, properties in self._db.execute("SELECT id, label, properties FROM node ORDER BY id"):
            yield Node(id_, _known(label, vocab.NODES), _whole(_decode_properties, properties))

    def statements(self, order: Order = "position", predicates: Sequence[str] = ()) -> Iterator[Statement]:
        """All statements, or those of some predicates.

        They come in the order in which they were resolved (``position``); by subject, then predicate or object
        (``predicate``, ``ends``); or by object. SQLite sorts on disk: memory does not grow with the graph.
        """
        chosen = f"WHERE predicate IN ({', '.join('?' * len(predicates))})" if predicates else ""
        rows = self._db.execute(
            f"SELECT subject, predicate, object, properties FROM statement {chosen} ORDER BY {_ORDERS[order]}",
            tuple(predicates),
        )
        for subject, predicate, object_, properties in rows:
            yield Statement(
                subject, _known(predicate, vocab.RELATIONSHIPS), object_, _whole(_decode_properties, properties)
            )

    def links(self) -> Iterator[tuple[str, str, str, str | None, float | None, str | None]]:
        """Subject, predicate, object, role, confidence and paper of each statement: what tells which nodes are linked.

        In the order of `statements`, but several times as quick: SQLite picks these out of the properties.
        """
        picked = ", ".join(f"json_extract(properties, '$.{name}')" for name in ("role", "confidence", "paper"))
        rows = self._db.execute(f"SELECT subject, predicate, object, {picked} FROM statement ORDER BY position")
        for row in rows:
            _known(row[1], vocab.RELATIONSHIPS)
            yield row

    def count_nodes(self) -> dict[str, int]:
        """How many nodes there are of each label."""
        rows = self._db.execute("SELECT label, count(*) FROM node GROUP BY label ORDER BY label")
        return {_known(label, vocab.NODES): count for label, count in rows}

    def count_statements(self) -> dict[str, int]:
        """How many statements there are of each predicate."""
        rows = self._db.execute("SELECT predicate, count(*) FROM statement GROUP BY predicate ORDER BY predicate")
        return {_known(predicate, vocab.RELATIONSHIPS): count for predicate, count in rows}

    def extractor(self) -> str | None:
        """The name of the extractor that the graph was made with, None before the first build."""
        row = self._db.execute("SELECT value FROM meta WHERE key = 'extractor'").fetchone()
        return row[0] if row else None

    def redirects(self) -> dict[str, str]:
        """Ids that were once given, and what they are called now."""
        return dict(self._db.execute("SELECT old, new FROM redirect ORDER BY old"))

    def replace_state(
        self,
        added: Sequence[tuple[Digest, Sequence[Paper]]],
        removed: Sequence[Digest],
        graph: tuple[Sequence[Node], Sequence[Statement]],
        redirects: dict[str, str],
        extractor: str,
    ) -> State:
        """Take digests in and out and put the new graph in place of the old: all of it, or nothing."""
        nodes, statements = graph
        with self._transaction():
            for digest in removed:
                self._db.execute("DELETE FROM digest WHERE content_hash = ?", (digest.content_hash,))
            for digest, papers in added:
                self._db.execute("INSERT INTO digest VALUES (?, ?, ?, ?, ?)", astuple(digest))
                self._db.executemany(
                    "INSERT INTO record VALUES (?, ?, ?, ?)",
                    [
                        (digest.content_hash, position, text_hash(paper), _dump(paper_to_json(paper)))
                        for position, paper in enumerate(papers, 1)
                    ],
                )
            self._db.execute("DELETE FROM node")
            self._db.execute("DELETE FROM statement")
            self._db.executemany(
                "INSERT INTO node VALUES (?, ?, ?)",
                ((node.id, node.label, _encode_properties(node.properties)) for node in nodes),
            )
            self._db.executemany(
                "INSERT INTO statement (subject, predicate, object, properties) VALUES (?, ?, ?, ?)",
                ((s.subject, s.predicate, s.object, _encode_properties(s.properties)) for s in statements),
            )
            self._follow_redirects(redirects)
            self._set_meta("extractor", extractor)
            state = State(self.state().generation + 1, _fingerprint(nodes, statements))
            self._set_meta("generation", str(state.generation))
            self._set_meta("fingerprint", state.fingerprint)
            fulltext.write(self._db, state.fingerprint)
        return state

    # Full text

    @classmethod
    @contextmanager
    def searching(cls, folder: Path) -> Iterator[tuple[Corpus, fulltext.Index]]:
        """The corpus in `folder` and its full-text index, both of one state within the block.

        Where the index is missing or behind, because another version of kgtool wrote the corpus, it is made first: in
        the corpus, or only in memory where nothing may be written.
        """
        with cls.open(folder) as corpus:
            indexed = fulltext.Index(corpus._db).is_of(corpus.state().fingerprint)
        with cls.open(folder) if indexed else cls._open_to_index(folder) as corpus:
            if not indexed:
                with corpus._transaction():
                    fulltext.write(corpus._db, corpus.state().fingerprint)
            with corpus.snapshot():
                yield corpus, fulltext.Index(corpus._db)

    @classmethod
    def _open_to_index(cls, folder: Path) -> Corpus:
        path = folder / FILE_NAME
        if os.access(folder, os.W_OK) and os.access(path, os.W_OK):
            return cls.create_or_open(folder)
        # Tables are made in memory; what is not there is found in the corpus that is attached.
        connection = sqlite3.connect("file::memory:", uri=True, isolation_level=None)
        connection.execute("ATTACH ? AS corpus", (f"{path.absolute().as_uri()}?mode=ro&immutable=1",))
        return cls(connection, path)

    # Within

    def _follow_redirects(self, fresh: dict[str, str]) -> None:
        for old, new in fresh.items():
            self._db.execute("UPDATE redirect SET new = ? WHERE new = ?", (new, old))
            self._db.execute("INSERT OR REPLACE INTO redirect VALUES (?, ?)", (old, new))
        self._db.execute("DELETE FROM redirect WHERE old IN (SELECT id FROM node)")
        self._db.execute("DELETE FROM redirect WHERE new NOT IN (SELECT id FROM node)")

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def _check_version(self) -> None:
        row = self._db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        if row is None or row[0] != str(SCHEMA_VERSION):
            found = row[0] if row else "none"
            raise StoreError(f"{self.path}: corpus of version {found}, this kgtool reads version {SCHEMA_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise


_NO_ROOM = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}


def _translated(path: Path, error: sqlite3.Error) -> StoreError:
    """What went wrong with the file, and what to do."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(f"{path}: another process holds the corpus; try again when it is done")
    if code in _NO_ROOM:
        return StoreError(f"{path}: cannot be read or written: {error}; nothing that was stored is lost")
    return StoreError(f"{path}: the corpus is damaged ({error}): delete {path.parent} and build it again")


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _known(name: str, names: Container[str]) -> str:
    if name not in names:
        raise StoreError(f"the corpus is damaged (unknown term {name!r}): delete it and build again")
    return name


def _whole(decode: Callable[[str], _T], text: str) -> _T:
    """What `decode` makes of a stored text; a text that something has changed is a damage of the corpus."""
    try:
        return decode(text)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"the corpus is damaged (a row cannot be read: {error}): delete it and build again") from error


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _encode_properties(properties: tuple[tuple[str, Value], ...]) -> str:
    return _dump(dict(properties))


def _decode_properties(text: str) -> tuple[tuple[str, Value], ...]:
    found: dict[str, Scalar | list[str]] = json.loads(text)
    return tuple(
        (_known(name, _PROPERTIES), tuple(value) if isinstance(value, list) else value) for name, value in found.items()
    )


def _encode_extraction(extraction: Extraction) -> str:
    return _dump(
        {"mentions": [astuple(m) for m in extraction.mentions], "relations": [astuple(r) for r in extraction.relations]}
    )


def _decode_extraction(text: str) -> Extraction:
    found: dict[str, list[list[Any]]] = json.loads(text)
    return Extraction(
        tuple(
            Mention(type_, tuple(surfaces), role, confidence, role_confidence, tuple(Span(*span) for span in spans))
            for type_, surfaces, role, confidence, role_confidence, spans in found["mentions"]
        ),
        tuple(Relation(*relation) for relation in found["relations"]),
    )


def _fingerprint(nodes: Iterable[Node], statements: Iterable[Statement]) -> str:
    def parts() -> Iterator[str]:
        for node in nodes:
            yield _dump([node.id, node.label, node.properties])
        for statement in statements:
            yield _dump([statement.subject, statement.predicate, statement.object, statement.properties])

    return content_hash(*parts())
