from pathlib import Path

import ladybug
import pytest

from kgtool import cypher, vocab
from kgtool.records import Node, Statement

EVIDENCE = (
    ("charEnd", 182),
    ("charStart", 178),
    ("confidence", 0.93),
    ("extractor", "kgtool-0.1.0-default-1"),
    ("paper", "title:5f0c"),
    ("sentence", "On Cora, GraphMend outperforms GAT."),
)
NODES = [
    Node("title:5f0c", "Paper", (("title", "GraphMend: Repairing"), ("tldr", ("zh", "修复")))),
    Node("dataset:cora", "Dataset", (("aliases", ("CORA",)), ("name", "Cora"), ("papers", 1), ("specificity", 2.5))),
    Node("method:gat", "Method", (("name", "GAT"),)),
]
LABELS = {node.id: node.label for node in NODES}


def test_columns_are_those_of_the_design() -> None:
    assert cypher.NODE_COLUMNS["Method"] == (
        ("id", "STRING"),
        ("name", "STRING"),
        ("aliases", "STRING[]"),
        ("papers", "INT64"),
        ("specificity", "DOUBLE"),
    )
    assert ", ".join(name for name, _ in cypher.NODE_COLUMNS["Paper"]) == (
        "id, title, abstract, url, arxivId, doi, published, venue, category, codeUrl, comment, "
        "tldr, motivation, method, result, conclusion"
    )
    assert cypher.RELATIONSHIP_COLUMNS["WROTE"] == (("position", "INT64"),)
    assert dict(cypher.RELATIONSHIP_COLUMNS["MENTIONS"])["role"] == "STRING"
    assert dict(cypher.RELATIONSHIP_COLUMNS["USED_FOR"])["confidence"] == "DOUBLE"
    assert cypher.relationship_pairs("BENCHMARK_FOR") == (("Dataset", "Task"),)
    with pytest.raises(KeyError):
        cypher.relationship_pairs("BENCHMARKS")


def test_node_rows_have_every_column() -> None:
    (row,) = cypher.node_rows("Dataset", NODES)
    assert row == ("dataset:cora", "Cora", ("CORA",), 1, 2.5)
    (paper,) = cypher.node_rows("Paper", NODES)
    values = dict(zip([name for name, _ in cypher.NODE_COLUMNS["Paper"]], paper, strict=True))
    assert values["tldr"] == "修复"
    assert values["abstract"] is None
    assert list(cypher.node_rows("Task", NODES)) == []


def test_relationship_rows_have_labels_and_every_column() -> None:
    statement = Statement("title:5f0c", "mentions", "dataset:cora", (*EVIDENCE, ("role", "evaluates-on")))
    (row,) = cypher.relationship_rows([statement], LABELS.__getitem__)
    assert row[:5] == ("MENTIONS", "Paper", "Dataset", "title:5f0c", "dataset:cora")
    assert row.values[1:] == (
        "On Cora, GraphMend outperforms GAT.",
        178,
        182,
        0.93,
        "kgtool-0.1.0-default-1",
        "evaluates-on",
    )


def test_the_tables_hold_the_worked_example(tmp_path: Path) -> None:
    with ladybug.Database(str(tmp_path / "graph.lbug")) as database, ladybug.Connection(database) as connection:
        for statement in cypher.ddl():
            connection.execute(statement)
        for node in NODES:
            (row,) = cypher.node_rows(node.label, [node])
            values = {name: value for (name, _), value in zip(cypher.NODE_COLUMNS[node.label], row, strict=True)}
            given = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items() if v is not None}
            fields = ", ".join(f"{name}: ${name}" for name in given)
            connection.execute(f"CREATE (:{node.label} {{{fields}}})", given)
        edge = Statement("title:5f0c", "evaluatesOn", "dataset:cora", EVIDENCE)
        (edge_row,) = cypher.relationship_rows([edge], LABELS.__getitem__)
        names = [name for name, _ in cypher.RELATIONSHIP_COLUMNS[edge_row.type]]
        fields = ", ".join(f"{name}: ${name}" for name in names)
        connection.execute(
            f"MATCH (a:{edge_row.from_label} {{id: $from_id}}), (b:{edge_row.to_label} {{id: $to_id}}) "
            f"CREATE (a)-[:{edge_row.type} {{{fields}}}]->(b)",
            {"from_id": edge_row.from_id, "to_id": edge_row.to_id, **dict(zip(names, edge_row.values, strict=True))},
        )
        found = connection.execute(
            "MATCH (p:Paper)-[r:EVALUATES_ON]->(d:Dataset {id: 'dataset:cora'}) "
            "RETURN p.title, p.comment, p.method, r.sentence, r.charStart, r.confidence, d.aliases"
        )
        assert found.get_all() == [
            ["GraphMend: Repairing", None, None, "On Cora, GraphMend outperforms GAT.", 178, 0.93, ["CORA"]]
        ]
        for relationship in vocab.RELATIONSHIPS.values():
            for source, target in relationship.pairs:
                query = f"MATCH (a:{source})-[r:{relationship.type}]->(b:{target}) RETURN count(r)"
                connection.execute(query)
