"""A Neo4j server over Bolt: how it is reached, asked and written to, and what its failures mean.

Nothing here waits for ever, and what the driver raises becomes one line: none of them holds the password.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import ClientError, DriverError, Neo4jError, ServiceUnavailable

from kgtool import __version__
from kgtool.errors import InputError, KgtoolError, ServerError, ServerUnavailable

_T = TypeVar("_T")
Transaction = neo4j.ManagedTransaction

OLDEST = (5, 7)
"""The first version whose relationships can have uniqueness constraints, in the Community Edition too."""

RETRY_SECONDS = 30.0
"""How long a transaction is tried again where the connection is lost or the server is busy."""

_ERRORS = (DriverError, Neo4jError, ValueError, OSError)
_CONNECT_SECONDS = 15.0
_ANSWER_SECONDS = 30.0
_TRIES = 3
_WRITE_SECONDS = 300.0

# Whatever the driver has to tell comes out of here as an error; a program without handlers would print its warnings.
logging.getLogger("neo4j").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is and who asks it; `database` None is the user's own default.

    `password` None means without credentials, for servers that want none.
    """

    uri: str
    user: str = "neo4j"
    password: str | None = field(default=None, repr=False)
    database: str | None = None

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.uri)
            secret, host, _ = parts.password or parts.username, parts.hostname, parts.port
        except ValueError:
            raise InputError("the server's address cannot be read: it should be like neo4j://HOST:PORT") from None
        if secret:
            raise InputError("no user and no password in the server's address: others on this machine could read it")
        if not host:
            raise InputError(f"{self.uri}: names no host: it should be like neo4j://HOST:PORT")
        if parts.query and not parts.scheme.startswith("neo4j"):
            raise InputError(f"{self.uri}: no query belongs there: only neo4j:// takes a routing context")
        if parts.path not in ("", "/"):
            raise InputError(f"{self.uri}: no path belongs there; the database has an option of its own")


class Connection:
    """An open connection; what a transaction does may be done again, so it has to be the same the second time."""

    def __init__(self, driver: neo4j.Driver, server: Server) -> None:
        self._driver = driver
        self._server = server

    def read(self, work: Callable[[Transaction], _T]) -> _T:
        """What `work` makes of a read transaction, tried again where the connection is lost."""
        with _translating(self._server), self._session() as session:
            return session.execute_read(work)

    def write(self, work: Callable[[Transaction], _T], seconds: float = _WRITE_SECONDS) -> _T:
        """What `work` makes of a write transaction, which the server ends should it take longer than this."""
        timed = neo4j.unit_of_work(timeout=seconds)(work)
        with _translating(self._server), self._session() as session:
            for _ in range(_TRIES):
                try:
                    return session.execute_write(timed)
                except ClientError as error:
                    # What a query has found may be deleted by others before it holds the lock on it.
                    if not (error.code or "").endswith(".EntityNotFound"):
                        raise
            return session.execute_write(timed)

    def _session(self) -> neo4j.Session:
        return self._driver.session(database=self._server.database, fetch_size=10_000)


@contextmanager
def connect(server: Server, retry_seconds: float = RETRY_SECONDS) -> Iterator[Connection]:
    """An open connection within the block, to a server that answers, knows the user and is new enough.

    Raises `ServerError`, at once where there is no server.
    """
    with _opened(server, server.uri, retry_seconds) as driver:
        with _translating(server, (Exception,)):
            agent = _agent(driver, server)
        require_version(agent)
        yield Connection(driver, server)


@contextmanager
def _opened(server: Server, uri: str, retry_seconds: float) -> Iterator[neo4j.Driver]:
    with _translating(server):
        driver = neo4j.GraphDatabase.driver(
            uri,
            auth=None if server.password is None else neo4j.basic_auth(server.user, server.password),
            user_agent=f"kgtool/{__version__}",
            connection_timeout=_CONNECT_SECONDS,
            connection_acquisition_timeout=_ANSWER_SECONDS,
            max_transaction_retry_time=retry_seconds,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )
    with driver:
        yield driver


