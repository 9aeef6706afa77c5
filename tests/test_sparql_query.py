from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kgtool import rdf
from kgtool.errors import QueryError
from kgtool.records import Node, Statement
from kgtool.stores import oxigraph
from kgtool.stores.asking import ask_sparql
from kgtool.stores.protocol import Answer

NODES = [
    Node("arxiv:2601.00001", "Paper", (("title", "A title"),)),
    Node("method:lora", "Method", (("aliases", ("LoRA", "low rank")), ("name", "LoRA"), ("papers", 60))),
    Node("method:gcn", "Method", (("name", "GCN"), ("papers", 0))),
]
STATEMENTS = [Statement("arxiv:2601.00001", "mentions", "method:lora", (("role", "uses"),))]


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views")
    oxigraph.load(folder / "rdf", rdf.triples(NODES, STATEMENTS))
    return folder


def sparql(views: Path, query: str, **options: object) -> Answer:
    return ask_sparql(views / "rdf", query, timeout=20, **options)  # type: ignore[arg-type]


def assert_points(message: str, query: str, place: str, caret: str) -> None:
    first, line, below = message.splitlines()[:3]
    assert first.endswith(f"({place})")
    row, column = (int(word) for word in place.replace(",", "").split()[1::2])
    assert line[2:] == query.splitlines()[row - 1].replace("\t", " ")
    assert below == "  " + " " * (column - 1) + caret


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[str]]]:
    """A SPARQL endpoint on this machine that knows nothing, and what it was asked."""
    asked: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode())
            body = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
            self.wfile.write(f"{head}Content-Type: application/sparql-results+json\r\n\r\n".encode() + body)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1", 1),
        ("'5'^^xsd:unsignedByte", 5),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("'INF'^^xsd:double", "INF"),
        ("'NaN'^^xsd:double", "NaN"),
        ("true", True),
        ("'0'^^xsd:boolean", False),
        ("'many'^^xsd:integer", "many"),
        ("'2026-01-02'^^xsd:date", "2026-01-02"),
        ("'chat'@fr", "chat"),
        ("kg:Paper", "https://w3id.org/kgtool/ontology#Paper"),
        ("1/0", None),
        ("<<( <x:a> <x:b> 1 )>>", ("x:a", "x:b", 1)),
    ],
)
def test_terms_are_plain_values(views: Path, expression: str, value: object) -> None:
    rows = sparql(views, f"SELECT ({expression} AS ?x) {{}}").table.rows
    assert rows == ((value,),)
    assert type(rows[0][0]) is type(value)


def test_ask_is_one_row(views: Path) -> None:
    assert sparql(views, "ASK { ?s a kg:Paper }").table.records() == [{"answer": True}]
    assert sparql(views, "ASK { ?s a kg:Digest }").table.records() == [{"answer": False}]


def test_graphs_come_as_rows_and_as_ntriples(views: Path) -> None:
    answer = sparql(views, "CONSTRUCT { ?m a kg:Task ; kg:papers ?n } { ?m kg:papers ?n ; skos:altLabel ?a }")
    assert answer.table.columns == ("subject", "predicate", "object")
    assert set(answer.table.rows) == {
        (
            "https://w3id.org/kgtool/method/lora",
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
            "https://w3id.org/kgtool/ontology#Task",
        ),
        ("https://w3id.org/kgtool/method/lora", "https://w3id.org/kgtool/ontology#papers", 60),
    }
    assert answer.ntriples is not None
    assert len(answer.ntriples) == 2
    assert all(line.startswith("<https://w3id.org/kgtool/method/lora> ") for line in answer.ntriples)
    described = sparql(views, "DESCRIBE <https://w3id.org/kgtool/method/gcn>")
    assert described.ntriples is not None
    assert set(described.ntriples) < set(oxigraph.dump(views / "rdf"))
    assert sparql(views, "SELECT * { ?s a kg:Task }").ntriples is None


@pytest.mark.parametrize("prefix", ["kg", "dcterms", "foaf", "skos", "schema", "prov", "rdf", "rdfs", "xsd"])
def test_prefixes_are_known(views: Path, prefix: str) -> None:
    assert not sparql(views, f"SELECT * {{ ?s {prefix}:none ?o }}").table.rows


def test_a_prefix_of_the_query_goes_first(views: Path) -> None:
    query = "PREFIX kg: <http://example.org/>\nSELECT (kg:x AS ?x) {}"
    assert sparql(views, query).table.rows == (("http://example.org/x",),)


def test_columns_of_a_star_are_in_the_order_of_the_query(views: Path) -> None:
    assert sparql(views, "SELECT * { ?s ?p ?o } LIMIT 1").table.columns == ("s", "p", "o")


