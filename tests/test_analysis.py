"""Exploring: small graphs with answers worked out by hand, a random one and the real digests against a plain count."""

import csv
import io
import json
import random
import re
from collections import defaultdict

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from samples import SHARED, WORKED_EXAMPLE, LexiconExtractor, needs_shared

from kgtool import vocab
from kgtool.analysis.matrix import KINDS, matrix
from kgtool.analysis.naming import find_node
from kgtool.analysis.papers import papers
from kgtool.analysis.reader import SUPPORTING, read
from kgtool.analysis.references import Reference, to_bibtex, to_markdown, to_ris
from kgtool.analysis.show import show
from kgtool.build import build
from kgtool.cli import main
from kgtool.digests import Source, read_digest
from kgtool.errors import InputError, NothingFound
from kgtool.records import Node, Statement
from kgtool.stores.corpus import Corpus

HOSTILE = """Robert'); MATCH (n) DETACH DELETE n // "quoted" \\ `tick` {$x: 1}"""


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def store(kg, nodes, statements, redirects=None):
    """A graph as it stands, without digests behind it."""
    with Corpus.create_or_open(kg) as corpus:
        nodes, statements = sorted(nodes, key=lambda node: node.id), list(statements)
        corpus.replace_state([], [], (nodes, statements), redirects or {}, "by-hand-1")
    return kg


def entity(label, name, aliases=(), papers=1, id_=None):
    found = {"name": name, "papers": papers, "specificity": 0.5} | ({"aliases": aliases} if aliases else {})
    slug = name.lower().replace(" ", "-")
    return Node(id_ or f"{label.lower()}:{slug}", label, tuple(sorted(found.items())))


def paper(id_, title, **properties):
    return Node(id_, "Paper", tuple(sorted({"title": title, "abstract": "", **properties}.items())))


def author(name, *wrote):
    id_ = f"author:{name.lower().replace(' ', '-')}"
    statements = [Statement(id_, "wrote", id_of, (("position", position),)) for id_of, position in wrote]
    return Node(id_, "Author", (("name", name),)), statements


def evidence(paper_id, confidence, sentence="Said so."):
    return (
        ("charEnd", 4),
        ("charStart", 0),
        ("confidence", confidence),
        ("extractor", "by-hand-1"),
        ("paper", paper_id),
        ("sentence", sentence),
    )


def role(paper_id, role_, target, confidence=0.9):
    """The mention, and the stronger edge of a role beside it."""
    properties = evidence(paper_id, confidence)
    mention = Statement(paper_id, "mentions", target, (*properties[:-1], ("role", role_), properties[-1]))
    return [mention] if role_ == "mentions" else [mention, Statement(paper_id, vocab.ROLES[role_], target, properties)]


def relation(head, name, tail, paper_id, confidence=0.9):
    return Statement(head, name, tail, evidence(paper_id, confidence))


