"""Connections: ways reckoned by hand, random graphs against the enumeration of all simple ways, the example digests."""

import csv
import io
import itertools
import json
import math
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SHARED, LexiconExtractor, needs_shared
from test_analysis import HOSTILE, author, entity, evidence, paper, relation, role, run, store

from kgtool.analysis import routes as routes_module
from kgtool.analysis.connect import COLUMNS, as_table, connect
from kgtool.analysis.routes import DAMPING, Edge, Hop, Links, TooManyWays, best_routes
from kgtool.build import build
from kgtool.digests import read_digest
from kgtool.errors import InputError, NothingFound, StoreError
from kgtool.records import Node, Statement
from kgtool.stores.corpus import Corpus
from kgtool.vocab import predicate

# The search, on edges alone


def ways(edges, start="s", end="e", max_length=4, limit=9, **wanted):
    return best_routes(Links(edges, wanted.get("types", ())), start, end, max_length=max_length, limit=limit, **wanted)


def nodes_of(found):
    return ["".join(route.nodes) for route in found]


def test_cost_by_hand():
    one = [Edge("s", "R", "m", 0.5), Edge("m", "R", "e")]
    (route,) = ways(one)
    assert route.hops == (Hop("s", "R", True, "m"), Hop("m", "R", True, "e"))
    assert route.passed == {"m"}
    # m is linked with two nodes, and is an end of both steps.
    assert route.cost == pytest.approx(2 + math.log(2) + 2 * DAMPING * math.log(2))
    hub = [
        *one,
        *(Edge("m", "R", other) for other in "xyz"),
        Edge("m", "T", "x"),
        Edge("x", "R", "m"),
        Edge("m", "R", "m"),
    ]
    (route,) = ways(hub)
    assert route.cost == pytest.approx(2 + math.log(2) + 2 * DAMPING * math.log(5))
    # Back again: the same edges, the other way round.
    (back,) = ways(hub, "e", "s")
    assert back.hops == (Hop("e", "R", False, "m"), Hop("m", "R", False, "s"))
    assert back.cost == pytest.approx(route.cost)


def test_the_first_is_a_shortest_way_and_the_others_are_the_most_informative():
    through_hub = [Edge("s", "U", "h"), Edge("e", "U", "h"), *(Edge(f"p{n}", "U", "h") for n in range(100))]
    longer = [Edge("s", "U", "x"), Edge("y", "U", "x"), Edge("y", "U", "z"), Edge("e", "U", "z")]
    unsure = [Edge("s", "U", "v", 0.05), Edge("e", "U", "v", 0.05)]
    found = ways([*through_hub, *longer, *unsure])
    assert nodes_of(found) == ["she", "sxyze", "sve"]
    assert found[0].cost > found[1].cost < found[2].cost
    assert nodes_of(ways([*through_hub, *longer, *unsure], max_length=3)) == ["she", "sve"]
    assert nodes_of(ways([*through_hub, *longer, *unsure], limit=1)) == ["she"]


def test_a_relation_and_the_way_over_its_paper_are_one_fact():
    over_paper = [Edge("p", "M", "s"), Edge("p", "M", "e")]
    assert nodes_of(ways([*over_paper, Edge("s", "R", "e", 0.2, "p")])) == ["se"]
    # Of a relation that two papers state, neither is another way; a third paper is.
    stated = [Edge("s", "R", "e", 0.2, "p"), Edge("s", "R", "e", 0.9, "q"), Edge("q", "M", "s"), Edge("q", "M", "e")]
    third = [Edge("r", "M", "s"), Edge("r", "M", "e")]
    found = ways([*over_paper, *stated, *third])
    assert nodes_of(found) == ["se", "sre"]
    assert found[0].passed == {"p", "q"}


def test_ways_share_only_what_no_way_can_avoid():
    # All ways lead over p, and then over x, y or z; over x there are two.
    edges = [Edge("s", "W", "p"), *(Edge("p", "U", x) for x in "xyz")]
    edges += [Edge("q", "U", "x", 0.9), Edge("r", "U", "x", 0.8), Edge("q", "U", "e"), Edge("r", "U", "e")]
    edges += [Edge("y", "U", "e", 0.5), Edge("z", "U", "e", 0.4)]
    assert nodes_of(ways(edges)) == ["spye", "spze", "spxqe"]
    # Where everything on the way cannot be avoided, a detour says nothing new.
    assert nodes_of(
        ways([Edge("s", "W", "p"), Edge("p", "U", "e"), Edge("p", "U", "x"), Edge("x", "P", "e", 1, "p")])
    ) == ["spe"]


