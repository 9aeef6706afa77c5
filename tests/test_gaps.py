"""Gaps: a score worked out by hand, every pair against the matrix, and what argues for a pair."""

import json
from dataclasses import replace
from itertools import product
from math import sqrt

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import SHARED, LexiconExtractor, needs_shared
from test_analysis import entity, paper, relation, role, run, store

from kgtool.analysis.gaps import Entity, find_gaps, gaps, reasons, scores, tie
from kgtool.analysis.matrix import KINDS, matrix
from kgtool.build import build
from kgtool.digests import read_digest
from kgtool.errors import InputError, NothingFound
from kgtool.stores.corpus import Corpus

P, Q, R, S = (f"arxiv:2603.0000{number}" for number in range(1, 5))
HOSTILE = "</script>\x1b[31m \"'`; DROP"
ALL = {"min_papers": 1, "min_specificity": 0}


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """Four papers.

    P tries GCN and GAT on Cora. Q tries GAT on a dataset with a hostile name. R only mentions GCN beside PubMed, on
    which it tries SAGE. S tries SAGE on Cora, and says that GCN was evaluated with PubMed. All address one task but Q.
    """
    nodes = [
        *(paper(id_, f"Paper {id_[-1]}") for id_ in (P, Q, R, S)),
        *(entity("Method", name) for name in ("GCN", "GAT", "SAGE")),
        entity("Dataset", "Cora"),
        entity("Dataset", "PubMed"),
        entity("Dataset", HOSTILE, id_="dataset:hostile"),
        entity("Task", "node classification"),
    ]
    statements = [
        *role(P, "uses", "method:gcn"),
        *role(P, "compares-with", "method:gat"),
        *role(P, "evaluates-on", "dataset:cora"),
        *role(Q, "introduces", "method:gat"),
        *role(Q, "trains-on", "dataset:hostile", 0.4),
        *role(R, "mentions", "method:gcn"),
        *role(R, "uses", "method:sage"),
        *role(R, "evaluates-on", "dataset:pubmed"),
        *role(S, "uses", "method:sage"),
        *role(S, "evaluates-on", "dataset:cora"),
        relation("method:gcn", "evaluatedWith", "dataset:pubmed", S, 0.2),
        *(edge for id_ in (P, R, S) for edge in role(id_, "addresses", "task:node-classification")),
    ]
    return store(tmp_path_factory.mktemp("gaps") / "kg", nodes, statements)


def ends(table, first="method", second="dataset"):
    return {(row[f"{first}_id"], row[f"{second}_id"]) for row in table.records()}


def replace_specificity(node, value):
    return replace(node, properties=tuple({**dict(node.properties), "specificity": value}.items()))


def test_a_score_by_hand(tmp_path):
    nodes = [paper(P, "P"), paper(Q, "Q"), entity("Method", "GCN"), entity("Method", "GAT")]
    nodes += [entity("Dataset", "Cora"), entity("Dataset", "PubMed")]
    statements = [
        *role(P, "uses", "method:gcn"),
        *role(P, "uses", "method:gat"),
        *role(P, "evaluates-on", "dataset:cora"),
        *role(Q, "uses", "method:gat"),
        *role(Q, "evaluates-on", "dataset:pubmed"),
    ]
    table = gaps(store(tmp_path / "kg", nodes, statements), **ALL)
    assert table.columns == ("method", "dataset", "score", "because", "papers", "method_id", "dataset_id")
    # P has three entities, so each of its ties weighs 1/2, and Q's 1. Cora's strength is 1, GAT's 1/2 + 1.
    score = round(1 / 2 * 1 / sqrt(1) * 1 / 2 * 1 / sqrt(3 / 2) * 1, 4)
    assert table.rows == (
        ("GCN", "PubMed", score, ("GAT via Cora",), (Q, P), "method:gcn", "dataset:pubmed"),
    )  # fmt: skip