A, B, C, D = "arxiv:2601.00001", "arxiv:2602.00002", "doi:10.1234/c", "title:0123456789abcdef"


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """Four papers.

    A introduces GraphMend, uses GCN, evaluates on Cora. B compares with GCN, evaluates on Cora (unsure) and PubMed.
    C uses GAT (whose alias is GCN's too) and mentions Cora. D introduces a dataset with a hostile name, and GCN on it.
    """
    ada, wrote_ada = author("Ada Example", (A, 1), (B, 2))
    ben, wrote_ben = author("José Sample", (A, 2), (C, 1))
    nodes = [
        paper(
            A, "Mending Graphs", published="2026-01-10", arxivId="2601.00001", url="https://arxiv.org/abs/2601.00001"
        ),
        paper(B, "Comparing on Graphs", published="2026-02"),
        paper(C, "Attention", published="2025", doi="10.1234/c", venue="A Venue"),
        paper(D, HOSTILE),
        ada,
        ben,
        entity("Method", "GraphMend"),
        entity("Method", "GCN", ("Graph Convolutional Network", "graph network"), papers=3),
        entity("Method", "GAT", ("graph network",)),
        entity("Method", "Clustering"),
        entity("Task", "Clustering"),
        entity("Task", "node classification", papers=2),
        entity("Dataset", "Cora", papers=3),
        entity("Dataset", "PubMed"),
        entity("Dataset", HOSTILE, ("O'Brien\\",), id_="dataset:hostile"),
        Node("category:cs.LG", "Category", (("name", "cs.LG"),)),
        Node("category:stat.ML", "Category", (("name", "stat.ML"),)),
        Node("digest:monday", "Digest", (("name", "Papers of Monday"), ("published", "2026-02-16"))),
    ]
    statements = [
        *wrote_ada,
        *wrote_ben,
        *(Statement(id_, "inCategory", "category:cs.LG") for id_ in (A, B)),
        Statement(B, "inCategory", "category:stat.ML"),
        Statement(A, "listedIn", "digest:monday", (("rank", 1),)),
        *role(A, "introduces", "method:graphmend"),
        *role(A, "uses", "method:gcn"),
        *role(A, "evaluates-on", "dataset:cora"),
        *role(A, "addresses", "task:node-classification"),
        relation("method:graphmend", "evaluatedWith", "dataset:cora", A),
        relation("method:graphmend", "comparedTo", "method:gcn", A),
        *role(B, "compares-with", "method:gcn", 0.8),
        *role(B, "evaluates-on", "dataset:cora", 0.3),
        *role(B, "evaluates-on", "dataset:pubmed", 0.7),
        *role(B, "addresses", "task:node-classification", 0.6),
        relation("method:gcn", "evaluatedWith", "dataset:pubmed", B, 0.6),
        relation("dataset:cora", "benchmarkFor", "task:node-classification", B, 0.5),
        *role(C, "uses", "method:gat"),
        *role(C, "mentions", "dataset:cora"),
        relation("method:gat", "trainedWith", "dataset:cora", C),
        *role(D, "introduces", "dataset:hostile"),
        *role(D, "uses", "method:gcn"),
    ]
    redirects = {"method:old-name": "method:gcn", "author:j-sample": "author:josé-sample"}
    return store(tmp_path_factory.mktemp("analysis") / "kg", nodes, statements, redirects)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    kg = tmp_path_factory.mktemp("worked") / "kg"
    build(kg, [read_digest(Source.of_bytes("sample.txt", WORKED_EXAMPLE.encode()))], LexiconExtractor())
    return kg


def find(kg, name, *labels):
    return read(kg, lambda reader: find_node(reader, name, labels or vocab.LABELS)).id


# Names


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("method:gcn", "method:gcn"),
        ("METHOD:GCN", "method:gcn"),
        ("gcn", "method:gcn"),
        (" graph   convolutional NETWORK ", "method:gcn"),
        ("Graph-Convolutional-Network", None),
        ("Node Classification", "task:node-classification"),
        ("node-classification", "task:node-classification"),
        ("method:old-name", "method:gcn"),
        ("author:j-sample", "author:josé-sample"),
        ("JOSÉ SAMPLE", "author:josé-sample"),
        ("ada example", "author:ada-example"),
        ("mending graphs", A),
        ("2601.00001", A),
        ("2602.00002v1", B),
        ("arXiv:2601.00001v3", A),
        ("https://arxiv.org/pdf/2601.00001v2", A),
        ("https://arxiv.org/abs/2601.00001", A),
        ("https://doi.org/10.1234/C", C),
        ("10.1234/c", C),
        ("CS.LG", "category:cs.LG"),
        ("papers of monday", "digest:monday"),
        ("monday", "digest:monday"),
        ("o'brien\\", "dataset:hostile"),
    ],
)
def test_a_name_an_id_an_alias_or_an_address_is_enough(kg, name, id_):
    if id_ is None:
        with pytest.raises(NothingFound):
            find(kg, name)
    else:
        assert find(kg, name) == id_