def test_what_has_to_be_on_the_way():
    edges = [
        Edge("s", "U", "x"),
        Edge("e", "U", "x"),
        Edge("s", "C", "y"),
        Edge("e", "U", "y"),
        Edge("s", "U", "y", 0.9),
    ]
    assert nodes_of(ways(edges)) == ["sxe", "sye"]
    assert nodes_of(ways(edges, nodes=[{"y", "z"}])) == ["sye"]
    (route,) = ways(edges, types=["C"])
    assert [hop.type for hop in route.hops] == ["C", "U"]
    assert ways(edges, nodes=[{"z"}]) == ()
    assert ways(edges, nodes=[{"s", "e"}]) == ()
    assert nodes_of(ways(edges, nodes=[{"x"}, {"y"}])) == []
    # To x and back again is no way.
    assert ways([Edge("s", "U", "m"), Edge("m", "U", "x"), Edge("m", "U", "e")], nodes=[{"x"}]) == ()
    # What is kept apart is another link: the surer edge is not in the way of the one that is asked for.
    parallel = [Edge("s", "A", "e", 0.9), Edge("s", "B", "e", 0.1)]
    assert [route.hops[0].type for route in ways(parallel, types=["B"])] == ["B"]
    assert [route.hops[0].type for route in ways(parallel)] == ["A"]


def test_no_way_and_loops():
    assert ways([]) == ()
    assert ways([Edge("s", "U", "s"), Edge("e", "U", "e")]) == ()
    assert ways([Edge("s", "U", "m"), Edge("m", "U", "n"), Edge("n", "U", "e")], max_length=2) == ()
    assert nodes_of(ways([Edge("s", "U", "s"), Edge("s", "U", "m"), Edge("m", "U", "m"), Edge("m", "U", "e")])) == [
        "sme"
    ]


def test_a_search_that_is_given_up_says_so(monkeypatch):
    grid = [Edge(f"{a}{n}", "U", f"{b}{m}") for a, b in itertools.pairwise("abcd") for n in range(4) for m in range(4)]
    edges = [*grid, *(Edge("s", "U", f"a{n}") for n in range(4)), *(Edge("e", "U", f"d{n}") for n in range(4))]
    pendant = [*edges, Edge("b0", "U", "x")]
    assert ways(pendant, max_length=8, nodes=[{"x"}]) == ()
    monkeypatch.setattr(routes_module, "MOST_TRIED", 10)
    with pytest.raises(TooManyWays):
        ways(pendant, max_length=8, nodes=[{"x"}])


def test_a_large_hub_does_not_hold_it_up():
    edges = [Edge(f"p{n}", "U", hub) for n in range(3000) for hub in ("s", "e", "h", f"x{n % 50}")]
    found = ways(edges, max_length=10, limit=5)
    assert [len(route.hops) for route in found] == [2] * 5
    assert len({route.nodes[1] for route in found}) == 5


NODES = "seabcdf"
edges_of_graphs = st.lists(
    st.builds(
        Edge,
        st.sampled_from(NODES),
        st.sampled_from("RT"),
        st.sampled_from(NODES),
        st.sampled_from([0.25, 0.5, 0.9, 1.0]),
        st.sampled_from([None, None, "f", "p", "q"]),
    ),
    max_size=16,
)


def all_ways(edges, max_length):
    """Every simple way from s to e as (cost, nodes, passed), straight from the definition."""
    pairs = defaultdict(list)
    for edge in edges:
        if edge.source != edge.target:
            pairs[frozenset((edge.source, edge.target))].append(edge)
    degree = Counter(node for pair in pairs for node in pair)
    found = []

    def walk(nodes, cost, passed):
        if nodes[-1] == "e":
            found.append((cost, nodes, passed - {"s", "e"}))
        elif len(nodes) <= max_length:
            for pair, between in pairs.items():
                if nodes[-1] not in pair or pair <= set(nodes):
                    continue
                (to,) = pair - {nodes[-1]}
                if to in nodes:
                    continue
                best = min(between, key=lambda e: (-e.certainty, e.type, e.source, e.paper or ""))
                step = 1 - math.log(best.certainty)
                for node in (nodes[-1], to):
                    if node not in "se":
                        step += DAMPING * math.log(degree[node])
                walk((*nodes, to), cost + step, passed | {to} | {e.paper for e in between if e.paper})

    walk(("s",), 0.0, frozenset())
    return found