def test_an_iri_may_be_a_parameter(views: Path) -> None:
    parameters = {"class": "<https://w3id.org/kgtool/ontology#Method>"}
    assert len(sparql(views, "SELECT ?s { ?s a $class }", parameters=parameters).table) == 2
    with pytest.raises(QueryError, match=r"the parameter \$class"):
        sparql(views, "SELECT ?s { ?s a $class }", parameters={"class": "<no iri>"})


@pytest.mark.parametrize(
    "pattern",
    [
        "SERVICE <{url}> {{ ?s ?p ?o }}",
        "service silent <{url}> {{ ?s ?p ?o }}",
        "sErViCe<{url}>{{}}",
        "SERVICE :b {{ ?s ?p ?o }}",
        "SERVICE:b {{ ?s ?p ?o }}",
        "SERVICE # comment\n <{url}> {{ ?s ?p ?o }}",
        "VALUES ?x {{ <{url}> }} SERVICE ?x {{ ?s ?p ?o }}",
        "{{ SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }} }}",
        "FILTER EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "BIND(EXISTS {{ SERVICE <{url}> {{ ?s ?p ?o }} }} AS ?x)",
        "?s ?p ?o . MINUS {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "OPTIONAL {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "{{}} UNION {{ GRAPH ?g {{ SERVICE <{url}> {{}} }} }}",
        "?s ?p 'SERVICE' . SERVICE <{url}> {{ ?s ?p ?o }}",
        "?s ?p '''\\\\''' . SERVICE <{url}> {{ ?s ?p ?o }}",
        "?s ?p 1SERVICE <{url}> {{ ?s ?p ?o }}",
        "?s ?p ?o.SERVICE <{url}> {{ ?s ?p ?o }}",
        "?a<?b&&?c>?d SERVICE <{url}> {{}}",
        "\\u0053ERVICE <{url}> {{ ?s ?p ?o }}",
    ],
)
@pytest.mark.parametrize("form", ["SELECT * { %s }", "ASK { %s }", "CONSTRUCT { ?s ?p ?o } { %s }"])
def test_service_asks_nobody(views: Path, endpoint: tuple[str, list[str]], pattern: str, form: str) -> None:
    url, asked = endpoint
    query = f"PREFIX : <{url}>\n{form % pattern.format(url=url)}"
    with pytest.raises(QueryError, match=r"SERVICE asks another server|syntax error"):
        sparql(views, query)
    assert asked == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s ?p 'SERVICE <http://x/> {}' }",
        'SELECT * { ?s ?p """SERVICE\n<http://x/>""" }',
        "SELECT * { ?s ?p ?o } # SERVICE <http://x/> { }",
        "# SERVICE\nSELECT ?service ?Service { ?service ?p ?Service }",
        "PREFIX service: <http://x/SERVICE#> SELECT * { service:SERVICE service:service service:x }",
        "SELECT * { ?s <http://example.org/service> 'x'@service }",
        "SELECT * { ?s ?p <http://example.org/SERVICE/> }",
        "SELECT * { _:service ?p ?o }",
    ],
)
def test_the_word_alone_is_no_service(views: Path, query: str) -> None:
    sparql(views, query + ("\nLIMIT 1" if query.startswith("SELECT *") else ""))


def test_service_is_asked_where_it_is_wanted(views: Path, endpoint: tuple[str, list[str]]) -> None:
    url, asked = endpoint
    answer = sparql(views, f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", service=True)
    assert answer.table.rows == ()
    assert len(asked) == 1


def test_from_reaches_nothing_but_the_store(views: Path, endpoint: tuple[str, list[str]]) -> None:
    url, asked = endpoint
    assert sparql(views, f"SELECT * FROM <{url}> {{ ?s ?p ?o }}").table.rows == ()
    assert sparql(views, f"SELECT * FROM NAMED <{url}> {{ GRAPH ?g {{ ?s ?p ?o }} }}").table.rows == ()
    assert asked == []


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "delete where { ?s ?p ?o }",
        "PREFIX a: <b:select>\nWITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "LOAD <{url}>",
        "# SELECT\nCLEAR ALL",
        "DROP DEFAULT",
        "CREATE GRAPH <a:g>",
        "ADD <a:g> TO <a:h>",
        "MOVE <a:g> TO <a:h>",
        "COPY <a:g> TO <a:h>",
    ],
)
def test_updates_are_refused(views: Path, endpoint: tuple[str, list[str]], update: str) -> None:
    before = list(oxigraph.dump(views / "rdf"))
    with pytest.raises(QueryError, match="queries are read-only here"):
        sparql(views, update.replace("{url}", endpoint[0]))
    assert list(oxigraph.dump(views / "rdf")) == before
    assert endpoint[1] == []