def test_an_ambiguous_name_lists_the_candidates(kg):
    with pytest.raises(InputError, match=r"clustering: 2 have") as caught:
        find(kg, "clustering")
    assert {"method:clustering", "task:clustering"} <= set(str(caught.value).split())
    assert find(kg, "clustering", "Task") == "task:clustering"
    with pytest.raises(InputError, match="2 have this name") as caught:
        find(kg, "Graph Network", "Method")
    assert "method:gat" in str(caught.value)
    with pytest.raises(InputError, match="2 have this name"):
        find(kg, HOSTILE)
    assert find(kg, HOSTILE, "Dataset") == "dataset:hostile"
    assert find(kg, HOSTILE, "Paper") == D


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Graphmand", "GraphMend (method:graphmend)"), ("Pub", "PubMed (dataset:pubmed)"), ("zzzz", None)],
)
def test_nothing_of_this_name_says_what_is_close(kg, name, hint):
    with pytest.raises(NothingFound, match=name) as caught:
        find(kg, name)
    assert (hint in str(caught.value)) if hint else ("close" not in str(caught.value))


def test_an_empty_and_an_endless_name(kg):
    with pytest.raises(InputError, match="empty"):
        find(kg, " \t")
    with pytest.raises(NothingFound) as caught:
        find(kg, "x" * 100_000)
    assert len(str(caught.value)) < 1000


# Matrix


def test_the_matrix_of_the_worked_example(worked):
    done = run("matrix", "methods", "datasets", "-o", "csv", "--kg", worked)
    assert done.exit_code == 0
    assert done.stdout == "method,dataset,support,direct\nGraphMend,Cora,1,1\nGAT,Cora,1,0\nGCN,Cora,1,0\n"


def test_matrix_of_methods_and_datasets(kg):
    table = matrix(kg)
    assert table.columns == ("method", "dataset", "support", "direct")
    assert table.rows == (
        ("GCN", "Cora", 2, 0),
        ("GCN", "PubMed", 1, 1),
        ("GraphMend", "Cora", 1, 1),
        ("GCN", HOSTILE, 1, 0),
    )
    turned = matrix(kg, "datasets", "methods")
    assert turned.columns == ("dataset", "method", "support", "direct")
    assert sorted((m, d, *n) for d, m, *n in turned.rows) == sorted(table.rows)


def test_matrix_of_other_kinds(kg):
    assert matrix(kg, "methods", "tasks").rows == (
        ("GCN", "node classification", 2, 0),
        ("GraphMend", "node classification", 1, 0),
    )
    assert matrix(kg, "tasks", "datasets").rows == (
        ("node classification", "Cora", 2, 1),
        ("node classification", "PubMed", 1, 0),
    )
    assert matrix(kg, "tasks", "tasks").rows == ()


def test_matrix_of_one_kind_twice_has_each_pair_once(kg):
    table = matrix(kg, "methods", "methods")
    assert table.columns == ("method", "other_method", "support", "direct")
    assert table.rows == (("GCN", "GraphMend", 1, 1),)
    assert matrix(kg, "datasets", "datasets").rows == (("Cora", "PubMed", 1, 0),)
    assert matrix(kg, "methods", "methods", method="graphmend").rows == table.rows
    assert matrix(kg, "methods", "methods", method="GAT").rows == ()


def test_matrix_filters(kg):
    assert matrix(kg, min_support=2).rows == (("GCN", "Cora", 2, 0),)
    assert matrix(kg, min_support=0).rows[-1] == ("GAT", "Cora", 0, 1)
    assert matrix(kg, limit=2).rows == matrix(kg).rows[:2]
    assert [row[:2] for row in matrix(kg, dataset="pubmed")] == [("GCN", "PubMed")]
    assert [row[:2] for row in matrix(kg, dataset=["pubmed", HOSTILE])] == [("GCN", "PubMed"), ("GCN", HOSTILE)]
    assert [row[:2] for row in matrix(kg, method="method:graphmend")] == [("GraphMend", "Cora")]
    assert matrix(kg, method=["GraphMend"], dataset=["PubMed"]).rows == ()
    assert matrix(kg, task="node classification").rows == matrix(kg).rows[:3]
    assert matrix(kg, "tasks", "datasets", method="graphmend").rows == (("node classification", "Cora", 1, 0),)
    assert matrix(kg, min_confidence=0.65).rows == (
        ("GraphMend", "Cora", 1, 1),
        ("GCN", "Cora", 1, 0),
        ("GCN", "PubMed", 1, 0),
        ("GCN", HOSTILE, 1, 0),
    )


