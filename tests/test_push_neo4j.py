"""Pushing to a real Neo4j server: what stands there afterwards, what is left alone, and what becomes of failures."""

import shutil
from uuid import uuid4

import neo4j_graphs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from neo4j.exceptions import ClientError
from neo4j_graphs import (
    CORA,
    HOSTILE,
    LORA,
    NODES,
    PAPERS,
    STATEMENTS,
    entity,
    evidence,
    graph_in,
    graph_of,
    paper,
    store,
    written,
)

from kgtool.errors import InputError
from kgtool.push.neo4j import push
from kgtool.push.neo4j_schema import schema
from kgtool.records import Node, Statement

kg, server, query, graph = neo4j_graphs.kg, neo4j_graphs.server, neo4j_graphs.query, neo4j_graphs.graph


# What is written


def test_the_server_has_the_graph(kg, server, graph, query):
    pushed = push(kg, server, graph=graph)
    assert written(pushed) == (5, 5, 0, 0)
    assert graph_of(query, graph) == graph_in(kg)
    assert pushed.table().columns == (
        "graph",
        "nodes_created",
        "relationships_created",
        "nodes_deleted",
        "relationships_deleted",
        "properties_set",
    )
    ids = query("MATCH (n:KgNode:Method {graph: $graph}) RETURN n.id AS id", graph=graph)
    assert [row["id"] for row in ids] == ["method:lora"]


def test_a_second_push_writes_nothing(kg, server, graph, query):
    push(kg, server, graph=graph)
    before = query("MATCH (n {graph: $graph}) RETURN collect(elementId(n)) AS ids", graph=graph)
    assert set(push(kg, server, graph=graph).counters.values()) == {0}
    assert query("MATCH (n {graph: $graph}) RETURN collect(elementId(n)) AS ids", graph=graph) == before
    assert not query("MATCH (l:KgLock {graph: $graph}) RETURN l", graph=graph)


def test_the_example_digests(example_kg, tmp_path, server, graph, query):
    kg = shutil.copytree(example_kg, tmp_path / "copy")
    expected = push(kg, server, graph=graph, dry_run=True)
    assert graph_of(query, graph) == []
    assert push(kg, server, graph=graph) == expected
    assert graph_of(query, graph) == graph_in(kg)
    assert set(push(kg, server, graph=graph, dry_run=True).counters.values()) == {0}


def test_only_what_changed_is_written(kg, server, graph, query):
    push(kg, server, graph=graph)
    third = paper("arxiv:2601.00003", "Three")
    more = entity("method:lora", "Method", aliases=("LoRA",), papers=2)
    edge = Statement(third.id, "uses", LORA.id, evidence(third.id))
    store(kg, [more if node is LORA else node for node in (*NODES, third)], [*STATEMENTS, edge])
    expected = push(kg, server, graph=graph, dry_run=True)
    pushed = push(kg, server, graph=graph)
    assert written(pushed) == (1, 1, 0, 0)
    # The new paper: abstract, title, id, graph, hash; the edge: six of evidence, key, graph, hash; the method: five.
    assert pushed.counters["properties_set"] == 5 + 9 + 5 == expected.counters["properties_set"]
    assert graph_of(query, graph) == graph_in(kg)


def test_what_vanished_is_removed(kg, server, graph, query):
    push(kg, server, graph=graph)
    store(kg, [node for node in NODES if node is not LORA], STATEMENTS[:1])
    expected = push(kg, server, graph=graph, dry_run=True)
    assert written(push(kg, server, graph=graph)) == (0, 0, 1, 4) == written(expected)
    assert graph_of(query, graph) == graph_in(kg)


def test_a_property_that_is_gone_is_taken_away(kg, server, graph, query):
    push(kg, server, graph=graph)
    store(kg, [entity(LORA.id, "Method") if node is LORA else node for node in NODES])
    assert written(push(kg, server, graph=graph)) == (0, 0, 0, 0)
    assert graph_of(query, graph) == graph_in(kg)


def test_an_entity_that_gets_another_id(kg, server, graph, query):
    push(kg, server, graph=graph)
    moved = {LORA.id: "method:low-rank-adaptation"}
    nodes = [Node(moved.get(node.id, node.id), node.label, node.properties) for node in NODES]
    edges = [
        Statement(moved.get(e.subject, e.subject), e.predicate, moved.get(e.object, e.object), e.properties)
        for e in STATEMENTS
    ]
    store(kg, nodes, edges)
    assert written(push(kg, server, graph=graph)) == (1, 4, 1, 4)
    assert graph_of(query, graph) == graph_in(kg)