def test_an_update_behind_a_query_is_refused(views: Path) -> None:
    with pytest.raises(QueryError, match="unexpected ;"):
        sparql(views, "SELECT * { ?s ?p ?o } ; DROP ALL")


@pytest.mark.parametrize(
    ("query", "place", "caret", "says"),
    [
        ("SELCT * { }", "line 1, column 1", "^^^^^", "unexpected SELCT"),
        ("SELECT ('é' AS ?x) bad { }", "line 1, column 20", "^^^", "unexpected bad"),
        ("SELECT *\nWHERE {\n  ?s ?p 'é' bad }", "line 3, column 13", "^^^", "unexpected bad"),
        ("SELECT *\r\nWHERE {\r\n  ?s ?p 'é' bad }", "line 3, column 13", "^^^", "unexpected bad"),
        ("SELECT ?s { ?s ?p ?o ", "line 1, column 21", "^", "ends too early"),
        ("SELECT ?s { ?s ?p ?o } }", "line 1, column 24", "^", "unexpected }"),
        ("SELECT ?s { FILTER(?o = ) }", "line 1, column 25", "^", r"unexpected \)"),
        ("SELECT * { FILTER(nofunc(?o)) }", "line 1, column 19", "^^^^^^", "unexpected nofunc"),
        ("SELECT * {\n\t?s foo:bar 1 }", "line 2, column 5", "^^^^^^^", "the prefix of foo:bar is not declared"),
        ("SELECT * { ?s ?p 'open }", "line 1, column 18", "^", "unexpected '"),
    ],
)
def test_a_syntax_error_points_at_its_place(views: Path, query: str, place: str, caret: str, says: str) -> None:
    with pytest.raises(QueryError, match=says) as caught:
        sparql(views, query)
    assert_points(str(caught.value), query, place, caret)


def test_a_function_that_is_not_there(views: Path) -> None:
    with pytest.raises(QueryError, match=r"http://example\.org/f"):
        sparql(views, "SELECT (<http://example.org/f>(1) AS ?x) {}")


def test_an_unknown_term_is_noted(views: Path) -> None:
    answer = sparql(views, "SELECT * { ?p kg:evaluateOn ?d } # kg:nothing")
    assert answer.notes == (
        "kg:evaluateOn is no term of the ontology; did you mean kg:evaluatesOn or kg:evaluatedWith?",
    )
    assert sparql(views, "SELECT * { ?p kg:evaluatesOn ?d ; a kg:Paper }").notes == ()


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("kg:title", "kg:title is asserted as dcterms:title"),
        ("kg:abstract", "kg:abstract is asserted as dcterms:abstract"),
        ("kg:aliases", "kg:aliases is asserted as skos:altLabel"),
        ("kg:published", "kg:published is asserted as dcterms:issued"),
        ("kg:paper", "kg:paper is asserted as prov:wasDerivedFrom"),
        ("kg:url", "kg:url is asserted as schema:url"),
        ("kg:id", "kg:id is asserted as dcterms:identifier"),
    ],
)
def test_a_term_that_is_asserted_as_another_is_noted(views: Path, name: str, note: str) -> None:
    assert sparql(views, f"SELECT ?x {{ ?p {name} ?x }}").notes == (note,)


def test_a_name_that_is_asserted_as_several_terms_is_noted_with_their_classes(views: Path) -> None:
    (note,) = sparql(views, "SELECT ?x { ?p kg:name ?x ; kg:papers ?n }").notes
    assert note.startswith("kg:name is asserted as foaf:name (Author), skos:prefLabel (Method, ")


@pytest.mark.parametrize("day", ['"2026-06-01"', "'2026-06-01'^^xsd:date", "?day"])
def test_comparing_a_publication_with_a_whole_date_is_noted(views: Path, day: str) -> None:
    query = f"SELECT ?p {{ ?p dcterms:issued ?d FILTER(?d >= {day}) }}"
    (note,) = sparql(views, query, parameters={"day": "2026-06-01"} if day == "?day" else None).notes
    assert note.endswith('STR(?published) >= "2026-06"')
    assert sparql(views, 'SELECT ?p { ?p dcterms:issued ?d FILTER(STR(?d) >= "2026-06") }').notes == ()


LORA = "https://w3id.org/kgtool/method/lora"


