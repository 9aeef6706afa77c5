import json

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.term import BNode

from kgtool import ids, rdf, vocab
from kgtool.errors import InputError
from kgtool.records import Node, Statement, Value

PAPER = "title:5f0c"
EXTRACTOR = "kgtool-0.1.0-default-1"
NODES = (
    Node("author:ada-example", "Author", (("name", "Ada Example"),)),
    Node("category:Machine Learning, 50%", "Category", (("name", "Machine Learning, 50%"),)),
    Node("dataset:cora", "Dataset", (("aliases", ("CORA", "Cora graph")), ("name", "Cora"), ("papers", 1))),
    Node("digest:sample", "Digest", (("name", "sample"), ("published", "2026-02-17"))),
    Node("method:gat", "Method", (("name", "GAT"), ("papers", 1), ("specificity", 1e-05))),
    Node("method:graphmend", "Method", (("name", "GraphMend"), ("papers", 1), ("specificity", 2.5))),
    Node(
        PAPER,
        "Paper",
        (
            ("abstract", 'A "quoted" \\abstract\n with\ttabs'),
            ("published", "2026-02"),
            ("title", "GraphMend: Repairing"),
            ("tldr", ("zh-CN", "修复")),
            ("url", "https://example.org/a b"),
        ),
    ),
)


def evidence(start: int, end: int, confidence: float, **more: Value) -> tuple[tuple[str, Value], ...]:
    properties = {
        "paper": PAPER,
        "sentence": "On Cora, GraphMend outperforms GAT.",
        "charStart": start,
        "charEnd": end,
        "confidence": confidence,
        "extractor": EXTRACTOR,
        **more,
    }
    return tuple(sorted(properties.items()))


STATEMENTS = (
    Statement("author:ada-example", "wrote", PAPER, (("position", 1),)),
    Statement("method:graphmend", "comparedTo", "method:gat", evidence(175, 233, 0.88)),
    Statement("method:graphmend", "comparedTo", "method:gat", evidence(300, 333, 0.5)),
    Statement(PAPER, "evaluatesOn", "dataset:cora", evidence(178, 182, 0.93)),
    Statement(PAPER, "inCategory", "category:Machine Learning, 50%"),
    Statement(PAPER, "listedIn", "digest:sample", (("rank", 1),)),
    Statement(PAPER, "mentions", "dataset:cora", evidence(178, 182, 0.93, role="evaluates-on")),
    Statement(PAPER, "mentions", "method:gat", evidence(190, 193, 1.0, role="mentions")),
)


def graph_of(lines: object) -> Graph:
    return Graph().parse(data="".join(lines), format="nt")  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def graph() -> Graph:
    return graph_of(rdf.triples(NODES, STATEMENTS))


def ask(graph: Graph, pattern: str) -> bool:
    return bool(graph.query(f"ASK {{ {pattern} }}", initNs=vocab.PREFIXES).askAnswer)


def test_the_worked_example(graph: Graph) -> None:
    prefix = "https://w3id.org/kgtool/"
    paper, cora = f"<{prefix}title/5f0c>", f"<{prefix}dataset/cora>"
    for pattern in (
        f'{paper} a kg:Paper, schema:ScholarlyArticle ; dcterms:identifier "{PAPER}" ; dcterms:title ?t',
        f"{paper} dcterms:creator <{prefix}author/ada-example> . <{prefix}author/ada-example> kg:wrote {paper}",
        f"{paper} kg:evaluatesOn {cora} ; kg:mentions {cora} ; kg:listedIn <{prefix}digest/sample>",
        f'{cora} a kg:Dataset, schema:Dataset ; dcterms:identifier "dataset:cora" ; skos:prefLabel "Cora"',
        f"?s a kg:Statement, rdf:Statement, prov:Entity ; rdf:subject {paper} ; rdf:predicate kg:evaluatesOn ; "
        f'rdf:object {cora} ; kg:sentence "On Cora, GraphMend outperforms GAT." ; kg:charStart 178 ; kg:charEnd 182 ; '
        f"kg:confidence 0.93 ; prov:wasDerivedFrom {paper} ; prov:wasGeneratedBy <{prefix}activity/{EXTRACTOR}>",
        f"<{prefix}activity/{EXTRACTOR}> a prov:Activity ; prov:wasAssociatedWith ?a . ?a a prov:SoftwareAgent",
    ):
        assert ask(graph, pattern), pattern