def test_matrix_of_what_is_not_there(kg):
    with pytest.raises(InputError, match="methods, datasets, tasks"):
        matrix(kg, "papers", "datasets")
    with pytest.raises(NothingFound, match="Korah"):
        matrix(kg, dataset="Korah")
    with pytest.raises(NothingFound):
        matrix(kg, method="' OR 1 = 1 //")


def counted(nodes, statements, first, second, within=None, least=0.0):
    """Support and direct papers of each pair of ids, straight from the definition."""
    label = {node.id: node.label for node in nodes}
    predicates = {label: {vocab.ROLES[role] for role in roles} for label, roles in SUPPORTING.items()}
    held = defaultdict(set)
    for s in statements:
        counts = s.predicate in predicates.get(label[s.object], ()) and label[s.subject] == "Paper"
        if counts and s.get("confidence") >= least:
            held[s.subject].add(s.object)
    allowed = {id_ for id_ in held if within is None or within in held[id_]}
    support, direct = defaultdict(set), defaultdict(set)
    for id_ in allowed:
        for x in held[id_]:
            for y in held[id_]:
                if (label[x], label[y]) == (first, second) and x != y:
                    support[frozenset((x, y))].add(id_)
    for s in statements:
        ends = (label[s.subject], label[s.object])
        if s.predicate in vocab.RELATION_NAMES.values() and ends in ((first, second), (second, first)):
            says = {first, second} != {"Method", "Dataset"} or s.predicate in ("evaluatedWith", "trainedWith")
            if says and s.get("paper") in (allowed if within else label) and s.get("confidence") >= least:
                direct[frozenset((s.subject, s.object))].add(s.get("paper"))
    return {pair: (len(papers), len(direct[pair])) for pair, papers in support.items()}


def names_of(nodes, counts):
    """The counts by the names of the pairs, as far as these tell them apart."""
    name = {node.id: node.get("name") for node in nodes}
    return sorted((sorted(name[id_] for id_ in pair), *numbers) for pair, numbers in counts.items())


def same_rows(table, nodes, counts):
    numbers = [row[2:] for row in table.rows]
    assert numbers == sorted(numbers, reverse=True)
    assert sorted((sorted(row[:2]), *row[2:]) for row in table.rows) == names_of(nodes, counts)


@pytest.fixture(scope="module")
def random_graph(tmp_path_factory):
    chance = random.Random(7)
    ids = [f"arxiv:2601.{number:05}" for number in range(60)]
    entities = [entity(label, f"{label}{n}") for label in vocab.ENTITY_TYPES for n in range(8)]
    label = {node.id: node.label for node in entities}
    statements = []
    for id_ in ids:
        chosen = chance.sample(sorted(label), 6)
        for target in chosen:
            fitting = [role for role, types in vocab.ROLE_TYPES.items() if label[target] in types]
            statements += role(id_, chance.choice(fitting), target, chance.random())
        for name in vocab.RELATION_NAMES.values():
            head, tail = chance.sample(chosen, 2)
            if (label[head], label[tail]) in vocab.RELATIONSHIPS[name].pairs:
                statements.append(relation(head, name, tail, id_, chance.random()))
    nodes = [*(paper(id_, f"Paper {id_}") for id_ in ids), *entities]
    return store(tmp_path_factory.mktemp("random") / "kg", nodes, statements), nodes, statements