def test_an_id_that_gets_another_class(kg, server, graph, query):
    push(kg, server, graph=graph)
    store(kg, [*NODES[:-1], Node("author:ada", "Category", (("name", "Ada"),))], STATEMENTS[1:])
    push(kg, server, graph=graph)
    assert graph_of(query, graph) == graph_in(kg)


def test_edges_of_several_papers_stay_apart_and_are_changed_in_place(kg, server, graph, query):
    push(kg, server, graph=graph)
    find = (
        "MATCH (:KgNode {graph: $graph})-[r:EVALUATED_WITH]->() "
        "RETURN r.paper AS paper, elementId(r) AS id, r.confidence"
    )
    before = {row["paper"]: list(row) for row in query(find, graph=graph)}
    assert len(before) == 2
    changed = Statement(LORA.id, "evaluatedWith", CORA.id, evidence(PAPERS[1].id, 0.4))
    store(kg, NODES, [changed, *STATEMENTS[:4]])
    assert written(push(kg, server, graph=graph)) == (0, 0, 0, 0)
    after = {row["paper"]: list(row) for row in query(find, graph=graph)}
    assert after == before | {PAPERS[1].id: [PAPERS[1].id, before[PAPERS[1].id][1], 0.4]}


def test_edges_alike_in_all_but_the_sentence_stay_apart(kg, server, graph, query):
    twice = [Statement(LORA.id, "usedFor", CORA.id, evidence(PAPERS[0].id, sentence=text)) for text in ("a", "b", "b")]
    store(kg, NODES, twice)
    assert written(push(kg, server, graph=graph)) == (5, 3, 0, 0)
    assert graph_of(query, graph) == graph_in(kg)
    assert set(push(kg, server, graph=graph).counters.values()) == {0}


def test_what_no_server_takes(tmp_path, server, graph, query):
    kg = store(tmp_path / "kg", [entity("method:x", "Method", name="a\udfffb", aliases=("\ud83d", "c"))], ())
    push(kg, server, graph=graph)
    (found,) = graph_of(query, graph)
    assert (found[1]["name"], found[1]["aliases"]) == ("a\ufffdb", ["\ufffd", "c"])
    assert set(push(kg, server, graph=graph).counters.values()) == {0}


def test_an_empty_graph(tmp_path, server, graph, query):
    kg = store(tmp_path / "kg", (), ())
    assert set(push(kg, server, graph=graph).counters.values()) == {0}
    store(kg)
    push(kg, server, graph=graph)
    store(kg, (), ())
    assert written(push(kg, server, graph=graph)) == (0, 0, 5, 5)
    assert graph_of(query, graph) == []


def test_hostile_names_and_values_are_only_values(kg, server, query):
    graph = f"{uuid4().hex} ' \" ` }} $graph \\"
    nodes = [*NODES, entity(f"method:{HOSTILE}", "Method", name=HOSTILE, aliases=(HOSTILE, ";", ""))]
    store(
        kg, nodes, [*STATEMENTS, Statement(f"method:{HOSTILE}", "partOf", LORA.id, evidence(HOSTILE, sentence=HOSTILE))]
    )
    push(kg, server, graph=graph)
    assert graph_of(query, graph) == graph_in(kg)
    assert set(push(kg, server, graph=graph).counters.values()) == {0}
    store(kg, (), ())
    assert written(push(kg, server, graph=graph)) == (0, 0, 6, 6)


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_ENTITIES = st.builds(
    lambda name, aliases, papers, specificity: {
        "name": name, "aliases": aliases, "papers": papers, "specificity": specificity
    },
    _TEXTS,
    st.lists(_TEXTS, max_size=3).map(tuple),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False),
)  # fmt: skip


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    graphs=st.lists(
        st.tuples(
            st.dictionaries(st.integers(0, 5).map("method:{}".format), _ENTITIES, min_size=1),
            st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 1), _TEXTS), max_size=8),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_graph_after_any_other(graphs, tmp_path, server, graph, query):
    kg = tmp_path / "kg"
    for nodes, edges in graphs:
        statements = [
            Statement(f"method:{a}", "usedFor", f"method:{b}", evidence(f"arxiv:{number}", sentence=text))
            for a, b, number, text in edges
            if f"method:{a}" in nodes and f"method:{b}" in nodes
        ]
        store(kg, [entity(id_, "Method", **properties) for id_, properties in nodes.items()], statements)
        expected = push(kg, server, graph=graph, dry_run=True)
        assert written(push(kg, server, graph=graph)) == written(expected)
        assert graph_of(query, graph) == graph_in(kg)
    assert set(push(kg, server, graph=graph).counters.values()) == {0}


