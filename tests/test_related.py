"""The nearest nodes: a small graph worked out by hand, random ones against the definition, the real digests."""

import csv
import io
import itertools
import json
import math
import random

import pytest
from click.testing import CliRunner
from samples import SHARED, LexiconExtractor, needs_shared

from kgtool import vocab
from kgtool.analysis.naming import Named
from kgtool.analysis.network import network
from kgtool.analysis.related import COLUMNS, _nearest, _space, related
from kgtool.build import build
from kgtool.cli import main
from kgtool.digests import read_digest
from kgtool.errors import InputError, NothingFound, StoreError
from kgtool.records import Node, Statement
from kgtool.stores.corpus import Corpus

HOSTILE = """Robert'); MATCH (n) DETACH DELETE n // "quoted" \\ `tick` {$x: 1} <b>"""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def store(kg, nodes, statements=()):
    with Corpus.create_or_open(kg) as corpus:
        corpus.replace_state([], [], (sorted(nodes, key=lambda node: node.id), list(statements)), {}, "by-hand-1")
    return kg


def entity(label, id_, specificity=0.5, name=None):
    properties = {"name": name or id_.partition(":")[2], "papers": 1, "specificity": specificity}
    return Node(id_, label, tuple(sorted(properties.items())))


def paper(id_):
    return Node(id_, "Paper", (("abstract", ""), ("title", f"About {id_}")))


def author(id_, *papers):
    wrote = [Statement(id_, "wrote", paper_id, (("position", 1),)) for paper_id in papers]
    return Node(id_, "Author", (("name", id_.partition(":")[2]),)), wrote


def role(paper_id, role_, target, confidence=1.0):
    """The mention, and the stronger edge of a role beside it."""
    said = {"charStart": 0, "charEnd": 1, "confidence": confidence, "extractor": "by-hand-1", "paper": paper_id}
    said["sentence"] = "So."
    mention = Statement(paper_id, "mentions", target, tuple(sorted({**said, "role": role_}.items())))
    if role_ == "mentions":
        return [mention]
    return [mention, Statement(paper_id, vocab.ROLES[role_], target, tuple(sorted(said.items())))]


def scores(table):
    return {row["id"]: row["score"] for row in table.records()}


P, Q, R, S = "title:p", "title:q", "title:r", "title:s"


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """Four papers: P has A and D, Q has B and D, R has B, C and (mentioned) E, S has F alone; all specificities 0.5.

    Ada wrote P, Ben wrote P and Q, Cid wrote R, Dan wrote S.
    """
    nodes = [paper(id_) for id_ in (P, Q, R, S)]
    nodes += [entity("Method", f"method:{name}") for name in "abcf"]
    nodes += [entity("Dataset", f"dataset:{name}") for name in "de"]
    statements = [
        *role(P, "uses", "method:a"),
        *role(P, "evaluates-on", "dataset:d"),
        *role(Q, "introduces", "method:b"),
        *role(Q, "evaluates-on", "dataset:d"),
        *role(R, "uses", "method:b"),
        *role(R, "compares-with", "method:c", 0.8),
        *role(R, "mentions", "dataset:e"),
        *role(S, "uses", "method:f"),
        *(Statement(id_, "listedIn", "digest:monday", (("rank", 1),)) for id_ in (P, Q)),
        *(Statement(id_, "listedIn", "digest:tuesday", (("rank", 1),)) for id_ in (R, S)),
    ]
    nodes += [Node(f"digest:{day}", "Digest", (("name", day),)) for day in ("monday", "tuesday")]
    for name, papers in {"ada": (P,), "ben": (P, Q), "cid": (R,), "dan": (S,)}.items():
        node, wrote = author(f"author:{name}", *papers)
        nodes.append(node)
        statements += wrote
    return store(tmp_path_factory.mktemp("related") / "kg", nodes, statements)


def test_papers_by_hand(kg):
    """The vectors are P (a .5, d .5), Q (b .5, d .5), R (b .5, c .4, e .25)."""
    assert related(kg, P).rows == ((Q, "Paper", "About title:q", 0.5, ("d",), (Q,)),)
    r = math.sqrt(0.25 + 0.16 + 0.0625)
    assert related(kg, Q).rows == (
        (R, "Paper", "About title:r", round(0.25 / (math.sqrt(0.5) * r), 4), ("b",), (R,)),
        (P, "Paper", "About title:p", 0.5, ("d",), (P,)),
    )
    assert related(kg, Q).columns == COLUMNS


def test_entities_by_hand(kg):
    """A is (d .5) by P, B is (d .5, c .4, e .25) by Q and R, D is (a .5, b .5); D is no neighbour of another kind."""
    b = math.sqrt(0.25 + 0.16 + 0.0625)
    expected = 0.25 / (0.5 * b) * 0.5 * 1 / 4
    assert related(kg, "a").rows == (("method:b", "Method", "b", round(expected, 4), ("d",), (Q,)),)
    # From B to A: the one paper that speaks for it is P.
    assert related(kg, "b").rows == (("method:a", "Method", "a", round(expected, 4), ("d",), (P,)),)


