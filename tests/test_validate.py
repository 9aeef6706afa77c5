from dataclasses import replace

import pytest
from rdflib import Graph
from rdflib.namespace import SH

from kgtool import rdf, vocab
from kgtool.records import Node, Statement, Value
from kgtool.validate import COLUMNS, validate, validate_graph


def evidence(source: str, **changes: Value | None) -> tuple[tuple[str, Value], ...]:
    properties: dict[str, Value | None] = {
        "paper": source,
        "sentence": "GraphMend outperforms GAT on Cora.",
        "charStart": 30,
        "charEnd": 34,
        "confidence": 0.93,
        "extractor": "kgtool-0.1.0-default-1",
        **changes,
    }
    return tuple(sorted((name, value) for name, value in properties.items() if value is not None))


def sample(papers: int = 3) -> tuple[list[Node], list[Statement]]:
    nodes = [
        Node("author:ada-example", "Author", (("name", "Ada Example"),)),
        Node("category:cs.LG", "Category", (("name", "cs.LG"),)),
        Node("dataset:cora", "Dataset", (("name", "Cora"), ("papers", papers), ("specificity", 1.5))),
        Node("digest:sample", "Digest", (("name", "sample"),)),
        Node("method:gat", "Method", (("aliases", ("GATs",)), ("name", "GAT"), ("papers", papers))),
        Node("method:graphmend", "Method", (("name", "GraphMend"),)),
        Node("task:node-classification", "Task", (("name", "node classification"),)),
    ]
    statements = []
    for number in range(papers):
        paper = f"arxiv:2602.{number:05d}"
        properties = (("arxivId", paper[6:]), ("published", "2026-02"), ("title", f"Paper {number}"))
        nodes.append(Node(paper, "Paper", properties))
        statements += [
            Statement("author:ada-example", "wrote", paper, (("position", 1),)),
            Statement(paper, "listedIn", "digest:sample", (("rank", number + 1),)),
            Statement(paper, "inCategory", "category:cs.LG"),
            Statement("method:graphmend", "evaluatedWith", "dataset:cora", evidence(paper)),
            Statement("method:graphmend", "comparedTo", "method:gat", evidence(paper)),
            Statement("method:gat", "usedFor", "task:node-classification", evidence(paper)),
        ]
        for role, entity in (
            ("introduces", "method:graphmend"),
            ("compares-with", "method:gat"),
            ("evaluates-on", "dataset:cora"),
            ("mentions", "task:node-classification"),
        ):
            if role != "mentions":
                statements.append(Statement(paper, vocab.ROLES[role], entity, evidence(paper)))
            statements.append(Statement(paper, "mentions", entity, evidence(paper, role=role)))
    return nodes, statements


def test_a_good_graph_conforms_whatever_the_batches() -> None:
    nodes, statements = sample()
    for batch_size in (1, 2, 50):
        seen: list[int] = []
        report = validate(nodes, statements[::-1], batch_size=batch_size, progress=seen.append)
        assert report.columns == COLUMNS
        assert report.rows == ()
        assert sum(seen) == len(nodes)


def test_an_empty_graph_conforms() -> None:
    assert validate([], []).rows == ()


def test_a_node_without_statements_is_checked_too() -> None:
    (row,) = validate([Node("task:lonely", "Task", (("name", " "),))], []).records()
    assert row["severity"] == "Violation"
    assert row["focus"] == "task:lonely"
    assert row["path"] == "skos:prefLabel"
    assert row["shape"] == "Task-name"
    assert row["message"] == "A Task has exactly one name, a text that is not blank."


@pytest.mark.parametrize(
    ("changes", "shape"),
    [
        ({"confidence": 1.5}, "Evidence-confidence"),
        ({"confidence": -0.1}, "Evidence-confidence"),
        ({"charStart": 34}, "Evidence-charStart"),
        ({"charStart": -1}, "Evidence-charStart"),
        ({"sentence": " "}, "Evidence-sentence"),
        ({"sentence": None}, "Statement"),
        ({"extractor": None}, "Statement"),
        ({"paper": None}, "Statement"),
        ({"paper": "dataset:cora"}, "Evidence-paper"),
    ],
)
def test_bad_evidence_is_found(changes: dict[str, Value | None], shape: str) -> None:
    nodes, statements = sample(1)
    place = next(i for i, statement in enumerate(statements) if statement.predicate == "evaluatesOn")
    statements[place] = replace(statements[place], properties=evidence("arxiv:2602.00000", **changes))
    report = validate(nodes, statements)
    assert shape in {row["shape"] for row in report.records()}
    assert all(str(row["focus"]).startswith("statement:") for row in report.records())