def _agent(driver: neo4j.Driver, server: Server) -> str:
    """What the server calls itself; the errors of the driver go through, handshakes that fail are not all public."""
    try:
        return driver.get_server_info().agent
    except ServiceUnavailable:
        if not server.uri.lower().startswith("neo4j"):
            raise
        # A cluster that cannot be asked for its members does not say why; its first member does.
        direct = "bolt" + server.uri[len("neo4j") :].partition("?")[0]
        with _opened(server, direct, 0.0) as one:
            one.verify_connectivity()
        raise


def require_version(agent: str) -> None:
    """Raise `ServerError` unless a server that calls itself so (``Neo4j/5.26.0``) is new enough.

    >>> require_version("Neo4j/2025.09.0")
    """
    version = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        raise ServerError(f"the server is {agent}: kgtool wants Neo4j {OLDEST[0]}.{OLDEST[1]} or later")


@contextmanager
def _translating(server: Server, kinds: tuple[type[Exception], ...] = _ERRORS) -> Iterator[None]:
    try:
        yield
    except KgtoolError:
        raise
    except kinds as error:
        kind = ServerError if isinstance(error, Neo4jError) else ServerUnavailable
        raise kind(f"{server.uri}: {_meaning(error, server)}") from None


_CODES = {
    "Security.AuthenticationRateLimit": "refuses to be asked any more, after too many wrong passwords; wait a little",
    "Security.CredentialsExpired": "wants the first password to be changed before anything else",
    "Database.DatabaseNotFound": "has no database {database}",
    "Statement.AccessMode": "only reads: writes go to another member of the cluster; use neo4j:// in place of bolt://",
    "Cluster.NotALeader": "only reads: writes go to another member of the cluster; use neo4j:// in place of bolt://",
    "Transaction.TransactionTimedOut": "took too long over a piece of the graph; what was written before it stays",
    "General.DatabaseUnavailable": "has the database {database}, but it is not available",
}


def _meaning(error: Exception, server: Server) -> str:
    """What went wrong, in a line, and what to do about it."""
    database = "of this user" if server.database is None else repr(server.database)
    code = getattr(error, "code", None) or ""
    kind = code.removeprefix("Neo.").partition(".")[2]
    if kind == "Security.Unauthorized":
        given = "the user or the password is wrong" if server.password is not None else "it wants a password"
        return f"{given}: set NEO4J_USERNAME and NEO4J_PASSWORD, or --user and --password-file"
    if kind in _CODES:
        return "the server " + _CODES[kind].format(database=database)
    if isinstance(error, Neo4jError):
        return f"the server refuses ({kind or code}): {_one_line(error.message or '')}"
    return _connection(_causes(error))


def _connection(said: str) -> str:
    if "encrypt" in said or "SSL" in said or "certificate" in said.lower():
        if "CERTIFICATE_VERIFY_FAILED" in said:
            return "the server's certificate is not one that this machine trusts; +ssc in place of +s takes any"
        return (
            "no TLS could be agreed on: a server without it is neo4j:// or bolt://, one with it neo4j+s:// or bolt+s://"
        )
    if "looks like HTTP" in said:
        return "this is the port for browsers (HTTP); the one for programs (Bolt) is 7687 unless it was changed"
    if "timed out" in said.lower() or "timeout" in said.lower():
        return "the server does not answer (time is up)"
    if "does not support communication" in said or "andshake" in said:
        return f"this is no Neo4j server of version {OLDEST[0]}.{OLDEST[1]} or later"
    if "resolve address" in said:
        return "there is no such host"
    if "refused" in said:
        return "no server answers there (connection refused)"
    return f"the connection failed: {said}"


def _causes(error: BaseException) -> str:
    """The texts of an error and of all that led to it, the outermost first, in one line."""
    found = [_one_line(str(error))]
    for inner in getattr(error, "exceptions", ()):
        found.append(_causes(inner))
    if error.__cause__ is not None:
        found.append(_causes(error.__cause__))
    return "; ".join(dict.fromkeys(found))


def _one_line(text: str) -> str:
    return " ".join(text.split())
