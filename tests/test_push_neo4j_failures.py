"""Pushing to Neo4j where something goes wrong: one clear line, and nothing that the next push does not mend."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import neo4j_graphs
import pytest
import servers
from click.testing import CliRunner
from neo4j_graphs import entity, evidence, graph_in, graph_of, paper, store, written

from kgtool.cli import main
from kgtool.errors import ServerError, ServerUnavailable
from kgtool.push import neo4j_difference
from kgtool.push.neo4j import push
from kgtool.records import Statement
from kgtool.stores import neo4j as connections
from kgtool.stores.neo4j import Server, require_version

kg, server, query, graph = neo4j_graphs.kg, neo4j_graphs.server, neo4j_graphs.query, neo4j_graphs.graph


def run(*arguments, env=None):
    environment = {"NEO4J_URI": None, "NEO4J_PASSWORD": None, "NEO4J_USERNAME": None, "NEO4J_DATABASE": None}
    return CliRunner().invoke(
        main, ["push", *map(str, arguments)], env=environment | (env or {}), catch_exceptions=False
    )


def large(folder, number=300):
    """A graph that takes several batches, where `small_batches` holds."""
    papers = [paper(f"arxiv:{each:05}") for each in range(number)]
    edges = [Statement(each.id, "uses", "method:hub", evidence(each.id)) for each in papers]
    return store(folder, [entity("method:hub", "Method"), *papers], edges)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(neo4j_difference, "_BATCH", 50)


@pytest.fixture
def proxy(server):
    way = servers.Proxy(int(server.uri.rpartition(":")[2]))
    yield way
    way.close()


def through(proxy, server):
    return Server(f"bolt://127.0.0.1:{proxy.port}", server.user, server.password)


# The command


def test_the_command_prints_what_was_written(kg, neo4j_server, graph):
    done = run("--kg", kg, "--graph", graph, "-o", "json", env=neo4j_server.environment)
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)
    assert found == {
        "graph": graph,
        "nodes_created": 5,
        "relationships_created": 5,
        "nodes_deleted": 0,
        "relationships_deleted": 0,
        "properties_set": found["properties_set"],
    }
    assert found["properties_set"] > 50
    again = run("--kg", kg, "--graph", graph, env=neo4j_server.environment)
    assert json.loads(again.stdout.splitlines()[-1])["properties_set"] == 0
    assert again.stderr == f"Wrote to the graph {graph} on {neo4j_server.uri}:\n"


def test_a_password_in_a_file(kg, neo4j_server, graph, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(neo4j_server.password + "\n", encoding="utf-8")
    arguments = (neo4j_server.uri, "--kg", kg, "--graph", graph, "--user", neo4j_server.user, "--password-file", secret)
    assert run(*arguments, "--dry-run").exit_code == 0
    secret.write_text("", encoding="utf-8")
    assert run(*arguments).exit_code == 2
    assert run(*arguments[:-1], tmp_path / "none").exit_code == 2
    secret.write_bytes(b"\xff\xfe")
    assert "no password can be read from it" in run(*arguments).stderr


def test_nothing_else_comes_to_stderr(kg, neo4j_server, graph):
    command = [sys.executable, "-W", "error", "-m", "kgtool", "push", "--kg", str(kg), "--graph", graph]
    done = subprocess.run(
        command,
        env=os.environ | neo4j_server.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == f"Wrote to the graph {graph} on {neo4j_server.uri}:\n"
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"NEO4J_PASSWORD": "not-this-one"},
            "the user or the password is wrong: set NEO4J_USERNAME and NEO4J_PASSWORD",
        ),
        ({"NEO4J_PASSWORD": None}, "it wants a password: set NEO4J_USERNAME"),
        ({"NEO4J_USERNAME": "nobody"}, "the user or the password is wrong"),
        ({"NEO4J_DATABASE": "nosuch"}, "the server has no database 'nosuch'"),
    ],
)
def test_who_is_not_let_in_is_told_why(kg, neo4j_server, given, said):
    done = run("--kg", kg, env=neo4j_server.environment | given)
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    for secret in (neo4j_server.password, "not-this-one"):
        assert secret not in done.output


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("neo4j://ada:s3cret@localhost", "no user and no password in the server's address"),
        ("neo4j://s3cret@localhost", "no user and no password in the server's address"),
        ("bolt://localhost:port", "the server's address cannot be read"),
        ("bolt://", "names no host"),
        ("bolt://localhost/neo4j", "no path belongs there"),
        ("http://localhost:7474", "has to begin with one of neo4j://"),
        ("bolt://[::1", "the server's address cannot be read"),
        ("bolt://localhost?region=eu", "only neo4j:// takes a routing context"),
    ],
)
def test_an_address_that_is_none(kg, target, said):
    done = run(target, "--kg", kg)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "s3cret" not in done.output


def test_without_a_target_the_usage_is_shown(kg):
    assert run("--kg", kg).exit_code == 2


def test_without_a_graph(tmp_path, neo4j_server):
    done = run("--kg", tmp_path / "none", env=neo4j_server.environment)
    assert (done.exit_code, "no knowledge graph here" in done.stderr) == (2, True)


def test_the_password_is_in_no_representation(server):
    assert server.password not in repr(server)


# Servers that are none, or of another kind


@contextmanager
def answering(reply):
    """A server that says this to whoever comes, or says nothing."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            held = []
            while not stop.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                if reply is None:
                    held.append(connection)
                else:
                    with connection:
                        connection.recv(1024)
                        connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        stop.set()


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "this is the port for browsers"),
        (b"\0\0\0\0", "this is no Neo4j server of version 5.7 or later"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "this is no Neo4j server of version 5.7 or later"),
        (b"", "this is no Neo4j server of version 5.7 or later"),
    ],
)
def test_a_server_that_is_none(kg, scheme, reply, said):
    with answering(reply) as port, pytest.raises(ServerUnavailable, match=said):
        push(kg, Server(f"{scheme}://127.0.0.1:{port}", password="x" * 8))


