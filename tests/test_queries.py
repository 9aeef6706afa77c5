"""Canned queries: the files say what they hold, both languages give the same rows, and these are right."""

import csv
import io
import json
import random
import re
import tempfile
from pathlib import Path

import ladybug
import pyoxigraph
import pytest
from click.testing import CliRunner
from graphs import HOSTILE, entity, example, graphs, node, questions, relation, role, store
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SHARED, LexiconExtractor, needs_shared

from kgtool import queries, vocab
from kgtool.analysis.matrix import matrix
from kgtool.analysis.papers import papers
from kgtool.analysis.show import show
from kgtool.build import build
from kgtool.cli import main
from kgtool.digests import read_digest
from kgtool.errors import InputError, QueryError, StoreError
from kgtool.records import MIN_CONFIDENCE, Statement
from kgtool.stores import cypher_query, sparql_query, views
from kgtool.stores.asking import MEMORY, ask_cypher, ask_sparql
from kgtool.stores.corpus import Corpus
from kgtool.stores.sparql_parameters import TOKEN

QUERIES = queries.queries()
FOLDER = Path(queries.__file__).parent
each_query = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def named(name):
    return next(query for query in QUERIES if query.name == name)


def body(text):
    return text.split("\n\n", 1)[1]


def answer(view, query, language, parameters):
    """Columns, rows and notes, from the engine in this process: quicker than a child for each of many questions."""
    text, bound = queries.prepare(query.name, language, parameters)
    if language == "sparql":
        messages = list(sparql_query.answer(str(view.rdf), text, bound, service=False))
    else:
        messages = list(cypher_query.answer(str(view.ladybug), text, bound, MEMORY))
    columns = next(message["columns"] for message in messages if "columns" in message)
    rows = [row for message in messages for row in message.get("rows", ())]
    return columns, rows, [message["note"] for message in messages if "note" in message]


def same_answer(kg, query, parameters):
    """The rows that both languages give."""
    found = views.ask(kg, lambda view: [answer(view, query, language, parameters) for language in queries.LANGUAGES])
    assert found[0] == found[1], (query.name, parameters)
    assert not found[0][2]
    return found[0][1]


def same_answers(kg, chosen, ask_more=lambda query: ()):
    """Asks every query all that `questions` and `ask_more` give, both engines opened once, and compares the rows."""
    with Corpus.open(kg) as corpus:
        nodes = list(corpus.nodes())
    views.ask(kg, lambda view: _compare(view, nodes, chosen, ask_more))


def _compare(view, nodes, chosen, ask_more):
    rdf = pyoxigraph.Store.read_only(str(view.rdf))
    with (
        ladybug.Database(view.ladybug, read_only=True, buffer_pool_size=1 << 28) as database,
        ladybug.Connection(database) as connection,
    ):
        for query in QUERIES:
            for parameters in (*questions(query, nodes, chosen), *ask_more(query)):
                text, _ = queries.prepare(query.name, "sparql", parameters)
                found = rdf.query(text)
                names = [variable.value for variable in found.variables]
                in_rdf = [[sparql_query._cell(row[name]) for name in names] for row in found]
                result = connection.execute(*queries.prepare(query.name, "cypher", parameters))
                in_ladybug = [[cypher_query._cell(cell) for cell in row] for row in result]
                assert in_rdf == in_ladybug, (query.name, parameters)
                result.close()


# The files


def test_every_query_is_there_in_both_languages():
    suffixes = set(queries.LANGUAGES.values())
    files = {path.name for path in FOLDER.iterdir() if path.suffix[1:] in suffixes}
    assert files == {f"{query.name}.{suffix}" for query in QUERIES for suffix in suffixes}
    assert len(QUERIES) >= 25