@pytest.mark.parametrize("rows", KINDS)
@pytest.mark.parametrize("columns", KINDS)
def test_matrix_counts_what_the_definition_says(random_graph, rows, columns):
    kg, nodes, statements = random_graph
    sides = (KINDS[rows], KINDS[columns])
    same_rows(matrix(kg, rows, columns), nodes, counted(nodes, statements, *sides))
    same_rows(matrix(kg, rows, columns, min_confidence=0.4), nodes, counted(nodes, statements, *sides, least=0.4))
    for label in sorted(set(vocab.ENTITY_TYPES) - set(sides)):
        within = f"{label.lower()}:{label.lower()}3"
        table = matrix(kg, rows, columns, **{label.lower(): within})
        same_rows(table, nodes, counted(nodes, statements, *sides, within=within))


# Papers


def ids(kg, **filters):
    return [row[0] for row in papers(kg, **filters)]


def test_papers_come_the_latest_first(kg):
    table = papers(kg)
    assert table.columns == ("id", "title", "authors", "published", "url")
    assert [row[0] for row in table] == [B, A, C, D]
    assert table.rows[1] == (
        A,
        "Mending Graphs",
        ("Ada Example", "José Sample"),
        "2026-01-10",
        "https://arxiv.org/abs/2601.00001",
    )
    assert table.rows[3] == (D, HOSTILE, (), None, None)
    assert ids(kg, limit=2) == [B, A]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"method": "gcn"}, [B, A, D]),
        ({"method": ["gcn", "graphmend"]}, [A]),
        ({"dataset": "cora"}, [B, A, C]),
        ({"dataset": ["cora", "pubmed"]}, [B]),
        ({"task": "node classification", "author": "ada example"}, [B, A]),
        ({"author": ["ada example", "josé sample"]}, [A]),
        ({"category": "CS.lg"}, [B, A]),
        ({"category": ["cs.LG", "stat.ML"]}, [B]),
        ({"digest": "Papers of Monday"}, [A]),
        ({"method": "gcn", "role": "uses"}, [A, D]),
        ({"method": "gcn", "role": "compares-with"}, [B]),
        ({"method": "gcn", "dataset": "cora", "role": "evaluates-on"}, [B, A]),
        ({"dataset": "cora", "role": "mentions"}, [C]),
        ({"role": "introduces"}, [A, D]),
        ({"role": "addresses", "min_confidence": 0.7}, [A]),
        ({"dataset": "cora", "min_confidence": 0.5}, [A, C]),
        ({"dataset": HOSTILE}, [D]),
        ({"method": "method:old-name", "dataset": "pubmed"}, [B]),
        ({"method": "gat", "dataset": "pubmed"}, []),
    ],
)
def test_papers_by_what_they_do(kg, filters, expected):
    assert ids(kg, **filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"since": "2026"}, [B, A]),
        ({"since": "2026-01-10"}, [B, A]),
        ({"since": "2026-01-11"}, [B]),
        ({"since": "2026-02-01"}, [B]),
        ({"since": "2026-02-28"}, [B]),
        ({"since": "2026-03"}, []),
        ({"since": "2025-07"}, [B, A, C]),
        ({"until": "2025"}, [C]),
        ({"until": "2025-01-01"}, [C]),
        ({"until": "2024-12-31"}, []),
        ({"until": "2026-02-01"}, [B, A, C]),
        ({"since": "2026-01-10", "until": "2026-01-10"}, [A]),
        ({"since": "2026-02", "undated": True}, [B, D]),
    ],
)
def test_dates_compare_by_what_is_known_of_them(kg, filters, expected):
    assert ids(kg, **filters) == expected


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "26", "soon", "2026-2", "2026-02-17-01", "٢٠٢٦", ""])
def test_what_is_no_date_is_refused(kg, text):
    if text:
        with pytest.raises(InputError, match="no date"):
            papers(kg, since=text)
    else:
        assert len(papers(kg, since=text)) == 4


def test_what_is_no_role_is_refused(kg):
    with pytest.raises(InputError, match="expected one of introduces"):
        papers(kg, role="loves")
    with pytest.raises(InputError, match="a role of a method, not of a dataset"):
        papers(kg, dataset="cora", role="uses")


# References

CITED = Reference(
    "arxiv:2602.00001",
    "The 100% β-VAE: {braces}, \\input{x} & $y_1$ #1",
    ("Ada Example", "Science and Sons", "O'Neil, B."),
    "2026-02",
    "https://example.org/a_(b)?q={x}&r=1%20",
    "2602.00001",
    "10.1234/a_b",
    "Conf {2026}",
)


