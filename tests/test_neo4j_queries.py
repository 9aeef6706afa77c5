"""One suite over both: what the embedded view answers, the server that the graph was pushed to answers too."""

import json
import random
import tempfile
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import ladybug
import pytest
from click.testing import CliRunner
from graphs import HOSTILE, entity, example, graphs, node, questions, relation, role, store
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtool import queries
from kgtool.analysis.connect import connect
from kgtool.analysis.matrix import matrix
from kgtool.analysis.papers import papers
from kgtool.analysis.show import show
from kgtool.analysis.stats import stats
from kgtool.cli import main
from kgtool.errors import InputError, NothingFound, QueryError, QueryTimeout, ServerError, ServerUnavailable
from kgtool.push.neo4j import push
from kgtool.records import Statement
from kgtool.stores import cypher_guard, cypher_query, views
from kgtool.stores.asking import ask_cypher
from kgtool.stores.corpus import Corpus
from kgtool.stores.neo4j import Server
from kgtool.stores.neo4j_asking import ServerGraph, ask_server, asking
from kgtool.stores.neo4j_confined import confined

QUERIES = queries.queries()
each_query = pytest.mark.parametrize("canned", QUERIES, ids=lambda canned: canned.name)
A, B, C, D = "arxiv:2601.00001", "arxiv:2602.00002", "doi:10.1234/c", "title:0123456789abcdef"


def nodes():
    """A and B are by Ada, C is alone with GAT; a hostile name, an alias in another case, a paper of unknown date."""
    return [
        node(A, "Paper", title="Mending Graphs", published="2026-01-10", arxivId="2601.00001", abstract="On GCN."),
        node(B, "Paper", title="Comparing on Graphs", published="2026-02", abstract=""),
        node(C, "Paper", title="Attention", published="2025", doi="10.1234/c", venue="A Venue", abstract=""),
        node(D, "Paper", title=HOSTILE, abstract=""),
        node("author:ada", "Author", name="Ada Example"),
        node("author:ben", "Author", name="José Sample"),
        node("category:cs.LG", "Category", name="cs.LG"),
        node("digest:monday", "Digest", name="Papers of Monday", published="2026-02-16"),
        entity("method:gcn", "GCN", ("Graph Convolutional Network", "graph network"), papers=3),
        entity("method:gat", "GAT", ("graph network",)),
        entity("method:graphmend", "GraphMend"),
        entity("method:alone", "Alone"),
        entity("dataset:cora", "Cora", papers=2),
        entity("dataset:hostile", HOSTILE, ("O'Brien\\",)),
        entity("task:clustering", "Clustering"),
        entity("method:clustering", "Clustering"),
    ]


def statements():
    return [
        Statement("author:ada", "wrote", A, (("position", 1),)),
        Statement("author:ada", "wrote", B, (("position", 2),)),
        Statement("author:ben", "wrote", B, (("position", 1),)),
        *(Statement(id_, "inCategory", "category:cs.LG") for id_ in (A, B, C)),
        Statement(A, "listedIn", "digest:monday", (("rank", 1),)),
        *role(A, "introduces", "method:graphmend"),
        *role(A, "uses", "method:gcn"),
        *role(A, "evaluates-on", "dataset:cora"),
        *role(A, "addresses", "task:clustering"),
        relation("method:graphmend", "evaluatedWith", "dataset:cora", A),
        relation("method:graphmend", "comparedTo", "method:gcn", A, sentence=HOSTILE),
        relation("method:graphmend", "comparedTo", "method:gcn", B, 0.7),
        *role(B, "compares-with", "method:gcn", 0.8),
        *role(B, "evaluates-on", "dataset:cora", 0.3),
        *role(C, "uses", "method:gat"),
        *role(C, "mentions", "dataset:cora"),
        *role(D, "introduces", "dataset:hostile"),
        *role(D, "uses", "method:gcn"),
    ]


@pytest.fixture(scope="module")
def server(neo4j_server):
    return Server(neo4j_server.uri, neo4j_server.user, neo4j_server.password)


@pytest.fixture(scope="module")
def query(neo4j_server):
    """Asks the server, as another program would."""
    with neo4j_server.driver() as driver:
        yield lambda text, **parameters: driver.execute_query(text, parameters).records