@each_query
def test_headers_say_what_the_text_holds(query):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", query.name)
    assert query.answers.endswith("?")
    declared = {parameter.name: parameter for parameter in query.parameters}
    in_sparql = {token[0][1:] for token in TOKEN.finditer(query.sparql) if token[0].startswith("$")}
    assert in_sparql == set(re.findall(r"\$(\w+)", body(query.cypher))) == set(declared)
    assert query.bind(example(query)).keys() == declared.keys()
    if "min_confidence" in declared:
        assert float(declared["min_confidence"].default) == MIN_CONFIDENCE
    if "limit" in declared:
        assert all(text.endswith("LIMIT $limit\n") for text in (query.sparql, query.cypher))
    for language in queries.LANGUAGES:
        assert max(map(len, query.text(language).splitlines())) <= 120
        assert f"kgtool {language} {query.name}" in query.text(language)


@each_query
def test_the_sparql_stands_on_its_own(query):
    """It is SPARQL 1.1 to a parser that is not the engine's, and declares just the prefixes that it uses."""
    from rdflib.plugins.sparql import prepareQuery

    text, bound = queries.prepare(query.name, "sparql", example(query))
    assert bound == {}
    prepareQuery(text)
    declared = dict(re.findall(r"^PREFIX (\w+): <(.*)>$", query.sparql, re.M))
    used = {token["name"].split(":")[0] for token in TOKEN.finditer(query.sparql) if ":" in (token["name"] or "")}
    assert declared == {prefix: vocab.PREFIXES[prefix] for prefix in used}


@each_query
def test_the_cypher_has_a_total_order_and_no_dialect(query):
    """Words that Ladybug and Neo4j 5 read in different ways stay out."""
    text = body(query.cypher)
    if query.name != "count-nodes":
        assert text.count("ORDER BY") == 1
    words = r"\blabels?\(|\bid\(|\bsubstring\(|\breverse\(|\bsum\(|\bcollect\((?!e\.id)|\[\d|\blist_|\bSHORTEST|\*\d"
    assert not re.search(words, text, re.I)


def test_a_header_of_another_form_is_refused():
    text = "# What?\n#\n# $limit count default 5  rows\n#\n# kgtool sparql x\n\nSELECT"
    with pytest.raises(ValueError, match="x: its header"):
        queries._header(text, "sparql", "x")


# The example digests


@each_query
def test_the_example_of_each_query_has_rows(example_kg, query):
    rows = same_answer(example_kg, query, example(query))
    # The datasets that the example digests introduce stand in papers without a date.
    assert rows or query.name == "introduced-datasets"


def test_other_parameters_on_the_example_graph(example_kg):
    same_answers(example_kg, random.Random(1).choice, lambda query: [example(query) | {"limit": (1 << 63) - 1}]
                 if "limit" in {each.name for each in query.parameters} else [])  # fmt: skip


@pytest.mark.parametrize("name", ["papers-of-method", "method-dataset-matrix", "untried-datasets", "rising"])
def test_the_limit_takes_the_first_rows(example_kg, name):
    query = named(name)
    wide = same_answer(example_kg, query, example(query) | {"limit": 1000})
    assert same_answer(example_kg, query, example(query) | {"limit": 3}) == wide[:3]
    assert len(wide) > 3


def test_the_matrices_are_those_of_the_command(example_kg):
    for rows, columns in (("method", "dataset"), ("method", "task"), ("dataset", "task")):
        for least in (0.0, 0.8):
            parameters = {"limit": 100_000, "min_confidence": least}
            found = queries.run(example_kg, f"{rows}-{columns}-matrix", parameters=parameters)
            expected = matrix(example_kg, f"{rows}s", f"{columns}s", min_confidence=least)
            counted = [dict(zip(expected.columns, row, strict=True)) for row in expected]
            wanted = sorted((row[rows], row[columns], row["support"], row["direct"]) for row in counted)
            assert sorted(row[:4] for row in found) == wanted
            assert len(found) > 50


@pytest.mark.parametrize(
    ("name", "parameter", "filters"),
    [
        ("papers-of-method", "lora", {"method": "lora"}),
        ("papers-of-dataset", "IMAGENET", {"dataset": "imagenet"}),
        ("papers-of-author", "Priya Sankarlal", {"author": "Priya Sankarlal"}),
        ("papers-of-category", "cs.lg", {"category": "cs.LG"}),
        ("papers-between", None, {"since": "2026-02", "until": "2026-03-02"}),
        ("introduced-methods", None, {"role": "introduces", "since": "2026-01"}),
    ],
)
def test_papers_are_those_of_the_command(example_kg, name, parameter, filters):
    given_ = {name.split("-")[-1]: parameter} if parameter else {k: v for k, v in filters.items() if k != "role"}
    found = queries.run(example_kg, name, "sparql", {**given_, "limit": 1000})
    papers_of = [row["paper"] for row in found.records()]
    expected = [row[0] for row in papers(example_kg, **filters)]
    assert expected
    if name == "introduced-methods":
        assert set(papers_of) <= set(expected)
    else:
        assert papers_of == expected