def test_bibtex():
    assert to_bibtex([CITED, CITED]) == (
        "@misc{example2026100,\n"
        "  title = {{The 100\\% β-VAE: \\textbraceleft{}braces\\textbraceright{}, "
        "\\textbackslash{}input\\textbraceleft{}x\\textbraceright{} \\& \\$y\\_1\\$ \\#1}},\n"
        "  author = {Ada Example and {Science and Sons} and {O'Neil, B.}},\n"
        "  year = {2026},\n"
        "  month = feb,\n"
        "  howpublished = {Conf \\textbraceleft{}2026\\textbraceright{}},\n"
        "  eprint = {2602.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "  doi = {10.1234/a_b},\n"
        "  url = {https://example.org/a_(b)?q=%7Bx%7D&r=1%20},\n"
        "}\n\n"
    ) + to_bibtex([CITED]).replace("2026100,", "2026100-2,")


def test_ris():
    assert to_ris([CITED, Reference("title:1", "One\r\nTwo", published="2026-02-17")]) == (
        "TY  - GEN\nID  - arxiv:2602.00001\nTI  - The 100% β-VAE: {braces}, \\input{x} & $y_1$ #1\n"
        "AU  - Example, Ada\nAU  - Sons, Science and\nAU  - O'Neil, B.\nPY  - 2026\nDA  - 2026/02/\n"
        "T2  - Conf {2026}\nDO  - 10.1234/a_b\nUR  - https://example.org/a_(b)?q=%7Bx%7D&r=1%20\nER  - \n\n"
        "TY  - UNPB\nID  - title:1\nTI  - One Two\nPY  - 2026\nDA  - 2026/02/17\nER  - \n"
    )


def test_markdown():
    assert to_markdown([CITED]) == (
        "- [The 100% β-VAE: \\{braces\\}, \\\\input\\{x\\} \\& \\$y\\_1\\$ \\#1]"
        "(<https://example.org/a_(b)?q=%7Bx%7D&r=1%20>). "
        "Ada Example, Science and Sons, O'Neil, B. 2026-02. Conf \\{2026\\}.\n"
    )
    script = Reference("title:1", "<script>[x](y)", url="javascript:alert(1)")
    assert to_markdown([script]) == "- \\<script\\>\\[x\\](y).\n"


@given(st.lists(st.builds(Reference, st.text(), st.text(), st.tuples(st.text()), st.none() | st.text(), st.text())))
def test_references_hold_whatever_the_text_is(references):
    bibtex = to_bibtex(references)
    depth = 0
    for sign in bibtex:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    keys = re.findall(r"^@misc\{(.*),$", bibtex, re.M)
    assert len(set(keys)) == len(keys) == len(references)
    ris = to_ris(references)
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in ris.splitlines() if line)
    assert ris.count("ER  - \n") >= len(references)
    assert len(to_markdown(references).splitlines()) == len(references)


# Show


def sections(table):
    found = defaultdict(list)
    for row in table.records():
        found[row["section"]].append(row)
    return found


def test_show_a_paper(kg):
    found = sections(show(kg, "2601.00001"))
    assert list(found) == [
        "about",
        "authors",
        "categories",
        "digests",
        "introduces",
        "uses",
        "evaluates-on",
        "addresses",
        "relations",
    ]
    about = {row["relationship"]: row["name"] for row in found["about"]}
    assert about["title"] == "Mending Graphs"
    assert about["published"] == "2026-01-10"
    assert [row["name"] for row in found["authors"]] == ["Ada Example", "José Sample"]
    (cora,) = found["evaluates-on"]
    assert (cora["id"], cora["name"], cora["confidence"], cora["sentence"], cora["paper"]) == (
        "dataset:cora",
        "Cora",
        0.9,
        "Said so.",
        A,
    )
    assert [(row["id"], row["relationship"], row["target"]) for row in found["relations"]] == [
        ("method:graphmend", "COMPARED_TO", "method:gcn"),
        ("method:graphmend", "EVALUATED_WITH", "dataset:cora"),
    ]