def test_gaps_are_what_the_matrix_lacks(kg):
    assert ends(gaps(kg, **ALL)) == {
        ("method:gcn", "dataset:hostile"),
        ("method:sage", "dataset:hostile"),
        ("method:gat", "dataset:pubmed"),
    }, "GCN and PubMed are apart, but a sentence relates them"
    assert ends(gaps(kg, "methods", "tasks", **ALL), "method", "task") == set()
    assert ends(gaps(kg, "tasks", "datasets", **ALL), "task", "dataset") == {
        ("task:node-classification", "dataset:hostile")
    }


def test_an_unsure_edge_argues_for_nothing_but_is_no_gap(kg):
    sure = ends(gaps(kg, min_confidence=0.5, **ALL))
    assert sure == {("method:gat", "dataset:pubmed")}
    assert ("method:gat", "dataset:hostile") not in sure
    assert ("method:gcn", "dataset:pubmed") not in sure


def test_both_ends_need_papers(kg):
    # GAT and SAGE have two papers, of the datasets only Cora does, and both were tried on it.
    assert len(gaps(kg, min_specificity=0)) == 0
    assert ends(gaps(kg, min_papers=1, min_specificity=0, limit=1)) <= ends(gaps(kg, **ALL))
    assert len(gaps(kg, min_papers=1, min_specificity=0, limit=1)) == 1


def test_what_is_general_is_left_out_unless_it_is_named(kg):
    assert len(gaps(kg, min_papers=1, min_specificity=0.6)) == 0
    assert ends(gaps(kg, min_papers=1, min_specificity=0.6, method="GAT")) == {("method:gat", "dataset:pubmed")}


def test_what_is_general_is_no_reason(tmp_path):
    """GCN and SAGE share only a task that 9 of 10 papers address: SAGE on PubMed does not argue for GCN there."""
    others = [f"title:{number:016x}" for number in range(8)]
    nodes = [*(paper(id_, id_) for id_ in (P, Q, *others)), entity("Dataset", "PubMed")]
    nodes += [entity("Method", "GCN"), entity("Method", "SAGE"), replace_specificity(entity("Task", "learning"), 0.1)]
    statements = [
        *(edge for id_ in (P, Q, *others) for edge in role(id_, "addresses", "task:learning")),
        *role(P, "uses", "method:gcn"),
        *role(Q, "uses", "method:sage"),
        *role(Q, "evaluates-on", "dataset:pubmed"),
    ]
    kg = store(tmp_path / "kg", nodes, statements)
    assert ends(gaps(kg, **ALL)) == {("method:gcn", "dataset:pubmed")}
    assert len(gaps(kg, min_papers=1, min_specificity=0.5)) == 0
    assert [str(reason) for reason in find_gaps(kg, **ALL)[0].reasons] == ["SAGE via learning"]


def test_filters(kg):
    assert ends(gaps(kg, method=("gcn", "SAGE"), **ALL)) == {
        ("method:gcn", "dataset:hostile"),
        ("method:sage", "dataset:hostile"),
    }
    assert ends(gaps(kg, dataset=HOSTILE, method="GCN", **ALL)) == {("method:gcn", "dataset:hostile")}
    # Q does not address the task: without it nothing leads to the hostile dataset.
    assert ends(gaps(kg, task="node classification", **ALL)) == {("method:gat", "dataset:pubmed")}
    with pytest.raises(NothingFound, match="no method of this name"):
        gaps(kg, method="nothing like it")
    for rows, columns in (("methods", "methods"), ("methods", "papers"), ("", "datasets")):
        with pytest.raises(InputError, match="two different ones"):
            gaps(kg, rows, columns)


def test_reasons_name_their_papers(kg):
    (gap,) = find_gaps(kg, method="GAT", **ALL)
    assert (gap.first.name, gap.second.name) == ("GAT", "PubMed")
    # SAGE is with PubMed in R, GAT with Cora and the task in P, SAGE with the task in R and with Cora in S.
    best = next(reason for reason in gap.reasons if reason.like.name == "SAGE")
    assert {shared.name for shared in best.shared} == {"Cora", "node classification"}
    assert best.papers[0] == R
    assert set(best.papers) == {P, R, S}
    assert str(best).startswith("SAGE via ")


names = st.sampled_from([f"{label}:{letter}" for label in ("method", "dataset", "task") for letter in "abcd"])