@pytest.mark.parametrize(
    ("query", "records"),
    [
        ("SELECT ?m ?n WHERE { ?m kg:papers ?n }", [{"m": LORA, "n": 60}]),
        ("SELECT DISTINCT $m ?n { ?m kg:papers ?n } ORDER BY ?m DESC(?n)", [{"m": LORA, "n": 60}]),
        ("SELECT ?m (SUM(?n) AS ?s) { ?m kg:papers ?n } GROUP BY ?m ORDER BY ?m", [{"m": LORA, "s": 60}]),
        ("SELECT (STR(?m) AS ?s) { ?m kg:papers ?n }", [{"s": LORA}]),
        (
            "SELECT ?m ?n { ?m kg:papers ?n { SELECT ?m (COUNT(*) AS ?c) { ?m skos:altLabel ?a } GROUP BY ?m } }",
            [{"m": LORA, "n": 60}],
        ),
        ("SELECT * { ?m kg:papers ?n }", [{"n": 60}]),
        ("SELECT ?n { VALUES ?x { 60 } ?m kg:papers ?n FILTER(?n = ?x) } LIMIT 1", [{"n": 60}]),
    ],
)
def test_a_parameter_that_is_projected_stays_a_column(
    views: Path, query: str, records: list[dict[str, object]]
) -> None:
    answer = sparql(views, query, parameters={"m": f"<{LORA}>"})
    assert answer.table.records() == records


@pytest.mark.parametrize("count", [0, 1, 2])
def test_limit_and_offset_may_be_parameters(views: Path, count: int) -> None:
    query = "SELECT ?m { ?m a kg:Method } LIMIT ?count OFFSET $from"
    assert len(sparql(views, query, parameters={"count": count, "from": 0}).table) == count


@pytest.mark.parametrize(
    ("query", "value", "place", "says"),
    [
        ("SELECT ?m { ?m a kg:Method } LIMIT ?v", "x", "column 36", r"LIMIT takes a whole number .* \?v is 'x'"),
        ("SELECT ?m { ?m a kg:Method } OFFSET $v", -1, "column 37", r"OFFSET takes a whole number .* \$v is -1"),
        ("SELECT ?m { ?m a kg:Method } LIMIT ?v", True, "column 36", "LIMIT takes a whole number"),
        ("SELECT ?v { BIND(1 AS ?v) }", 1, "column 23", r"\?v has a value by the query itself"),
        ("SELECT ?v { VALUES (?v ?w) { (1 2) } }", 1, "column 21", r"\?v has a value by the query itself"),
        ("SELECT ?m { ?m ?v ?o }", "text", "column 16", r'the parameter \?v cannot stand here as "text"'),
        ("SELECT ?v ?m { ?m foo:x ?v ; bad }", "a long text", "column 19", "the prefix of foo:x is not declared"),
        ("SELECT ?v ?m { ?m kg:papers ?v } bad", "a long text", "column 34", "unexpected bad"),
    ],
)
def test_an_error_shows_the_query_as_written(views: Path, query: str, value: object, place: str, says: str) -> None:
    with pytest.raises(QueryError, match=says) as caught:
        sparql(views, query, parameters={"v": value})
    first, line, _ = str(caught.value).splitlines()
    assert first.endswith(f"(line 1, {place})")
    assert line == f"  {query}"


@pytest.mark.parametrize(
    ("query", "place", "caret"),
    [
        ("SELECT ?a ?b (COUNT(?b) AS ?n) WHERE { ?a kg:uses ?b } GROUP BY ?a", "line 1, column 11", "^^"),
        ("SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a kg:uses ?b }", "line 1, column 8", "^^"),
        ("SELECT ?a (STR(?b) AS ?n) (MAX(STR(?b)) AS ?x) { ?a kg:uses ?b } GROUP BY ?a", "line 1, column 16", "^^"),
        (
            "SELECT * {\n  { SELECT ?a ?b (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY ?a LIMIT 1 } ?a ?p ?b }",
            "line 2, column 15",
            "^^",
        ),
    ],
)
def test_a_variable_outside_of_the_groups_is_named(views: Path, query: str, place: str, caret: str) -> None:
    with pytest.raises(QueryError, match="is neither in GROUP BY nor inside of an aggregate") as caught:
        sparql(views, query)
    assert_points(str(caught.value), query, place, caret)


def test_a_star_does_not_go_with_groups(views: Path) -> None:
    query = "SELECT * { ?a kg:uses ?b } GROUP BY ?a"
    with pytest.raises(QueryError, match="name the columns") as caught:
        sparql(views, query)
    assert_points(str(caught.value), query, "line 1, column 1", "^^^^^^^^")
