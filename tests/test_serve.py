"""The local endpoint, asked by clients that are not ours where one can ask so, and by plain HTTP where not."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
import SPARQLWrapper
from click.testing import CliRunner
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kgtool import serve as serving
from kgtool.cli import main
from kgtool.errors import InputError, StoreError
from kgtool.records import Node, Statement
from kgtool.serve import Server
from kgtool.stores import views
from kgtool.stores.asking import ask_sparql
from kgtool.stores.corpus import Corpus
from kgtool.stores.endpoint import ask_endpoint

RDFLIB = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib", "ignore::DeprecationWarning:SPARQLWrapper")
"""Its parsers of JSON-LD and N3 use what it deprecates itself."""
FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
ASK = "/sparql?query=ASK%7B%7D"
HOSTILE = "He said \"<b>&amp;</b>\" \\ `tick`\n\t'é' \u2028 🎲"
NODES = (
    Node("arxiv:2601.00001", "Paper", (("title", HOSTILE),)),
    Node("author:ada-example", "Author", (("name", "Ada Example"),)),
    Node("dataset:cora", "Dataset", (("name", "Cora"), ("papers", 1), ("specificity", 0.5))),
)
STATEMENTS = (Statement("author:ada-example", "wrote", "arxiv:2601.00001", (("position", 1),)),)
NAMES = "SELECT ?id ?name WHERE { ?x dcterms:identifier ?id OPTIONAL { ?x skos:prefLabel ?name } } ORDER BY ?id"
EVERYTHING = "CONSTRUCT WHERE { ?s ?p ?o }"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n1 ?o . ?p ?q ?r . ?s ?t ?u }"


def store(kg: Path, nodes: tuple[Node, ...]) -> Path:
    with Corpus.create_or_open(kg) as corpus:
        corpus.replace_state([], [], (sorted(nodes, key=lambda node: node.id), STATEMENTS), {}, "by-hand-1")
    return kg


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store(tmp_path_factory.mktemp("serve") / "kg", NODES)


@contextmanager
def served(kg: Path, **options: Any) -> Iterator[Server]:
    with Server(kg, port=0, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server(kg: Path) -> Iterator[Server]:
    with served(kg) as found:
        yield found


class Response:
    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()


def send(
    server: Server, method: str, path: str = "/sparql", body: bytes | str | None = None, **headers: str
) -> Response:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body.encode() if isinstance(body, str) else body, given)
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read())
    finally:
        connection.close()


def get(server: Server, query: str, **headers: str) -> Response:
    return send(server, "GET", f"/sparql?{urlencode({'query': query})}", **headers)


def graph_of(kg: Path) -> rdflib.Graph:
    with views.current_view(kg) as view:
        lines = ask_sparql(view.rdf, EVERYTHING).ntriples
    return rdflib.Graph().parse(data="\n".join(lines or ()), format="nt")


# Three ways to ask, and every format


def test_the_three_operations_give_the_same_answer(server: Server) -> None:
    form = urlencode({"query": NAMES})
    answers = [
        get(server, NAMES),
        send(server, "POST", body=form, Content_Type=FORM),
        send(server, "POST", body=NAMES, Content_Type="application/sparql-query; charset=UTF-8"),
    ]
    assert {answer.status for answer in answers} == {200}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/sparql-results+json"}
    rows = [
        {name: cell["value"] for name, cell in row.items()}
        for row in json.loads(answers[0].body)["results"]["bindings"]
    ]
    assert rows == [
        {"id": "arxiv:2601.00001"},
        {"id": "author:ada-example"},
        {"id": "dataset:cora", "name": "Cora"},
    ]
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize(
    ("accept", "media_type", "format_"),
    [
        ("application/sparql-results+json", "application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("application/json", "application/json", ox.QueryResultsFormat.JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", ox.QueryResultsFormat.TSV),
        (
            "text/html, text/*;q=0.3, application/sparql-results+xml;q=0.2",
            "text/xml; charset=utf-8",
            ox.QueryResultsFormat.XML,
        ),
    ],
)
def test_rows_in_every_format(server: Server, accept: str, media_type: str, format_: ox.QueryResultsFormat) -> None:
    query = "SELECT ?title ?n ?none { ?p dcterms:title ?title . ?d kg:papers ?n }"
    answer = get(server, query, Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (200, media_type)
    (row,) = ox.parse_query_results(answer.body, format_)
    assert (row["title"], row["n"], row["none"]) == (ox.Literal(HOSTILE), ox.Literal(1), None)
    truth = ox.parse_query_results(get(server, "ASK { ?s kg:papers 2 }", Accept=accept).body, format_)
    assert isinstance(truth, ox.QueryBoolean)
    assert not truth


def test_rows_as_csv(server: Server) -> None:
    answer = get(server, "SELECT ?n ?title { ?p dcterms:title ?title . ?d kg:papers ?n }", Accept="text/csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    quoted = HOSTILE.replace('"', '""')
    assert answer.text == f'n,title\r\n1,"{quoted}"\r\n'


@RDFLIB
@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("text/plain", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("text/n3", "n3"),
        ("*/*", "turtle"),
        ("", "turtle"),
    ],
)
def test_graphs_in_every_format(server: Server, kg: Path, accept: str, format_: str) -> None:
    answer = get(server, EVERYTHING, Accept=accept)
    assert answer.status == 200
    expected = accept if "/" in accept and "*" not in accept else "text/turtle"
    assert answer.headers.get_content_type() == expected
    assert set(rdflib.Graph().parse(data=answer.body, format=format_)) == set(graph_of(kg))
    assert get(server, EVERYTHING, Accept=accept).body == answer.body


def test_describe_is_a_graph(server: Server) -> None:
    answer = get(server, "DESCRIBE <https://w3id.org/kgtool/dataset/cora>", Accept="text/turtle")
    assert '"Cora"' in answer.text


def test_head_is_get_without_the_body(server: Server) -> None:
    path = f"/sparql?{urlencode({'query': NAMES})}"
    head, whole = send(server, "HEAD", path), send(server, "GET", path)
    assert head.body == b""
    assert head.status == 200
    assert {**head.headers, "Date": ""} == {**whole.headers, "Date": ""}


def test_a_get_without_a_query_describes_the_service(server: Server) -> None:
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    for accept, format_ in (("*/*", "turtle"), ("application/rdf+xml", "xml")):
        answer = send(server, "GET", Accept=accept)
        graph = rdflib.Graph().parse(data=answer.body, format=format_)
        (service,) = graph.subjects(rdflib.RDF.type, sd.Service)
        assert str(graph.value(service, sd.endpoint)) == server.url
        assert graph.value(service, sd.supportedLanguage) == sd.SPARQL11Query
    assert send(server, "GET", Accept="text/html").status == 406
    assert server.url in send(server, "GET", "/").text


# What is refused


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "says"),
    [
        ("POST", "/sparql", "update=DROP+ALL", {"Content_Type": FORM}, 403, "read-only"),
        ("POST", "/sparql", "DROP ALL", {"Content_Type": "application/sparql-update"}, 403, "read-only"),
        ("POST", "/sparql", "DROP ALL", {"Content_Type": QUERY}, 400, "DROP would change the graph"),
        ("GET", "/sparql?update=DROP+ALL", None, {}, 403, "read-only"),
        ("GET", "/sparql?query=INSERT+DATA+%7B%7D", None, {}, 400, "INSERT would change the graph"),
        ("GET", "/sparql?query=SELECT", None, {}, 400, "the query ends too early"),
        ("GET", "/sparql?query=", None, {}, 400, "the query is empty"),
        ("GET", f"{ASK}&query=ASK%7B%7D", None, {}, 400, "more than one query"),
        ("GET", "/sparql?query=%FF", None, {}, 400, "cannot be read"),
        ("GET", "/sparql?query=ASK%00%7B%7D", None, {}, 400, "NUL"),
        ("GET", "/sparql?query=ASK{SERVICE<http://127.0.0.1:1/>{}}", None, {}, 400, "SERVICE asks another server"),
        ("GET", f"{ASK}&default-graph-uri=http://e.org/", None, {}, 400, "default-graph-uri: "),
        ("GET", f"{ASK}&named-graph-uri=http://e.org/", None, {}, 400, "named-graph-uri: everything"),
        ("GET", "/sparql?" + "&".join(["a=b"] * 101), None, {}, 400, "cannot be read"),
        ("GET", ASK, None, {"Accept": "text/html"}, 406, "the answer comes as"),
        ("GET", ASK, None, {"Accept": "text/turtle"}, 406, "sparql-results"),
        ("GET", "/sparql?query=CONSTRUCT%7B%7D%7B%7D", None, {"Accept": "text/csv"}, 406, "comes as text/turtle"),
        ("GET", "/sparql/x", None, {}, 404, "the SPARQL endpoint is /sparql"),
        ("GET", "/", None, {"Host": "evil.example"}, 421, "does not go by that name"),
        ("GET", ASK, None, {"Host": "evil.example:80"}, 421, "does not go by that name"),
        ("GET", ASK, None, {"Host": "localhost.evil.example"}, 421, "does not go by that name"),
        ("GET", ASK, None, {"Host": "[::1"}, 421, "does not go by that name"),
        ("PUT", "/sparql", "x", {}, 405, "read-only"),
        ("DELETE", "/sparql", None, {}, 405, "read-only"),
        ("PATCH", "/sparql", "x", {}, 405, "read-only"),
        ("BREW", "/sparql", None, {}, 501, "Unsupported method"),
        ("POST", "/sparql", "ASK{}", {"Content_Type": "text/plain"}, 415, "not as text/plain"),
        ("POST", "/sparql", "ASK{}", {}, 415, "not as nothing in particular"),
        ("POST", "/sparql", "ASK{}", {"Content_Type": "application/sparql-query; charset=latin-1"}, 415, "in UTF-8"),
        ("POST", "/sparql", b"ASK{} # \xff", {"Content_Type": QUERY}, 400, "is not UTF-8"),
        ("POST", "/sparql", "a=b", {"Content_Type": FORM}, 400, "no query"),
        ("POST", "/sparql", "x", {"Content_Type": QUERY, "Content_Length": "-1"}, 400, "no number"),
        ("POST", "/sparql", "x", {"Content_Type": QUERY, "Content_Length": "9" * 12}, 413, "at most"),
        ("POST", "/sparql", "0\r\n\r\n", {"Content_Type": QUERY, "Transfer_Encoding": "chunked"}, 411, ""),
    ],
)  # fmt: skip
def test_what_is_no_query_is_refused_as_the_protocol_says(
    server: Server, method: str, path: str, body: Any, headers: dict[str, str], status: int, says: str
) -> None:
    answer = send(server, method, path, body, **headers)
    assert answer.status == status, answer.text
    assert says in answer.text
    assert answer.headers.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "lines", [b"GET /sparql HTTP/1.1\r\n\r\n", b"GET /sparql HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
              b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n"]
)  # fmt: skip
def test_what_is_no_request_is_refused(server: Server, lines: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(lines)
        status = connection.recv(1000).split()[:2]
    assert status[1:] in ([b"400"], [b"414"]) or status[0].startswith(b"Bad")
    assert get(server, "ASK {}").status == 200


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:80", "[::1]:7878", "192.168.0.7"])
def test_names_of_this_machine_are_answered(server: Server, host: str) -> None:
    assert get(server, "ASK {}", Host=host).status == 200


def test_pages_of_others_may_read_only_if_told_so(kg: Path, server: Server) -> None:
    origin = "https://notebook.example"
    assert not any("Access-Control" in name for name in get(server, "ASK {}", Origin=origin).headers)
    asked = {"Origin": origin, "Access_Control_Request_Method": "POST"}
    refused = send(server, "OPTIONS", **asked)
    assert (refused.status, refused.headers["Allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert not any("Access-Control" in name for name in refused.headers)
    with served(kg, cors=origin) as open_server:
        assert get(open_server, "ASK {}", Origin=origin).headers["Access-Control-Allow-Origin"] == origin
        assert get(open_server, "NONE", Origin=origin).headers["Access-Control-Allow-Origin"] == origin
        assert "Access-Control-Allow-Origin" not in get(open_server, "ASK {}", Origin="https://evil.example").headers
        preflight = send(open_server, "OPTIONS", **asked)
        assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
        assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    with served(kg, cors="*") as open_server:
        assert get(open_server, "ASK {}").headers["Access-Control-Allow-Origin"] == "*"
    for origin in ("notebook.example", "https://a.example/", "https://a\r\nX: y", ""):
        with pytest.raises(InputError, match="is no origin"):
            Server(kg, port=0, cors=origin)


# Time, room and several at once


def test_a_query_ends_in_time_and_others_are_answered_meanwhile(kg: Path) -> None:
    with served(kg, timeout=2) as server, ThreadPoolExecutor() as pool:
        start = time.monotonic()
        endless = [pool.submit(get, server, ENDLESS) for _ in range(2)]
        quick = [pool.submit(get, server, NAMES) for _ in range(6)]
        assert [answer.result().status for answer in quick] == [200] * 6
        answers = [answer.result() for answer in endless]
        assert {answer.status for answer in answers} == {503}
        assert "took longer than 2 s" in answers[0].text
        assert time.monotonic() - start < 15


def test_no_more_queries_run_than_there_is_room_for(kg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "QUERIES_AT_ONCE", 1)
    with served(kg, timeout=1) as server, ThreadPoolExecutor() as pool:
        statuses = [answer.status for answer in pool.map(lambda _: get(server, ENDLESS), range(3))]
        assert statuses == [503] * 3
        assert get(server, "ASK {}").status == 200


def test_an_answer_that_is_too_large_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kgtool.stores.asking.ANSWER_BYTES", 1000)
    answer = get(server, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert (answer.status, "the answer is larger" in answer.text) == (500, True)


def test_a_connection_is_kept_and_a_client_that_leaves_is_no_failure(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    for _ in range(3):
        connection.request("GET", "/sparql?query=ASK%7B%7D")
        assert json.loads(connection.getresponse().read())["boolean"] is True
    connection.close()
    with socket.create_connection(("127.0.0.1", server.server_port)) as left:
        left.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\n\r\n")
    time.sleep(0.5)
    assert get(server, "ASK {}").status == 200
    assert capfd.readouterr().err == ""


def test_a_graph_that_is_built_anew_is_answered_from(tmp_path: Path) -> None:
    kg = store(tmp_path / "kg", NODES[:2])
    count = "SELECT (COUNT(?x) AS ?n) { ?x dcterms:identifier ?id }"
    with served(kg) as server:
        assert get(server, count, Accept="text/csv").text == "n\r\n2\r\n"
        store(kg, NODES)
        assert get(server, count, Accept="text/csv").text == "n\r\n3\r\n"


def test_a_graph_that_goes_is_a_failure_of_the_server(tmp_path: Path) -> None:
    kg = store(tmp_path / "kg", NODES[:2])
    with served(kg) as server:
        (kg / "corpus.sqlite").unlink()
        answer = get(server, "ASK {}")
        assert (answer.status, "no knowledge graph" in answer.text) == (500, True)


# Clients that are not ours


@RDFLIB
@pytest.mark.parametrize("method", [SPARQLWrapper.GET, SPARQLWrapper.POST])
@pytest.mark.parametrize("how", [SPARQLWrapper.URLENCODED, SPARQLWrapper.POSTDIRECTLY])
def test_sparqlwrapper_asks(server: Server, kg: Path, method: str, how: str) -> None:
    client = SPARQLWrapper.SPARQLWrapper(server.url)
    client.setMethod(method)
    client.setRequestMethod(how)
    client.setQuery(NAMES)
    client.setReturnFormat(SPARQLWrapper.JSON)
    rows = client.query().convert()["results"]["bindings"]
    assert [row["id"]["value"] for row in rows] == ["arxiv:2601.00001", "author:ada-example", "dataset:cora"]
    client.setReturnFormat(SPARQLWrapper.CSV)
    assert client.query().convert().splitlines()[0] == b"id,name"
    client.setReturnFormat(SPARQLWrapper.XML)
    assert len(client.query().convert().getElementsByTagName("result")) == 3
    client.setQuery("ASK { ?d kg:papers 1 }")
    client.setReturnFormat(SPARQLWrapper.JSON)
    assert client.query().convert()["boolean"] is True
    client.setQuery(EVERYTHING)
    for format_ in (SPARQLWrapper.TURTLE, SPARQLWrapper.RDFXML, SPARQLWrapper.JSONLD, SPARQLWrapper.N3):
        client.setReturnFormat(format_)
        found = client.query().convert()
        graph = found if isinstance(found, rdflib.Graph) else rdflib.Graph().parse(data=found)
        assert set(graph) == set(graph_of(kg))


def test_sparqlwrapper_is_told_what_is_wrong(server: Server) -> None:
    client = SPARQLWrapper.SPARQLWrapper(server.url)
    client.setQuery("SELECT * { ?x kg:paperz }")
    with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed, match="syntax error"):
        client.query()
    client.setMethod(SPARQLWrapper.POST)
    client.setQuery("INSERT DATA { <a:a> <a:a> <a:a> }")
    with pytest.raises(Exception, match="Forbidden"):
        client.query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("format_", ["xml", "json"])
def test_rdflib_asks(server: Server, kg: Path, method: str, format_: str) -> None:
    remote = SPARQLStore(server.url, method=method, returnFormat=format_)
    graph = rdflib.Graph(remote)
    assert set(graph) == set(graph_of(kg))
    assert len(graph) == len(graph_of(kg))
    cora = rdflib.URIRef("https://w3id.org/kgtool/dataset/cora")
    assert str(graph.value(cora, rdflib.SKOS.prefLabel)) == "Cora"
    rows = graph.query(NAMES)
    assert [str(row[0]) for row in rows] == ["arxiv:2601.00001", "author:ada-example", "dataset:cora"]


def test_kgtool_asks_itself(server: Server, kg: Path) -> None:
    for query in (NAMES, EVERYTHING, "ASK { ?d kg:papers 1 }", "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"):
        with views.current_view(kg) as view:
            own = ask_sparql(view.rdf, query)
        other = ask_endpoint(server.url, query)
        assert other.table.columns == own.table.columns
        assert sorted(map(repr, other.table.rows)) == sorted(map(repr, own.table.rows))
        assert other.notes == own.notes


# The command


@contextmanager
def command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "kgtool", "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # ignored where the tests run in the background
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_the_command_prints_its_address_and_ends_at_ctrl_c(kg: Path) -> None:
    with command("--kg", str(kg), "-v") as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/sparql", url)
        assert ask_endpoint(url, "ASK {}").table.rows == ((True,),)
        busy = CliRunner().invoke(main, ["serve", "--kg", str(kg), "--port", str(urlsplit(url).port)])
        assert busy.exit_code == 2
        assert re.fullmatch(
            r"kgtool: port \d+ of 127\.0\.0\.1 cannot be listened on: Address already in use\n", busy.stderr
        )
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out) == (0, "")
        assert err == '127.0.0.1 "POST /sparql HTTP/1.1" 200 -\nStopped.\n'


def test_the_command_needs_a_graph(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["serve", "--kg", str(tmp_path / "none"), "--port", "0"])
    assert done.exit_code == 2
    assert "no knowledge graph here" in done.stderr
    with pytest.raises(StoreError):
        Server(tmp_path / "none", port=0)


def test_only_this_machine_is_listened_to(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["999.1.1.1", "no.such.host.invalid", "203.0.113.1"])
def test_a_host_that_is_not_here(kg: Path, host: str) -> None:
    with pytest.raises(InputError, match=rf"port 0 of {re.escape(host)} cannot be listened on"):
        Server(kg, host, 0)
