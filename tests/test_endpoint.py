"""Asking servers: scripted ones for what goes wrong on the way, Fuseki for what a SPARQL endpoint says."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtool import vocab
from kgtool.errors import (
    InputError,
    QueryError,
    QueryTimeout,
    QueryTooLarge,
    ServerError,
    ServerUnavailable,
)
from kgtool.stores import wire
from kgtool.stores.endpoint import Endpoint, ask_endpoint, with_prefixes
from kgtool.stores.media_types import SOLUTIONS, preferred
from kgtool.stores.wire import Credentials, Web, credentials

JSON = "application/sparql-results+json"
ROWS = json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": "é"}}]}})
ADA = Credentials("ada", 'pass:wörd "quoted"')


@dataclass
class Scripted:
    """A server that answers as it is told, and remembers what it was asked."""

    url: str = ""
    answer: Callable[[Any], None] = lambda handler: None
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


def reply(handler: Any, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content_Type": JSON, "Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def scripted() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.seen.append((self.command, self.path, dict(self.headers), body))
            script.answer(self)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Quiet(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}/sparql"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as found:
        yield found


@pytest.fixture
def other() -> Iterator[Scripted]:
    with scripted() as found:
        yield found


def ask(server: Scripted, timeout: float = 10, who: Credentials | None = None) -> Any:
    return ask_endpoint(server.url, "SELECT ?x {}", None, timeout, credentials=who).table.rows


def test_a_query_goes_out_as_a_form_with_the_known_prefixes(server: Scripted) -> None:
    server.answer = lambda handler: reply(handler, 200, ROWS.encode())
    query = "# a comment of two lines\nSELECT ?x { ?x a kg:Paper ; rdfs:label $name }"
    answer = ask_endpoint(server.url, query, {"name": 'LoRA" } #'})
    assert answer.table.records() == [{"x": "é"}]
    (method, path, headers, body), *rest = server.seen
    assert not rest
    assert (method, path, headers["Content-Type"]) == ("POST", "/sparql", "application/x-www-form-urlencoded")
    (sent,) = parse_qs(body.decode())["query"]
    assert sent.count("PREFIX") == 2
    assert sent.count("\n") == 1
    assert sent.endswith(r'rdfs:label "LoRA\" } #" }')


@pytest.mark.parametrize(
    ("query", "declared"),
    [
        ("ASK { ?p a kg:Paper }", ["kg"]),
        ("PREFIX kg: <http://example.org/> ASK { ?p a kg:Paper ; dcterms:title ?t }", ["dcterms"]),
        ("PREFIX kg:<http://example.org/> ASK { ?p a kg:Paper }", []),
        ("ASK { ?p ?q 'kg:Paper', <kg:Paper> } # kg:Paper", []),
        ("ASK { ?p a ex:Paper }", []),
    ],
)
def test_only_prefixes_that_are_used_and_not_declared_are_added(query: str, declared: list[str]) -> None:
    added = with_prefixes(query).removesuffix(query)
    assert re.findall(r"PREFIX (\w+): <([^>]*)> ", added) == [(name, vocab.PREFIXES[name]) for name in declared]


@pytest.mark.parametrize(
    ("media_type", "body", "rows"),
    [
        (JSON, ROWS, (("é",),)),
        ("Application/JSON; charset=utf-8", ROWS, (("é",),)),
        (JSON, '{"head":{},"boolean":true}', ((True,),)),
        (
            "text/tab-separated-values",
            '?x\n<http://e.org/é>\n1\n"a\\tb"@en\n\n',
            (("http://e.org/é",), (1,), ("a\tb",), (None,)),
        ),
        ("application/n-triples", '<a:a> <a:b> "1" .\n<a:a> <a:b> "1" .\n', (("a:a", "a:b", "1"),)),
        ("text/turtle", "<a:a> <a:b> 1.5 .", (("a:a", "a:b", 1.5),)),
    ],
)
def test_answers_of_every_kind(server: Scripted, media_type: str, body: str, rows: object) -> None:
    server.answer = lambda handler: reply(handler, 200, body.encode(), Content_Type=media_type)
    assert ask(server) == rows


@pytest.mark.parametrize(
    ("status", "media_type", "body", "kind", "says"),
    [
        (200, "text/html", "<html>Welcome</html>", ServerError, "a web page, not with SPARQL results: is it the endp"),
        (200, "text/csv", "x\n1\n", ServerError, "answers with text/csv, not with"),
        (200, "", "", ServerError, "something without a media type"),
        (200, JSON, ROWS[:-5], ServerError, "its answer cannot be read"),
        (200, JSON, '{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {}}]}}', ServerError, "cannot be read"),
        (200, "application/n-triples", "<a:a> <a:b> .", ServerError, "cannot be read"),
        (200, JSON, "[" * 200_000, ServerError, "cannot be read"),
        (400, "text/plain", "Unknown function\n\tat org.example", QueryError, r"\(HTTP 400\): Unknown function\Z"),
        (400, "text/plain", "x" * 5000, QueryError, r"x{300}…\Z"),
        (401, "text/plain", "", ServerError, "wants a user and a password .KGTOOL_SPARQL_USER, KGTOOL_SPARQL_PASSWORD"),
        (403, "text/plain", "no", ServerError, "does not allow this .HTTP 403.: no"),
        (404, "text/html", "<html>", ServerError, r"there is nothing under this address \(HTTP 404\)\Z"),
        (418, "text/plain", "", ServerError, r"fails \(HTTP 418\)\Z"),
        (500, "text/plain", "boom", QueryError, "fails .HTTP 500.: boom"),
        (503, "text/plain", "", QueryTimeout, "gave the query up"),
        (504, "text/html", "", QueryTimeout, "took too long over the query"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_one_clear_line(
    server: Scripted, status: int, media_type: str, body: str, kind: type, says: str
) -> None:
    server.answer = lambda handler: reply(handler, status, body.encode(), Content_Type=media_type)
    with pytest.raises(kind, match=rf"\A{re.escape(server.url)}: [^\n]*{says}"):
        ask(server)


def test_what_breaks_off_is_told_from_what_ends(server: Scripted) -> None:
    server.answer = lambda handler: reply(handler, 200, ROWS.encode(), Content_Length="5000")
    with pytest.raises(ServerUnavailable, match="breaks off"):
        ask(server)

    def chunked(handler: Any) -> None:
        handler.protocol_version = "HTTP/1.1"
        reply(handler, 200, b"10\r\nabc", Transfer_Encoding="chunked", Content_Length="")
        handler.close_connection = True

    server.answer = chunked
    with pytest.raises(ServerError, match="breaks off"):
        ask(server)
    server.answer = lambda handler: handler.wfile.write(b"")
    with pytest.raises(ServerUnavailable, match="hung up"):
        ask(server)
    server.answer = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
    with pytest.raises(ServerUnavailable, match="no web server"):
        ask(server)


def test_a_server_that_is_slow_is_left_in_time(server: Scripted) -> None:
    def drip(handler: Any) -> None:
        reply(handler, 200, b"", Content_Length="1000000")
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    for answer in (lambda _: time.sleep(4), drip):
        server.answer = answer
        start = time.monotonic()
        with pytest.raises(QueryTimeout, match="within 1 s"):
            ask(server, timeout=1)
        assert time.monotonic() - start < 3


def test_an_answer_that_is_too_large_is_refused(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Web.request.__wrapped__.__kwdefaults__, "most", 1000)
    server.answer = lambda handler: reply(handler, 200, b" " * 5000)
    with pytest.raises(QueryTooLarge, match="too large"):
        ask(server)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_query_follows_a_redirect_as_the_query_that_it_is(server: Scripted, other: Scripted, status: int) -> None:
    server.answer = lambda handler: reply(handler, status, Location=other.url)
    other.answer = lambda handler: reply(handler, 200, ROWS.encode())
    assert ask(server) == (("é",),)
    assert [(method, path, body) for method, path, _, body in server.seen] == [
        (method, path, body) for method, path, _, body in other.seen
    ]


def test_an_update_is_not_led_astray(server: Scripted, other: Scripted) -> None:
    server.answer = lambda handler: reply(handler, 302, Location=other.url)
    with pytest.raises(ServerError, match=f"is at {other.url} now: name that address"):
        Endpoint(server.url, server.url, server.url).update("CLEAR ALL")
    assert not other.seen


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "javascript:1", "http://u:p@127.0.0.1/"],
)
def test_a_redirect_elsewhere_is_not_followed(server: Scripted, location: str) -> None:
    server.answer = lambda handler: reply(handler, 307, Location=location)
    with pytest.raises(InputError):
        ask(server)


def test_redirects_end(server: Scripted) -> None:
    server.answer = lambda handler: reply(handler, 307, Location="/sparql")
    with pytest.raises(ServerError, match="redirects more than 5 times"):
        ask(server)
    assert len(server.seen) < 10


# Passwords


def basic(handler: Any) -> None:
    given = handler.headers.get("Authorization", "")
    if given.startswith("Basic ") and b64decode(given[6:]).decode() == f"{ADA.user}:{ADA.password}":
        reply(handler, 200, ROWS.encode())
    else:
        reply(handler, 401, WWW_Authenticate='Basic realm="a \\"realm\\""')


def digest(algorithm: str) -> Callable[[Any], None]:
    """RFC 7616, section 3.4, from the server's side."""

    def hashed(text: str) -> str:
        return hashlib.new(algorithm.replace("-", "").lower(), text.encode()).hexdigest()

    def answer(handler: Any) -> None:
        given = handler.headers.get("Authorization", "")
        values = dict(re.findall(r'(\w+)="?((?<==")(?:[^"\\]|\\.)*|[^",]*)', given))
        values = {name: re.sub(r"\\(.)", r"\1", value) for name, value in values.items()}
        one = hashed(f"{ADA.user}:a realm, of sorts:{ADA.password}")
        two = hashed(f"{handler.command}:{handler.path}")
        known = ":".join([one, "n0nce", values.get("nc", ""), values.get("cnonce", ""), "auth", two])
        if given.startswith("Digest ") and values["response"] == hashed(known) and values["opaque"] == "o":
            reply(handler, 200, ROWS.encode())
        else:
            challenge = 'Digest realm="a realm, of sorts", qop="auth,auth-int", nonce="n0nce", opaque="o"'
            reply(handler, 401, WWW_Authenticate=f"{challenge}, algorithm={algorithm}")

    return answer


