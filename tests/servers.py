"""Real servers for the tests: each is started once for a whole run, whatever the number of xdist workers.

What a server needs is resolved by Maven once, into a folder of the user's cache. A server runs under a keeper, a
process that ends it when the test run is over, also when that was killed. Where a server cannot be had, `Missing` says
why, and how to get it: the tests are then not run, and the closing summary tells so.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from kgtool.stores import locks

POM = Path(__file__).parent / "data" / "neo4j" / "pom.xml"
NEO4J_VERSION = "5.26.22"
_RESOLVE_SECONDS = 900.0
_START_SECONDS = 180.0
_KEEPERS: list[subprocess.Popen[bytes]] = []
"""Nobody waits for them: they end after this process."""
_OPENED = "--add-opens=java.base/java.nio=ALL-UNNAMED"


class Missing(Exception):
    """A server cannot be had here; the text says why and how to get it."""


@dataclass(frozen=True)
class Neo4j:
    """A Neo4j server that answers."""

    uri: str
    password: str = field(repr=False)
    user: str = "neo4j"

    def driver(self) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(self.uri, auth=(self.user, self.password), notifications_min_severity="OFF")

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which kgtool finds it."""
        return {"NEO4J_URI": self.uri, "NEO4J_USERNAME": self.user, "NEO4J_PASSWORD": self.password}


def cache_folder() -> Path:
    """Where what Maven resolved is kept from one run to the next."""
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or str(Path.home() / ".cache")
    return Path(root) / "kgtool-tests"


