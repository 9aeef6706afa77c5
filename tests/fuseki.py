"""Apache Jena Fuseki for the tests: the second implementation of SPARQL, at the other end of the wire.

One jar, resolved as in `servers`. Each module of tests has a server of its own, under a keeper that ends it with the
test run, also where that is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import servers

from kgtool.stores.endpoint import Endpoint
from kgtool.stores.wire import Web

VERSION = "5.5.0"
POM = Path(__file__).parent / "data" / "fuseki" / "pom.xml"
_START_SECONDS = 120.0


@dataclass
class Fuseki:
    """A server with one dataset, `/ds`, while it runs."""

    port: int
    pid: int

    @property
    def dataset(self) -> str:
        return f"http://127.0.0.1:{self.port}/ds"

    @property
    def target(self) -> str:
        """The dataset as `kgtool push` takes it."""
        return f"sparql+{self.dataset}"

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"{self.dataset}/sparql", f"{self.dataset}/update", f"{self.dataset}/data", Web())

    def clear(self) -> None:
        """Empty the dataset."""
        self.endpoint.update("DROP ALL")

    def kill(self) -> None:
        """End the server as a crash would."""
        os.kill(self.pid, signal.SIGKILL)


@contextmanager
def fuseki(folder: Path, *options: str, port: int | None = None) -> Iterator[Fuseki]:
    """A server that answers, within the block; `options` are Fuseki's, by default those of a dataset in memory.

    `folder` gets its log and what else it keeps. Raises `servers.Missing` where a server cannot be had.
    """
    jar = next(servers.resolved(f"fuseki-{VERSION}", POM).glob("*.jar"))
    port = port or servers.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    java = [
        "java",
        "-Xms64m",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-jar",
        str(jar),
        "--localhost",
        f"--port={port}",
        "--ping",
    ]
    command = [sys.executable, __file__, *java, *(options or ("--mem", "--update", "/ds"))]
    log = folder / "fuseki.log"
    with (
        log.open("ab") as complaints,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, cwd=folder
        ) as keeper,
    ):
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        try:
            server = Fuseki(port, int(keeper.stdout.readline()))
            _wait(server, keeper, log)
            yield server
        finally:
            keeper.stdin.close()


def _wait(server: Fuseki, keeper: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/$/ping", timeout=5):
                return
        except urllib.error.HTTPError:  # it wants a password
            return
        except OSError:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            assert keeper.poll() is None, f"the server ended: {said}"
            assert time.monotonic() < until, f"the server does not answer: {said}"
            time.sleep(0.1)


def keep(command: list[str]) -> None:
    """Run a server until its standard input ends, as it does when the test run ends, however; tells its process."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr) as server:
        print(server.pid, flush=True)
        threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
        server.wait()


def _end_with_input(server: subprocess.Popen[bytes]) -> None:
    sys.stdin.read()
    server.kill()


if __name__ == "__main__":
    keep(sys.argv[1:])
