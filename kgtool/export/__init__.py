"""The graph as files of other formats, each written piece by piece from one snapshot of the corpus.

A format is an entry of `FORMATS`. What it writes stands aside until it is whole, and is renamed then: an export that
fails or is interrupted leaves what was there before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

from kgtool import ids
from kgtool.errors import InputError, KgtoolError
from kgtool.records import MIN_CONFIDENCE

if TYPE_CHECKING:
    from kgtool.export.selection import Selection
    from kgtool.rdf import Evidence

__all__ = ["FORMATS", "FileFormat", "FolderFormat", "export"]


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format of one text file: `lines` gives its pieces. `is_rdf` says that base and evidence can be chosen."""

    summary: str
    lines: Callable[[Selection], Iterable[str]]
    is_rdf: bool = False


@dataclass(frozen=True, slots=True)
class FolderFormat:
    """A format of several files in one folder: `write` fills an empty one, `names` are the files that it may write.

    Names are relative to the folder, with ``/``: a folder that holds anything else is no earlier export.
    """

    summary: str
    write: Callable[[Selection, Path], None]
    names: Callable[[], Iterable[str]]


def _turtle(selection: Selection) -> Iterator[str]:
    from kgtool.export import turtle

    return turtle.lines(selection)


def _nquads(selection: Selection) -> Iterator[str]:
    from kgtool.export import ntriples

    return ntriples.lines(selection)


def _jsonld(selection: Selection) -> Iterator[str]:
    from kgtool.export import jsonld

    return jsonld.lines(selection)


def _graphml(selection: Selection) -> Iterator[str]:
    from kgtool.export import graphml

    return graphml.lines(selection)


def _gexf(selection: Selection) -> Iterator[str]:
    from kgtool.export import gexf

    return gexf.lines(selection)


def _csv(selection: Selection, folder: Path) -> None:
    from kgtool.export import tables

    tables.write_csv(selection, folder)


def _parquet(selection: Selection, folder: Path) -> None:
    from kgtool.export import parquet

    parquet.write(selection, folder)


def _neo4j_csv(selection: Selection, folder: Path) -> None:
    from kgtool.export import neo4j_csv

    neo4j_csv.write(selection, folder)


def _neo4j_csv_names() -> Iterable[str]:
    from kgtool.export import neo4j_csv

    return neo4j_csv.names()


def _tables(suffix: str) -> Callable[[], Iterator[str]]:
    def names() -> Iterator[str]:
        from kgtool.export import tables

        return (f"{name}.{suffix}" for name in tables.columns())

    return names


FORMATS: Mapping[str, FileFormat | FolderFormat] = MappingProxyType(
    {
        "turtle": FileFormat("RDF to read: node by node, with prefixes", _turtle, is_rdf=True),
        "nquads": FileFormat("RDF to load: one triple a line, all in the default graph", _nquads, is_rdf=True),
        "jsonld": FileFormat("RDF as JSON, with the ontology's context inside", _jsonld, is_rdf=True),
        "graphml": FileFormat("networkx, igraph, yEd, Cytoscape", _graphml),
        "gexf": FileFormat("Gephi", _gexf),
        "csv": FolderFormat("a folder of tables, one for each label and relationship type", _csv, _tables("csv")),
        "parquet": FolderFormat("the same tables, typed and compressed", _parquet, _tables("parquet")),
        "neo4j-csv": FolderFormat("neo4j-admin database import full neo4j @import.args", _neo4j_csv, _neo4j_csv_names),
    }
)
"""The formats by their names. What they need is imported when they are used."""


def export(
    kg: Path,
    format: str,
    out: Path | BinaryIO,
    *,
    min_confidence: float = MIN_CONFIDENCE,
    base: str = ids.BASE,
    evidence: Evidence = "statement",
) -> None:
    """Write the graph in the folder `kg` to a file or a folder, or to a binary stream where the format is of one file.

    Edges that were extracted and are less sure than `min_confidence` are left out. `base` is what the IRIs of nodes
    begin with and `evidence` ``full`` adds selectors of the Web Annotation Data Model, both in RDF alone. An earlier
    export under the same name is replaced. Equal graphs give equal bytes.

    Raises InputError for an unknown format, an option that the format does not know, or a folder that holds other
    things; StoreError where there is no graph; KgtoolError where nothing can be written there.
    """
    chosen = FORMATS.get(format)
    if chosen is None:
        raise InputError(f"{format}: no format; expected one of {', '.join(FORMATS)}")
    if (base != ids.BASE or evidence != "statement") and not (isinstance(chosen, FileFormat) and chosen.is_rdf):
        rdf = ", ".join(name for name, other in FORMATS.items() if isinstance(other, FileFormat) and other.is_rdf)
        raise InputError(f"{format}: a base and full evidence are for {rdf}")
    from kgtool.export.selection import Selection
    from kgtool.stores.corpus import Corpus

    with Corpus.open(kg) as corpus, corpus.snapshot():
        selection = Selection(corpus, min_confidence, base, evidence)
        if isinstance(chosen, FolderFormat):
            if not isinstance(out, Path):
                raise InputError(f"{format}: several files, which want a folder")
            with _written_aside(out), _folder(out, frozenset(chosen.names())) as folder:
                chosen.write(selection, folder)
        elif isinstance(out, Path):
            with _written_aside(out), _file(out) as file:
                _write(file, chosen.lines(selection))
        else:
            _write(out, chosen.lines(selection))


def _write(file: BinaryIO, pieces: Iterable[str]) -> None:
    for piece in pieces:
        file.write(piece.encode("utf-8"))


@contextmanager
def _written_aside(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise KgtoolError(f"{out}: cannot be written: {error.strerror or error}") from error


@contextmanager
def _file(out: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of `out` when the block ends well; a device or a pipe is written to as it is."""
    if out.is_dir():
        raise InputError(f"{out}: a folder; this format is one file")
    if out.exists() and not out.is_file():
        with out.open("wb") as file:
            yield file
        return
    target = out.resolve()
    aside = _aside(target)
    try:
        with aside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def _folder(out: Path, names: frozenset[str]) -> Iterator[Path]:
    """An empty folder that takes the place of `out` when the block ends well."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: a file; this format is a folder of several")
    target = out.resolve()
    _refuse_others(out, names)
    aside, old = _aside(target), _aside(target).with_suffix(".old")
    try:
        aside.mkdir()
        yield aside
        _refuse_others(out, names)
        if target.exists():
            target.rename(old)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name[:100]}.{os.getpid()}.tmp")


def _refuse_others(out: Path, names: frozenset[str]) -> None:
    """Raises InputError where the folder holds what no export of this format wrote."""
    if not out.exists():
        return
    folders = {name.rpartition("/")[0] for name in names}
    for path in sorted(out.rglob("*")):
        name = path.relative_to(out).as_posix()
        if name not in names and not (path.is_dir() and not path.is_symlink() and name in folders):
            raise InputError(f"{out}: holds other things ({name}); an export takes a folder of its own")
