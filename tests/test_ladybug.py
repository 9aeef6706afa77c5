from __future__ import annotations

from pathlib import Path

import ladybug as engine
import pytest

from kgtool import cypher
from kgtool.errors import StoreError
from kgtool.records import Node, Statement, Value
from kgtool.stores import ladybug

EVIDENCE: tuple[tuple[str, Value], ...] = (
    ("charEnd", 9),
    ("charStart", 3),
    ("confidence", 0.93),
    ("extractor", "kgtool-0.1.0"),
    ("paper", "arxiv:2601.00001"),
    ("sentence", 'It says "so",\nin two lines; \\ too'),
)
NODES = (
    Node("method:lora", "Method", (("aliases", ("LoRA", "low-rank adaptation")), ("name", "LoRA"), ("papers", 1))),
    Node("arxiv:2601.00001", "Paper", (("title", "A title"),)),
    Node("dataset:cora", "Dataset", (("name", "Cora"),)),
)
STATEMENTS = (
    Statement("arxiv:2601.00001", "uses", "method:lora", EVIDENCE),
    Statement("arxiv:2601.00001", "mentions", "method:lora", (("role", "uses"),)),
    Statement("arxiv:2601.00001", "mentions", "dataset:cora", (("role", "evaluates-on"),)),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("view") / "graph.lbug"
    ladybug.load(path, NODES, STATEMENTS)
    return path


def rows(path: Path, query: str) -> list[object]:
    with engine.Database(path, read_only=True) as database, engine.Connection(database) as connection:
        result = connection.execute(query)
        assert isinstance(result, engine.QueryResult)
        return list(result)


def test_a_database_holds_what_it_was_made_of(tmp_path: Path) -> None:
    path = tmp_path / "graph.lbug"
    ladybug.load(path, NODES, STATEMENTS)
    counts = ladybug.counts(path)
    assert {name: count for name, count in counts.items() if count} == {
        "Dataset": 1,
        "MENTIONS": 2,
        "Method": 1,
        "Paper": 1,
        "USES": 1,
    }
    assert list(counts) == sorted([*cypher.NODE_COLUMNS, *cypher.RELATIONSHIP_COLUMNS])
    query = "MATCH (p:Paper)-[r:USES]->(m) RETURN r.sentence, r.charStart, r.confidence, m.aliases, p.doi"
    assert rows(path, query) == [[dict(EVIDENCE)["sentence"], 3, 0.93, ["LoRA", "low-rank adaptation"], None]]
    assert [file.name for file in tmp_path.iterdir()] == ["graph.lbug"]


def test_an_empty_graph_has_every_table(tmp_path: Path) -> None:
    ladybug.load(tmp_path / "graph.lbug", [], [])
    assert set(ladybug.counts(tmp_path / "graph.lbug").values()) == {0}


def test_rows_come_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladybug, "_BATCH", 7)
    papers = [Node(f"arxiv:2601.{number:05}", "Paper", (("title", f"Title {number}"),)) for number in range(50)]
    edges = [Statement(paper.id, "mentions", "dataset:cora", (("role", "uses"),)) for paper in papers]
    ladybug.load(tmp_path / "graph.lbug", iter([*papers, NODES[2]]), iter(edges))
    assert ladybug.counts(tmp_path / "graph.lbug")["MENTIONS"] == 50
    titles = rows(tmp_path / "graph.lbug", "MATCH (p:Paper) RETURN p.title ORDER BY p.id")
    assert titles == [[f"Title {number}"] for number in range(50)]


def test_parallel_edges_stay_apart(tmp_path: Path) -> None:
    edges = [
        Statement("method:lora", "evaluatedWith", "dataset:cora", (*EVIDENCE[:4], ("paper", paper), EVIDENCE[5]))
        for paper in ("arxiv:2601.00001", "arxiv:2601.00002")
    ]
    ladybug.load(tmp_path / "graph.lbug", NODES, edges)
    assert ladybug.counts(tmp_path / "graph.lbug")["EVALUATED_WITH"] == 2


@pytest.mark.parametrize(
    ("nodes", "statements", "message"),
    [
        ([*NODES, NODES[0]], [], "'method:lora' comes twice"),
        ([*NODES, Node("method:lora", "Dataset")], [], "comes twice, as Method and as Dataset"),
        (NODES, [Statement("arxiv:2601.00001", "uses", "method:gone")], "'method:gone', which is no node"),
        (NODES, [Statement("dataset:cora", "uses", "method:lora")], "USES does not go from Dataset to Method"),
        (NODES, [Statement("arxiv:2601.00001", "knows", "method:lora")], "does not fit the schema"),
        ([Node("x:1", "Planet")], [], "the label 'Planet'"),
        ([Node("method:x", "Method", (("papers", "many"),))], [], "does not fit the schema"),
    ],
)
def test_rows_that_would_crash_the_engine_are_errors(
    tmp_path: Path, nodes: list[Node], statements: list[Statement], message: str
) -> None:
    with pytest.raises(StoreError, match=message):
        ladybug.load(tmp_path / "graph.lbug", nodes, statements)
    assert not [file for file in tmp_path.iterdir() if file.is_dir()]


def test_a_database_is_never_written_over(tmp_path: Path) -> None:
    ladybug.load(tmp_path / "graph.lbug", NODES, [])
    with pytest.raises(StoreError, match="exists already"):
        ladybug.load(tmp_path / "graph.lbug", [], [])


def test_a_missing_or_torn_database_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no property graph"):
        ladybug.counts(tmp_path / "graph.lbug")
    (tmp_path / "graph.lbug").write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError, match="cannot be read"):
        ladybug.counts(tmp_path / "graph.lbug")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("type(r)", "USES"),
        ("head([1, 2])", 1),
        ("last([1, 2])", 2),
        ("split('a,b', ',')", ["a", "b"]),
        ("toFloat('1.5')", 1.5),
        ("startNode(r).id", "arxiv:2601.00001"),
        ("endNode(r).id", "method:lora"),
        ("size(string(randomUUID()))", 36),
        ("rand() < 1", True),
    ],
)
def test_functions_of_neo4j_are_known_by_their_names(database: Path, expression: str, value: object) -> None:
    assert rows(database, f"MATCH ()-[r:USES]->() RETURN {expression}") == [[value]]