@settings(max_examples=300)
@given(edges_of_graphs, st.integers(1, 5), st.integers(1, 4), st.randoms(use_true_random=False))
def test_ways_are_those_of_the_definition(edges, max_length, limit, chance):
    found = ways(edges, max_length=max_length, limit=limit)
    every = {nodes: (cost, passed) for cost, nodes, passed in all_ways(edges, max_length)}
    unavoidable = frozenset.intersection(*(passed for _, passed in every.values())) if every else frozenset()
    spent, chosen = set(), []
    for number in range(limit):
        left = {
            nodes: (len(nodes) if number == 0 else 0, cost)
            for nodes, (cost, passed) in every.items()
            if nodes not in chosen
            and not passed & spent
            and not any(passed and passed <= every[other][1] for other in chosen)
            and not any(every[other][1] and every[other][1] <= passed for other in chosen)
        }
        if not left:
            assert len(found) == number
            return
        route = found[number]
        assert route.nodes in left
        assert route.passed == every[route.nodes][1]
        assert (len(route.nodes) if number == 0 else 0, route.cost) == pytest.approx(min(left.values()))
        chosen.append(route.nodes)
        spent |= route.passed - unavoidable
    assert len(found) == limit
    chance.shuffle(edges)
    assert ways(edges, max_length=max_length, limit=limit) == found


@given(
    edges_of_graphs, st.integers(1, 5), st.lists(st.sampled_from([*"abcd", "abc", "R", "T"]), min_size=1, max_size=3)
)
def test_ways_over_what_is_asked_for(edges, max_length, via):
    types = sorted({name for name in via if name in "RT"})
    choices = [set(name) for name in via if name not in "RT"]
    found = ways(edges, max_length=max_length, types=types, nodes=choices)
    linked = defaultdict(set)
    for edge in edges:
        linked[frozenset((edge.source, edge.target))].add(edge.type)

    def holds(nodes):
        if not all(choice & set(nodes[1:-1]) for choice in choices):
            return False
        steps = [linked[frozenset(pair)] for pair in itertools.pairwise(nodes)]
        return any(set(types) <= set(taken) for taken in itertools.product(*steps))

    lengths = [len(nodes) - 1 for _, nodes, _ in all_ways(edges, max_length) if holds(nodes)]
    assert bool(found) == bool(lengths)
    if found:
        assert len(found[0].hops) == min(lengths)
    for route in found:
        assert len(route.hops) <= max_length
        assert len(set(route.nodes)) == len(route.nodes)
        assert all(choice & set(route.nodes[1:-1]) for choice in choices)
        assert set(types) <= {hop.type for hop in route.hops}
        for hop in route.hops:
            ends = (hop.start, hop.end) if hop.forward else (hop.end, hop.start)
            assert any((edge.source, edge.target) == ends and edge.type == hop.type for edge in edges)


# The knowledge graph

A, B, C, D, LONE = "arxiv:2601.00001", "arxiv:2602.00002", "doi:10.1234/c", "title:0123456789abcdef", "arxiv:2603.00003"


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """A introduces GraphMend on Cora, over GCN; B has GCN on PubMed; C and D have PPO, and D GCN in passing."""
    ada, wrote_ada = author("Ada Example", (A, 1), (C, 1))
    nodes = [
        paper(A, "Mending Graphs"),
        paper(B, "Comparing\non Graphs"),
        paper(C, "Acting"),
        paper(D, HOSTILE),
        paper(LONE, "Alone"),
        ada,
        entity("Method", "GraphMend"),
        entity("Method", "GCN", papers=3),
        entity("Method", "PPO", papers=2),
        entity("Method", "Clustering"),
        entity("Task", "Clustering"),
        entity("Dataset", "Cora"),
        entity("Dataset", "PubMed"),
        Node("category:cs.LG", "Category", (("name", "cs.LG"),)),
        Node("digest:monday", "Digest", (("name", "Monday"),)),
    ]
    statements = [
        *wrote_ada,
        *(Statement(id_, "inCategory", "category:cs.LG") for id_ in (A, B, LONE)),
        *(Statement(id_, "listedIn", "digest:monday", (("rank", 1),)) for id_ in (A, B, C, D, LONE)),
        *role(A, "introduces", "method:graphmend"),
        *role(A, "uses", "method:gcn"),
        *role(A, "evaluates-on", "dataset:cora"),
        relation("method:graphmend", "evaluatedWith", "dataset:cora", A, 0.6),
        Statement("method:graphmend", "comparedTo", "method:gcn", evidence(A, 0.7, "It beats GCN.")),
        Statement("method:graphmend", "comparedTo", "method:gcn", evidence(B, 0.8, "GCN is\nbeaten.")),
        Statement("method:gcn", "comparedTo", "method:graphmend", evidence(D, 0.75, "The other way round.")),
        *role(B, "mentions", "method:graphmend"),
        *role(B, "compares-with", "method:gcn", 0.8),
        *role(B, "evaluates-on", "dataset:pubmed", 0.7),
        *role(B, "addresses", "task:clustering"),
        *role(C, "uses", "method:ppo"),
        *role(D, "uses", "method:ppo", 0.4),
        *role(D, "mentions", "method:gcn"),
    ]
    return store(tmp_path_factory.mktemp("connect") / "kg", nodes, statements)