def test_show_a_method(kg):
    found = sections(show(kg, "GCN"))
    about = [(row["relationship"], row["name"]) for row in found["about"]]
    assert about == [
        ("id", "method:gcn"),
        ("name", "GCN"),
        ("aliases", "Graph Convolutional Network"),
        ("aliases", "graph network"),
        ("papers", "3"),
        ("specificity", "0.5"),
        ("first", "2026-01-10"),
        ("latest", "2026-02"),
    ]
    assert [row["id"] for row in found["used by"]] == [A, D]
    assert [row["published"] for row in found["compared with by"]] == ["2026-02"]
    assert [(row["name"], row["papers"]) for row in found["datasets"]] == [("Cora", 2), ("PubMed", 1), (HOSTILE, 1)]
    assert [(row["name"], row["papers"]) for row in found["methods"]] == [("GraphMend", 1)]
    assert [(row["name"], row["papers"]) for row in found["tasks"]] == [("node classification", 2)]
    assert [(row["id"], row["target"]) for row in found["relations"]] == [
        ("method:graphmend", "method:gcn"),
        ("method:gcn", "dataset:pubmed"),
    ]
    sure = sections(show(kg, "GCN", min_confidence=0.85))
    assert "compared with by" not in sure
    assert [row["name"] for row in sure["datasets"]] == ["Cora", HOSTILE]


def test_show_what_is_only_mentioned_and_the_limit(kg):
    found = sections(show(kg, "dataset:cora", limit=1))
    assert [row["id"] for row in found["only mentioned by"]] == [C]
    assert [row["id"] for row in found["evaluated on by"]] == [B]
    assert len(found["about"]) > 1


def test_show_an_author_a_category_and_a_digest(kg):
    found = sections(show(kg, "ada example"))
    assert [row["id"] for row in found["papers"]] == [B, A]
    assert [(row["name"], row["papers"]) for row in found["co-authors"]] == [("José Sample", 1)]
    assert [(row["name"], row["papers"]) for row in found["methods"]] == [("GCN", 2), ("GraphMend", 1)]
    assert [(row["name"], row["papers"]) for row in found["tasks"]] == [("node classification", 2)]
    assert ("papers", "2") in {(row["relationship"], row["name"]) for row in found["about"]}
    assert [row["id"] for row in sections(show(kg, "cs.lg"))["papers"]] == [B, A]
    assert [row["id"] for row in sections(show(kg, "monday"))["papers"]] == [A]


# The commands


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "GraphMend"), 0, ""),
        (("show", "nothing"), 1, "nothing: no node of this name"),
        (("show", "clustering"), 2, "task:clustering"),
        (("papers", "--method", "GCN"), 0, ""),
        (("papers", "--method", "GraphMend", "--dataset", "PubMed"), 1, "no paper"),
        (("papers", "--method", "none such"), 1, "none such"),
        (("papers", "--since", "yesterday"), 2, "yesterday: no date"),
        (("papers", "--role", "loves"), 2, "loves: no role"),
        (("papers", "--limit", "0"), 2, "--limit"),
        (("matrix", "methods", "datasets"), 0, ""),
        (("matrix", "tasks", "tasks"), 0, ""),
        (("matrix", "methods", "papers"), 2, "papers"),
        (("matrix", "methods", "datasets", "--task", "none such"), 1, "none such"),
        (("matrix", "methods", "datasets", "--min-confidence", "2"), 2, "--min-confidence"),
    ],
)
def test_exit_codes(kg, arguments, code, message):
    done = run(*arguments, "--kg", kg)
    assert done.exit_code == code
    assert message in done.stderr


def test_commands_need_a_graph(tmp_path):
    for command in (("show", "x"), ("papers",), ("matrix", "methods", "datasets")):
        done = run(*command, "--kg", tmp_path / "none")
        assert done.exit_code == 2
        assert "no knowledge graph here" in done.stderr