def resolved(name: str, pom: Path) -> Path:
    """The folder with the jars of a pom, resolved by Maven if they are not there yet; complete or not there at all."""
    folder = cache_folder() / name
    if shutil.which("java") is None:
        raise Missing("there is no `java`: install a Java runtime, 17 or later")
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise Missing("there is no `mvn`: install Apache Maven 3.8 or later")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locks.exclusive(folder.parent / f"{name}.lock", _RESOLVE_SECONDS, "is resolving the server's jars"):
        if not folder.is_dir():
            aside = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=folder.parent))
            try:
                goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={aside}"]
                done = subprocess.run(
                    [maven, "-B", "-q", "-f", str(pom), *goal],
                    capture_output=True,
                    text=True,
                    timeout=_RESOLVE_SECONDS,
                    check=False,
                )
                if done.returncode != 0:
                    last = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")][:1]
                    raise Missing(f"`mvn` could not resolve {pom.parent.name}/{pom.name}: {' '.join(last)}")
                aside.rename(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Neo4jHome:
    """A folder with the configuration and the data of one Neo4j server, and the server while it runs."""

    def __init__(self, folder: Path) -> None:
        self.jars = resolved(f"neo4j-{NEO4J_VERSION}", POM)
        self.folder = folder
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self.keeper: subprocess.Popen[bytes] | None = None
        (folder / "conf").mkdir(parents=True)
        settings = {
            "server.bolt.listen_address": f"127.0.0.1:{self.port}",
            "server.bolt.advertised_address": f"127.0.0.1:{self.port}",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "dbms.usage_report.enabled": "false",
            "server.memory.pagecache.size": "64m",
            "db.tx_log.preallocate": "false",
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (folder / "conf" / "neo4j.conf").write_text(text, encoding="utf-8")
        self.admin("dbms", "set-initial-password", self.password)

    @property
    def server(self) -> Neo4j:
        return Neo4j(f"neo4j://127.0.0.1:{self.port}", self.password)

    def admin(self, *arguments: str, cwd: Path | None = None) -> str:
        """What `neo4j-admin` prints; an error where it fails."""
        done = subprocess.run(
            [
                "java",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                _OPENED,
                "-cp",
                str(self.jars / "*"),
                "org.neo4j.cli.AdminTool",
                *arguments,
            ],
            env=os.environ | {"NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def command(self) -> list[str]:
        """What starts the server."""
        folders = [f"--home-dir={self.folder}", f"--config-dir={self.folder / 'conf'}"]
        memory = ["-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        main = ["-cp", str(self.jars / "*"), "org.neo4j.server.CommunityEntryPoint"]
        return ["java", *memory, _OPENED, *main, *folders]

    def start(self, owner: int | None = None) -> None:
        """Start the server under a keeper that ends it with its owner (else this process); wait until it answers."""
        keeper = [sys.executable, __file__, str(owner or os.getpid()), str(self.folder), *self.command()]
        with (self.folder / "console.log").open("ab") as log:
            self.keeper = subprocess.Popen(
                keeper, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.wait(self.keeper)

    def wait(self, process: subprocess.Popen[bytes]) -> None:
        """Until the server answers."""
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            log = (self.folder / "console.log").read_text(encoding="utf-8", errors="replace")
            assert process.poll() is None, f"the server ended: {log[-2000:]}"
            assert time.monotonic() < deadline, f"the server does not answer: {log[-2000:]}"
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                pass
            with self.server.driver() as driver:
                driver.verify_connectivity()
        except (OSError, DriverError, Neo4jError):
            return False
        return True

    def kill(self) -> None:
        """End the server as a crash would."""
        assert self.keeper is not None
        os.kill(int((self.folder / "pid").read_text(encoding="utf-8")), signal.SIGKILL)
        self.keeper.wait()

    def stop(self) -> None:
        """End the server in order."""
        if self.keeper is not None:
            self.keeper.terminate()
            self.keeper.wait()


@contextmanager
def own_neo4j(folder: Path) -> Iterator[Neo4jHome]:
    """A server for one test or module alone, running within the block."""
    home = Neo4jHome(folder)
    try:
        home.start()
        yield home
    finally:
        home.stop()


def shared_neo4j(root: Path, owner: int) -> Neo4j:
    """The server of this test run: `NEO4J_URI`'s, else the one that the first who asks starts.

    `root` is a folder that all workers of the run share, `owner` the process after whose end the server is stopped.
    """
    if uri := os.environ.get("NEO4J_URI"):
        return Neo4j(uri, os.environ.get("NEO4J_PASSWORD", ""), os.environ.get("NEO4J_USERNAME", "neo4j"))
    return Neo4j(**_shared(root / "neo4j", owner, lambda folder: _keep(Neo4jHome(folder), owner)))


def _shared(folder: Path, owner: int, start: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """What `start` gave to the first who asked, or why it could not."""
    note = folder.with_suffix(".json")
    with locks.exclusive(folder.with_suffix(".lock"), _RESOLVE_SECONDS + _START_SECONDS, "is starting a server"):
        if not note.exists():
            try:
                found = start(folder)
            except Missing as error:
                found = {"missing": str(error)}
            note.write_text(json.dumps(found), encoding="utf-8")
        found = json.loads(note.read_text(encoding="utf-8"))
    if "missing" in found:
        raise Missing(found["missing"])
    return dict(found)


def _keep(home: Neo4jHome, owner: int) -> dict[str, str]:
    home.start(owner)
    assert home.keeper is not None
    _KEEPERS.append(home.keeper)
    return asdict(home.server)


def keep(owner: int, folder: Path, command: list[str]) -> None:
    """Run a server until its owner is gone or this process is told to end; its number is in a file."""
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        (folder / "pid").write_text(str(server.pid), encoding="utf-8")
        while server.poll() is None and _lives(owner) and not told.wait(0.3):
            pass
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
    if not _lives(owner):
        shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    """Whether a process of this user runs; one that has ended and was not waited for does not."""
    try:
        os.kill(process, 0)
    except OSError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] != "Z"


class Proxy:
    """A way to a server that can be cut: everything goes through until then, and again when it is mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[socket.socket] = []
        self._whole = True
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, mend: bool = False) -> None:
        """Drop all connections, and refuse new ones unless it is mended at once."""
        self._whole = mend
        for end in self._pairs:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._pairs.clear()

    def mend(self) -> None:
        self._whole = True

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            self._pairs += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    @staticmethod
    def _copy(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    keep(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