def test_there_are_no_blank_nodes_and_every_line_is_a_triple() -> None:
    lines = list(rdf.triples(NODES, STATEMENTS, evidence="full"))
    graph = graph_of(lines)
    assert len(graph) == len(set(lines))
    assert not [term for triple in graph for term in triple if isinstance(term, BNode)]
    assert len(list(pyoxigraph.parse("".join(lines), format=pyoxigraph.RdfFormat.N_TRIPLES))) == len(lines)


def test_mentions_beside_a_stronger_edge_is_not_reified(graph: Graph) -> None:
    reified = {
        (str(row[0]).rpartition("#")[2], str(row[1]).rpartition("/")[2])
        for row in graph.query("SELECT ?p ?o { ?s rdf:predicate ?p ; rdf:object ?o }", initNs=vocab.PREFIXES)
    }
    assert ("mentions", "cora") not in reified
    assert {("mentions", "gat"), ("evaluatesOn", "cora"), ("wrote", "5f0c"), ("listedIn", "sample")} <= reified


def test_an_edge_without_properties_is_a_direct_triple_alone() -> None:
    lines = list(rdf.triples((), [Statement(PAPER, "inCategory", "category:cs.LG")]))
    assert lines == [
        "<https://w3id.org/kgtool/title/5f0c> <https://w3id.org/kgtool/ontology#inCategory> "
        "<https://w3id.org/kgtool/category/cs.LG> .\n"
    ]


def test_statement_iris_are_made_of_content() -> None:
    one, other = STATEMENTS[1], STATEMENTS[2]
    shuffled = Statement(one.subject, one.predicate, one.object, one.properties[::-1])
    assert rdf.statement_iri(one) == rdf.statement_iri(shuffled)
    assert rdf.statement_iri(one) != rdf.statement_iri(other)
    assert rdf.statement_iri(one, "http://example.org/").startswith("http://example.org/statement/")


@pytest.mark.parametrize("options", [{}, {"evidence": "full"}, {"base": "http://example.org/my/"}])
def test_nodes_and_statements_come_back_equal(options: dict[str, str]) -> None:
    graph = graph_of(rdf.triples(NODES, STATEMENTS, **options))  # type: ignore[arg-type]
    nodes, statements = rdf.from_graph(graph)
    assert nodes == sorted(NODES, key=lambda node: node.id)
    assert set(statements) == set(STATEMENTS)
    assert len(statements) == len(STATEMENTS)


@pytest.mark.parametrize(
    ("published", "datatype"),
    [
        ("2026", "gYear"),
        ("2026-02", "gYearMonth"),
        ("2026-02-17", "date"),
        ("2026-02-31", "string"),
        ("soon", "string"),
    ],
)
def test_dates_are_as_exact_as_they_are_known(published: str, datatype: str) -> None:
    (line,) = (
        line for line in rdf.triples([Node(PAPER, "Paper", (("published", published),))], ()) if "issued" in line
    )
    expected = f'"{published}"' + (f"^^<{vocab.expand(f'xsd:{datatype}')}>" if datatype != "string" else "")
    assert line.endswith(f" {expected} .\n")


def test_full_evidence_has_selectors() -> None:
    graph = graph_of(rdf.triples(NODES, STATEMENTS, evidence="full"))
    assert ask(
        graph,
        "?s rdf:predicate kg:evaluatesOn ; oa:hasTarget ?place, ?quote . ?place oa:hasSource ?paper ; oa:hasSelector "
        "[ a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end ] . ?quote oa:hasSelector "
        "[ a oa:TextQuoteSelector ; oa:exact ?sentence ] . ?s kg:sentence ?sentence",
    )