def test_a_server_that_says_nothing(kg, monkeypatch):
    monkeypatch.setattr(connections, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(connections, "_ANSWER_SECONDS", 0.5)
    with answering(None) as port, pytest.raises(ServerUnavailable, match="does not answer"):
        push(kg, Server(f"bolt://127.0.0.1:{port}", password="x" * 8))


@pytest.mark.parametrize(("uri", "said"), [
    ("neo4j://127.0.0.1:{port}", "no server answers there"),
    ("bolt://127.0.0.1:{port}", "no server answers there"),
    ("neo4j://no.such.host.invalid", "there is no such host"),
])  # fmt: skip
def test_no_server_at_all_is_told_at_once(kg, uri, said):
    started = time.monotonic()
    with pytest.raises(ServerUnavailable, match=said):
        push(kg, Server(uri.format(port=servers.free_port()), password="x" * 8))
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("scheme", ["neo4j+s", "bolt+s", "neo4j+ssc", "bolt+ssc"])
def test_tls_to_a_server_without(kg, server, scheme):
    with pytest.raises(ServerUnavailable, match="no TLS could be agreed on"):
        push(kg, Server(server.uri.replace("neo4j", scheme), password=server.password))


@pytest.mark.parametrize(
    ("agent", "enough"),
    [
        ("Neo4j/5.26.22", True),
        ("Neo4j/5.7.0", True),
        ("Neo4j/2025.09.0", True),
        ("Neo4j/5.27-aura", True),
        ("Neo4j/5.6.1", False),
        ("Neo4j/4.4.40", False),
        ("Memgraph", False),
    ],
)
def test_versions(agent, enough):
    if enough:
        require_version(agent)
    else:
        with pytest.raises(ServerError, match=r"wants Neo4j 5\.7 or later"):
            require_version(agent)


# Interruptions


@pytest.mark.usefixtures("small_batches")
def test_a_connection_that_is_lost_is_taken_up_again(tmp_path, server, proxy, graph, query):
    kg = large(tmp_path / "kg")
    seen = []

    def progress(done, of):
        if done in (120, 480):
            seen.append((done, of))
            proxy.cut(mend=True)

    push(kg, through(proxy, server), graph=graph, progress=progress)
    assert seen == [(120, 601), (480, 601)]
    assert graph_of(query, graph) == graph_in(kg)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("when", [1, 120, 301, 480, 601])
def test_a_push_that_broke_off_is_finished_by_the_next(tmp_path, server, proxy, graph, query, when):
    kg = large(tmp_path / "kg")

    def progress(done, of):
        if done == when:
            proxy.cut()

    with pytest.raises(ServerUnavailable, match="bolt://127"):
        push(kg, through(proxy, server), graph=graph, progress=progress, retry_seconds=0.5)
    there = len(graph_of(query, graph))
    assert there < 601
    proxy.mend()
    assert sum(written(push(kg, through(proxy, server), graph=graph))) == 601 - there
    assert graph_of(query, graph) == graph_in(kg)
    assert set(push(kg, server, graph=graph).counters.values()) == {0}


@pytest.mark.usefixtures("small_batches")
def test_who_comes_later_goes_on_and_the_other_ends(tmp_path, server, graph, query):
    kg, newer = large(tmp_path / "kg"), store(tmp_path / "newer")

    def progress(done, of):
        if done == 120:
            push(newer, server, graph=graph)

    with pytest.raises(ServerError, match=r"something else|another push of the graph"):
        push(kg, server, graph=graph, progress=progress)
    assert graph_of(query, graph) == graph_in(newer)


@pytest.mark.usefixtures("small_batches")
def test_what_a_killed_push_left_does_not_stop_the_next(kg, server, graph, query):
    query("CREATE (:KgLock {graph: $graph, token: 'of somebody who is gone', batches: 3})", graph=graph)
    assert written(push(kg, server, graph=graph)) == (5, 5, 0, 0)
    assert not query("MATCH (l:KgLock {graph: $graph}) RETURN l", graph=graph)


@pytest.mark.usefixtures("small_batches")
def test_what_others_do_meanwhile_is_seen(tmp_path, server, graph, query):
    kg = large(tmp_path / "kg")

    def progress(done, of):
        if done == 400:
            query("MATCH (n:KgNode:Paper {graph: $graph}) WITH n LIMIT 7 DETACH DELETE n", graph=graph)

    with pytest.raises(ServerError, match="something else changed the graph while it was pushed"):
        push(kg, server, graph=graph, progress=progress)
    push(kg, server, graph=graph)
    assert graph_of(query, graph) == graph_in(kg)


def test_pushes_at_once_leave_one_whole_graph(tmp_path, neo4j_server, server, graph, query):
    """Real processes, of two states of one graph: at the end stands one of them, or what the next push makes whole."""
    kgs = [large(tmp_path / "one", 400), store(tmp_path / "two")]
    command = [sys.executable, "-m", "kgtool", "push", "--graph", graph, "--kg"]
    running = [
        subprocess.Popen(
            [*command, str(kg)],
            env=os.environ | neo4j_server.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for kg in (*kgs, *kgs)
    ]
    ends = [(each.communicate(timeout=400), each.returncode) for each in running]
    assert 0 in [code for _, code in ends], ends
    for (_, complaint), code in ends:
        assert code == 0 or "another push" in complaint or "something else" in complaint, complaint
    assert graph_of(query, graph) in [graph_in(kg) for kg in kgs]
    for kg in kgs:
        push(kg, server, graph=graph)
        assert graph_of(query, graph) == graph_in(kg)


def test_a_constraint_of_others_that_forbids_it(kg, server, graph, query):
    query("CREATE CONSTRAINT of_others FOR (n:Paper) REQUIRE (n.graph, n.comment) IS UNIQUE")
    try:
        store(kg, [paper("arxiv:1", comment="X"), paper("arxiv:2", comment="X")], ())
        with pytest.raises(ServerError, match=r"refuses \(Schema.ConstraintValidationFailed\): .*already exists"):
            push(kg, server, graph=graph)
    finally:
        query("DROP CONSTRAINT of_others")
    push(kg, server, graph=graph)
    assert graph_of(query, graph) == graph_in(kg)


@pytest.mark.usefixtures("neo4j_server", "small_batches")
def test_a_server_that_is_killed_in_mid_push(tmp_path, monkeypatch):
    if "NEO4J_URI" in os.environ:
        pytest.skip("a server of others is not to be killed")
    kg = large(tmp_path / "kg")
    with servers.own_neo4j(tmp_path / "server") as home:
        server = Server(home.server.uri, password=home.password)

        def progress(done, of):
            if done == 480:
                home.kill()

        with pytest.raises(ServerUnavailable, match="no server answers there"):
            push(kg, server, graph="g", progress=progress, retry_seconds=1)
        home.start()
        with home.server.driver() as driver:

            def query(text, **parameters):
                return driver.execute_query(text, parameters).records

            there = len(graph_of(query, "g"))
            assert 301 < there < 601
            assert sum(written(push(kg, server, graph="g"))) == 601 - there
            assert graph_of(query, "g") == graph_in(kg)
            assert set(push(kg, server, graph="g").counters.values()) == {0}
