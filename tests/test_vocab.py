import subprocess
import sys
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, URIRef

from kgtool import schema, vocab
from kgtool.schemagen import generated, read_schema, relationship_type

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(vocab.ontology_file("kgtool.ttl"))


def own_terms(graph: Graph) -> list[URIRef]:
    return sorted({term for term in graph.subjects() if str(term).startswith(vocab.PREFIXES["kg"])})


@pytest.mark.parametrize("path", ["kgtool/schema.py", "ontology/context.jsonld", "docs/schema.md"])
def test_generated_files_are_what_the_ontology_says(path: str) -> None:
    texts = generated(read_schema(ROOT / "ontology" / "kgtool.ttl"))
    assert (ROOT / path).read_text(encoding="utf-8") == texts[path], "run `python -m kgtool.schemagen`"


def test_every_term_has_a_label_and_a_comment(ontology: Graph) -> None:
    for term in own_terms(ontology):
        for annotation in (RDFS.label, RDFS.comment):
            assert len(list(ontology.objects(term, annotation))) == 1, (term, annotation)


def test_every_property_has_domain_and_range(ontology: Graph) -> None:
    properties = {*ontology.subjects(RDF.type, OWL.ObjectProperty), *ontology.subjects(RDF.type, OWL.DatatypeProperty)}
    assert len(properties) > 35
    for term in properties:
        assert (term, RDFS.domain, None) in ontology, term
        assert (term, RDFS.range, None) in ontology, term


def test_the_ontology_mentions_no_undeclared_term_of_its_own(ontology: Graph) -> None:
    used = {term for triple in ontology for term in triple if str(term).startswith(vocab.PREFIXES["kg"])}
    assert used == set(own_terms(ontology))


def test_a_misspelt_term_raises() -> None:
    assert vocab.KG.evaluatesOn == "https://w3id.org/kgtool/ontology#evaluatesOn"
    with pytest.raises(AttributeError, match="evaluateOn"):
        vocab.KG.evaluateOn  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(KeyError):
        vocab.relationship_type("evaluateOn")
    with pytest.raises(KeyError):
        vocab.expand("dc:title")


def test_relationships_are_those_of_the_design() -> None:
    assert " ".join(relationship.type for relationship in vocab.RELATIONSHIPS.values()) == (
        "WROTE IN_CATEGORY LISTED_IN INTRODUCES USES COMPARES_WITH EVALUATES_ON TRAINS_ON ADDRESSES MENTIONS "
        "USED_FOR PART_OF SUB_CLASS_OF SUB_TASK_OF BENCHMARK_FOR TRAINED_WITH EVALUATED_WITH COMPARED_TO"
    )
    for name, relationship in vocab.RELATIONSHIPS.items():
        assert relationship.type == relationship_type(name) == vocab.relationship_type(name)
        assert vocab.predicate(relationship.type) == name
    assert vocab.RELATIONSHIPS["introduces"].pairs == (("Paper", "Method"), ("Paper", "Dataset"))
    assert len(vocab.RELATIONSHIPS["usedFor"].pairs) == 9
    assert vocab.RELATIONSHIPS["comparedTo"].pairs == tuple((label, label) for label in vocab.ENTITY_TYPES)
    assert vocab.RELATIONSHIPS["wrote"].properties == ("position",)
    assert vocab.RELATIONSHIPS["listedIn"].properties == ("rank",)
    assert vocab.RELATIONSHIPS["inCategory"].properties == ()
    assert vocab.EVIDENCE == ("paper", "sentence", "charStart", "charEnd", "confidence", "extractor")
    assert vocab.RELATIONSHIPS["mentions"].properties == (*vocab.EVIDENCE, "role")


def test_roles_and_relations_are_those_of_the_guidelines() -> None:
    strongest_first = "introduces uses compares-with evaluates-on trains-on addresses mentions"
    assert " ".join(vocab.ROLES) == strongest_first
    assert vocab.ROLE_TYPES == {
        "introduces": ("Method", "Dataset"),
        "uses": ("Method",),
        "compares-with": ("Method",),
        "evaluates-on": ("Dataset",),
        "trains-on": ("Dataset",),
        "addresses": ("Task",),
        "mentions": ("Method", "Dataset", "Task"),
    }
    assert vocab.RELATION_NAMES["Compare-With"] == "comparedTo"
    assert vocab.RELATION_NAMES["SubClass-Of"] == "subClassOf"
    assert {*vocab.ROLES.values(), *vocab.RELATION_NAMES.values()} == {
        name for name, relationship in vocab.RELATIONSHIPS.items() if relationship.extracted
    }


def test_asserted_terms_are_those_of_the_design() -> None:
    terms = {(label, c.name): c.term for label, node in vocab.NODES.items() for c in node.columns}
    assert terms["Paper", "id"] == "dcterms:identifier"
    assert terms["Paper", "title"] == "dcterms:title"
    assert terms["Paper", "url"] == "schema:url"
    assert terms["Paper", "arxivId"] == "kg:arxivId"
    assert terms["Author", "name"] == "foaf:name"
    assert terms["Task", "name"] == terms["Category", "name"] == "skos:prefLabel"
    assert terms["Digest", "name"] == "dcterms:title"
    assert terms["Digest", "published"] == "dcterms:issued"
    assert terms["Method", "aliases"] == "skos:altLabel"
    types = {column.name: column.type for column in vocab.NODES["Dataset"].columns}
    assert types == {
        "id": "string",
        "name": "string",
        "aliases": "strings",
        "papers": "integer",
        "specificity": "double",
    }


def test_all_prefixes_that_queries_know_are_there() -> None:
    known_to_queries = {"kg", "dcterms", "foaf", "skos", "schema", "prov", "rdf", "rdfs", "xsd"}
    assert known_to_queries | {"oa", "fabio", "mls", "fair4ml", "cso"} <= set(vocab.PREFIXES)


def test_public_names_exist() -> None:
    assert all(hasattr(vocab, name) for name in vocab.__all__)
    assert vocab.VERSION == schema.VERSION


def test_a_file_that_is_not_of_the_ontology_is_not_found() -> None:
    assert vocab.ontology_file("shapes.ttl").is_file()
    with pytest.raises(FileNotFoundError):
        vocab.ontology_file("nothing.ttl")


def test_importing_the_vocabulary_imports_nothing_heavy() -> None:
    code = "import sys, kgtool.vocab; print(sorted({'rdflib', 'spacy', 'pyoxigraph', 'ladybug'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