@contextmanager
def pushed(kg, server, query):
    """The graph on the server beside others, under a name that no other test has, and gone afterwards."""
    name = f"test-{uuid4().hex[:12]}"
    try:
        push(kg, server, graph=name)
        yield ServerGraph(server, name)
    finally:
        query("MATCH (n {graph: $graph}) DETACH DELETE n", graph=name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return store(tmp_path_factory.mktemp("both") / "kg", nodes(), statements())


@pytest.fixture(scope="module")
def on_server(folder, server, query, tmp_path_factory):
    """The graph; beside it one with the same ids and other names, and what strangers wrote under the same labels."""
    others = [
        entity(each.id, f"Other {each.get('name')}", papers=9) if ":" in each.id and each.get("papers") else each
        for each in nodes()
    ]
    more = [*statements(), *role(C, "introduces", "method:clustering"), *role(C, "uses", "method:gcn")]
    beside = store(tmp_path_factory.mktemp("beside") / "kg", others, more)
    mark = uuid4().hex
    with pushed(folder, server, query) as graph, pushed(beside, server, query):
        query(
            "CREATE (p:Paper {id: $a, title: 'Foreign', mark: $mark, published: '2026-01-01'}) "
            "CREATE (m:Method {id: 'method:gcn', name: 'GCN', aliases: ['GCN'], papers: 1, mark: $mark}) "
            "CREATE (p)-[:USES {confidence: 0.9, paper: $a, sentence: 'Foreign.'}]->(m) "
            "CREATE (p)-[:MENTIONS {confidence: 0.9, paper: $a, sentence: 'Foreign.', role: 'uses'}]->(m) "
            "CREATE (:Author {id: 'author:ada', name: 'Ada Example', mark: $mark})-[:WROTE {position: 1}]->(p)",
            a=A,
            mark=mark,
        )
        query(
            "MATCH (a:KgNode {graph: $graph, id: $a}), (m:KgNode {graph: $graph, id: 'method:alone'}), "
            "(d:KgNode {graph: $graph, id: 'dataset:cora'}) SET a:Method "
            "CREATE (a)-[:USES {confidence: 1.0, paper: $a, sentence: 'Foreign.', mark: $mark}]->(m) "
            "CREATE (m)-[:EVALUATED_WITH {confidence: 1.0, paper: $a, sentence: 'Foreign.', mark: $mark}]->(d) "
            "REMOVE a:Method",
            graph=graph.name,
            a=A,
            mark=mark,
        )
        yield graph
        query("MATCH (n {mark: $mark}) DETACH DELETE n", mark=mark)


@pytest.fixture(scope="module", params=["folder", "server"])
def kg(request):
    """The same graph, in its folder and on the server."""
    return request.getfixturevalue({"folder": "folder", "server": "on_server"}[request.param])


@pytest.fixture(scope="module")
def example_on_server(example_kg, server, query):
    with pushed(example_kg, server, query) as graph, asking(graph) as asker:
        yield graph, asker


def columns(table, *names):
    return [tuple(row[name] for name in names) for row in table.records()]


@contextmanager
def engine(kg):
    """What answers canned queries from the folder, in this process and opened once: a child takes long for so many."""
    with (
        views.current_view(kg) as view,
        ladybug.Database(view.ladybug, read_only=True, buffer_pool_size=1 << 28) as database,
        ladybug.Connection(database) as connection,
    ):

        def answer(canned, parameters):
            text, bound = queries.prepare(canned.name, "cypher", parameters)
            result = connection.execute(text, bound)
            rows = [[cypher_query._cell(value) for value in row] for row in result]
            names = cypher_query._columns(text, cypher_guard.mask(text), result.get_column_names())
            result.close()
            return names, rows

        yield answer


@pytest.fixture(scope="module")
def example_in_folder(example_kg):
    with engine(example_kg) as answer:
        yield answer


@pytest.fixture(scope="module")
def in_folder(folder):
    with engine(folder) as answer:
        yield answer


def there(asker, canned, parameters):
    table = asker.ask(*queries.prepare(canned.name, "cypher", parameters))
    return list(table.columns), json.loads(json.dumps(table.rows))


# Canned queries


@each_query
def test_a_canned_query_gives_the_same_rows(example_kg, example_in_folder, example_on_server, canned):
    with Corpus.open(example_kg) as corpus:
        found = list(corpus.nodes())
    for parameters in (example(canned), *questions(canned, found, random.Random(canned.name).choice)):
        assert there(example_on_server[1], canned, parameters) == example_in_folder(canned, parameters), parameters


@each_query
def test_neither_other_graphs_nor_strangers_leak_into_answers(in_folder, on_server, canned):
    with asking(on_server) as asker:
        for parameters in questions(canned, nodes(), random.Random(canned.name).choice):
            assert there(asker, canned, parameters) == in_folder(canned, parameters), parameters


@settings(max_examples=4, deadline=None, derandomize=True)
@given(graph=graphs(), seed=st.integers(0, 1 << 20))
def test_the_same_rows_of_any_graph(server, query, graph, seed):
    choose = random.Random(seed).choice
    with tempfile.TemporaryDirectory() as name:
        kg = store(Path(name) / "kg", *graph)
        with engine(kg) as answer, pushed(kg, server, query) as held, asking(held) as asker:
            for canned in QUERIES:
                for parameters in questions(canned, graph[0], choose):
                    assert there(asker, canned, parameters) == answer(canned, parameters), (canned.name, parameters)


def test_queries_run_takes_a_server(folder, on_server):
    for name, given_ in (("papers-of-method", {"method": "gcn"}), ("count-nodes", {})):
        assert queries.run(on_server, name, parameters=given_) == queries.run(folder, name, parameters=given_)
    with pytest.raises(InputError, match="a Neo4j server is asked in Cypher"):
        queries.run(on_server, "count-nodes", "sparql")


@each_query
def test_every_pattern_is_confined(canned):
    text = confined(canned.cypher)
    body = text.split("\n\n", 1)[1]
    assert body.count("{graph: $graph}") >= 2 * body.count("-[") + (body.count("-[") == 0)
    assert "(p:Paper" not in body
    assert "(m:Method" not in body


@pytest.mark.parametrize("text", ["MATCH (a)-->(b) RETURN a", "MATCH (a {x: {y: 1}}) RETURN a", "MATCH (a:!B) RETURN a",
                                  "MATCH p = shortestPath((a)-[*]-(b)) RETURN p", "MATCH (a:$($b)) RETURN a",
                                  "MATCH (a WHERE a.id = 1) RETURN a", "MATCH (a)-[r*1..2]->(b) RETURN a",
                                  "MATCH (a:`B`) RETURN a"])  # fmt: skip
def test_a_pattern_that_cannot_be_confined_is_refused(text):
    with pytest.raises(ValueError, match="cannot be confined"):
        confined(text)


def test_what_is_quoted_or_a_comment_is_no_pattern():
    text = "MATCH (a {id: 'MATCH (b)'}) // MATCH (c)\nWHERE a.name = 'x (d)' AND (a.x) RETURN (a)"
    assert confined(text) == (
        "MATCH (a:KgNode {graph: $graph, id: 'MATCH (b)'}) // MATCH (c)\nWHERE a.name = 'x (d)' AND (a.x) RETURN (a)"
    )


# Exploring, over both


def test_show_a_method(kg):
    rows = columns(show(kg, "graph convolutional network"), "section", "id", "name", "papers")
    assert ("about", "method:gcn", "GCN", None) in rows
    assert [row[1] for row in rows if row[0] == "used by"] == [A, D]
    assert [row[1] for row in rows if row[0] == "compared with by"] == [B]
    assert ("datasets", "dataset:cora", "Cora", 2) in rows
    assert sum(row[0] == "relations" for row in rows) == 2


@pytest.mark.parametrize("name", [A, "2601.00001", "10.1234/c", "José Sample", "author:ada", "cs.LG", "dataset:cora",
                                  "Papers of Monday", "CORA", "GraphMend", "method:alone", HOSTILE, "task:clustering",
                                  "o'brien\\"])  # fmt: skip
def test_show_is_the_same(folder, on_server, name):
    if name == HOSTILE:
        for each in (folder, on_server):
            with pytest.raises(InputError, match="2 have this name"):
                show(each, name)
        return
    assert show(on_server, name) == show(folder, name)
    assert show(on_server, name, limit=1, min_confidence=0.75) == show(folder, name, limit=1, min_confidence=0.75)


def test_show_names_that_are_not_there_or_several(kg):
    with pytest.raises(InputError, match=r"Clustering: 2 have this name.*\n  method:clustering.*\n  task:clustering"):
        show(kg, "Clustering")
    with pytest.raises(NothingFound, match=r"GraphMen: no node of this name in the graph; close to it: GraphMend \(me"):
        show(kg, "GraphMen")
    with pytest.raises(InputError, match="graph network: 2 have"):
        show(kg, "graph network")
    with pytest.raises(InputError, match="empty name"):
        show(kg, " ")


def test_papers_by_what_they_do(kg):
    def found(**filters):
        return [id_ for (id_,) in columns(papers(kg, **filters), "id")]

    assert found() == [B, A, C, D]
    assert found(method="gcn") == [B, A, D]
    assert found(method="gcn", role="uses") == [A, D]
    assert found(dataset="Cora") == [B, A, C]
    assert found(dataset="Cora", role="mentions") == [C]
    assert found(role="introduces") == [A, D]
    assert found(author=["Ada Example", "José Sample"]) == [B]
    assert found(category="cs.LG", since="2026") == [B, A]
    assert found(digest="digest:monday") == [A]
    assert found(method="gcn", min_confidence=0.97) == []
    assert columns(papers(kg, author="author:ada"), "authors") == [
        (("José Sample", "Ada Example"),),
        (("Ada Example",),),
    ]


def test_matrix_counts_papers(kg):
    assert columns(matrix(kg), "method", "dataset", "support", "direct") == [
        ("GCN", "Cora", 2, 0),
        ("GraphMend", "Cora", 1, 1),
        ("GCN", HOSTILE, 1, 0),
    ]
    both = ("method", "other_method", "support", "direct")
    assert columns(matrix(kg, "methods", "methods"), *both) == [("GCN", "GraphMend", 1, 2)]
    assert columns(matrix(kg, "methods", "datasets", task="task:clustering"), "method", "support") == [
        ("GraphMend", 1),
        ("GCN", 1),
    ]
    assert len(matrix(kg, min_confidence=0.95)) == 0


def test_stats_of_the_graph(kg):
    rows = columns(stats(kg), "kind", "name", "count")
    assert ("node", "Paper", 4) in rows
    assert ("node", "Method", 5) in rows
    assert ("edge", "COMPARED_TO", 2) in rows
    assert ("edge", "USES", 3) in rows
    assert ("size", "edges", 29) in rows


def test_all_is_the_same_of_the_examples(example_kg, example_on_server):
    graph, _ = example_on_server
    for one in (
        stats,
        lambda kg: stats(kg, min_confidence=0.7, limit=3),
        lambda kg: papers(kg, role="addresses", since="2026-02"),
        lambda kg: papers(kg, method="LoRA", dataset="ImageNet"),
        lambda kg: show(kg, "LoRA"),
        lambda kg: show(kg, "Priya Sankarlal"),
        matrix,
        lambda kg: matrix(kg, "tasks", "tasks", min_support=0),
        lambda kg: matrix(kg, "methods", "tasks", dataset="ImageNet", min_confidence=0.6),
    ):
        assert one(graph) == one(example_kg)


def ways(kg, *names, **options):
    def parts(step):
        return step.start.id, step.relationship, step.forward, step.end.id, step.paper.id, step.papers

    return [[parts(step) for step in way.steps] for way in connect(kg, *names, **options)]


def test_connect_by_a_shortest_way(kg):
    assert ways(kg, "GraphMend", "GCN", max_length=1) == [
        [("method:graphmend", "COMPARED_TO", True, "method:gcn", A, 2)],
    ]
    (way,) = ways(kg, "José Sample", "task:clustering", limit=1)
    assert len(way) == 4
    assert way[0] == ("author:ben", "WROTE", True, B, B, 1)
    assert way[3] == (A, "ADDRESSES", True, "task:clustering", A, 1)
    assert ways(kg, "GAT", "GraphMend", max_length=3, limit=1)[0][0] == ("method:gat", "USES", False, C, C, 1)


def test_connect_passes_categories_only_where_they_are_asked_for(kg):
    found = ways(kg, "GAT", "GraphMend", via="Category", max_length=4, limit=1)
    assert [step[3] for step in found[0]] == [C, "category:cs.LG", A, "method:graphmend"]
    assert all("category" not in step[3] for step in ways(kg, "GAT", "GraphMend", limit=1)[0])
    with pytest.raises(NothingFound, match=r"no connection within 2 steps .*; the shortest has 3 steps"):
        connect(kg, "GAT", "GraphMend", max_length=2)
    with pytest.raises(NothingFound, match=r"no connection within 4 steps between .*Alone.*; .*there is none"):
        connect(kg, "method:alone", "GCN")
    with pytest.raises(InputError, match="are the same node"):
        connect(kg, "GCN", "graph convolutional network")


@pytest.mark.parametrize(
    ("a", "b", "options"),
    [
        ("LoRA", "ImageNet", {}),
        ("LoRA", "GRPO", {"limit": 10}),
        ("GraphMend", "offline reinforcement learning", {"max_length": 6}),
        ("category:cs.LG", "LoRA", {}),
        ("LoRA", "GRPO", {"via": "Dataset"}),
        ("LoRA", "GRPO", {"via": ["USES", "mentions"]}),
        ("LoRA", "ImageNet", {"min_confidence": 0.8}),
    ],
)
def test_connect_gives_the_ways_that_the_folder_gives_of_this_length(example_kg, example_on_server, a, b, options):
    graph, _ = example_on_server
    found = connect(graph, a, b, **options)
    assert found == connect(example_kg, a, b, **options | {"max_length": len(found[0].steps)})


# Queries of users


def test_a_query_runs_as_it_stands_and_may_keep_to_the_graph(on_server):
    own = "MATCH (m:KgNode&Method {graph: $graph}) RETURN count(m) AS methods"
    assert ask_server(on_server, own).table.rows == ((5,),)
    everything = ask_server(on_server, "MATCH (m:Method) RETURN count(m) AS methods").table.rows[0][0]
    assert everything >= 5 + 5 + 1
    named = ask_server(on_server, "MATCH (p {graph: $graph}) WHERE p.title = $title RETURN p.id", {"title": HOSTILE})
    assert named.table.rows == ((D,),)
    assert ask_server(on_server, "RETURN $graph AS graph", {"graph": "mine"}).table.rows == (("mine",),)


def test_nodes_edges_and_paths_are_cells_as_the_view_gives_them(folder, on_server):
    for text in (
        "MATCH (n {graph: $graph}) WHERE n.id IN [$a, 'method:gcn', 'author:ada'] RETURN n ORDER BY n.id",
        "MATCH (p {id: $a, graph: $graph})-[r {graph: $graph}]->(m) RETURN r, m.name AS name ORDER BY type(r), name",
        "MATCH w = (p {id: $a, graph: $graph})-[r:USES {graph: $graph}]->(m) RETURN w",
        "RETURN 1.5 AS a, true AS b, null AS c, [1, 2] AS d, 'é' AS f",
    ):
        local = text.replace(", graph: $graph", "").replace(" {graph: $graph}", "")
        bound = {"a": A} if "$a" in text else {}
        view = views.ask(folder, lambda view, local=local, bound=bound: ask_cypher(view.ladybug, local, bound)).table
        found = ask_server(on_server, text, bound).table
        assert found.columns == view.columns
        assert json.dumps(found.rows) == json.dumps(view.rows)


def test_values_that_the_graph_does_not_hold(on_server):
    text = (
        "RETURN date('2026-02-03') AS a, datetime('2026-02-03T04:05:06Z') AS b, duration('P1DT2S') AS c, "
        "duration('P1M') AS d, point({x: 1.0, y: 2.0}) AS e, {x: [date('2026-01-01')]} AS f, 0.0 / 0.0 AS g, "
        "localtime('04:05') AS h"
    )
    assert ask_server(on_server, text).table.rows == (
        (
            "2026-02-03",
            "2026-02-03T04:05:06+00:00",
            86402.0,
            "P1M",
            (1.0, 2.0),
            {"x": ("2026-01-01",)},
            "nan",
            "04:05:00",
        ),
    )
    foreign = ask_server(on_server, "MATCH (p:Paper {title: 'Foreign'}) RETURN p LIMIT 1").table.rows[0][0]
    assert foreign["label"] == "Paper"
    assert "mark" in foreign


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("CREATE (n:Paper) RETURN n", "would write"),
        ("MERGE (n:Paper {id: 'x'})", "would write"),
        ("MATCH (n:Paper) SET n.title = ''", "would write"),
        ("MATCH (n) DETACH DELETE n", "would write"),
        ("MATCH (n) REMOVE n.title", "would write"),
        ("INSERT (n)", "would write"),
        ("MATCH (n) CALL (n) { SET n.x = 1 } IN TRANSACTIONS", "would write"),
        ("CALL { CREATE (n) } IN TRANSACTIONS OF 1 ROW", "would write"),
        ("UNWIND [1] AS x FOREACH (y IN [x] | CREATE (:Paper))", "would write"),
        ("CREATE INDEX foo FOR (n:X) ON (n.y)", "would write, or change"),
        ("DROP CONSTRAINT kgtool_node", "would write, or change"),
        ("CREATE USER mallory SET PASSWORD 'eightlong'", "would write, or change"),
        ("CALL db.createLabel('X')", "would write, or change"),
        ("CALL dbms.listConfig()", "would write, or change"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line", "LOAD CSV is not allowed"),
        ("TERMINATE TRANSACTIONS 'neo4j-transaction-1'", "TERMINATE TRANSACTIONS is not allowed"),
        (" EXPLAIN MATCH (n) RETURN n", "EXPLAIN is not offered"),
        ("/* */ profile MATCH (n) RETURN n", "PROFILE is not offered"),
        ("RETURN 1; MATCH (n) DETACH DELETE n", "exactly one statement"),
        (" // nothing", "the query is empty"),
        ("RETURN 1 AS x\nRETRN 2", r"Invalid input 'RETRN'.* \(line 2, column 1\)\n  RETRN 2\n  \^"),
        ("MATCH (n) RETURN $missing", "missing"),
        ("MATCH (n) RETURN n.x AS x, 1 AS x", "same name"),
        ("RETURN 1 / 0", "/ by zero"),
        ("RETURN 'a\0'", "NUL"),
    ],
)
def test_what_is_refused_is_said_plainly(on_server, query, text, message):
    count = "MATCH (n {graph: $graph}) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS n, count(r) AS r"
    before = [row.data() for row in query(count, graph=on_server.name)]
    with pytest.raises(QueryError, match=message):
        ask_server(on_server, text)
    assert [row.data() for row in query(count, graph=on_server.name)] == before