def test_an_author_is_the_one_of_show(example_kg):
    shown = show(example_kg, "Priya Sankarlal").records()
    together = [(row["name"], row["id"], row["papers"]) for row in shown if row["section"] == "co-authors"]
    assert list(queries.run(example_kg, "coauthors", parameters={"author": "priya sankarlal"})) == together
    topics = {(row["id"], row["papers"]) for row in shown if row["section"] in ("methods", "datasets", "tasks")}
    found = queries.run(example_kg, "topics-of-author", parameters={"author": "Priya Sankarlal", "limit": 1000})
    assert {(row["id"], row["papers"]) for row in found.records()} == topics


def test_counts_are_those_of_the_corpus(example_kg):
    with Corpus.open(example_kg) as corpus:
        nodes, edges = corpus.count_nodes(), corpus.count_statements()
    assert dict(queries.run(example_kg, "count-nodes").rows) == nodes
    assert dict(queries.run(example_kg, "count-edges").rows) == {
        vocab.relationship_type(predicate): count for predicate, count in edges.items()
    }


# A graph by hand

A, B, C, D = "arxiv:2601.00001", "arxiv:2602.00002", "doi:10.1234/c", "title:0123456789abcdef"


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """Four papers.

    A (Ada, José) introduces GraphMend, uses GCN, evaluates on Cora. B (Ada) compares with GCN, evaluates on Cora
    (unsure) and PubMed. C (José) uses GAT, an alias of which GCN has too, on PubMed and Citeseer. D introduces a
    dataset with a hostile name, and uses GCN on it.
    """
    nodes = [
        node(A, "Paper", title="Mending Graphs", published="2026-01-10", arxivId="2601.00001", abstract="We mend."),
        node(B, "Paper", title="Comparing on Graphs", published="2026-02"),
        node(C, "Paper", title="Attention", published="2025", doi="10.1234/c"),
        node(D, "Paper", title=HOSTILE),
        node("author:ada", "Author", name="Ada Example"),
        node("author:josé", "Author", name="José Sample"),
        entity("method:graphmend", "GraphMend"),
        entity("method:gcn", "GCN", ("Graph Convolutional Network", "graph network"), 3),
        entity("method:gat", "GAT", ("graph network",)),
        entity("task:nc", "node classification"),
        entity("dataset:cora", "Cora", papers=2),
        entity("dataset:pubmed", "PubMed", papers=2),
        entity("dataset:citeseer", "Citeseer"),
        entity("dataset:hostile", HOSTILE, ("O'Brien\\", "<iri>")),
        node("category:cs.LG", "Category", name="cs.LG"),
        node("digest:monday", "Digest", name="Papers of Monday"),
    ]
    statements = [
        Statement("author:ada", "wrote", A, (("position", 1),)),
        Statement("author:josé", "wrote", A, (("position", 2),)),
        Statement("author:ada", "wrote", B, (("position", 1),)),
        Statement("author:josé", "wrote", C, (("position", 1),)),
        Statement(A, "inCategory", "category:cs.LG"),
        Statement(B, "listedIn", "digest:monday", (("rank", 1),)),
        Statement(A, "listedIn", "digest:monday", (("rank", 2),)),
        *role(A, "introduces", "method:graphmend", sentence="We propose GraphMend."),
        *role(A, "uses", "method:gcn"),
        *role(A, "evaluates-on", "dataset:cora"),
        *role(A, "addresses", "task:nc"),
        relation("method:graphmend", "evaluatedWith", "dataset:cora", A, sentence="GraphMend wins on Cora."),
        relation("method:graphmend", "comparedTo", "method:gcn", A),
        relation("method:graphmend", "subClassOf", "method:gcn", A),
        *role(B, "compares-with", "method:gcn", 0.8),
        *role(B, "evaluates-on", "dataset:cora", 0.3),
        *role(B, "evaluates-on", "dataset:pubmed", 0.7),
        relation("method:gcn", "evaluatedWith", "dataset:pubmed", B, 0.6),
        relation("method:gcn", "comparedTo", "method:graphmend", B, 0.4),
        relation("method:gcn", "usedFor", "task:nc", B, 0.6),
        *role(C, "uses", "method:gat"),
        *role(C, "evaluates-on", "dataset:pubmed"),
        *role(C, "evaluates-on", "dataset:citeseer"),
        *role(D, "introduces", "dataset:hostile"),
        *role(D, "mentions", "method:graphmend", 0.9),
        *role(D, "uses", "method:gcn"),
    ]
    return store(tmp_path_factory.mktemp("queries") / "kg", nodes, statements)


