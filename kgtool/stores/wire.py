"""HTTP to a server that the user names: bounded in time and size, without surprises about where it goes.

A redirect is followed to another address of HTTP, never from HTTPS to HTTP, and a write only where the server says that
it stays a write (RFC 9110, section 15.4). Name and password go to the host that was named and to no other, after it has
asked for them: Basic (RFC 7617) or Digest (RFC 7616).
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import os
import re
import secrets
import socket
import ssl
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast
from urllib.error import URLError
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from kgtool import __version__
from kgtool.errors import InputError, QueryTimeout, QueryTooLarge, ServerError, ServerUnavailable

MOST_BYTES = 256 << 20
"""Bytes that the body of a reply may have where the caller says nothing."""
_REDIRECTS = 5
_NONCE_SECONDS = 30.0
_CHALLENGE = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\uffff\"<>\\^`{|}]")
_DIGESTS = {"md5": "md5", "sha-256": "sha256"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password; the password is not in its repr."""

    user: str
    password: str = field(repr=False)


def credentials(password_file: Path | None = None, user: str | None = None) -> Credentials | None:
    """Those of ``KGTOOL_SPARQL_USER`` and ``KGTOOL_SPARQL_PASSWORD``, unless a `user` or a password's file is given.

    The password is the file's first line. Raises InputError where one of the two is missing or the file cannot be read.
    """
    user, password = user or os.environ.get("KGTOOL_SPARQL_USER"), os.environ.get("KGTOOL_SPARQL_PASSWORD")
    if password_file is not None:
        try:
            password = (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise InputError(f"{password_file}: the password cannot be read: {reason}") from error
    if password is not None and not user:
        raise InputError("there is a password and no user: set KGTOOL_SPARQL_USER")
    if user and password is None:
        raise InputError("there is a user and no password: set KGTOOL_SPARQL_PASSWORD, or name a file that holds it")
    return Credentials(user, password) if user and password is not None else None


def address(url: str) -> str:
    """The URL, once it is seen to be one of HTTP or HTTPS with a host, without name, password and fragment.

    Raises InputError for any other.
    """
    parts = _split(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or _NOT_IN_URL.search(url):
        raise InputError(
            f"{_shown(url)} is no address of a server: expected one such as http://localhost:3030/ds/sparql"
        )
    if "@" in parts.netloc:
        raise InputError(
            "a name or a password does not belong in an address: set KGTOOL_SPARQL_USER and KGTOOL_SPARQL_PASSWORD"
        )
    return urlunsplit(parts._replace(fragment=""))


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise InputError(f"{_shown(url)} is no address of a server: {error}") from error
    return parts


def _shown(url: str) -> str:
    """For a message: without what may be a secret."""
    return _NOT_IN_URL.sub(" ", re.sub(r"(?<=//)[^/@]*@", "", url.partition("?")[0]))[:200]


@dataclass
class Reply:
    """What a server sent: read by `read`, which keeps to the time and the size, as a file is."""

    status: int
    media_type: str
    headers: Mapping[str, str]
    server: str
    _body: http.client.HTTPResponse
    _until: float
    _timeout: float
    _left: int | None

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, all where it is negative; none at the end.

        Raises ServerError for a body that is cut off, QueryTimeout, QueryTooLarge.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 16), b""))
        if time.monotonic() > self._until:
            raise QueryTimeout(f"{self.server}: no whole answer within {self._timeout:g} s")
        with translated(self.server, self._timeout):
            found = self._body.read1(min(size, 1 << 16)) if size else b""
        if size and not found and self._body.length:
            raise ServerUnavailable(f"{self.server}: the answer breaks off, {self._body.length:,} bytes before its end")
        if self._left is not None:
            self._left -= len(found)
            if self._left < 0:
                raise QueryTooLarge(f"{self.server}: the answer is too large; narrow the query, or add a LIMIT")
        return found

    def file(self) -> IO[bytes]:
        """This reply, for a parser that reads a file."""
        return cast("IO[bytes]", self)


