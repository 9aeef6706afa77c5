"""Does a knowledge graph keep its shapes (SHACL, by pySHACL)? In batches of papers, so that memory is bounded."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache
from itertools import groupby

from pyshacl import validate as run_shacl
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import SH
from rdflib.term import Node as Term

from kgtool import ids, rdf, vocab
from kgtool.records import Cell, Node, Statement, Table

COLUMNS = ("severity", "focus", "path", "value", "message", "shape")
SHAPES = "https://w3id.org/kgtool/shapes#"

Row = tuple[Cell, ...]


def validate(
    nodes: Sequence[Node],
    statements: Iterable[Statement],
    *,
    base: str = ids.BASE,
    batch_size: int = 50,
    progress: Callable[[int], object] | None = None,
) -> Table:
    """Check a graph, and give one row per violation, sorted; no rows mean that it conforms.

    A batch is `batch_size` papers, their statements and the nodes that these touch; a node without statements comes in
    a last one. The statements may come in any order: they are kept on disk until their batch has its turn. `progress`
    is called after each batch with the number of nodes that were checked for the first time.

    The columns are severity (``Violation``, ``Warning``, ``Info``), focus (the id of the node or statement at fault),
    path, value, message and shape (its name in ``shapes.ttl``), all strings or None.
    """
    by_id: dict[str, list[Node]] = {}
    for node in nodes:
        by_id.setdefault(node.id, []).append(node)
    papers = [id_ for id_, found in by_id.items() if any(node.label == "Paper" for node in found)]
    batch_of = {paper: number // batch_size for number, paper in enumerate(papers)}
    rows: set[Row] = set()
    checked: set[str] = set()

    def check(touched: Iterable[str], batch: Sequence[Statement]) -> None:
        present = sorted(id_ for id_ in set(touched) if id_ in by_id)
        lines = rdf.triples((node for id_ in present for node in by_id[id_]), batch, base)
        rows.update(_results(Graph().parse(data="".join(lines), format="nt"), base))
        if progress:
            progress(len(set(present) - checked))
        checked.update(present)

    with closing(_spooled(statements, batch_of)) as spool:
        for number, batch in _by_batch(spool):
            own = papers[number * batch_size : (number + 1) * batch_size]
            check((*own, *(end for statement in batch for end in _ends(statement))), batch)
    rest = sorted(set(by_id) - checked)
    for start in range(0, len(rest), 20 * batch_size):
        check(rest[start : start + 20 * batch_size], ())
    return Table(COLUMNS, tuple(sorted(rows, key=lambda row: tuple(str(cell or "") for cell in row))))


def validate_graph(graph: Graph, base: str = ids.BASE) -> Table:
    """Check an RDF graph in one go: for graphs that come from elsewhere and fit into memory."""
    return Table(
        COLUMNS, tuple(sorted(set(_results(graph, base)), key=lambda row: tuple(str(cell or "") for cell in row)))
    )


def _ends(statement: Statement) -> Iterator[str]:
    yield statement.subject
    yield statement.object
    paper = statement.get("paper")
    if isinstance(paper, str):
        yield paper


def _spooled(statements: Iterable[Statement], batch_of: dict[str, int]) -> sqlite3.Connection:
    """The statements in a temporary database on disk, each with the number of its paper's batch."""
    spool = sqlite3.connect("")
    spool.execute("CREATE TABLE statement (batch INTEGER, record BLOB)")
    spool.executemany(
        "INSERT INTO statement VALUES (?, ?)",
        (
            (
                next((batch_of[end] for end in reversed(list(_ends(statement))) if end in batch_of), 0),
                pickle.dumps(statement),
            )
            for statement in statements
        ),
    )
    return spool


def _by_batch(spool: sqlite3.Connection) -> Iterator[tuple[int, list[Statement]]]:
    rows = spool.execute("SELECT batch, record FROM statement ORDER BY batch, rowid")
    for number, group in groupby(rows, key=lambda row: int(row[0])):
        yield number, [pickle.loads(record) for _, record in group]


@cache
def _shapes() -> Graph:
    return Graph().parse(vocab.ontology_file("shapes.ttl"), format="turtle")


def _results(graph: Graph, base: str) -> Iterator[Row]:
    conforms, report, _ = run_shacl(graph, shacl_graph=_shapes(), inplace=True)
    if conforms or not isinstance(report, Graph):
        return
    for result in report.subjects(RDF.type, SH.ValidationResult):
        severity, focus, path, value, message, shape = (
            report.value(result, term)
            for term in (SH.resultSeverity, SH.focusNode, SH.resultPath, SH.value, SH.resultMessage, SH.sourceShape)
        )
        yield (
            str(severity).removeprefix(str(SH)),
            _shown(focus, base),
            _path(report, path, base),
            _shown(value, base),
            None if message is None else str(message),
            None if shape is None else str(shape).removeprefix(SHAPES),
        )


def _shown(term: Term | None, base: str) -> str | None:
    """The id of a node or statement of the graph, a term with its prefix, the text of a literal."""
    if not isinstance(term, URIRef):
        return None if term is None else str(term)
    for prefix, namespace in vocab.PREFIXES.items():
        if term.startswith(namespace):
            return f"{prefix}:{term.removeprefix(namespace)}"
    return ids.from_iri(str(term), base) or str(term)


def _path(report: Graph, path: Term | None, base: str) -> str | None:
    """A property path in SPARQL's syntax: a term, or ``^`` and a term for its inverse."""
    inverse = report.value(path, SH.inversePath) if path is not None else None
    return f"^{_shown(inverse, base)}" if inverse is not None else _shown(path, base)