@pytest.mark.parametrize(
    ("name", "parameters", "expected"),
    [
        ("top-methods", {}, [["GCN", 3], ["GAT", 1], ["GraphMend", 1]]),
        ("top-methods", {"min_confidence": 0.85}, [["GCN", 2], ["GAT", 1], ["GraphMend", 1]]),
        ("top-datasets", {"limit": 2}, [["Cora", 2], ["PubMed", 2]]),
        ("top-tasks", {}, [["node classification", 1]]),
        ("top-authors", {}, [["Ada Example", 2], ["José Sample", 2]]),
        ("connected-authors", {}, [["Ada Example", 1, 1], ["José Sample", 1, 1]]),
        ("coauthors", {"author": "JOSÉ SAMPLE"}, [["Ada Example", 1]]),
        ("authors-of-topic", {"entity": "cora"}, [["Ada Example", 2], ["José Sample", 1]]),
        ("topics-of-author", {"author": "author:josé", "limit": 1}, [["dataset", "Citeseer", 1]]),
        ("papers-of-method", {"method": "gcn"}, [["compares-with", B], ["uses", A], ["uses", D]]),
        ("papers-of-method", {"method": "graphmend"}, [["introduces", A], ["mentions", D]]),
        ("papers-of-method", {"method": "GRAPH NETWORK"},
         [["compares-with", B], ["uses", A], ["uses", C], ["uses", D]]),
        ("papers-of-dataset", {"dataset": "CORA", "min_confidence": 0.5}, [["evaluates-on", A]]),
        ("papers-of-dataset", {"dataset": "<IRI>"}, [["introduces", D]]),
        ("papers-of-dataset", {"dataset": HOSTILE}, [["introduces", D]]),
        ("papers-of-dataset", {"dataset": "o'brien\\"}, [["introduces", D]]),
        ("papers-of-task", {"task": "Node Classification"}, [["addresses", A]]),
        ("papers-of-author", {"author": "ada example"}, [[1, B], [1, A]]),
        ("papers-of-category", {"category": "CS.lg"}, [[A]]),
        ("papers-of-digest", {"digest": "papers of monday"}, [[1, B], [2, A]]),
        ("papers-between", {}, [[B], [A], [C]]),
        ("papers-between", {"since": "2026-02-20"}, [[B]]),
        ("papers-between", {"since": "2025-07", "until": "2026-01"}, [[A], [C]]),
        ("method-on-dataset", {"method": "gcn", "dataset": "cora"}, [["compares-with", "evaluates-on", B],
                                                                     ["uses", "evaluates-on", A]]),
        ("method-on-dataset-said", {"method": "graphmend", "dataset": "cora"}, [["EVALUATED_WITH", A]]),
        ("methods-on-dataset", {"dataset": "cora"}, [["GCN", 2, 0], ["GraphMend", 1, 1]]),
        ("datasets-of-method", {"method": "gcn"}, [["Cora", 2, 0], ["PubMed", 1, 1], [HOSTILE, 1, 0]]),
        ("tasks-of-method", {"method": "gcn"}, [["node classification", 1, 1]]),
        ("methods-for-task", {"task": "node classification"}, [["GCN", 1, 1], ["GraphMend", 1, 0]]),
        ("datasets-for-task", {"task": "task:nc"}, [["Cora", 1, 0]]),
        ("method-dataset-matrix", {"min_confidence": 0.65},
         [["GraphMend", "Cora", 1, 1], ["GAT", "Citeseer", 1, 0], ["GAT", "PubMed", 1, 0], ["GCN", "Cora", 1, 0],
          ["GCN", "PubMed", 1, 0], ["GCN", HOSTILE, 1, 0]]),
        ("methods-beside-method", {"method": "graphmend"}, [["GCN", 1]]),
        ("comparisons-with-method", {"method": "gcn"}, [[B]]),
        ("rivals-of-method", {"method": "gcn"}, [["GraphMend", 2]]),
        ("rivals-of-method", {"method": "gcn", "min_confidence": 0.5}, [["GraphMend", 1]]),
        ("variants-of-method", {"method": "graph convolutional network"}, [["GraphMend", A]]),
        ("relations-of-entity", {"entity": "graphmend", "min_confidence": 0.5},
         [["COMPARED_TO", A], ["EVALUATED_WITH", A], ["SUB_CLASS_OF", A]]),
        ("entities-of-paper", {"paper": "2601.00001"},
         [["addresses", "node classification"], ["evaluates-on", "Cora"], ["introduces", "GraphMend"],
          ["uses", "GCN"]]),
        ("entities-of-paper", {"paper": HOSTILE, "min_confidence": 0.5},
         [["introduces", HOSTILE], ["mentions", "GraphMend"], ["uses", "GCN"]]),
        ("relations-of-paper", {"paper": "comparing ON graphs"},
         [["COMPARED_TO", "GCN", "GraphMend"], ["EVALUATED_WITH", "GCN", "PubMed"],
          ["USED_FOR", "GCN", "node classification"]]),
        ("papers-near-paper", {"paper": "10.1234/C"}, [[1, B]]),
        ("papers-near-paper", {"paper": A}, [[2, B], [1, D]]),
        ("papers-near-paper", {"paper": A, "max_papers": 2}, [[1, B]]),
        ("common-to-papers", {"paper": A, "other": D},
         [["GCN", "uses", "uses"], ["GraphMend", "introduces", "mentions"]]),
        ("common-to-methods", {"method": "gcn", "other": "gat"}, [["PubMed", 1, 1]]),
        ("papers-of-both-methods", {"method": "gcn", "other": "graphmend"}, [["uses", "introduces", A]]),
        ("untried-datasets", {"method": "gcn"}, [["Citeseer", 1, 1]]),
        ("untried-datasets", {"method": "graphmend"}, [["PubMed", 1, 1], [HOSTILE, 1, 1]]),
        ("months-of-entity", {"entity": "gcn"}, [["2026-01", 1], ["2026-02", 1]]),
        ("new-since", {"since": "2026-02"}, []),
        ("new-since", {"since": "2026-01"}, [["Cora", "2026-01-10", 2], ["GCN", "2026-01-10", 2],
                                             ["GraphMend", "2026-01-10", 1], ["node classification", "2026-01-10", 1]]),
        ("new-in-digest", {"digest": "digest:monday"}, [["Cora", 2], ["node classification", 1]]),
        ("rising", {"since": "2026-01-10"}, [["Cora", 2, 0], ["GCN", 2, 0], ["GraphMend", 1, 0],
                                             ["node classification", 1, 0]]),
        ("introduced-methods", {}, [["GraphMend", A]]),
        ("introduced-datasets", {}, []),
        ("categories", {}, [["cs.LG", 1, 4]]),
        ("entities-of-category", {"category": "category:cs.lg", "limit": 1}, [["Cora", 1]]),
        ("find-entity", {"text": "graph"}, [["GCN"], ["GAT"], ["GraphMend"]]),
        ("find-papers", {"text": "mend"}, [[A]]),
        ("find-authors", {"text": "SAMPLE"}, [["José Sample", 2]]),
        ("aliases", {"entity": "gcn"}, [["Graph Convolutional Network"], ["graph network"]]),
        ("unsure-edges", {}, [["EVALUATES_ON", B], ["COMPARED_TO", B]]),
        ("provenance", {"from": A, "to": "DATASET:cora"}, [["EVALUATES_ON", A]]),
        ("provenance", {"from": "method:graphmend", "to": "method:gcn"}, [["COMPARED_TO", A], ["SUB_CLASS_OF", A]]),
    ],
)  # fmt: skip
def test_answers_worked_out_by_hand(kg, name, parameters, expected):
    """Of each row those cells, in any order of columns, that the expected row names."""
    rows = same_answer(kg, named(name), parameters)
    assert [[next(cell for cell in row if cell == wanted) for wanted in some] for row, some in zip(
        rows, expected, strict=True)] == expected  # fmt: skip