def test_what_is_in_one_paper_together_is_not_related_by_that(kg):
    """B and C share nothing but R; C and E neither."""
    with pytest.raises(NothingFound, match=r"^c \(method:c\): no method shares anything with it across papers$"):
        related(kg, "c")
    with pytest.raises(NothingFound):
        related(kg, "f")
    # D and E have B in common, over Q and R, but no method that stands in one paper with both.
    assert related(kg, "d").records()[0]["shared"] == ("b",)


def test_authors_by_hand(kg):
    """Ada (P) and Ben (P, Q) share D over P and Q, but not P with itself; Ben and Cid share B over Q and R."""
    (row,) = related(kg, "ada").records()
    # Ben is (a .5, b .5, d 1), Ada (a .5, d .5); over Q they share d: .25.
    assert row["id"] == "author:ben"
    assert row["score"] == round(0.25 / (math.sqrt(0.5) * math.sqrt(1.5)) / 4, 4)
    assert row["shared"] == ("d",)
    assert row["papers"] == (Q,)
    # Cid's paper is about less: .25 / (1.22 * .69) is more than .25 / (1.22 * .71).
    assert list(scores(related(kg, "ben"))) == ["author:cid", "author:ada"]
    with pytest.raises(NothingFound):
        related(kg, "dan")


def test_another_label(kg):
    assert list(scores(related(kg, "ada", label="Paper"))) == [Q]
    assert list(scores(related(kg, P, label="Author"))) == ["author:ben"]
    assert list(scores(related(kg, "monday"))) == ["digest:tuesday"]
    with pytest.raises(InputError, match="Person: no label"):
        related(kg, "a", label="Person")


def test_confidence(kg):
    sure = 0.25 / (math.sqrt(0.5) * math.sqrt(0.25 + 0.0625))
    assert scores(related(kg, Q, min_confidence=0.9)) == {R: round(sure, 4), P: 0.5}


def test_names_that_are_wrong(kg, tmp_path):
    with pytest.raises(NothingFound, match="no node of this name"):
        related(kg, "nobody")
    with pytest.raises(InputError, match="an empty name"):
        related(kg, " ")
    with pytest.raises(StoreError, match="no knowledge graph here"):
        related(tmp_path / "none", "a")


def test_specific_things_weigh_more_and_hubs_do_not_win(tmp_path):
    """X shares the rare thing with one paper and the common one with all; the hub is in every paper."""
    nodes = [entity("Method", "method:x", 0.8), entity("Method", "method:hub", 0.02)]
    nodes += [entity("Method", "method:near", 0.8), entity("Method", "method:far", 0.8)]
    nodes += [entity("Task", "task:rare", 0.9), entity("Task", "task:common", 0.05)]
    statements = []
    contents = {0: ("x", "rare", "common"), 1: ("near", "rare", "common"), 2: ("far", "common")}
    for number in range(8):
        nodes.append(paper(f"title:{number}"))
        for name in (*contents.get(number, ("common",)), "hub"):
            kind = "task" if name in ("rare", "common") else "method"
            statements += role(f"title:{number}", "addresses" if kind == "task" else "uses", f"{kind}:{name}")
    kg = store(tmp_path / "kg", nodes, statements)
    rows = related(kg, "x").records()
    assert rows[0]["id"] == "method:near"
    assert rows[0]["shared"] == ("rare", "common", "hub")
    assert rows[-1]["id"] == "method:hub"
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)


def naive(kg, one, other, label):
    """The score as it is defined: over all pairs of different papers."""
    with Corpus.open(kg) as corpus:
        nodes = {node.id: dict(node.properties) for node in corpus.nodes()}
        statements = list(corpus.statements())
    vectors, papers = {}, {id_: {} for id_ in nodes}
    for id_ in nodes:
        if id_.startswith("title:"):
            vectors[id_], papers[id_] = {}, {id_: 1.0}
    for each in statements:
        if each.subject.startswith("author:"):
            papers[each.subject][each.object] = 1.0
        else:
            half = 0.5 if each.predicate == "mentions" and each.get("role") == "mentions" else 1.0
            if each.predicate == "mentions" and half == 1.0:
                continue
            papers[each.object][each.subject] = half * each.get("confidence")
            weight = half * each.get("confidence") * nodes[each.object]["specificity"]
            if weight:
                vectors[each.subject][each.object] = weight

    def dot(x, y):
        return sum(x[e] * y[e] for e in x if e in y and e not in (one, other))

    def profile(id_):
        total = {}
        for p, part in papers[id_].items():
            for e, weight in vectors[p].items():
                total[e] = total.get(e, 0) + part * weight
        return total

    product, speaking = 0.0, set()
    for p, q in itertools.product(papers[one], papers[other]):
        found = papers[one][p] * papers[other][q] * dot(vectors[p], vectors[q]) if p != q else 0
        product += found
        if found > 0:
            speaking.add(q)
    if not product:
        return 0.0
    x, y = profile(one), profile(other)
    cosine = product / math.sqrt(dot(x, x) * dot(y, y))
    if label == "Paper":
        return cosine
    return cosine * nodes[other].get("specificity", 1.0) * len(speaking) / (len(speaking) + 3)