@pytest.mark.parametrize("command", [("show", "GCN"), ("papers", "--method", "GCN"), ("matrix", "methods", "datasets")])
def test_every_format_has_the_same_rows(kg, command):
    as_json = json.loads(run(*command, "--kg", kg, "-o", "json").stdout)
    as_lines = [json.loads(line) for line in run(*command, "--kg", kg, "-o", "jsonl").stdout.splitlines()]
    as_csv = list(csv.DictReader(io.StringIO(run(*command, "--kg", kg, "-o", "csv").stdout)))
    assert as_json == as_lines
    assert len(as_csv) == len(as_json) > 2
    assert list(as_csv[0]) == list(as_json[0])
    table = run(*command, "--kg", kg, "-o", "table").stdout
    for row in as_json:
        assert next(str(row[key]) for key in ("name", "title", "method") if key in row) in table


def test_show_prints_sections(kg):
    lines = run("show", "GCN", "--kg", kg, "-o", "table").stdout.splitlines()
    assert lines[0].split() == ["about"]
    assert lines[lines.index("used by (2)") + 1].split() == ["id", "name", "published", "confidence", "sentence"]
    assert lines[lines.index("datasets (3)") + 1].split() == ["id", "name", "papers"]
    assert lines[lines.index("datasets (3)") + 2].split() == ["dataset:cora", "Cora", "2"]
    lines = run("show", "GCN", "--kg", kg, "-o", "table", "--limit", "1").stdout.splitlines()
    assert "used by (the first 1)" in lines


def test_nothing_found_is_an_empty_answer_too(kg):
    command = ("papers", "--since", "2030", "--kg", kg)
    assert json.loads(run(*command, "-o", "json").stdout) == []
    assert run(*command, "-o", "csv").stdout == "id,title,authors,published,url\n"
    assert run(*command, "-o", "bibtex").stdout == ""


def test_papers_as_references(kg):
    command = ("papers", "--author", "Ada Example", "--kg", kg, "-o")
    assert run(*command, "bibtex").stdout.count("@misc{example2026") == 2
    assert run(*command, "ris").stdout.count("\nER  - \n") == 2
    assert run(*command, "markdown").stdout.splitlines() == [
        "- Comparing on Graphs. Ada Example. 2026-02.",
        "- [Mending Graphs](<https://arxiv.org/abs/2601.00001>). Ada Example, José Sample. 2026-01-10.",
    ]


# The real digests


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Every digest there is, read with the dictionary."""
    kg = tmp_path_factory.mktemp("real") / "kg"
    files = [read_digest(path) for path in sorted((SHARED / "digests").iterdir())]
    build(kg, files, LexiconExtractor())
    with Corpus.open(kg) as corpus:
        return kg, tuple(corpus.nodes()), tuple(corpus.statements())


@needs_shared
@pytest.mark.parametrize(("rows", "columns"), [("methods", "datasets"), ("methods", "tasks"), ("tasks", "datasets")])
def test_matrix_of_the_real_digests(real, rows, columns):
    kg, nodes, statements = real
    counts = counted(nodes, statements, KINDS[rows], KINDS[columns])
    assert counts
    same_rows(matrix(kg, rows, columns), nodes, counts)


@needs_shared
def test_papers_of_the_real_digests(real):
    kg, nodes, statements = real
    assert len(papers(kg)) == sum(node.label == "Paper" for node in nodes)
    for dataset in sorted(node.id for node in nodes if node.label == "Dataset"):
        evaluating = {s.subject for s in statements if s.predicate == "evaluatesOn" and s.object == dataset}
        assert set(ids(kg, dataset=dataset, role="evaluates-on")) == evaluating
        shown = sections(show(kg, dataset))
        assert {row["id"] for row in shown["evaluated on by"]} == evaluating
    dated = {node.id: node.get("published") for node in nodes if node.label == "Paper" and node.get("published")}
    assert set(ids(kg, since="2026-02", until="2026-02")) == {
        id_ for id_, date in dated.items() if date == "2026" or date.startswith("2026-02")
    }