def ids(connections):
    return [[node.id for node in connection.nodes] for connection in connections]


def test_a_relation_with_its_surest_evidence(kg):
    (found,) = connect(kg, "graphmend", "GCN")
    (step,) = found.steps
    assert (step.relationship, step.forward, step.confidence, step.papers) == ("COMPARED_TO", True, 0.8, 2)
    assert (step.sentence, step.paper.id, step.paper.name) == ("GCN is\nbeaten.", B, "Comparing\non Graphs")
    # The way over A, and over B, says the same; D says so too, the other way round.
    assert found.cost == pytest.approx(1 - math.log(0.8))
    (back,) = connect(kg, "GCN", "graphmend")
    assert not back.steps[0].forward
    assert back.steps[0].sentence == step.sentence


def test_steps_over_papers_and_authors(kg):
    found, other = connect(kg, "Cora", "PPO")
    assert ids([found]) == [["dataset:cora", A, "author:ada-example", C, "method:ppo"]]
    assert found.cost < other.cost
    assert [(step.relationship, step.forward) for step in found.steps] == [
        ("EVALUATES_ON", False),
        ("WROTE", False),
        ("WROTE", True),
        ("USES", True),
    ]
    evaluates, wrote, _, _ = found.steps
    assert (evaluates.confidence, evaluates.sentence, evaluates.paper.id) == (0.9, "Said so.", A)
    assert (wrote.confidence, wrote.sentence, wrote.paper.id, wrote.papers) == (None, None, A, 1)
    # A is linked with the author and three entities, the author with A and C, C with the author and PPO.
    assert found.cost == pytest.approx(4 - 2 * math.log(0.9) + 2 * DAMPING * math.log(4 * 2 * 2))


def test_a_mere_mention_counts_half(kg):
    (found,) = connect(kg, D, "GCN")
    assert [step.relationship for step in found.steps] == ["MENTIONS"]
    assert found.cost == pytest.approx(1 - math.log(0.45))


def test_collections_are_passed_only_where_they_are_asked_for(kg):
    with pytest.raises(NothingFound, match=r"no connection within 4 steps between Alone .* and Mending Graphs"):
        connect(kg, LONE, A)
    assert ids(connect(kg, LONE, A, via="cs.LG")) == [[LONE, "category:cs.LG", A]]
    assert ids(connect(kg, LONE, A, via="category")) == [[LONE, "category:cs.LG", A]]
    assert ids(connect(kg, LONE, A, via="LISTED_IN")) == [[LONE, "digest:monday", A]]
    assert ids(connect(kg, LONE, "cs.LG")) == [[LONE, "category:cs.LG"]]
    assert ids(connect(kg, LONE, "Cora", via=["Category", "paper", "in-category"])) == [
        [LONE, "category:cs.LG", A, "dataset:cora"]
    ]


