"""Asking a view: the query of a user runs in a child process, which is ended when its time or its room is up.

Neither engine can be interrupted everywhere, either may crash, and a join of everything with everything wants more
memory than there is. None of that may take the calling process down.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from kgtool.errors import QueryError, QueryTimeout, QueryTooLarge, StoreError, TornView
from kgtool.records import Cell, Table
from kgtool.stores.pointing import place_of
from kgtool.stores.protocol import TIMEOUT, Answer, Parameters

MEMORY = 1 << 30
"""Bytes that a query may use for its work."""
ANSWER_BYTES = 256 << 20
"""Bytes that an answer may have, as JSON."""
_LONGEST = 7 * 24 * 3600.0
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_NO_UNICODE = re.compile("[\ud800-\udfff]")


def ask_sparql(
    location: Path,
    query: str,
    parameters: Parameters | None = None,
    timeout: float = TIMEOUT,
    *,
    service: bool = False,
    memory: int = MEMORY,
) -> Answer:
    """Answers SELECT, ASK (one row, `answer`), CONSTRUCT and DESCRIBE (`subject, predicate, object`, and N-Triples).

    `parameters` replace the variables of their names. The prefixes of `vocab.PREFIXES` are known. `service` lets the
    query call other endpoints by ``SERVICE``. Raises QueryError, QueryTimeout, StoreError (TornView where the view is
    damaged).
    """
    return _answer(_ask("sparql", location, query, parameters, timeout, memory, service=service))


@dataclass(frozen=True, slots=True)
class Serialised:
    """An answer as it goes over the wire; `body` is None where the format for its kind was not asked for."""

    is_graph: bool
    body: bytes | None


def serialise_sparql(
    location: Path, query: str, solutions: str | None, graph: str | None, timeout: float = TIMEOUT, memory: int = MEMORY
) -> Serialised:
    """The answer of a query: of SELECT and ASK in the format `solutions`, of CONSTRUCT and DESCRIBE in that of `graph`.

    The formats are those of `kgtool.stores.media_types`. Raises as `ask_sparql` does.
    """
    collected = _ask("sparql", location, query, None, timeout, memory, formats={"solutions": solutions, "graph": graph})
    text = "".join(collected.text).encode()
    return Serialised(collected.is_graph, text if (graph if collected.is_graph else solutions) else None)


def ask_cypher(
    location: Path, query: str, parameters: Parameters | None = None, timeout: float = TIMEOUT, *, memory: int = MEMORY
) -> Answer:
    """Answers one Cypher query that only reads. Nodes, edges, maps come as dictionaries, paths as tuples of them.

    Raises QueryError, QueryTimeout, StoreError (TornView where the view is damaged).
    """
    return _answer(_ask("cypher", location, query, parameters, timeout, memory))


@dataclass
class Collected:
    """An answer while its messages come in."""

    opened: bool = False
    columns: tuple[str, ...] = ()
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lines: list[str] | None = None
    text: list[str] = field(default_factory=list)
    is_graph: bool = False
    end: dict[str, Any] | None = None

    def take(self, message: dict[str, Any]) -> None:
        """Add what one message of `kgtool.stores.answering` says."""
        if "opened" in message:
            self.opened = True
        elif "columns" in message:
            self.columns = tuple(message["columns"])
            self.lines = [] if message.get("graph") else None
        elif "rows" in message:
            rows = message["rows"]
            if self.lines is not None:
                self.lines.extend(row.pop() for row in rows)
            self.rows.extend(tuple(_frozen(cell) for cell in row) for row in rows)
        elif "text" in message:
            self.text.append(message["text"])
        elif "is_graph" in message:
            self.is_graph = message["is_graph"]
        elif "note" in message:
            self.notes.append(message["note"])
        else:
            self.end = message


def _frozen(cell: Any) -> Any:
    return tuple(_frozen(item) for item in cell) if isinstance(cell, list) else cell


def _ask(
    language: str,
    location: Path,
    query: str,
    parameters: Parameters | None,
    timeout: float,
    memory: int,
    service: bool = False,
    formats: Mapping[str, str | None] | None = None,
) -> Collected:
    check_timeout(timeout)
    check_query(query)
    # A link stays a link, so that a message names it.
    location = Path(os.path.abspath(location))  # noqa: PTH100
    request = {
        "language": language,
        "location": str(location),
        "query": query,
        "parameters": checked(parameters or {}),
        "service": service,
        "formats": formats,
        "timeout": timeout,
        "memory": memory,
        "parent": os.getpid(),
    }
    line = json.dumps(request, ensure_ascii=False).encode() + b"\n"
    collected, code, complaint = _run(line, timeout)
    _check_end(collected, code, complaint, timeout, location)
    return collected


def _answer(collected: Collected) -> Answer:
    lines = None if collected.lines is None else tuple(collected.lines)
    return Answer(Table(collected.columns, tuple(collected.rows)), tuple(collected.notes), lines)


def checked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, if they are such as engines take; raises QueryError for others."""
    for name, value in parameters.items():
        items = value if isinstance(value, list | tuple) else [value]
        if any(not isinstance(item, str | int | float | bool | None) for item in items):
            raise QueryError(f"the parameter ${name} is neither a text nor a number nor a list of these")
        if any(isinstance(item, int) and not -(1 << 63) <= item < 1 << 63 for item in items):
            raise QueryError(f"the parameter ${name} has a number that does not fit into 64 bits")
        if any(isinstance(item, str) and _NO_UNICODE.search(item) for item in items):
            raise QueryError(f"the parameter ${name} is not valid UTF-8")
        if isinstance(value, list | tuple) and len(kinds := {_kind(item) for item in items if item is not None}) != 1:
            reason = f"mixes {' and '.join(sorted(kinds))}" if kinds else "has no value that would tell its type"
            raise QueryError(f"the parameter ${name} is a list that {reason}; give one of texts or one of numbers")
    return dict(parameters)


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "texts"
    return "true or false" if isinstance(value, bool) else "numbers"