@pytest.mark.parametrize("seed", range(3))
def test_random_graphs_against_the_definition(tmp_path, seed):
    rng = random.Random(seed)
    entities = [entity("Method", f"method:m{n}", rng.choice([0.0, 0.2, 0.5, 0.9])) for n in range(8)]
    entities += [entity("Task", f"task:t{n}", rng.choice([0.3, 0.7])) for n in range(4)]
    papers = [paper(f"title:{n}") for n in range(9)]
    nodes, statements = [*entities, *papers], []
    for each in papers:
        for chosen in rng.sample(entities, rng.randint(0, 5)):
            kind = rng.choice(["mentions", "uses" if chosen.label == "Method" else "addresses"])
            statements += role(each.id, kind, chosen.id, rng.choice([0.3, 0.6, 1.0]))
    for n in range(5):
        node, wrote = author(f"author:a{n}", *(each.id for each in rng.sample(papers, rng.randint(1, 3))))
        nodes.append(node)
        statements += wrote
    kg = store(tmp_path / "kg", nodes, statements)
    space = _space(network(kg, shadows=False))
    for one in rng.sample(nodes, 8):
        for label in ("Paper", "Method", "Task", "Author"):
            expected = {
                other.id: round(naive(kg, one.id, other.id, label), 4)
                for other in nodes
                if other.label == label and other.id != one.id
            }
            found = {row[0]: row[2] for row in _nearest(space, Named(one.id, one.label, one.id), label, None)}
            for id_, score in expected.items():
                assert found.get(id_, 0.0) == pytest.approx(score, abs=2e-4)


def test_hostile_names_travel_as_values(tmp_path):
    nodes = [
        paper(P),
        paper(Q),
        entity("Method", "method:x", name=HOSTILE),
        entity("Method", "method:y", name="\x1b[31m"),
    ]
    nodes.append(entity("Task", "task:t", name=HOSTILE))
    statements = [*role(P, "uses", "method:x"), *role(Q, "uses", "method:y")]
    statements += [*role(P, "addresses", "task:t"), *role(Q, "addresses", "task:t")]
    kg = store(tmp_path / "kg", nodes, statements)
    (row,) = related(kg, "method:x").records()
    assert row["name"] == "\x1b[31m"
    assert row["shared"] == (HOSTILE,)
    assert "\x1b" not in run("related", "method:x", "--kg", kg, "-o", "table").stdout
    assert run("related", HOSTILE, "--kg", kg).exit_code == 2


def test_an_empty_graph(tmp_path):
    done = run("related", "anything", "--kg", store(tmp_path / "kg", []))
    assert done.exit_code == 1
    assert done.stdout == ""


# The command


def test_the_command(kg):
    done = run("related", "TITLE:Q", "--kg", kg, "--limit", 1, "-o", "json")
    assert done.exit_code == 0
    assert [row["id"] for row in json.loads(done.stdout)] == [R]
    done = run("related", "ada", "--label", "paper", "--kg", kg, "-o", "csv")
    assert list(csv.reader(io.StringIO(done.stdout)))[1][:3] == [Q, "Paper", "About title:q"]
    done = run("related", "f", "--kg", kg)
    assert done.exit_code == 1
    assert done.stderr == "kgtool: f (method:f): no method shares anything with it across papers\n"
    assert run("related", "a", "--limit", 0, "--kg", kg).exit_code == 2
    assert run("related", "a", "--label", "Person", "--kg", kg).exit_code == 2


def test_the_examples(example_kg):
    assert {"MATH", "AIME 2024"} <= {row["name"] for row in related(example_kg, "GSM8K", limit=5).records()}
    rows = related(example_kg, "Priya Sankarlal").records()
    assert rows[0]["name"] == "Nikolai Brandtsev"
    assert "offline reinforcement learning" in rows[0]["shared"]
    assert related(example_kg, "GSM8K") == related(example_kg, "GSM8K")


# Real digests


@needs_shared
def test_real_digests(tmp_path):
    rng = random.Random(3)
    kg = tmp_path / "kg"
    files = [read_digest(path) for path in sorted((SHARED / "digests").iterdir()) if path.suffix != ".jsonl"]
    build(kg, files, LexiconExtractor())
    rows = related(kg, "LoRA", label="Paper").records()
    assert len(rows) == 10
    assert all(0 < row["score"] <= 1 and row["shared"] and row["papers"] == (row["id"],) for row in rows)
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    space = _space(network(kg, shadows=False))
    for id_ in rng.sample(sorted(space.vectors), 30):
        for other, _, score, shared, _ in _nearest(space, Named(id_, "Paper", id_), "Paper", 3):
            assert 0 < score <= 1
            both = space.vectors[id_].keys() & space.vectors[other].keys()
            assert set(shared) <= {space.nodes[each]["name"] for each in both}