def test_via(kg):
    assert ids(connect(kg, A, C, via="Author"))[0] == [A, "author:ada-example", C]
    assert ids(connect(kg, "Cora", "PubMed"))[0] == ["dataset:cora", "method:graphmend", B, "dataset:pubmed"]
    (over,) = connect(kg, "Cora", "PubMed", via=["compared_to"])
    assert [step.relationship for step in over.steps] == [
        "EVALUATED_WITH",
        "COMPARED_TO",
        "COMPARES_WITH",
        "EVALUATES_ON",
    ]
    assert ids(connect(kg, "Cora", "GCN", via=["graphmend"]))[0] == ["dataset:cora", "method:graphmend", "method:gcn"]
    # A mention is what stands beside a role too, where mentions are asked for.
    assert [step.relationship for step in connect(kg, A, "GCN", via="MENTIONS")[0].steps] == ["MENTIONS"]
    assert [step.relationship for step in connect(kg, A, "GCN")[0].steps] == ["USES"]
    with pytest.raises(NothingFound, match=r"over COMPARED_TO, Dataset, Ada Example \(author:ada-example\)"):
        connect(kg, A, B, via=["Ada Example", "Dataset", "COMPARED_TO"])
    with pytest.raises(InputError, match="end of the connection"):
        connect(kg, A, B, via=[A])
    with pytest.raises(NothingFound, match="none such"):
        connect(kg, A, B, via="none such")
    with pytest.raises(InputError, match="2 have this name"):
        connect(kg, A, B, via="clustering")
    with pytest.raises(InputError, match="at most 8"):
        connect(kg, A, B, via=["USES", "ADDRESSES", "WROTE", "IN_CATEGORY", "Author", "Task", "Dataset", "Cora", "PPO"])


def test_confidence(kg):
    assert connect(kg, "GraphMend", "GCN", min_confidence=0.75)[0].steps[0].papers == 1
    found = connect(kg, "GraphMend", "GCN", min_confidence=0.85)
    assert ids(found) == [["method:graphmend", A, "method:gcn"]]
    with pytest.raises(NothingFound, match="however many steps"):
        connect(kg, "PPO", D, min_confidence=0.95)


def test_no_connection_says_how_far_it_is(kg):
    with pytest.raises(NothingFound, match=r"^no connection within 1 step between Cora .*; the shortest has 4 steps$"):
        connect(kg, "Cora", "PPO", max_length=1)
    with pytest.raises(NothingFound, match="however many steps are allowed"):
        connect(kg, "method:clustering", "Cora")
    with pytest.raises(NothingFound, match="no node of this name"):
        connect(kg, "Korah", "Cora")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"b": "method:GCN"}, "the same node, method:gcn"),
        ({"b": "clustering"}, "2 have this name"),
        ({"b": "Cora", "max_length": 0}, "1 to 10 steps"),
        ({"b": "Cora", "max_length": 11}, "1 to 10 steps"),
        ({"b": "Cora", "limit": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_asked(kg, question, message):
    with pytest.raises(InputError, match=message):
        connect(kg, "GCN", **question)


def test_a_search_that_is_given_up(kg, monkeypatch):
    monkeypatch.setattr(routes_module, "MOST_TRIED", 1)
    with pytest.raises(InputError, match="too many ways"):
        connect(kg, "Cora", "PPO", via="Author")


def test_a_graph_that_changed_meanwhile(kg, monkeypatch):
    monkeypatch.setattr(Corpus, "links", lambda self: iter([(A, "uses", "dataset:pubmed", None, 0.9, A)]))
    with pytest.raises(StoreError, match="changed"):
        connect(kg, A, "PubMed")


def test_the_table(kg):
    table = as_table(connect(kg, HOSTILE, "Ada Example"))
    assert table.columns == COLUMNS
    rows = table.records()
    assert [(row["path"], row["step"]) for row in rows[:3]] == [(1, 1), (1, 2), (1, 3)]
    assert rows[0]["from"] == HOSTILE
    assert (rows[0]["direction"], rows[1]["direction"]) == ("->", "<-")
    assert rows[0]["title"] == HOSTILE
    assert as_table(()).rows == ()


# The command


def test_each_format_has_the_same_rows(kg):
    command = ("connect", "GCN", "task:clustering", "--kg", kg, "-o")
    as_json = json.loads(run(*command, "json").stdout)
    assert as_json == [json.loads(line) for line in run(*command, "jsonl").stdout.splitlines()]
    as_csv = list(csv.DictReader(io.StringIO(run(*command, "csv").stdout)))
    assert len(as_csv) == len(as_json) >= 2
    assert list(as_csv[0]) == list(as_json[0]) == list(COLUMNS)


def test_the_blocks(kg):
    done = run("connect", "PPO", "Cora", "--kg", kg, "-o", "table", "--limit", "1")
    assert done.stdout == (
        "1. PPO ←USES— Acting ←WROTE— Ada Example —WROTE→ Mending Graphs —EVALUATES_ON→ Cora\n"
        "   Acting (doi:10.1234/c)\n"
        "      USES PPO, confidence 0.90: “Said so.”\n"
        "      Ada Example WROTE\n"
        "   Mending Graphs (arxiv:2601.00001)\n"
        "      Ada Example WROTE\n"
        "      EVALUATES_ON Cora, confidence 0.90: “Said so.”\n"
    )
    done = run("connect", "GCN", "GraphMend", "--kg", kg, "-o", "table")
    assert done.stdout == (
        "1. GCN ←COMPARED_TO— GraphMend\n"
        "   Comparing on Graphs (arxiv:2602.00002)\n"
        "      GraphMend COMPARED_TO GCN, confidence 0.80, 2 papers in all: “GCN is beaten.”\n"
    )


def test_hostile_names_are_shown_and_not_obeyed(tmp_path):
    name = "\x1b[31mred\x1b[0m\u202e <script> `x` 'y' \"z\" {$a: 1}"
    nodes = [paper(A, "One\r\nTwo"), paper(B, "Other"), entity("Method", name, id_="method:red")]
    kg = store(tmp_path / "kg", nodes, [*role(A, "uses", "method:red"), *role(B, "uses", "method:red")])
    done = run("connect", A, B, "--kg", kg, "-o", "table")
    assert done.exit_code == 0
    assert not set("\x1b\r\u202e") & set(done.stdout)
    assert r"One Two —USES→ \x1b[31mred" in done.stdout
    assert json.loads(run("connect", A, B, "--kg", kg, "-o", "json", "--via", name).stdout)[0]["to"] == name


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("GCN", "Cora"), 0, ""),
        (("Cora", "PPO", "--max-length", "3"), 1, "no connection within 3 steps"),
        (("GCN", "clustering"), 2, "task:clustering"),
        (("GCN", "Cora", "--max-length", "0"), 2, "--max-length"),
        (("GCN", "Cora", "--limit", "0"), 2, "--limit"),
        (("GCN",), 2, "Missing argument"),
    ],
)
def test_exit_codes(kg, arguments, code, message):
    done = run("connect", *arguments, "--kg", kg, "-o", "json")
    assert done.exit_code == code
    assert message in done.stderr
    assert bool(done.stdout) == (code == 0)