def test_hostile_text_stays_parseable() -> None:
    text = 'a"b\\c\r\n\x00\x01\x7f\ud800> <x> "'
    nodes = [
        Node("category:\ud800 <bad>\n", "Category", (("name", text),)),
        Node(PAPER, "Paper", (("title", text), ("tldr", ("no such tag!", text)))),
    ]
    statements = [Statement(PAPER, "inCategory", "category:\ud800 <bad>\n")]
    data = "".join(rdf.triples(nodes, statements))
    quads = list(pyoxigraph.parse(data.encode(), format=pyoxigraph.RdfFormat.N_TRIPLES))
    assert len(quads) == 10
    graph = Graph().parse(data=data, format="nt")
    restored, _ = rdf.from_graph(graph)
    assert restored[1].get("title") == text.replace("\ud800", "\ufffd")
    assert restored[1].get("tldr") == ("und", text.replace("\ud800", "\ufffd"))


def test_what_is_not_in_the_ontology_raises() -> None:
    with pytest.raises(KeyError):
        list(rdf.triples([Node(PAPER, "Papr")], ()))
    with pytest.raises(KeyError):
        list(rdf.triples([Node(PAPER, "Paper", (("titel", "x"),))], ()))
    with pytest.raises(KeyError):
        list(rdf.triples((), [Statement(PAPER, "cites", PAPER)]))
    with pytest.raises(InputError, match="base"):
        list(rdf.triples(NODES, (), base="not an IRI"))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=60, deadline=None)
@given(
    title=texts,
    comment=texts,
    aliases=st.sets(texts, min_size=1, max_size=3),
    sentence=texts,
    confidence=st.floats(0, 1),
    specificity=st.floats(allow_nan=False),
)
def test_any_text_and_number_survives(
    title: str, comment: str, aliases: set[str], sentence: str, confidence: float, specificity: float
) -> None:
    nodes = [
        Node(
            "method:m",
            "Method",
            (("aliases", tuple(sorted(aliases))), ("name", title), ("specificity", specificity)),
        ),
        Node(PAPER, "Paper", (("comment", comment), ("title", title))),
    ]
    properties = dict(evidence(0, 1, confidence)) | {"sentence": sentence}
    statements = [Statement(PAPER, "uses", "method:m", tuple(sorted(properties.items())))]
    data = "".join(rdf.triples(nodes, statements))
    assert rdf.from_graph(Graph().parse(data=data, format="nt")) == (nodes, statements)
    assert sum(1 for _ in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.N_TRIPLES)) == data.count(" .\n")


rdflib_warns = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@rdflib_warns
@pytest.mark.parametrize("name", ["turtle", "json-ld", "xml", "nt"])
def test_every_format_gives_the_same_graph(graph: Graph, name: str) -> None:
    assert isomorphic(Graph().parse(data=graph.serialize(format=name), format=name), graph)


@rdflib_warns
def test_json_ld_through_the_context_is_isomorphic(graph: Graph) -> None:
    context = json.loads(vocab.ontology_file("context.jsonld").read_text(encoding="utf-8"))["@context"]
    text = graph.serialize(format="json-ld", context=context, auto_compact=False)
    document = json.loads(text)
    paper = next(item for item in document["@graph"] if item.get("identifier") == PAPER)
    assert {"evaluatesOn", "title", "url", "tldr", "creator"} <= set(paper)
    assert isomorphic(Graph().parse(data=json.dumps({**document, "@context": context}), format="json-ld"), graph)


def test_ids_with_several_colons_and_slashes_have_iris() -> None:
    node = Node("doi:10.1000/a:b<c>", "Paper", (("title", "x"),))
    graph = graph_of(rdf.triples([node], ()))
    assert {str(subject) for subject in graph.subjects()} == {ids.iri(node.id)}
    assert rdf.from_graph(graph) == ([node], [])
