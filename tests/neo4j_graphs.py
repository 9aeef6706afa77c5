"""Graphs made by hand for the tests of Neo4j, and how what stands on a server is compared with them."""

import json
from uuid import uuid4

import pytest

from kgtool import vocab
from kgtool.records import Node, Statement
from kgtool.stores.corpus import Corpus
from kgtool.stores.neo4j import Server

HOSTILE = """Robert'); MATCH (n) DETACH DELETE n // "quoted" \\ `tick` {$x: 1} \x00\x07\r\n\t <b>é…😀"""


def evidence(paper, confidence=0.9, sentence="Said so.", **more):
    found = {"charEnd": 4, "charStart": 0, "confidence": confidence, "extractor": "by-hand-1", "paper": paper}
    return tuple(sorted((found | {"sentence": sentence} | more).items()))


def paper(id_, title="A title", **properties):
    return Node(id_, "Paper", tuple(sorted({"title": title, "abstract": "", **properties}.items())))


def entity(id_, label, **properties):
    return Node(id_, label, tuple(sorted({"name": id_, "papers": 1, "specificity": 0.5, **properties}.items())))


PAPERS = (paper("arxiv:2601.00001", "One", tldr=("zh", "修复")), paper("arxiv:2601.00002", "Two", published="2026-01"))
LORA = entity("method:lora", "Method", aliases=("LoRA", "low-rank; adaptation"))
CORA = entity("dataset:cora", "Dataset")
NODES = (*PAPERS, LORA, CORA, Node("author:ada", "Author", (("name", "Ada"),)))
STATEMENTS = (
    Statement("author:ada", "wrote", PAPERS[0].id, (("position", 1),)),
    Statement(PAPERS[0].id, "uses", LORA.id, evidence(PAPERS[0].id)),
    Statement(PAPERS[0].id, "mentions", LORA.id, evidence(PAPERS[0].id, role="uses")),
    Statement(LORA.id, "evaluatedWith", CORA.id, evidence(PAPERS[0].id)),
    Statement(LORA.id, "evaluatedWith", CORA.id, evidence(PAPERS[1].id, 0.7)),
)


def store(kg, nodes=NODES, statements=STATEMENTS):
    """A graph as it stands, without digests behind it."""
    with Corpus.create_or_open(kg) as corpus:
        corpus.replace_state([], [], (sorted(nodes, key=lambda node: node.id), statements), {}, "by-hand-1")
    return kg


@pytest.fixture
def kg(tmp_path):
    return store(tmp_path / "kg")


@pytest.fixture
def server(neo4j_server):
    return Server(neo4j_server.uri, neo4j_server.user, neo4j_server.password)


@pytest.fixture
def query(neo4j_server):
    """Asks the server, as another program would."""
    with neo4j_server.driver() as driver:
        yield lambda text, **parameters: driver.execute_query(text, parameters).records


@pytest.fixture
def graph(query):
    """The name of a graph that no other test has; it is gone afterwards."""
    name = f"test-{uuid4().hex[:12]}"
    yield name
    query("MATCH (n {graph: $graph}) DETACH DELETE n", graph=name)


def written(pushed):
    return tuple(pushed.counters.values())[:4]


def graph_of(query, graph):
    """The nodes and relationships of a graph on the server, without what kgtool adds for itself."""
    nodes = query("MATCH (n:KgNode {graph: $graph}) RETURN labels(n) AS labels, properties(n) AS has", graph=graph)
    edges = query(
        "MATCH (a:KgNode {graph: $graph})-[r {graph: $graph}]->(b:KgNode {graph: $graph}) "
        "RETURN a.id AS start, type(r) AS type, b.id AS end, properties(r) AS has",
        graph=graph,
    )
    own = ("graph", "kgHash", "kgId")
    found = [
        [
            *sorted(set(row["labels"]) - {"KgNode"}),
            {name: value for name, value in row["has"].items() if name not in own},
        ]
        for row in nodes
    ]
    found += [
        [row["start"], row["type"], row["end"], {name: value for name, value in row["has"].items() if name not in own}]
        for row in edges
    ]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def graph_in(kg):
    """The same of the corpus; a server has no empty lists."""
    with Corpus.open(kg) as corpus:
        found = [
            [node.label, {"id": node.id} | {name: plain(name, value) for name, value in node.properties if value != ()}]
            for node in corpus.nodes()
        ]
        found += [
            [each.subject, vocab.relationship_type(each.predicate), each.object, dict(each.properties)]
            for each in corpus.statements()
        ]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def plain(name, value):
    if isinstance(value, tuple):
        return list(value) if name == "aliases" else value[1]
    return value
