"""Stats: the shape of small graphs counted by hand, and of the example graph by networkx."""

import json

import networkx as nx
import pytest
from test_analysis import author, entity, paper, role, run, store

from kgtool.analysis.network import network
from kgtool.analysis.stats import SECTIONS, stats
from kgtool.errors import InputError, StoreError
from kgtool.records import Node, Statement

A, B, C = "arxiv:2601.00001", "arxiv:2602.00002", "title:0123456789abcdef"


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """A and B use GCN, A evaluates on Cora (unsure), Ada wrote A, C has nothing; one digest lists all three."""
    ada, wrote = author("Ada Example", (A, 1))
    nodes = [paper(A, "First"), paper(B, "Second"), paper(C, "Third"), ada]
    nodes += [entity("Method", "GCN", papers=2), entity("Dataset", "Cora")]
    nodes += [Node("digest:monday", "Digest", (("name", "Monday"),))]
    statements = [
        *wrote,
        *(Statement(id_, "listedIn", "digest:monday", (("rank", 1),)) for id_ in (A, B, C)),
        *role(A, "uses", "method:gcn"),
        *role(B, "uses", "method:gcn"),
        *role(A, "evaluates-on", "dataset:cora", 0.4),
    ]
    return store(tmp_path_factory.mktemp("stats") / "kg", nodes, statements)


def section(kg, kind, **options):
    rows = [row for row in stats(kg, **options).records() if row["kind"] == kind]
    return {row["name"] if kind != "spread" else (row["label"], row["name"]): row for row in rows}


def test_nodes_and_edges_come_first(kg):
    rows = [(row["kind"], row["name"], row["count"]) for row in stats(kg).records()]
    assert rows[:9] == [
        ("node", "Author", 1),
        ("node", "Dataset", 1),
        ("node", "Digest", 1),
        ("node", "Method", 1),
        ("node", "Paper", 3),
        ("edge", "EVALUATES_ON", 1),
        ("edge", "LISTED_IN", 3),
        ("edge", "MENTIONS", 3),
        ("edge", "USES", 2),
    ]


def test_size_and_density(kg):
    size = section(kg, "size")
    assert {name: size[name]["count"] for name in ("nodes", "edges", "edges with evidence", "joined pairs")} == {
        "nodes": 7,
        "edges": 10,
        "edges with evidence": 6,
        "joined pairs": 7,
    }
    assert size["edges with evidence"]["share"] == 0.6
    assert size["joined pairs"]["share"] == pytest.approx(7 / 21, abs=1e-6)
    methods = size["methods of a paper"]
    assert [methods[name] for name in ("count", "min", "median", "mean", "max")] == [2, 0, 1.0, 0.67, 1]
    assert size["papers of a method"]["max"] == 2
    assert "tasks of a paper" in size
    assert "papers of a task" not in size


def test_the_most_connected_are_no_digests(kg):
    rows = [row for row in stats(kg).records() if row["kind"] == "connected"]
    assert [(row["name"], row["count"], row["label"], row["papers"]) for row in rows] == [
        ("First", 4, "Paper", None),
        ("Second", 2, "Paper", None),
        ("GCN", 2, "Method", 2),
        ("Ada Example", 1, "Author", 1),
        ("Cora", 1, "Dataset", 1),
        ("Third", 1, "Paper", None),
    ]
    assert len(section(kg, "connected", limit=2)) == 2


def test_components(kg):
    found = section(kg, "component")
    assert [found["whole graph"][name] for name in ("count", "largest", "isolated", "share")] == [1, 7, 0, 1.0]
    without = found["without digests and categories"]
    assert [without[name] for name in ("count", "largest", "isolated")] == [2, 5, 1]
    assert without["share"] == pytest.approx(5 / 6, abs=1e-6)


def test_degrees(kg):
    degrees = section(kg, "degree")
    assert [degrees["Paper"][name] for name in ("count", "min", "median", "mean", "max")] == [3, 1, 2.0, 2.33, 4]
    spread = section(kg, "spread")
    assert {name: row["count"] for name, row in spread.items() if name[0] == "Paper"} == {
        ("Paper", "1"): 1,
        ("Paper", "2-3"): 1,
        ("Paper", "4-7"): 1,
    }


def test_unsure_edges_are_left_out(kg):
    assert section(kg, "edge", min_confidence=0.5).keys() == {"LISTED_IN", "MENTIONS", "USES", "WROTE"}
    assert section(kg, "spread", min_confidence=0.5)["Dataset", "0"]["count"] == 1
    assert section(kg, "component", min_confidence=0.5)["whole graph"]["isolated"] == 1


def test_sections(kg):
    assert {row[0] for row in stats(kg, kinds=("degree", "node"))} == {"node", "degree"}
    assert tuple(dict.fromkeys(row[0] for row in stats(kg))) == SECTIONS
    with pytest.raises(InputError, match="no section"):
        stats(kg, kinds=("shape",))


def test_no_graph_an_empty_one_and_one_node(tmp_path):
    with pytest.raises(StoreError):
        stats(tmp_path / "none")
    assert run("stats", "--kg", tmp_path / "none").exit_code == 2
    empty = store(tmp_path / "empty", [], [])
    assert len(stats(empty)) == 0
    assert run("stats", "--kg", empty, "-o", "json").stdout.strip() == "[]"
    assert run("stats", "--kg", empty, "-o", "table").exit_code == 0
    one = store(tmp_path / "one", [paper(A, "Alone")], [])
    assert section(one, "size")["joined pairs"]["share"] is None
    assert section(one, "size")["edges with evidence"]["share"] is None
    assert [section(one, "component")["whole graph"][name] for name in ("count", "largest", "isolated")] == [1, 1, 1]
    assert section(one, "spread")["Paper", "0"]["count"] == 1
    assert not section(one, "connected")
    digest = store(tmp_path / "digest", [Node("digest:x", "Digest", (("name", "x"),))], [])
    assert section(digest, "component").keys() == {"whole graph"}


def test_the_example_graph_is_as_networkx_has_it(example_kg):
    graph = nx.Graph(network(example_kg))
    size = section(example_kg, "size")
    assert size["nodes"]["count"] == graph.number_of_nodes()
    assert size["joined pairs"]["count"] == graph.number_of_edges()
    assert size["joined pairs"]["share"] == pytest.approx(nx.density(graph), abs=1e-6)
    assert section(example_kg, "component")["whole graph"]["count"] == nx.number_connected_components(graph)
    for row in section(example_kg, "connected").values():
        assert row["count"] == graph.degree(row["id"])
    spread = section(example_kg, "spread")
    assert sum(row["count"] for row in spread.values()) == graph.number_of_nodes()


def test_the_command(example_kg):
    found = json.loads(run("stats", "--kg", example_kg, "-o", "json").stdout)
    assert found == stats(example_kg).records()
    shown = run("stats", "--kg", example_kg, "-o", "table").stdout
    for heading in ("nodes by label", "edges by relationship type", "connected components", "degrees by label"):
        assert f"{heading}\n" in shown
    only = run("stats", "--kind", "node", "--kg", example_kg, "-o", "table").stdout
    assert only.startswith("nodes by label\nname ")
    assert run("stats", "--kind", "shape", "--kg", example_kg).exit_code == 2