@pytest.mark.parametrize(
    ("statement", "shapes"),
    [
        (Statement("arxiv:2602.00000", "evaluatesOn", "method:gat", evidence("arxiv:2602.00000")), {"DatasetAsObject"}),
        (Statement("arxiv:2602.00000", "uses", "method:none", evidence("arxiv:2602.00000")), {"MethodAsObject"}),
        (Statement("dataset:cora", "partOf", "method:gat", evidence("arxiv:2602.00000")), {"MethodAsSubject"}),
        (
            Statement("dataset:cora", "comparedTo", "method:gat", evidence("arxiv:2602.00000")),
            {"Dataset-comparedTo"},
        ),
        (Statement("arxiv:2602.00000", "addresses", "task:node-classification"), {"Graph"}),
        (Statement("method:gat", "subClassOf", "method:graphmend"), {"Graph"}),
    ],
)
def test_an_edge_between_the_wrong_ends_or_without_evidence_is_found(statement: Statement, shapes: set[str]) -> None:
    nodes, statements = sample(1)
    mention = Statement(statement.subject, "mentions", statement.object, evidence(statement.subject, role="mentions"))
    extra = [statement, mention] if statement.subject.startswith("arxiv") else [statement]
    report = validate(nodes, [*statements, *extra])
    assert shapes <= {str(row["shape"]) for row in report.records()}


def test_mentions_is_materialised() -> None:
    nodes, statements = sample(1)
    gone = [s for s in statements if (s.predicate, s.object) != ("mentions", "dataset:cora")]
    (row,) = validate(nodes, gone).records()
    assert "kg:mentions" in str(row["message"])


@pytest.mark.parametrize(
    ("node", "shape"),
    [
        (Node("arxiv:2602.00000", "Paper", (("published", "2026"),)), "Paper-title"),
        (Node("arxiv:2602.00000", "Paper", (("published", "soon"), ("title", "x"))), "Paper-published"),
        (Node("arxiv:2602.00000", "Paper", (("arxivId", "2602.1v2"), ("title", "x"))), "Paper-arxivId"),
        (Node("method:gat", "Method", (("name", "GAT"), ("papers", 0))), "Method-papers"),
        (Node("author:ada-example", "Author"), "Author-name"),
    ],
)
def test_a_bad_node_is_found(node: Node, shape: str) -> None:
    nodes, statements = sample(1)
    nodes = [node if other.id == node.id else other for other in nodes]
    report = validate(nodes, statements)
    assert {(row["focus"], row["shape"]) for row in report.records()} == {(node.id, shape)}


def test_the_report_does_not_depend_on_order_or_batches() -> None:
    nodes, statements = sample(4)
    bad = [
        replace(s, properties=evidence(s.object, confidence=2.0)) if s.predicate == "usedFor" else s for s in statements
    ]
    reports = {validate(nodes[::step], bad[::step], batch_size=size).rows for step in (1, -1) for size in (1, 3)}
    assert len(reports) == 1
    assert next(iter(reports))


def test_a_graph_from_elsewhere_is_checked_whole() -> None:
    nodes, statements = sample(1)
    graph = Graph().parse(data="".join(rdf.triples(nodes, statements)), format="nt")
    assert validate_graph(graph).rows == ()
    graph.update("DELETE WHERE { ?paper dcterms:creator ?author }", initNs=vocab.PREFIXES)
    (row,) = validate_graph(graph).records()
    assert row["path"] == "^kg:wrote"


def test_every_relationship_has_its_ends_in_the_shapes() -> None:
    shapes = Graph().parse(vocab.ontology_file("shapes.ttl"))
    for target in ("targetSubjectsOf", "targetObjectsOf"):
        covered = {str(term) for term in shapes.objects(None, SH[target])}
        assert {vocab.expand(f"kg:{name}") for name in vocab.RELATIONSHIPS} <= covered
