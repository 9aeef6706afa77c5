"""The worked example of the design: one digest, and the records, triples and rows that it must give."""

import json

import pytest
from samples import WORKED_EXAMPLE, LexiconExtractor

from kgtool.build import build
from kgtool.digests import Source, paper_to_json, read_digest
from kgtool.extract.gold import to_record
from kgtool.ids import iri, paper_id
from kgtool.stores.asking import ask_cypher, ask_sparql
from kgtool.stores.views import current_view
from kgtool.validate import validate

TITLE = "GraphMend: Repairing Graph Neural Networks for Node Classification"
LAST = "On Cora, GraphMend outperforms GAT on node classification."
ID = paper_id(TITLE)


@pytest.fixture(scope="module")
def digest():
    return read_digest(Source.of_bytes("sample.txt", WORKED_EXAMPLE.encode()))


@pytest.fixture(scope="module")
def view(digest, tmp_path_factory):
    kg = tmp_path_factory.mktemp("worked") / "kg"
    build(kg, [digest], LexiconExtractor())
    with current_view(kg) as view:
        yield view


def test_parse(digest):
    (paper,) = digest.papers
    record = paper_to_json(paper)
    assert ID.startswith("title:")
    keys = """id title authors abstract url arxiv_id doi published venue category categories n_authors code_url comment
        notes digest rank"""
    assert list(record) == keys.split()
    assert record | {"abstract": ""} == {
        "id": ID,
        "title": TITLE,
        "authors": ["Ada Example", "Ben Sample"],
        "abstract": "",
        "url": None,
        "arxiv_id": None,
        "doi": None,
        "published": None,
        "venue": None,
        "category": None,
        "categories": [],
        "n_authors": 2,
        "code_url": None,
        "comment": None,
        "notes": {},
        "digest": "sample",
        "rank": 1,
    }
    assert record["abstract"].startswith("Graph neural networks (GNNs) degrade under noise.")


def test_extract(digest, model):
    """The shipped model itself reads the example, with the offsets and the shape of the design."""
    from kgtool.extract.components import extraction

    (paper,) = digest.papers
    record = to_record(paper.id, paper.title, paper.abstract, extraction(model(paper.text)))
    assert list(record) == ["id", "title", "abstract", "entities", "relations", "evidence"]
    roles = {(e["type"], e["mentions"][0]): e["role"] for e in record["entities"]}
    expected = {
        ("Method", "GraphMend"): "introduces",
        ("Method", "GCN"): "uses",
        ("Method", "GAT"): "compares-with",
        ("Dataset", "Cora"): "evaluates-on",
        ("Task", "Node Classification"): "addresses",
    }
    assert {key: roles[key] for key in expected} == expected
    # The design has `mentions` here; those who annotated call what stands in a title `uses`, and so does the model.
    assert roles["Method", "Graph Neural Networks"] in ("mentions", "uses")
    assert len(roles) <= len(expected) + 2
    names = [entity["mentions"][0] for entity in record["entities"]]
    facts = [(names[head], name, names[tail]) for head, name, tail in record["relations"]]
    assert set(facts) >= {
        ("GraphMend", "Compare-With", "GAT"),
        ("GraphMend", "Evaluated-With", "Cora"),
        ("GraphMend", "Used-For", "Node Classification"),
    }
    evidence = record["evidence"][facts.index(("GraphMend", "Compare-With", "GAT"))]
    assert (evidence["sentence"], evidence["start"], evidence["end"]) == (LAST, 175, 233)
    assert 0 < evidence["confidence"] < 1
    (gnn,) = [e for e in record["entities"] if "GNNs" in e["mentions"]]
    assert set(gnn["mentions"]) >= {"Graph Neural Networks", "Graph neural networks", "GNNs"}
    for entity in record["entities"]:
        assert all(paper.text[start:end] in entity["mentions"] for start, end, _ in entity["spans"])
    json.dumps(record)