def test_evidence_comes_with_the_rows(kg):
    ((*_, role_, confidence, sentence, method),) = queries.run(
        kg, "papers-of-method", parameters={"method": "graphmend", "limit": 1}
    )
    assert (role_, confidence, sentence, method) == ("introduces", 0.9, "We propose GraphMend.", "method:graphmend")
    (row,) = queries.run(kg, "method-on-dataset-said", "sparql", {"method": "GraphMend", "dataset": "Cora"}).records()
    assert (row["sentence"], row["published"], row["title"]) == (
        "GraphMend wins on Cora.",
        "2026-01-10",
        "Mending Graphs",
    )
    (row,) = queries.run(kg, "provenance", "sparql", {"from": A, "to": "dataset:cora"}).records()
    assert (row["start"], row["stop"], row["extractor"]) == (0, 4, "by-hand-1")


def test_hostile_values_are_only_values(kg):
    for seed in range(3):
        same_answers(kg, random.Random(seed).choice)


INJECTIONS = (
    "' OR 1 = 1 //",
    "x' OR true OR 'x' = 'x",
    '" || true || "',
    '") } UNION { ?p dcterms:title ?title } #',
    "} DROP ALL #",
    "gcn\\",
    "\\u0022",
    "$limit",
    "?m",
    "<https://w3id.org/kgtool/method/gcn>",
    "https://w3id.org/kgtool/method/gcn",
    "LIMIT 1000\n//",
    "``",
    "🙂\u202e",
)