def check_timeout(timeout: float) -> None:
    """Raises QueryError for what is no time to wait."""
    if not 0 < timeout <= _LONGEST:
        raise QueryError(f"a time-out is more than 0 and at most {_LONGEST:.0f} seconds, not {timeout}")


def check_query(query: str) -> None:
    """Raises QueryError for a text that holds what no query can."""
    if found := _NO_TEXT.search(query):
        line, column = place_of(query, found.start())
        what = "holds a NUL character" if found[0] == "\0" else "is not valid UTF-8"
        raise QueryError(f"the query {what} (line {line}, column {column})")


def _run(request: bytes, timeout: float) -> tuple[Collected, int, str]:
    """Sends the request and collects the answer; gives the exit code too (None becomes the signal) and the stderr."""
    until = time.monotonic() + timeout
    expired = threading.Event()
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            # -P: no module of the folder where the user happens to be.
            [sys.executable, "-P", "-m", "kgtool.stores.answering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "PYTHONUTF8": "1"},
        )

        def stop() -> None:
            expired.set()
            child.kill()

        timer = threading.Timer(max(0.0, until - time.monotonic()), stop)
        timer.daemon = True
        timer.start()
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            _send(child.stdin, request)
            collected = _receive(child.stdout)
        finally:
            # Also on Ctrl-C: the child ignores it, for an engine in its midst would be left behind.
            timer.cancel()
            child.kill()
            _close(child)
        complaints.seek(0)
        complaint = complaints.read(20_000).decode("utf-8", "replace")
    if collected.end is None and (expired.is_set() or time.monotonic() >= until):
        raise QueryTimeout(too_long(timeout))
    return collected, child.returncode, complaint


def _send(stdin: IO[bytes], request: bytes) -> None:
    try:
        stdin.write(request)
        stdin.flush()
    except BrokenPipeError:
        # The child ended already; its exit code tells more.
        return


def _close(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue
    child.wait()


def _receive(stdout: IO[bytes]) -> Collected:
    collected, size = Collected(), 0
    for line in stdout:
        size += len(line)
        if size > ANSWER_BYTES:
            raise QueryTooLarge(f"the answer is larger than {ANSWER_BYTES >> 20} MB; narrow the query, or add a LIMIT")
        if not line.endswith(b"\n"):
            break
        collected.take(json.loads(line))
        if collected.end is not None:
            break
    return collected


def _check_end(collected: Collected, code: int, complaint: str, timeout: float, location: Path) -> None:
    """Raises what the end of the child means, unless that was a good one."""
    end = collected.end or {}
    if "done" in end:
        return
    if end.get("error") == "torn":
        raise TornView(end["message"])
    if end.get("error") == "store":
        raise StoreError(end["message"])
    if end.get("error") == "query":
        raise QueryError(end["message"])
    if end.get("error") == "memory" or "memory allocation of" in complaint or "MemoryError" in complaint:
        raise QueryTooLarge("the query needs more memory than it may have; narrow it, or add a LIMIT")
    if hasattr(signal, "SIGALRM") and code == -signal.SIGALRM:
        raise QueryTimeout(too_long(timeout))
    reason = f"signal {-code}" if code < 0 else f"exit code {code}"
    last = complaint.strip().splitlines()[-1:]
    detail = f"({reason}){': ' + last[0] if last else ''}"
    if not collected.opened:
        raise TornView(f"{location}: the view cannot be opened: the engine broke down over it {detail}")
    raise QueryError(f"the engine broke down over this query {detail}")


def too_long(timeout: float) -> str:
    """What is said of a query that did not end in its time."""
    return f"the query took longer than {timeout:g} s; narrow it, or give it more time"