def test_parameters_are_checked(on_server):
    with pytest.raises(QueryError, match=r"the query has no parameter \$x"):
        ask_server(on_server, "RETURN 1", {"x": 1})
    with pytest.raises(QueryError, match="does not fit into 64 bits"):
        ask_server(on_server, "RETURN $x", {"x": 1 << 64})


def test_a_query_that_takes_too_long_is_ended(on_server):
    with pytest.raises(QueryTimeout, match=r"longer than 0\.5 s"):
        ask_server(on_server, "UNWIND range(1, 2000000000) AS x RETURN count(x * x)", timeout=0.5)
    with pytest.raises(QueryError, match="a time-out is more than 0"):
        ask_server(on_server, "RETURN 1", timeout=0)
    with pytest.raises(QueryError, match="a time-out is more than 0"):
        queries.run(on_server, "count-nodes", timeout=0)


# Which graph, and what fails


def test_which_graph(server, query, on_server):
    with pytest.raises(InputError, match=r"holds several knowledge graphs; say by --graph which: ."):
        show(ServerGraph(server), "GCN")
    with pytest.raises(InputError, match=r"holds no knowledge graph 'nø'; say by --graph which: "):
        queries.run(ServerGraph(server, "nø"), "count-nodes")


def run(*arguments, **environment):
    names = {
        "NEO4J_USERNAME": None,
        "NEO4J_PASSWORD": None,
        "NEO4J_DATABASE": None,
        "NEO4J_URI": None,
        "KGTOOL_KG": None,
    }
    return CliRunner().invoke(main, [str(each) for each in arguments], env=names | environment, catch_exceptions=False)