@pytest.mark.parametrize("value", INJECTIONS)
def test_values_cannot_become_part_of_a_query(kg, value):
    for name, parameter in (("papers-of-method", "method"), ("entities-of-paper", "paper"), ("find-papers", "text")):
        assert same_answer(kg, named(name), {parameter: value}) == []
    with Corpus.open(kg) as corpus:
        assert sum(corpus.count_nodes().values()) == 16


# Any graph


@settings(max_examples=5, deadline=None, derandomize=True)
@given(graphs(), st.integers(0, 1 << 20))
def test_both_languages_agree_on_any_graph(graph, seed):
    with tempfile.TemporaryDirectory() as folder:
        same_answers(store(Path(folder) / "kg", *graph), random.Random(seed).choice)


def test_an_empty_graph_has_empty_answers(tmp_path):
    kg = store(tmp_path / "kg", [], [])
    same_answers(kg, random.Random(3).choice)
    assert same_answer(kg, named("count-nodes"), {}) == same_answer(kg, named("top-methods"), {}) == []


# The real digests


@needs_shared
def test_both_languages_agree_on_the_real_digests(tmp_path):
    kg = tmp_path / "kg"
    build(kg, [read_digest(path) for path in sorted((SHARED / "digests").iterdir())], LexiconExtractor())
    same_answers(kg, random.Random(2).choice)