# What is left alone


def test_what_others_wrote_stays_as_it_is(kg, server, graph, query):
    others = f"other-{uuid4().hex}"
    query(
        "CREATE (p:Paper {id: $id, graph: $others, title: 'mine'})-[:USES {graph: $graph}]->"
        "(:Method {id: 'method:lora', of: $others})",
        id=PAPERS[0].id,
        others=others,
        graph=graph,
    )
    push(kg, server, graph=graph)
    query("MATCH (n:KgNode {graph: $graph, id: 'method:lora'}) SET n.rating = 5, n:Favourite", graph=graph)
    query("MATCH ()-[r:USES {graph: $graph}]->(:KgNode) SET r.seen = true", graph=graph)
    query(
        "MATCH (n:KgNode {graph: $graph, id: 'method:lora'}) CREATE (:Reader {of: $others})-[:LIKES]->(n)",
        graph=graph,
        others=others,
    )
    changed = [entity(LORA.id, "Method", papers=7) if node is LORA else node for node in NODES]
    again = Statement(PAPERS[0].id, "uses", LORA.id, evidence(PAPERS[0].id, 0.3))
    store(kg, changed, [again])
    push(kg, server, graph=graph)
    (row,) = query(
        "MATCH (:Reader {of: $others})-[:LIKES]->(n:Favourite)<-[r:USES]-() "
        "RETURN n.rating, n.papers, r.seen, r.confidence",
        others=others,
    )
    assert list(row) == [5, 7, True, 0.3]
    store(kg, (), ())
    push(kg, server, graph=graph)
    (row,) = query("MATCH (p:Paper {graph: $others})-[:USES]->(m:Method) RETURN p.title, m.id", others=others)
    assert list(row) == ["mine", "method:lora"]
    query("MATCH (n) WHERE n.of = $others OR n.graph = $others DETACH DELETE n", others=others)


def test_a_node_on_which_others_hang_something_stays_as_a_stub_and_is_taken_back(kg, server, graph, query):
    push(kg, server, graph=graph)
    query(
        "MATCH (n:KgNode {graph: $graph, id: 'method:lora'}) CREATE (:Reader {graph: $graph})-[:LIKES]->(n)",
        graph=graph,
    )
    store(kg, [node for node in NODES if node is not LORA], STATEMENTS[:1])
    expected = push(kg, server, graph=graph, dry_run=True)
    assert written(push(kg, server, graph=graph)) == (0, 0, 0, 4) == written(expected)
    (row,) = query("MATCH (:Reader {graph: $graph})-->(n) RETURN labels(n), n.id, n.papers, n.name", graph=graph)
    assert list(row) == [["KgVanished"], "method:lora", None, "method:lora"]
    assert set(push(kg, server, graph=graph).counters.values()) == {0}
    store(kg)
    expected = push(kg, server, graph=graph, dry_run=True)
    assert written(push(kg, server, graph=graph)) == (0, 4, 0, 0) == written(expected)
    assert graph_of(query, graph) == graph_in(kg)
    (row,) = query("MATCH (:Reader {graph: $graph})-[:LIKES]->(n) RETURN n.papers", graph=graph)
    assert row[0] == 1
    store(kg, [node for node in NODES if node is not LORA], STATEMENTS[:1])
    push(kg, server, graph=graph)
    query("MATCH (r:Reader {graph: $graph}) DETACH DELETE r", graph=graph)
    store(kg, NODES[:1], ())
    push(kg, server, graph=graph)
    assert not query("MATCH (n:KgVanished {graph: $graph}) RETURN n", graph=graph)


def test_two_graphs_live_side_by_side(kg, server, graph, query, tmp_path):
    other = store(tmp_path / "other", NODES[:3], STATEMENTS[1:3])
    name = f"{graph}-other"
    push(kg, server, graph=graph)
    push(other, server, graph=name)
    assert (graph_of(query, graph), graph_of(query, name)) == (graph_in(kg), graph_in(other))
    store(other, (), ())
    assert written(push(other, server, graph=name)) == (0, 0, 3, 2)
    assert graph_of(query, graph) == graph_in(kg)
    assert set(push(kg, server, graph=graph).counters.values()) == {0}