@pytest.mark.parametrize("answer", [basic, digest("MD5"), digest("SHA-256")], ids=["basic", "md5", "sha-256"])
def test_a_password_is_given_to_who_asks_for_it(server: Scripted, answer: Callable[[Any], None]) -> None:
    server.answer = answer
    endpoint = Endpoint(server.url, server.url, server.url, Web(ADA))
    assert endpoint.select("SELECT * {}")
    assert endpoint.select("SELECT * {}")
    sent = ["Authorization" in headers for _, _, headers, _ in server.seen]
    assert sent == [False, True, True], "not before it is asked for, and from then on at once"
    with pytest.raises(ServerError, match=r"wants a user and a password .* or others than these") as caught:
        ask(server, who=Credentials("ada", "wrong-secret"))
    assert "wrong-secret" not in str(caught.value)
    assert len(server.seen) < 8


def test_a_password_goes_to_no_other_server(server: Scripted, other: Scripted) -> None:
    server.answer = lambda handler: reply(handler, 307, Location=other.url)
    other.answer = basic
    with pytest.raises(ServerError, match="wants a user"):
        ask(server, who=ADA)
    assert all("Authorization" not in headers for _, _, headers, _ in server.seen + other.seen)


def test_a_digest_that_has_aged_is_renewed_before_a_body_is_sent(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = digest("MD5")
    endpoint = Endpoint(server.url, server.url, server.url, Web(ADA))
    endpoint.select("SELECT * {}")
    monkeypatch.setattr(wire, "_NONCE_SECONDS", 0.0)
    endpoint.select("SELECT * {}")
    assert [bool(body) for _, _, _, body in server.seen] == [True, True, False, True]


def test_credentials_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KGTOOL_SPARQL_USER", "KGTOOL_SPARQL_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    assert credentials() is None
    monkeypatch.setenv("KGTOOL_SPARQL_PASSWORD", "of the environment")
    with pytest.raises(InputError, match="set KGTOOL_SPARQL_USER"):
        credentials()
    monkeypatch.setenv("KGTOOL_SPARQL_USER", "ada")
    assert credentials() == Credentials("ada", "of the environment")
    secret = tmp_path / "secret"
    secret.write_text(" of the file \nsecond line", "utf-8")
    assert credentials(secret) == Credentials("ada", " of the file ")
    assert "of the file" not in repr(credentials(secret))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        credentials(tmp_path / "none")
    monkeypatch.delenv("KGTOOL_SPARQL_PASSWORD")
    with pytest.raises(InputError, match="set KGTOOL_SPARQL_PASSWORD"):
        credentials()


@pytest.mark.parametrize(
    "url",
    ["", "x", "localhost:3030/ds", "ftp://a/b", "http://", "http://a b/", "http://a:99999/", "http://[::1", "file:///x",
     "http://u:topsecret@a/", "http://a/\r\nX: y", "https:///ds", "http://é/"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        ask_endpoint(url, "ASK {}")
    assert "topsecret" not in str(caught.value)
    assert "\n" not in str(caught.value)


# Media types


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", "text/csv"),
        ("text/*", "text/xml"),
        ("text/*, text/xml;q=0", "text/csv"),
        ("TEXT/CSV ; Q=0.9 , application/json;q=0.95", "application/json"),
        ("text/csv;q=oops", None),
        ("text/csv;q=0", None),
        ("text/html", None),
        ("text/html,*/*;q=0.8", JSON),
        ("nonsense", JSON),
        (",,;", JSON),
    ],
)
def test_the_media_type_that_is_wanted_most(accept: str, chosen: str | None) -> None:
    assert preferred(accept, SOLUTIONS) == chosen


@settings(deadline=None)
@given(st.text())
def test_any_header_names_a_type_or_none(accept: str) -> None:
    assert preferred(accept, SOLUTIONS) in (None, *SOLUTIONS)