# Parameters


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("papers-of-method", {}, "papers-of-method needs method, a method.*as in: papers-of-method -p method=GRPO"),
        ("papers-of-method", {"methd": "x"}, "papers-of-method has no parameter 'methd'; it takes method, min_conf"),
        ("count-nodes", {"limit": 1}, "count-nodes has no parameter 'limit'; it takes none"),
        ("papers-of-method", {"method": ""}, "method: expected a text that is not empty, not ''"),
        ("papers-of-method", {"method": " \t"}, "method: expected a text"),
        ("papers-of-method", {"method": 7}, "method: expected a text that is not empty, not 7"),
        ("papers-of-method", {"method": "a\0b"}, "method: expected a text"),
        ("papers-of-method", {"method": "\ud800"}, "method: expected a text"),
        ("papers-of-method", {"method": ["a"]}, "method: expected a text"),
        ("top-methods", {"limit": 0}, "limit: expected a whole number from 1, not 0"),
        ("top-methods", {"limit": -1}, "limit: expected"),
        ("top-methods", {"limit": 1.5}, "limit: expected"),
        ("top-methods", {"limit": True}, "limit: expected"),
        ("top-methods", {"limit": 1 << 63}, "limit: expected"),
        ("top-methods", {"limit": "5 //"}, "limit: expected a whole number from 1, not '5 //'"),
        ("top-methods", {"min_confidence": 1.1}, "min_confidence: expected a number from 0 to 1, not 1.1"),
        ("top-methods", {"min_confidence": "nan"}, "min_confidence: expected"),
        ("top-methods", {"min_confidence": "high"}, "min_confidence: expected"),
        ("top-methods", {"min_confidence": False}, "min_confidence: expected"),
        ("top-methods", {"min_confidence": []}, "min_confidence: expected"),
        ("papers-between", {"since": "soon"}, "since: expected a date like 2026, 2026-02 or 2026-02-17, not 'soon'"),
        ("papers-between", {"since": "2026-13"}, "since: expected a date"),
        ("papers-between", {"until": ""}, "until: expected a date"),
        ("papers-of-method", {"method": "x" * 10_000_0 + "\0"}, "method: expected a text"),
        ("top-method", {}, "top-method: no canned query of this name; close to it: top-methods"),
        ("datasets", {}, "close to it: .*top-datasets"),
        ("zzzz", {}, "zzzz: no canned query of this name; kgtool queries lists them all"),
        ("x" * 100_000, {}, "no canned query of this name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(name, parameters, message):
    for language in queries.LANGUAGES:
        with pytest.raises(InputError, match=message) as caught:
            queries.prepare(name, language, parameters)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 600


def test_values_may_be_texts_that_read_as_their_type(kg):
    texts = {"limit": "2", "min_confidence": "0.85"}
    values = {"limit": 2, "min_confidence": 0.85}
    assert queries.prepare("top-methods", "cypher", texts)[1] == values
    assert queries.run(kg, "top-methods", parameters=texts) == queries.run(kg, "top-methods", "sparql", values)
    assert queries.prepare("papers-between", "cypher", {"since": 2026})[1]["since"] == "2026"


@given(st.text())
def test_a_text_reaches_both_engines_as_it_is(text):
    try:
        _, bound = queries.prepare("find-papers", "cypher", {"text": text})
    except InputError:
        return
    from pyoxigraph import Literal

    sparql, _ = queries.prepare("find-papers", "sparql", {"text": text})
    shown = str(Literal(bound["text"]))
    assert sparql == queries.find("find-papers").sparql.replace("LCASE($text)", f"LCASE({shown})").replace(
        "LIMIT $limit", "LIMIT 50"
    )


def test_run_raises_where_there_is_no_graph(tmp_path):
    with pytest.raises(StoreError, match="no knowledge graph here"):
        queries.run(tmp_path / "none", "top-methods")


# The commands


def test_queries_are_listed():
    listed = [json.loads(line) for line in run("queries").stdout.splitlines()]
    assert [row["name"] for row in listed] == sorted(query.name for query in QUERIES)
    assert listed[0].keys() == {"name", "languages", "parameters", "answers"}
    assert all(row["languages"] == ["sparql", "cypher"] for row in listed)
    as_csv = list(csv.DictReader(io.StringIO(run("queries", "-o", "csv").stdout)))
    assert [row["name"] for row in as_csv] == [row["name"] for row in listed]
    assert json.loads(run("queries", "-o", "json").stdout) == listed
    table = run("queries", "-o", "table").stdout
    assert all(query.answers in table for query in QUERIES)


def test_one_query_is_explained():
    done = run("queries", "papers-of-method", "-o", "table")
    assert "kgtool sparql papers-of-method -p method=GRPO" in done.stdout
    assert re.search(r"limit +count +100 +at most so many rows", done.stdout)
    rows = json.loads(run("queries", "papers-of-method", "-o", "json").stdout)
    assert rows[0] == {
        "parameter": "method",
        "type": "text",
        "default": None,
        "meaning": "a method, by name, alias or id, in any case",
    }
    done = run("queries", "papers-of-methods")
    assert done.exit_code == 2
    assert "papers-of-method" in done.stderr


@pytest.mark.parametrize("language", queries.LANGUAGES)
def test_a_canned_query_is_run_by_its_name(kg, language):
    asked = (language, "papers-of-method", "-p", "method=GCN", "-p", "min_confidence=0.85", "--kg", kg)
    done = run(*asked, "-o", "json")
    assert done.exit_code == 0
    assert done.stderr == ""
    assert [row["paper"] for row in json.loads(done.stdout)] == [A, D]
    quoted = run(language, "papers-of-method", "-p", 'method="GCN"', "--kg", kg)
    assert len(quoted.stdout.splitlines()) == 3
    assert run(language, "papers-of-method", "-p", "method=2026", "--kg", kg).stdout == ""
    assert run(language, "papers-of-dataset", "-p", f"dataset={HOSTILE}", "--kg", kg).stdout.count("\n") == 1


@pytest.mark.parametrize("language", queries.LANGUAGES)
@each_query
def test_show_prints_the_file(language, query):
    done = run(language, query.name, "--show")
    assert done.exit_code == 0
    assert done.stdout == (FOLDER / f"{query.name}.{queries.LANGUAGES[language]}").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", queries.LANGUAGES)
def test_what_is_shown_runs_as_a_query_of_ones_own(kg, language, tmp_path):
    file = tmp_path / "query"
    file.write_text(run(language, "top-methods", "--show").stdout, encoding="utf-8")
    done = run(language, "-f", file, "-p", "limit=2", "-p", "min_confidence=0", "--kg", kg, "-o", "csv")
    assert done.stdout == "method,id,papers\nGCN,method:gcn,3\nGAT,method:gat,1\n"


@pytest.mark.parametrize("language", queries.LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("top-dataset",), "kgtool: top-dataset: no canned query of this name; close to it: top-datasets"),
        (("nothing",), "kgtool: nothing: no canned query"),
        (("nothing", "--show"), "kgtool: nothing: no canned query"),
        (("papers-of-method",), "kgtool: papers-of-method needs method"),
        (("papers-of-method", "-p", "method=x", "-p", "limit=many"), "kgtool: limit: expected a whole number"),
        (("papers-of-method", "-p", "method=x", "-p", "colour=red"), "kgtool: papers-of-method has no parameter"),
        (("papers-of-method", "-p", "method"), "expected NAME=VALUE"),
        (("--show",), "--show goes with the name"),
        (("MATCH (n) RETURN n", "--show"), "--show goes with the name"),
    ],
)
def test_wrong_usage_ends_with_2(kg, language, arguments, message):
    done = run(language, *arguments, "--kg", kg)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""
    if done.stderr.startswith("kgtool: "):
        assert done.stderr.count("\n") == 1


def test_the_children_answer_as_the_process_itself_does(kg):
    """What `run` gives, through the child process of each engine, is what the tests compare above."""
    for name in ("untried-datasets", "method-dataset-matrix"):
        query = named(name)
        given_ = {"method": "gcn"} if "method" in {each.name for each in query.parameters} else {}
        rows = same_answer(kg, query, given_)
        for language in queries.LANGUAGES:
            assert [list(row) for row in queries.run(kg, name, language, given_)] == rows


def test_a_query_that_takes_too_long_is_ended(kg):
    with pytest.raises(QueryError):
        queries.run(kg, "top-methods", timeout=0)
    assert views.ask(kg, lambda view: ask_cypher(view.ladybug, "RETURN 1 AS one")).table.rows == ((1,),)
    assert views.ask(kg, lambda view: ask_sparql(view.rdf, "ASK {}")).table.rows == ((True,),)
