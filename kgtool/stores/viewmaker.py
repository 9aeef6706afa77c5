"""The child process that makes both views of a corpus: ``python -m kgtool.stores.viewmaker KG FOLDER FINGERPRINT``."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from kgtool import rdf, vocab
from kgtool.errors import KgtoolError, StoreError
from kgtool.stores import ladybug, oxigraph
from kgtool.stores.corpus import Corpus


def make_views(kg: Path, folder: Path, fingerprint: str) -> None:
    """Write `folder`/rdf and `folder`/graph.lbug from the corpus of `kg`, and check them against its counts.

    Raises `StoreError` where the corpus has changed meanwhile, or a view does not hold what the corpus does.
    """
    with Corpus.open(kg) as corpus, corpus.snapshot() as state:
        if state.fingerprint != fingerprint:
            raise StoreError("the graph changed while its views were made; try again")
        oxigraph.load(folder / "rdf", rdf.triples(corpus.nodes(), corpus.statements()))
        ladybug.load(folder / "graph.lbug", corpus.nodes(), corpus.statements())
        _check(folder, corpus)


def _check(folder: Path, corpus: Corpus) -> None:
    expected = corpus.count_nodes() | {
        vocab.relationship_type(predicate): count for predicate, count in corpus.count_statements().items()
    }
    found = {name: count for name, count in ladybug.counts(folder / "graph.lbug").items() if count}
    if found != expected:
        raise StoreError(f"the Cypher view holds {found}, the corpus {expected}")
    nodes = oxigraph.count_nodes(folder / "rdf")
    if nodes != sum(corpus.count_nodes().values()):
        raise StoreError(f"the SPARQL view holds {nodes} nodes, the corpus {sum(corpus.count_nodes().values())}")


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        make_views(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except (KgtoolError, OSError) as error:
        sys.exit(str(error))
