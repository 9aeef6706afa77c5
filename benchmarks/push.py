"""Measure how fast a graph gets to a Neo4j server: pushed, pushed again, and imported.

    python benchmarks/push.py KG

The server is the one that the tests run: Maven resolves it, it has 512 MB of heap and is gone afterwards. This program
runs beside it, so that both share the cores of the machine.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import servers

from kgtool.export import export
from kgtool.push.neo4j import push
from kgtool.stores.corpus import Corpus
from kgtool.stores.neo4j import Server

T = TypeVar("T")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kg", type=Path)
    kg = parser.parse_args().kg
    with Corpus.open(kg) as corpus:
        papers = corpus.count_nodes().get("Paper", 0)
        nodes, edges = sum(corpus.count_nodes().values()), sum(corpus.count_statements().values())
    print(f"{papers:,} papers, {nodes:,} nodes, {edges:,} relationships")
    print(f"{'':<34} {'seconds':>8} {'nodes and relationships a second':>34}")
    with tempfile.TemporaryDirectory(prefix="push-") as scratch:
        folder = Path(scratch)
        with servers.own_neo4j(folder / "pushed") as home:
            server = Server(home.server.uri, password=home.password)
            small(server, folder)
            measure("push", lambda: push(kg, server, graph="benchmark"), nodes + edges)
            again = measure("second, unchanged push", lambda: push(kg, server, graph="benchmark"), nodes + edges)
            assert not any(again.counters.values())
        out = folder / "out"
        measure("export neo4j-csv", lambda: export(kg, "neo4j-csv", out), nodes + edges)
        home = servers.Neo4jHome(folder / "imported")
        arguments = ("database", "import", "full", "neo4j", "@import.args")
        measure("neo4j-admin database import", lambda: home.admin(*arguments, cwd=out), nodes + edges)


def small(server: Server, folder: Path) -> None:
    """An empty graph first: the constraints are made once for all graphs."""
    with Corpus.create_or_open(folder / "empty") as corpus:
        corpus.replace_state([], [], ((), ()), {}, "none")
    push(folder / "empty", server)


def measure(name: str, work: Callable[[], T], number: int) -> T:
    started = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - started
    print(f"{name:<34} {seconds:>8.1f} {number / seconds:>34,.0f}", flush=True)
    return done


if __name__ == "__main__":
    main()