def test_no_graph(tmp_path):
    assert run("connect", "a", "b", "--kg", tmp_path / "none").exit_code == 2


# The example digests and the real ones


def check(kg, found, a, b, max_length, min_confidence=0.0):
    """Every step stands in the corpus with just this evidence."""
    with Corpus.open(kg) as corpus:
        known = {(s.subject, s.predicate, s.object, s.get("paper")): s for s in corpus.statements()}
    assert found
    for connection in found:
        way = [node.id for node in connection.nodes]
        assert (way[0], way[-1]) == (a, b)
        assert len(set(way)) == len(way) <= max_length + 1
        assert not any(id_.startswith(("category:", "digest:")) for id_ in way)
        for step in connection.steps:
            source, target = (step.start.id, step.end.id) if step.forward else (step.end.id, step.start.id)
            paper_id = None if step.sentence is None else step.paper.id
            statement = known[source, predicate(step.relationship), target, paper_id]
            assert statement.get("sentence") == step.sentence
            assert statement.get("confidence") == step.confidence
            assert (step.confidence or 1) >= min_confidence
    assert len(connect(kg, b, a, max_length=max_length)[0].steps) == len(found[0].steps)
    assert connect(kg, a, b, max_length=max_length, min_confidence=min_confidence) == found


def test_the_examples(example_kg):
    found = connect(example_kg, "GRPO", "code generation")
    check(example_kg, found, "method:grpo", "task:code-generation", 4)
    assert len(found) >= 3
    between = [{node.id for node in connection.nodes[1:-1]} for connection in found]
    assert not any(one & other for one, other in itertools.combinations(between, 2))


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    kg = tmp_path_factory.mktemp("real") / "kg"
    build(kg, [read_digest(path) for path in sorted((SHARED / "digests").iterdir())], LexiconExtractor())
    return kg


@needs_shared
@pytest.mark.parametrize(
    ("a", "b"),
    [("method:ppo", "dataset:imagenet"), ("method:lora", "task:question-answering")],
)
def test_the_real_digests(real, a, b):
    check(real, connect(real, a, b, max_length=8), a, b, 8)