def test_the_commands_ask_the_server(neo4j_server, folder, on_server, tmp_path):
    at = ("--neo4j", neo4j_server.uri, "--graph", on_server.name)
    for command in (
        ("cypher", "papers-of-method", "-p", "method=gcn"),
        ("cypher", "MATCH (p:Paper {id: 'doi:10.1234/c'}) WHERE p.venue IS NOT NULL RETURN p.title AS title"),
        ("show", "GraphMend", "-o", "table"),
        ("papers", "--dataset", "Cora", "-o", "bibtex"),
        ("matrix", "methods", "datasets", "-o", "csv"),
        ("stats", "-o", "json"),
        ("connect", "GraphMend", "GCN", "--max-length", "1", "-o", "table"),
    ):
        done = run(*command, *at, "--kg", tmp_path / "none", **neo4j_server.environment)
        if command[1].startswith("MATCH"):
            assert "Attention" in done.stdout
        else:
            assert done.stdout == run(*command, "--kg", folder).stdout
        assert (done.exit_code, done.stderr) == (0, "")


def test_the_name_that_the_folder_keeps_is_the_default(neo4j_server, server, folder, on_server, tmp_path):
    kept = tmp_path / "kg"
    kept.mkdir()
    (kept / "name").write_text(on_server.name + "\n")
    done = run(
        "cypher", "count-nodes", "--neo4j", neo4j_server.uri, "--kg", kept, "-o", "csv", **neo4j_server.environment
    )
    assert done.stdout == run("cypher", "count-nodes", "--kg", folder, "-o", "csv").stdout
    unnamed = run("show", "GCN", "--neo4j", neo4j_server.uri, "--kg", tmp_path / "none", **neo4j_server.environment)
    assert unnamed.exit_code == 2
    assert "holds several knowledge graphs" in unnamed.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["find x", "related x", "gaps", "trends", "build x", "validate"])