def test_turtle(view):
    query = f"SELECT ?p ?o WHERE {{ <{iri(ID)}> ?p ?o }}"
    rows = {tuple(row) for row in ask_sparql(view.rdf, query, timeout=20).table.rows}
    kg, dcterms = "https://w3id.org/kgtool/ontology#", "http://purl.org/dc/terms/"
    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    assert {
        (rdf_type, f"{kg}Paper"),
        (rdf_type, "https://schema.org/ScholarlyArticle"),
        (f"{dcterms}identifier", ID),
        (f"{dcterms}title", TITLE),
        (f"{dcterms}creator", "https://w3id.org/kgtool/author/ada-example"),
        (f"{kg}evaluatesOn", "https://w3id.org/kgtool/dataset/cora"),
        (f"{kg}mentions", "https://w3id.org/kgtool/dataset/cora"),
        (f"{kg}listedIn", "https://w3id.org/kgtool/digest/sample"),
    } <= rows


def test_dataset_and_statement(view):
    query = """SELECT ?name ?papers ?sentence ?start ?end ?confidence ?from WHERE {
        ?d a kg:Dataset, schema:Dataset ; dcterms:identifier "dataset:cora" ; skos:prefLabel ?name ; kg:papers ?papers .
        ?s a kg:Statement ; rdf:subject ?p ; rdf:predicate kg:evaluatesOn ; rdf:object ?d ; kg:sentence ?sentence ;
           kg:charStart ?start ; kg:charEnd ?end ; kg:confidence ?confidence ; prov:wasDerivedFrom ?p ;
           prov:wasGeneratedBy <https://w3id.org/kgtool/activity/kgtool-0.1.0-lexicon-1> . BIND(?p AS ?from) }"""
    ((name, papers, sentence, start, end, confidence, source),) = ask_sparql(view.rdf, query, timeout=20).table.rows
    assert (name, papers, sentence, start, end) == ("Cora", 1, LAST, 178, 182)
    assert 0 < confidence <= 1
    assert source == iri(ID)


def test_a_mention_beside_a_stronger_edge_is_not_reified(view):
    query = """SELECT ?o WHERE { ?s rdf:predicate kg:mentions ; rdf:object ?o }"""
    rows = ask_sparql(view.rdf, query, timeout=20).table.rows
    assert rows == (("https://w3id.org/kgtool/method/graph-neural-networks",),)


def test_cypher(view):
    query = (
        "MATCH (p:Paper)-[r:EVALUATES_ON]->(d:Dataset {id: 'dataset:cora'}) "
        "RETURN p.title, r.sentence, r.charStart, r.confidence"
    )
    ((title, sentence, start, confidence),) = ask_cypher(view.ladybug, query, timeout=20).table.rows
    assert (title, sentence, start) == (TITLE, LAST, 178)
    assert 0 < confidence <= 1
    query = "MATCH (p:Paper)-[r:MENTIONS]->(e) RETURN e.name, r.role ORDER BY e.name"
    found = {name.casefold(): role for name, role in ask_cypher(view.ladybug, query, timeout=20).table.rows}
    assert found == {
        "cora": "evaluates-on",
        "gat": "compares-with",
        "gcn": "uses",
        "graphmend": "introduces",
        "graph neural networks": "mentions",
        "node classification": "addresses",
    }
    query = "MATCH (m:Method)-[r:EVALUATED_WITH]->(d:Dataset) RETURN m.name, d.name, r.paper, r.sentence"
    assert ask_cypher(view.ladybug, query, timeout=20).table.rows == (("GraphMend", "Cora", ID, LAST),)


def test_it_conforms(digest, tmp_path):
    from kgtool.stores.corpus import Corpus

    build(tmp_path / "kg", [digest], LexiconExtractor())
    with Corpus.open(tmp_path / "kg") as corpus:
        assert validate(tuple(corpus.nodes()), corpus.statements()).rows == ()