@given(st.lists(st.sets(names, min_size=1, max_size=6), min_size=1, max_size=6))
def test_scores_are_those_of_the_paths(papers_):
    """Against every simple path of length three of the same graph, one by one, in networkx."""
    found = sorted(set().union(*papers_))
    entities = [
        Entity(id_, id_.split(":")[0].title(), id_, 0.5, frozenset(str(i) for i, of in enumerate(papers_) if id_ in of))
        for id_ in found
    ]
    ties = tie(entities)
    graph = nx.Graph()
    graph.add_nodes_from(found)
    for of in papers_:
        for one, other in product(of, of):
            if one < other and one.split(":")[0] != other.split(":")[0]:
                weight = graph.get_edge_data(one, other, {"weight": 0})["weight"]
                graph.add_edge(one, other, weight=weight + 1 / (len(of) - 1))
    for start in found:
        reached = scores(ties, start, set(found) - {start})
        for end in found:
            if end == start or graph.has_edge(start, end):
                continue
            paths = [path for path in nx.all_simple_paths(graph, start, end, cutoff=3) if len(path) == 4]
            expected = 0.0
            for _, u, v, _ in paths:
                weights = graph[start][u]["weight"] * graph[u][v]["weight"] * graph[v][end]["weight"]
                expected += weights / sqrt(graph.degree(u, "weight") * graph.degree(v, "weight"))
            assert reached.get(end, 0) == pytest.approx(expected)
            assert bool(reasons(ties, start, end)) == bool(paths)


def test_the_example_graph(example_kg):
    for rows, columns in (("methods", "datasets"), ("methods", "tasks")):
        table = gaps(example_kg, rows, columns, limit=None)
        assert len(table) > 20
        first, second = KINDS[rows].lower(), KINDS[columns].lower()
        known = {row[:2] for row in matrix(example_kg, rows, columns, min_support=0)}
        assert not {row[:2] for row in table} & known
        scores_ = [row[2] for row in table]
        assert scores_ == sorted(scores_, reverse=True)
        for row in table.records():
            assert row["because"]
            assert row["papers"]
            assert row[f"{first}_id"].startswith(f"{first}:")
            assert row[f"{second}_id"].startswith(f"{second}:")
        assert gaps(example_kg, rows, columns, limit=None) == table


def test_the_command(example_kg, kg):
    done = run("gaps", "--kg", example_kg, "--limit", 3, "-o", "json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert [row["score"] for row in found] == [row[2] for row in gaps(example_kg, limit=3)]
    assert run("gaps", "methods", "tasks", "--kg", example_kg, "-o", "csv").stdout.startswith("method,task,score,")
    shown = run("gaps", "--kg", kg, "--min-papers", 1, "--min-specificity", 0, "-o", "table").stdout
    assert "\x1b" not in shown
    assert "\\x1b[31m" in shown
    for wrong in (("methods", "methods"), ("methods", "authors"), ("--limit", 0)):
        assert run("gaps", *wrong, "--kg", example_kg).exit_code == 2
    assert run("gaps", "--method", "no such thing", "--kg", example_kg).exit_code == 1


def test_an_empty_graph_and_none(tmp_path):
    kg = store(tmp_path / "kg", [], [])
    assert len(gaps(kg)) == 0
    assert run("gaps", "--kg", kg, "-o", "json").stdout.strip() == "[]"
    assert run("gaps", "--kg", tmp_path / "none").exit_code == 2


@needs_shared
def test_the_real_digests(tmp_path):
    files = [read_digest(path) for path in sorted((SHARED / "digests").glob("daily-arxiv-2026-0[12]*.md"))]
    build(tmp_path / "kg", files, LexiconExtractor())
    with Corpus.open(tmp_path / "kg") as corpus:
        assert corpus.count_nodes()["Paper"] == 155
    table = gaps(tmp_path / "kg", limit=None, **ALL)
    assert not {row[:2] for row in table} & {row[:2] for row in matrix(tmp_path / "kg", min_support=0)}
    assert all(row["papers"] and row["because"] for row in table.records())
