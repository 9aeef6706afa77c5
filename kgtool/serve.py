"""A local SPARQL endpoint over the embedded view: the SPARQL 1.1 Protocol's query operation, read-only.

Each request asks the view of the graph as it is then, in a child process that is ended when its time is up. The server
listens on this machine alone unless told otherwise, and answers only to names of this machine: a web page that has
its own name resolve to 127.0.0.1 (DNS rebinding) is refused by its ``Host``, and may read nothing without CORS.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kgtool import __version__, vocab
from kgtool.errors import InputError, KgtoolError, QueryError, QueryTimeout, QueryTooLarge
from kgtool.stores import views
from kgtool.stores.asking import serialise_sparql
from kgtool.stores.corpus import Corpus
from kgtool.stores.media_types import GRAPHS, SOLUTIONS, preferred
from kgtool.stores.protocol import TIMEOUT

HOST = "127.0.0.1"
PORT = 7878
PATH = "/sparql"
QUERIES_AT_ONCE = 4
_MOST_BYTES = 1 << 20
_IDLE_SECONDS = 30.0
_FORM = "application/x-www-form-urlencoded"
_QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_METHODS = "GET, HEAD, POST, OPTIONS"
_DATASET = ("default-graph-uri", "named-graph-uri")
_READ_ONLY = "read-only: an update is not carried out here"
_ORIGIN = re.compile(r"\*|https?://[^\s/?#]+")
_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS_NS = "http://www.w3.org/ns/formats/"
_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N3"),
)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: HTTPStatus
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class _Refusal(Exception):
    """A request that gets no answer: the status says of which kind, the text why."""

    def __init__(self, status: HTTPStatus, why: str, *headers: tuple[str, str]) -> None:
        super().__init__(why)
        self.reply = _Reply(status, f"{why}\n".encode("utf-8", "replace"), headers=headers)


class Server(ThreadingHTTPServer):
    """The endpoint of one knowledge graph; `serve_forever` answers, each request in a thread of its own."""

    daemon_threads = True
    request_queue_size = 64
    # On Windows it would let two servers have one port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(
        self,
        kg: Path,
        host: str = HOST,
        port: int = PORT,
        *,
        timeout: float = TIMEOUT,
        cors: str | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        """`port` 0 is any that is free; `cors` is an origin whose pages may read, ``*`` any, None no other's.

        `log` is told of each request in a line.

        Raises StoreError where there is no knowledge graph in the folder `kg`, InputError for a port that is taken and
        an origin that is none.
        """
        if cors is not None and not _ORIGIN.fullmatch(cors):
            raise InputError(f"{cors!r} is no origin: expected one such as https://example.org, or *")
        with Corpus.open(kg):
            pass
        self.kg, self.host, self.query_timeout, self.cors = kg, host, timeout, cors
        self.log = log
        self.free = threading.BoundedSemaphore(QUERIES_AT_ONCE)
        try:
            self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"port {port} of {host} cannot be listened on: {reason}") from error

    @property
    def url(self) -> str:
        """Where queries go."""
        host = "localhost" if _is_any(self.host) else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}{PATH}"

    def server_bind(self) -> None:
        """Without asking the network for the name of this machine, as the parent does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no failure of the server."""

    def is_own_name(self, host: str) -> bool:
        """Whether a ``Host`` may be this machine: an address, ``localhost``, or the name it was told to listen on."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in ("localhost", self.host.lower()):
            return True
        if not _is_loopback(self.host) and name == socket.gethostname().lower():
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    return host in ("", "0.0.0.0", "::")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    error_message_format = "%(message)s\n"
    error_content_type = "text/plain; charset=utf-8"
    timeout = _IDLE_SECONDS
    server: Server

    def version_string(self) -> str:
        return f"kgtool/{__version__}"

    def log_message(self, format: str, *arguments: Any) -> None:
        if self.server.log is not None:
            self.server.log(f"{self.address_string()} {format % arguments}")

    def _respond(self) -> None:
        try:
            reply = self._reply()
        except _Refusal as refusal:
            # What is left of the request is not read.
            self.close_connection = True
            reply = refusal.reply
        self.send_response(reply.status)
        for name, value in (*reply.headers, *self._cors(), ("Vary", "Accept, Origin")):
            self.send_header(name, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if reply.status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    # The names that the parent calls, by the methods of HTTP.
    do_GET = do_HEAD = do_POST = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = _respond  # noqa: N815

    def _reply(self) -> _Reply:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) > 1 or (not hosts and self.request_version != "HTTP/1.0"):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "a request has one Host")
        if hosts and not self.server.is_own_name(hosts[0]):
            raise _Refusal(HTTPStatus.MISDIRECTED_REQUEST, "this server does not go by that name; ask it as localhost")
        path = urlsplit(self.path).path
        if path == "/" and self.command in ("GET", "HEAD"):
            return _Reply(HTTPStatus.OK, f"kgtool: the SPARQL endpoint is {self.server.url}\n".encode())
        if path != PATH:
            raise _Refusal(HTTPStatus.NOT_FOUND, f"there is nothing here; the SPARQL endpoint is {PATH}")
        if self.command == "OPTIONS":
            return _Reply(HTTPStatus.NO_CONTENT, headers=(("Allow", _METHODS), *self._preflight()))
        if self.command not in ("GET", "HEAD", "POST"):
            raise _Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"read-only: {_METHODS}", ("Allow", _METHODS))
        query = self._query()
        accept = ", ".join(self.headers.get_all("Accept", []))
        return _description(self.server.url, accept) if query is None else self._answer(query, accept)

    def _query(self) -> str | None:
        """The query of the request (SPARQL 1.1 Protocol, section 2.1); None for a GET that has none."""
        parameters = _parameters(urlsplit(self.path).query)
        direct: str | None = None
        if self.command == "POST":
            media_type = self.headers.get_content_type() if "Content-Type" in self.headers else ""
            if media_type == _UPDATE:
                raise _Refusal(HTTPStatus.FORBIDDEN, _READ_ONLY)
            if media_type not in (_FORM, _QUERY):
                why = f"a query comes as {_QUERY} or {_FORM}, not as {media_type or 'nothing in particular'}"
                raise _Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why, ("Accept-Post", f"{_QUERY}, {_FORM}"))
            charset = self.headers.get_content_charset("utf-8")
            if charset not in ("utf-8", "us-ascii"):
                raise _Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a query is in UTF-8, not in {charset}")
            text = _decoded(self._body())
            if media_type == _QUERY:
                direct = text
            else:
                parameters += _parameters(text)
        names = [name for name, _ in parameters]
        if "update" in names:
            raise _Refusal(HTTPStatus.FORBIDDEN, _READ_ONLY)
        if given := [name for name in _DATASET if name in names]:
            raise _Refusal(
                HTTPStatus.BAD_REQUEST, f"{given[0]}: everything is in the default graph here, there is no other"
            )
        queries = [value for name, value in parameters if name == "query"] + ([] if direct is None else [direct])
        if len(queries) > 1:
            raise _Refusal(HTTPStatus.BAD_REQUEST, "there is more than one query in the request")
        if not queries and self.command == "POST":
            raise _Refusal(HTTPStatus.BAD_REQUEST, "there is no query in the request")
        return queries[0] if queries else None

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length")
        if length is None or "Transfer-Encoding" in self.headers:
            raise _Refusal(HTTPStatus.LENGTH_REQUIRED, "the request has to tell its Content-Length")
        if not (length.isascii() and length.isdigit()):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "the Content-Length is no number")
        if int(length) > _MOST_BYTES:
            raise _Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a query has at most {_MOST_BYTES:,} bytes here")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise _Refusal(HTTPStatus.BAD_REQUEST, "the request breaks off")
        return body

    def _answer(self, query: str, accept: str) -> _Reply:
        solutions, graph = preferred(accept, SOLUTIONS), preferred(accept, GRAPHS)
        if solutions is None and graph is None:
            raise _not_acceptable((*SOLUTIONS, *GRAPHS))
        seconds = self.server.query_timeout
        if not self.server.free.acquire(timeout=seconds):
            raise _Refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, "too many queries run at once; ask again", ("Retry-After", "5")
            )
        formats = (solutions and SOLUTIONS[solutions], graph and GRAPHS[graph])
        try:
            found = views.ask(self.server.kg, lambda view: serialise_sparql(view.rdf, query, *formats, seconds))
        except QueryTimeout as error:
            raise _Refusal(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
        except QueryTooLarge as error:
            raise _Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from error
        except QueryError as error:
            raise _Refusal(HTTPStatus.BAD_REQUEST, str(error)) from error
        except KgtoolError as error:
            raise _Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from error
        finally:
            self.server.free.release()
        media_type = graph if found.is_graph else solutions
        if found.body is None or media_type is None:
            raise _not_acceptable(tuple(GRAPHS if found.is_graph else SOLUTIONS))
        return _Reply(HTTPStatus.OK, found.body, _with_charset(media_type))

    def _cors(self) -> tuple[tuple[str, str], ...]:
        allowed, origin = self.server.cors, self.headers.get("Origin")
        return (("Access-Control-Allow-Origin", allowed),) if allowed and allowed in ("*", origin) else ()

    def _preflight(self) -> tuple[tuple[str, str], ...]:
        if not self._cors():
            return ()
        names = ("Methods", _METHODS), ("Headers", "Accept, Content-Type"), ("Max-Age", "86400")
        return tuple((f"Access-Control-{'' if name == 'Max-Age' else 'Allow-'}{name}", value) for name, value in names)


def _parameters(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise _Refusal(HTTPStatus.BAD_REQUEST, f"the parameters of the request cannot be read: {error}") from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _Refusal(HTTPStatus.BAD_REQUEST, f"the request is not UTF-8: {error.reason} at {error.start}") from error


def _not_acceptable(offered: tuple[str, ...]) -> _Refusal:
    return _Refusal(HTTPStatus.NOT_ACCEPTABLE, f"the answer comes as {', '.join(dict.fromkeys(offered))}")


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _description(url: str, accept: str) -> _Reply:
    """The SPARQL 1.1 Service Description of the endpoint."""
    import pyoxigraph as ox

    from kgtool.stores.sparql_query import GRAPH_FORMATS

    media_type = preferred(accept, GRAPHS)
    if media_type is None:
        raise _not_acceptable(tuple(GRAPHS))
    service, type_ = ox.NamedNode(url), ox.NamedNode(vocab.expand("rdf:type"))
    dataset, graph = ox.NamedNode(f"{url}#dataset"), ox.NamedNode(f"{url}#graph")

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(_SD + name)

    triples = [
        ox.Triple(service, type_, sd("Service")),
        ox.Triple(service, sd("endpoint"), service),
        ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        *(ox.Triple(service, sd("resultFormat"), ox.NamedNode(_FORMATS_NS + name)) for name in _FORMATS),
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, type_, sd("Dataset")),
        ox.Triple(dataset, sd("defaultGraph"), graph),
        ox.Triple(graph, type_, sd("Graph")),
    ]
    prefixes = {"sd": _SD, "formats": _FORMATS_NS}
    body = ox.serialize(triples, format=GRAPH_FORMATS[GRAPHS[media_type]], prefixes=prefixes)
    return _Reply(HTTPStatus.OK, body or b"", _with_charset(media_type))