class Web:
    """Requests to servers, on behalf of one user. Knows who has asked for the password, and how."""

    def __init__(self, credentials: Credentials | None = None, timeout: float = 60.0) -> None:
        self._credentials = credentials
        self._challenges: dict[tuple[str, str], _Challenge] = {}
        self.timeout = timeout

    @contextmanager
    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        write: bool = False,
        most: int | None = MOST_BYTES,
        timeout: float | None = None,
    ) -> Iterator[Reply]:
        """The reply to a request, whatever its status, open while in the block.

        `write` tells a request that changes something, `most` how many bytes the answer may have. Raises InputError for
        what is no address, ServerError where there is no reply, QueryTimeout where it does not come in time.
        """
        seconds = self.timeout if timeout is None else timeout
        until = time.monotonic() + seconds
        target = first = address(url)
        tried = False
        for _ in range(_REDIRECTS + 2):
            response = self._send(
                method, target, body, headers or {}, until, seconds, _origin(target) == _origin(first)
            )
            if response.status == 401 and not tried and self._learn(target, first, response):
                tried = True
                response.close()
                continue
            if response.status in (301, 302, 307, 308) and (location := response.headers.get("Location")):
                response.close()
                target = _redirected(target, location, response.status, write)
                continue
            break
        else:
            raise ServerError(f"{_shown(url)}: redirects more than {_REDIRECTS} times")
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        try:
            yield Reply(
                response.status, media_type, dict(response.headers), _shown(target), response, until, seconds, most
            )
        finally:
            response.close()

    def _send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        until: float,
        timeout: float,
        named: bool,
    ) -> http.client.HTTPResponse:
        if (left := until - time.monotonic()) <= 0:
            raise QueryTimeout(f"{_shown(url)}: no answer within {timeout:g} s")
        all_headers = {"User-Agent": f"kgtool/{__version__}", "Accept-Encoding": "identity", **headers}
        challenge = self._challenges.get(_origin(url)) if named else None
        if challenge and self._credentials:
            if challenge.is_old() and body:
                # Not with the body: a server that refuses may hang up while it is still being sent.
                del self._challenges[_origin(url)]
                probe = self._send(method, url, b"", headers, until, timeout, named)
                self._learn(url, url, probe)
                probe.close()
                challenge = self._challenges.get(_origin(url), challenge)
            all_headers["Authorization"] = challenge.answer(self._credentials, method, url)
        request = urllib.request.Request(url, body, all_headers, method=method)
        with translated(_shown(url), timeout):
            response = _opener(url).open(request, timeout=left)
        return cast("http.client.HTTPResponse", response)

    def _learn(self, url: str, first: str, response: http.client.HTTPResponse) -> bool:
        """Whether the server asks for a password in a way that there is an answer to, and it is the server named."""
        if self._credentials is None or _origin(url) != _origin(first):
            return False
        fresh = [found for text in response.headers.get_all("WWW-Authenticate", []) if (found := _challenge(text))]
        if not fresh:
            return False
        best = max(fresh, key=lambda challenge: challenge.scheme == "digest")
        known = self._challenges.get(_origin(url))
        self._challenges[_origin(url)] = best
        return known is None or (best.scheme == "digest" and best.stale)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _redirected(url: str, location: str, status: int, write: bool) -> str:
    target = address(urljoin(url, location))
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise ServerError(f"{_shown(url)}: redirects to {_shown(target)}, which is not encrypted; that is not followed")
    if write and status in (301, 302):
        raise ServerError(f"{_shown(url)}: is at {_shown(target)} now: name that address")
    return target


def _opener(url: str) -> urllib.request.OpenerDirector:
    """Without handlers of redirects, of errors and of other schemes; this machine itself is not asked by a proxy."""
    opener = urllib.request.OpenerDirector()
    proxies: dict[str, str] | None = {} if _is_loopback(urlsplit(url).hostname or "") else None
    for handler in (urllib.request.ProxyHandler(proxies), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()):
        opener.add_handler(handler)
    return opener


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def translated(server: str, timeout: float) -> Iterator[None]:
    """Within the block, what goes wrong on the way to the server is one clear line."""
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        reason: Any = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            raise QueryTimeout(f"{server}: no answer within {timeout:g} s") from error
        raise ServerUnavailable(f"{server}: {_why(reason)}") from error


def _why(reason: Any) -> str:
    if isinstance(reason, ConnectionRefusedError):
        return "no server answers there: the connection is refused"
    if isinstance(reason, socket.gaierror):
        return "there is no host of this name, or no network"
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {reason.verify_message}; SSL_CERT_FILE names one that is"
    if isinstance(reason, ssl.SSLError):
        return f"no encrypted connection: {(reason.reason or str(reason)).replace('_', ' ').lower()}"
    if isinstance(reason, http.client.IncompleteRead):
        return "the answer breaks off before its end"
    if isinstance(reason, ConnectionError | http.client.RemoteDisconnected):
        return "the server hung up"
    if isinstance(reason, http.client.HTTPException):
        return f"what answers there is no web server ({type(reason).__name__})"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


@dataclass
class _Challenge:
    """How a server asks for a password."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str = ""
    algorithm: str = ""
    quality: str = ""
    stale: bool = False
    count: int = 0
    since: float = field(default_factory=time.monotonic)

    def is_old(self) -> bool:
        return self.scheme == "digest" and time.monotonic() - self.since > _NONCE_SECONDS

    def answer(self, who: Credentials, method: str, url: str) -> str:
        """The value of the ``Authorization`` header."""
        if self.scheme == "basic":
            import base64

            return "Basic " + base64.b64encode(f"{who.user}:{who.password}".encode()).decode()
        self.count += 1
        parts = urlsplit(url)
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        one = self._hash(f"{who.user}:{self.realm}:{who.password}")
        two = self._hash(f"{method}:{path}")
        values = {"username": who.user, "realm": self.realm, "nonce": self.nonce, "uri": path}
        if self.quality:
            client, count = secrets.token_hex(8), f"{self.count:08x}"
            values["response"] = self._hash(f"{one}:{self.nonce}:{count}:{client}:auth:{two}")
            tail = f", qop=auth, nc={count}, cnonce={_quoted(client)}"
        else:
            values["response"], tail = self._hash(f"{one}:{self.nonce}:{two}"), ""
        if self.opaque:
            values["opaque"] = self.opaque
        if self.algorithm:
            tail += f", algorithm={self.algorithm}"
        return "Digest " + ", ".join(f"{name}={_quoted(value)}" for name, value in values.items()) + tail

    def _hash(self, text: str) -> str:
        return hashlib.new(_DIGESTS[self.algorithm.lower() or "md5"], text.encode(), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _challenge(header: str) -> _Challenge | None:
    """One that there is an answer to."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "basic":
        return _Challenge("basic")
    if scheme.lower() != "digest":
        return None
    values = {
        m[1].lower(): re.sub(r"\\(.)", r"\1", m[2]) if m[2] is not None else m[3] for m in _CHALLENGE.finditer(rest)
    }
    qualities = [quality.strip() for quality in values.get("qop", "").split(",")]
    if values.get("algorithm", "md5").lower() not in _DIGESTS or (qualities != [""] and "auth" not in qualities):
        return None
    return _Challenge(
        "digest",
        values.get("realm", ""),
        values.get("nonce", ""),
        values.get("opaque", ""),
        values.get("algorithm", ""),
        "auth" if "auth" in qualities else "",
        values.get("stale", "").lower() == "true",
    )
