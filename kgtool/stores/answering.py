"""The child process that answers one query: ``python -m kgtool.stores.answering``.

The request is one line of JSON on standard input, which stays open for as long as the answer is wanted; the answer is
lines of JSON on standard output: ``{"opened": true}``, ``{"columns": […]}``, ``{"rows": [[…], …]}`` as often as needed,
``{"note": …}``, or for a serialised answer ``{"is_graph": …}`` and ``{"text": …}`` in place of columns and rows; at the
end ``{"done": true}`` or ``{"error": kind, "message": …}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgtool.errors import KgtoolError, StoreError, TornView


def main() -> None:
    """Reads the request, answers it, and ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        return
    request = json.loads(line)
    _end_with(request["parent"], request["timeout"])
    _bound(4 * request["memory"] + 8 * _size(request["location"]))
    out = sys.stdout.buffer
    try:
        for message in _answer(request):
            out.write(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            out.flush()
        final: dict[str, Any] = {"done": True}
    except KgtoolError as error:
        final = {"error": _kind(error), "message": str(error)}
    except MemoryError:
        final = {"error": "memory", "message": ""}
    out.write(json.dumps(final).encode() + b"\n")
    out.flush()
    # Not through the interpreter's end: what the engine would tidy up is only read, and large.
    os._exit(0)


def _kind(error: KgtoolError) -> str:
    if isinstance(error, TornView):
        return "torn"
    return "store" if isinstance(error, StoreError) else "query"


def _answer(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if request["language"] == "sparql":
        from kgtool.stores import sparql_query

        if formats := request.get("formats"):
            return sparql_query.serialised(request["location"], request["query"], formats, request["service"])
        return sparql_query.answer(request["location"], request["query"], request["parameters"], request["service"])
    from kgtool.stores import cypher_query

    return cypher_query.answer(request["location"], request["query"], request["parameters"], request["memory"])


def _end_with(parent: int, timeout: float) -> None:
    """Sees to it that this process does not outlive its parent, nor by much its time.

    The engines hold the interpreter's lock while they work, so where the kernel can do it, it does: by the signal at
    the parent's death (Linux) and by an alarm whose default is to end the process.
    """
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, timeout + 1.0)
    threading.Thread(target=_wait_for_end_of_input, daemon=True).start()


def _wait_for_end_of_input() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


def _size(location: str) -> int:
    return Path(location).stat().st_size if Path(location).is_file() else 0


def _bound(space: int) -> None:
    """Limits the address space, where the system can, so that a query that wants all memory ends by itself.

    Far above what may be used: Ladybug reserves room for a database of several times the size.
    """
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = space if hard == resource.RLIM_INFINITY else min(space, hard)
        if soft == resource.RLIM_INFINITY or limit < soft:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


if __name__ == "__main__":
    main()