def test_the_folder_keeps_the_name_and_a_copy_too(kg, server, query, tmp_path):
    name = push(kg, server).graph
    assert name
    assert push(shutil.copytree(kg, tmp_path / "copy"), server).graph == name
    assert push(store(tmp_path / "second"), server, dry_run=True).graph != name
    query("MATCH (n {graph: $graph}) DETACH DELETE n", graph=name)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
def test_a_name_that_is_none(kg, server, name):
    with pytest.raises(InputError, match="name of the graph"):
        push(kg, server, graph=name)


def test_what_others_spoilt_is_mended(kg, server, graph, query):
    push(kg, server, graph=graph)
    query("MATCH (n:KgNode {graph: $graph, id: 'method:lora'}) REMOVE n:Method SET n:Task", graph=graph)
    query("MATCH (n:KgNode {graph: $graph, id: 'dataset:cora'}) DETACH DELETE n", graph=graph)
    query("MATCH (:KgNode {graph: $graph})-[r:WROTE]->() SET r.kgHash = 1, r.position = 9", graph=graph)
    query(
        "MATCH (n:KgNode {graph: $graph, id: 'author:ada'}) "
        "CREATE (n)-[:OF_AN_OLDER_KGTOOL {graph: $graph, kgId: 'x'}]->(n)",
        graph=graph,
    )
    expected = push(kg, server, graph=graph, dry_run=True)
    assert written(push(kg, server, graph=graph)) == (1, 2, 0, 1) == written(expected)
    assert graph_of(query, graph) == graph_in(kg)


def test_the_schema_follows_from_the_ontology(kg, server, graph, query):
    push(kg, server, graph=graph)
    names = {row["name"] for row in query("SHOW INDEXES YIELD name")}
    assert set(schema()) <= names
    assert {"kgtool_node", "kgtool_uses", "kgtool_paper_title", "kgtool_method_name", "kgtool_digest_id"} <= names
    with pytest.raises(ClientError, match="already exists"):
        query("CREATE (:KgNode {graph: $graph, id: 'method:lora'})", graph=graph)
    query("CALL db.awaitIndexes(60)")
    found = query(
        "CALL db.index.fulltext.queryNodes('kgtool_names', 'adaptation') YIELD node RETURN node.graph, node.id"
    )
    assert [graph, "method:lora"] in [list(row) for row in found]


def test_a_hub_of_ten_thousand_edges(tmp_path, server, graph, query):
    ends = [entity("method:hub", "Method"), entity("task:hub", "Task")]
    edges = [Statement(ends[0].id, "usedFor", ends[1].id, evidence(f"arxiv:{number:05}")) for number in range(10_000)]
    kg = store(tmp_path / "kg", ends, edges)
    assert written(push(kg, server, graph=graph)) == (2, 10_000, 0, 0)
    edges[:3] = [
        Statement(ends[0].id, "usedFor", ends[1].id, evidence(f"arxiv:{number:05}", 0.1)) for number in range(3)
    ]
    store(kg, ends, edges[:-2])
    pushed = push(kg, server, graph=graph)
    assert written(pushed) == (0, 0, 0, 2)
    assert pushed.counters["properties_set"] == 3 * 7
    store(kg, ends[:1], ())
    assert written(push(kg, server, graph=graph)) == (0, 0, 1, 9_998)


@pytest.mark.parametrize("columns", [{"name": "x" * 40_000}, {"aliases": ("x" * 40_000,)}])
def test_texts_that_are_very_long(kg, server, graph, query, columns):
    store(kg, [entity("method:long", "Method", **columns)], ())
    if "name" in columns:
        with pytest.raises(InputError, match="name is longer than 32,000 bytes"):
            push(kg, server, graph=graph)
    else:
        push(kg, server, graph=graph)
        assert graph_of(query, graph) == graph_in(kg)


def test_an_id_that_is_too_long_is_told_before_anything_is_written(kg, server, graph, query):
    store(kg, [*NODES, entity("method:" + "é" * 4_000, "Method")], ())
    with pytest.raises(InputError, match="its id is longer than 7,000 bytes"):
        push(kg, server, graph=graph)
    assert graph_of(query, graph) == []
