"""A knowledge graph on disk, with the commands as methods."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, Unpack, cast

from kgtool.library.pictures import Pictures
from kgtool.records import MIN_CONFIDENCE, Table

if TYPE_CHECKING:
    import networkx as nx

    from kgtool.analysis.naming import Names
    from kgtool.analysis.papers import PaperFilters
    from kgtool.analysis.trends import TrendFilters
    from kgtool.queries import Given
    from kgtool.rdf import Evidence
    from kgtool.stores.protocol import Answer, Parameter, Parameters

_NAME = re.compile(r"[\w.-]+")
"""What can only be the name of a canned query: no query is a single word."""
_TIMEOUT = 60.0
_SECTIONS = ("node", "edge", "size", "connected", "component", "degree", "spread")
_LABELS = ("Paper", "Author", "Method", "Dataset", "Task", "Category", "Digest")


def open(path: str | Path = "kg") -> KnowledgeGraph:
    """The knowledge graph in the folder `path`, as ``kgtool build`` made it.

    Raises StoreError where there is none, or one of another version.

    >>> import kgtool
    >>> kgtool.open("kg")
    KnowledgeGraph(path=...Path('kg'))
    """
    from kgtool.stores.corpus import Corpus

    with Corpus.open(Path(path)):
        return KnowledgeGraph(Path(path))


@dataclass(frozen=True, slots=True)
class KnowledgeGraph:
    """A knowledge graph on disk. Every question is answered by the graph as it is then."""

    path: Path

    @classmethod
    def build(
        cls,
        *digests: str | Path,
        path: str | Path = "kg",
        format: str | None = None,
        model: str | Path | None = None,
        progress: Callable[[int, int], None] = lambda done, of: None,
    ) -> KnowledgeGraph:
        """Build a graph from digests (files or folders), or bring it up to date, as ``kgtool build`` does.

        What was read before is passed over. A digest that is damaged is kept as far as it can be read, with a warning;
        files in a folder that are no digests are passed over. `progress` is told how many papers of how many are done.
        Raises InputError for what is missing, StoreError where nothing can be written or another process builds.

        >>> KnowledgeGraph.build("examples", path="kg").papers(limit=2).columns
        ('id', 'title', 'authors', 'published', 'url')
        """
        from kgtool.build import build
        from kgtool.digests import expand_inputs, read_digest
        from kgtool.extract.pipeline import PipelineExtractor

        files = []
        for given in digests:
            for source in expand_inputs([given]):
                file = read_digest(source, format)
                if file.digest.format or not Path(given).is_dir():
                    files.append(file)
        report = build(Path(path), files, PipelineExtractor(None if model is None else Path(model)), progress)
        for problem in report.problems:
            if problem.fatal:
                warnings.warn(str(problem), stacklevel=2)
        return open(path)

    # Looking things up

    def find(self, text: str, *, label: str | Sequence[str] = (), limit: int | None = 20) -> Table:
        """Papers, entities and authors by full text, misspelt or not, the best first.

        >>> kg.find("Omar El-Tayib").rows[0][:3]
        ('Author', 'author:omar-el-tayyib', 'Omar El-Tayyib')
        """
        from kgtool.analysis.find import find

        return find(self.path, text, label=label, limit=limit)

    def papers(self, **filters: Unpack[PaperFilters]) -> Table:
        """The papers that fit all `filters` (method, dataset, task, author, category, digest, role, since, until …).

        >>> print(kg.papers(author="Omar El-Tayyib", category="cs.LG", limit=2).columns)
        ('id', 'title', 'authors', 'published', 'url')
        >>> all(paper["published"] >= "2026-03" for paper in kg.papers(since="2026-03").records())
        True
        """
        from kgtool.analysis.papers import papers

        return papers(self.path, **filters)

    def show(self, name: str, *, min_confidence: float = MIN_CONFIDENCE, limit: int | None = None) -> Table:
        """Everything about one node with its evidence, in sections; `name` is a name, an alias or an id.

        >>> sections = {row["section"] for row in kg.show("Omar El-Tayyib").records()}
        >>> {"about", "papers", "co-authors"} <= sections
        True
        """
        from kgtool.analysis.show import show

        return show(self.path, name, min_confidence=min_confidence, limit=limit)

    def matrix(
        self,
        rows: str = "methods",
        columns: str = "datasets",
        *,
        method: Names = (),
        dataset: Names = (),
        task: Names = (),
        min_support: int = 1,
        min_confidence: float = MIN_CONFIDENCE,
        limit: int | None = None,
    ) -> Table:
        """Who was tried on what: pairs of two kinds (methods, datasets, tasks) by the papers behind them.

        >>> kg.matrix("methods", "tasks", limit=3).columns[:4]
        ('method', 'task', 'support', 'direct')
        """
        from kgtool.analysis.matrix import matrix

        return matrix(
            self.path,
            rows,
            columns,
            method=method,
            dataset=dataset,
            task=task,
            min_support=min_support,
            min_confidence=min_confidence,
            limit=limit,
        )

    # Connections across papers

    def related(
        self,
        name: str,
        *,
        label: str | None = None,
        limit: int | None = 10,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> Table:
        """The nearest nodes to one, with what they share and the papers that speak for it.

        >>> kg.related("Omar El-Tayyib", limit=3).columns
        ('id', 'label', 'name', 'score', 'shared', 'papers')
        """
        from kgtool.analysis.related import related

        return related(self.path, name, label=label, limit=limit, min_confidence=min_confidence)

    def connect(
        self,
        a: str,
        b: str,
        *,
        via: Names = (),
        max_length: int = 4,
        limit: int = 5,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> Table:
        """The shortest and the most informative ways between two nodes: a row for each step, with paper and sentence.

        >>> [(step["relationship"], step["to_id"]) for step in kg.connect("Omar El-Tayyib", "cs.LG", limit=1).records()]
        [('WROTE', 'title:...'), ('IN_CATEGORY', 'category:cs.LG')]
        """
        from kgtool.analysis.connect import as_table, connect

        return as_table(
            connect(self.path, a, b, via=via, max_length=max_length, limit=limit, min_confidence=min_confidence)
        )

    def gaps(
        self,
        rows: str = "methods",
        columns: str = "datasets",
        *,
        method: Names = (),
        dataset: Names = (),
        task: Names = (),
        min_papers: int = 2,
        min_specificity: float = 0.5,
        min_confidence: float = MIN_CONFIDENCE,
        limit: int | None = 20,
    ) -> Table:
        """Pairs of two kinds that nobody tried but that their neighbours suggest, with the papers that argue for them.

        >>> kg.gaps("methods", "datasets", limit=3).columns[:5]
        ('method', 'dataset', 'score', 'because', 'papers')
        """
        from kgtool.analysis.gaps import gaps

        return gaps(
            self.path,
            rows,
            columns,
            method=method,
            dataset=dataset,
            task=task,
            min_papers=min_papers,
            min_specificity=min_specificity,
            min_confidence=min_confidence,
            limit=limit,
        )

    def trends(
        self,
        *,
        status: str | None = None,
        min_papers: int = 2,
        limit: int | None = 20,
        **filters: Unpack[TrendFilters],
    ) -> Table:
        """What is new or rising in the latest month or digest against all before it.

        >>> {row["kind"] for row in kg.trends(by="month", kinds=["datasets"]).records()} <= {"Dataset"}
        True
        """
        from kgtool.analysis.trends import trends

        return trends(self.path, status=status, min_papers=min_papers, limit=limit, **filters)

    def stats(
        self,
        *,
        kinds: Collection[str] = _SECTIONS,
        min_confidence: float = MIN_CONFIDENCE,
        limit: int | None = 10,
    ) -> Table:
        """The size and the shape of the graph: counts, density, most connected nodes, components, degrees.

        >>> {row["name"]: row["count"] for row in kg.stats(kinds=["node"]).records()}["Paper"]
        64
        """
        from kgtool.analysis.stats import stats

        return stats(self.path, kinds=kinds, min_confidence=min_confidence, limit=limit)

    # Queries

    def cypher(self, query: str, *, timeout: float = _TIMEOUT, **parameters: Parameter) -> Table:
        """The answer to a Cypher query, or to the canned query of that name; it can only read.

        `parameters` are values for ``$name`` in the query. What a query may not mean as it stands is a warning. Raises
        QueryError for a query that cannot be run, QueryTimeout after `timeout` seconds.

        >>> kg.cypher("MATCH (a:Author {name: $name})-[:WROTE]->(p) RETURN count(p) AS papers", name="Omar El-Tayyib")
        papers
             5
        """
        from kgtool.stores import views
        from kgtool.stores.asking import ask_cypher

        text, bound = _question(query, "cypher", parameters)
        return _noted(views.ask(self.path, lambda view: ask_cypher(view.ladybug, text, bound, timeout)))

    def sparql(self, query: str, *, timeout: float = _TIMEOUT, **parameters: Parameter) -> Table:
        """The answer to a SPARQL query, or to the canned query of that name; it can only read.

        The prefixes of the ontology are known (kg, dcterms, foaf, skos, schema, prov …); `parameters` replace the
        variables of their names. Raises as `cypher` does.

        >>> kg.sparql("SELECT (count(?paper) AS ?papers) { ?paper a kg:Paper }")
        papers
            64
        """
        from kgtool.stores import views
        from kgtool.stores.asking import ask_sparql

        text, bound = _question(query, "sparql", parameters)
        return _noted(views.ask(self.path, lambda view: ask_sparql(view.rdf, text, bound, timeout)))

    def queries(self) -> Table:
        """The canned queries: name, languages, parameters with their defaults, and what each answers.

        >>> "papers-of-method" in {query["name"] for query in kg.queries().records()}
        True
        """
        from kgtool.queries import listing

        return listing()

    # Elsewhere

    @property
    def plot(self) -> Pictures:
        """The pictures: `neighbourhood`, `path`, `matrix`, `bipartite`, `trends`.

        >>> kg.plot.matrix("methods", "tasks", limit=10).save(Path("matrix.html"))
        ''
        """
        return Pictures(self.path)

    def to_networkx(
        self,
        *,
        labels: Container[str] = _LABELS,
        min_confidence: float = MIN_CONFIDENCE,
        shadows: bool = True,
    ) -> nx.MultiDiGraph[str]:
        """The nodes of these labels and the edges between them as a graph of networkx.

        A node is its id, with `label` and its properties; an edge has `type` and its properties. With `shadows` a paper
        has a MENTIONS edge to every entity beside the stronger one.

        >>> graph = kg.to_networkx(labels=("Paper", "Author"))
        >>> sorted(graph.nodes["author:omar-el-tayyib"].items())
        [('label', 'Author'), ('name', 'Omar El-Tayyib')]
        >>> graph.out_degree("author:omar-el-tayyib")
        5
        """
        from kgtool.analysis.network import network

        return network(self.path, labels=labels, min_confidence=min_confidence, shadows=shadows)

    def export(
        self,
        format: str,
        out: str | Path | BinaryIO,
        *,
        min_confidence: float = MIN_CONFIDENCE,
        base: str | None = None,
        evidence: Evidence = "statement",
    ) -> None:
        """Write the graph in another format (turtle, nquads, jsonld, graphml, gexf, csv, parquet …), as large as it is.

        `out` is a file, a binary stream, or a folder for formats of several files. Raises InputError, KgtoolError where
        nothing can be written there.

        >>> kg.export("csv", "tables")
        >>> sorted(path.name for path in Path("tables/nodes").iterdir())[:2]
        ['Author.csv', 'Category.csv']
        """
        from kgtool.export import export
        from kgtool.ids import BASE

        target = Path(out) if isinstance(out, str) else out
        export(self.path, format, target, min_confidence=min_confidence, base=base or BASE, evidence=evidence)


def _question(
    query: str, language: Literal["sparql", "cypher"], parameters: Mapping[str, Parameter]
) -> tuple[str, Parameters]:
    """The text and the parameters of a query, or of the canned query of that name."""
    if not _NAME.fullmatch(query):
        return query, parameters
    from kgtool.queries import prepare

    return prepare(query, language, cast("Mapping[str, Given]", parameters))  # what is no value of its type is refused


def _noted(answer: Answer) -> Table:
    for note in answer.notes:
        warnings.warn(note, stacklevel=3)
    return answer.table
