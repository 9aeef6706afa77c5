"""The RDF view: an Oxigraph store on disk, for SPARQL.

A store is made once, by `load`, in a new folder, which the caller swaps in. Queries of users do not run here but in a
child process (`kgtool.stores.asking`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kgtool import vocab
from kgtool.errors import StoreError

_FAILURES = (SyntaxError, OSError, RuntimeError, ValueError)
"""What pyoxigraph raises: for a torn store OSError or RuntimeError, as it happens."""


def load(folder: Path, ntriples: Path | Iterable[str]) -> None:
    """Makes a new store in `folder` of a file or of lines of N-Triples (N-Quads where there are named graphs).

    Raises StoreError if the folder holds anything already, or for lines that are not N-Triples.
    """
    if folder.exists() and any(folder.iterdir()):
        raise StoreError(f"{folder} is not empty: a store is made in a folder of its own")
    folder.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(ntriples, Path):
        _bulk_load(folder, ntriples)
        return
    with tempfile.TemporaryDirectory(prefix="load-", dir=folder.parent) as scratch:
        source = Path(scratch) / "graph.nt"
        with source.open("w", encoding="utf-8", newline="\n") as lines:
            lines.writelines(line if line.endswith("\n") else line + "\n" for line in ntriples)
        _bulk_load(folder, source)


def _bulk_load(folder: Path, source: Path) -> None:
    try:
        store = ox.Store(str(folder))
        # By path and not by stream: a Python stream is read under the interpreter's lock, at a tenth of the speed.
        store.bulk_load(path=str(source), format=ox.RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
    except _FAILURES as error:
        raise StoreError(f"{folder}: the RDF view cannot be made: {error}") from error


def count_nodes(folder: Path) -> int:
    """How many nodes of the schema's labels (Paper, Author, Method …) the store holds."""
    store, type_ = _open(folder), ox.NamedNode(vocab.PREFIXES["rdf"] + "type")
    classes = [ox.NamedNode(vocab.PREFIXES["kg"] + label) for label in vocab.LABELS]
    return sum(1 for class_ in classes for _ in store.quads_for_pattern(None, type_, class_, None))


def dump(folder: Path) -> Iterator[str]:
    """The store as sorted lines of N-Quads, without line ends: equal for equal graphs."""
    yield from sorted(f"{quad} ." for quad in _open(folder).quads_for_pattern(None, None, None, None))


def _open(folder: Path) -> ox.Store:
    # A folder that is missing would be made.
    if not (folder / "CURRENT").is_file():
        raise StoreError(f"{folder}: there is no RDF view")
    try:
        return ox.Store.read_only(str(folder))
    except _FAILURES as error:
        raise StoreError(f"{folder}: the RDF view cannot be opened: {error}") from error