def test_the_others_say_that_they_need_the_local_graph(command):
    done = run(*command.split(), "--neo4j", "neo4j://localhost")
    assert done.exit_code == 2
    assert f"Error: {command.split()[0]} needs the local graph (--kg); a server answers cypher, show" in done.stderr


def test_failures_are_one_line(neo4j_server, on_server, tmp_path):
    at = ("--neo4j", neo4j_server.uri, "--graph", on_server.name)
    secret = tmp_path / "secret"
    secret.write_text("wrong-password\n")
    user = {"NEO4J_USERNAME": neo4j_server.user}
    own = neo4j_server.environment
    slow = "UNWIND range(1, 2000000000) AS x RETURN count(x * x)"
    for arguments, environment, message in (
        (("show", "GCN", *at, "--password-file", secret), user, "the user or the password is wrong"),
        (("show", "GCN", *at, "--database", "nodb"), own, "the server has no database 'nodb'"),
        (("matrix", "methods", "tasks", "--neo4j", "neo4j://127.0.0.1:1"), own, "no server answers there"),
        (("papers", *at[:2], "--graph", "none"), own, "holds no knowledge graph 'none'"),
        (("cypher", "count-nodes", "--neo4j", "http://localhost"), own, "begins with one of neo4j://"),
        (("cypher", slow, *at, "--timeout", "0.5"), own, "longer than 0.5 s"),
        (("cypher", "papers-of-method", *at), own, "papers-of-method needs method"),
        (("cypher", "MATCH (n) DELETE n", *at), own, "queries only read"),
        (("stats", *at, "--kind", "node", "--database", ""), own | {"NEO4J_PASSWORD": ""}, "it wants a password"),
    ):
        done = run(*arguments, **environment)
        assert done.exit_code == 2, arguments
        assert message in done.stderr
        assert done.stderr.startswith("kgtool: ")
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
        assert "wrong-password" not in done.stderr


def test_errors_are_of_the_tree(server):
    with pytest.raises(ServerUnavailable):
        show(ServerGraph(Server("bolt://127.0.0.1:1")), "x")
    with pytest.raises(ServerError, match="password is wrong"):
        stats(ServerGraph(Server(server.uri, server.user, "wrong")))
