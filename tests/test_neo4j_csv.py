"""The files for `neo4j-admin database import`: imported by the real tool, compared with what a push writes."""

import neo4j_graphs
import pytest
import servers
from click.testing import CliRunner
from conftest import NOT_RUN
from graphs import example
from neo4j_graphs import HOSTILE, LORA, NODES, PAPERS, STATEMENTS, entity, evidence, graph_in, graph_of, paper, store

from kgtool import queries
from kgtool.cli import main
from kgtool.export import export
from kgtool.push.naming import graph_name
from kgtool.push.neo4j import push
from kgtool.records import Statement
from kgtool.stores.neo4j import Server
from kgtool.stores.neo4j_asking import ServerGraph

kg = neo4j_graphs.kg
HARD = (
    entity(f"method:{HOSTILE}", "Method", name=HOSTILE, aliases=(HOSTILE, ";", "|", "a;b", " blanks ", "\\")),
    entity("method:quotes", "Method", name='"', aliases=('""', '"x"', "'", ",")),
    entity("method:slash", "Method", name='\\"', aliases=("x",)),
    entity("task:none", "Task", name="", specificity=1e-300, papers=-(1 << 62)),
    paper(
        "arxiv:2601.00009", " \t leading, and\r\ntrailing \n", comment="null", venue="NULL", doi="=1+1", tldr=("zh", "")
    ),
)
HARD_EDGES = (
    Statement(PAPERS[0].id, "uses", HARD[0].id, evidence(HOSTILE, 1.0, HOSTILE)),
    Statement(HARD[0].id, "usedFor", HARD[0].id, evidence("", 1e-9, "\n")),
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """Makes Neo4j servers that have no data yet; what runs is ended."""
    made = []

    def make():
        try:
            home = servers.Neo4jHome(tmp_path_factory.mktemp("neo4j") / "home")
        except servers.Missing as error:
            pytest.skip(f"{NOT_RUN}{error}")
        made.append(home)
        return home

    yield make
    for home in made:
        home.stop()


def imported(home, kg, out):
    """The graph exported by the command, imported by the tool's own command line inside of the folder."""
    done = CliRunner().invoke(main, ["export", "neo4j-csv", "--kg", str(kg), "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return home.admin("database", "import", "full", "neo4j", "@import.args", cwd=out)


def started(home):
    home.start()
    return Server(home.server.uri, password=home.password)


def test_what_is_imported_is_what_a_push_writes(kg, homes, tmp_path):
    store(kg, [*NODES, *HARD], [*STATEMENTS, *STATEMENTS[1:2], *HARD_EDGES])
    home = homes()
    imported(home, kg, tmp_path / "out")
    server = started(home)
    assert set(push(kg, server, dry_run=True).counters.values()) == {0}
    with home.server.driver() as driver:

        def query(text, **parameters):
            return driver.execute_query(text, parameters).records

        assert graph_of(query, graph_name(kg)) == graph_in(kg)
        assert set(push(kg, server).counters.values()) == {0}
        push(kg, server, graph="pushed")
        assert graph_of(query, "pushed") == graph_in(kg)
        same = "RETURN collect(n.kgHash) AS hashes"
        found = [
            sorted(query(f"MATCH (n:KgNode {{graph: $graph}}) {same}", graph=graph)[0]["hashes"])
            for graph in ("pushed", graph_name(kg))
        ]
        assert found[0] == found[1]


def test_the_example_digests_are_imported(example_kg, homes, tmp_path):
    home = homes()
    imported(home, example_kg, tmp_path / "out")
    server = started(home)
    assert set(push(example_kg, server).counters.values()) == {0}
    for query in queries.queries():
        asked = (query.name, "cypher", example(query))
        assert queries.run(ServerGraph(server), *asked) == queries.run(example_kg, *asked), query.name


def test_the_files(kg, tmp_path):
    out = tmp_path / "out"
    export(kg, "neo4j-csv", out)
    arguments = (out / "import.args").read_text(encoding="utf-8").splitlines()
    named = {name for line in arguments for name in line.rpartition("=")[2].split(",") if name.endswith(".csv")}
    assert named | {"import.args", "schema.cypher"} == {path.name for path in out.iterdir()}
    assert "--array-delimiter=|" in arguments  # an alias of LoRA's holds a semicolon
    header = (out / "nodes_Method_header.csv").read_text(encoding="utf-8")
    assert header == ("id:ID,name:string,aliases:string[],papers:long,specificity:double,graph:string,kgHash:long\n")
    (line,) = (out / "nodes_Method.csv").read_text(encoding="utf-8").splitlines()
    assert line.startswith(f'"{LORA.id}","method:lora","LoRA|low-rank; adaptation",1,0.5,"{graph_name(kg)}",')
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    export(kg, "neo4j-csv", out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert "CREATE CONSTRAINT kgtool_node" in (out / "schema.cypher").read_text(encoding="utf-8")


def test_an_empty_graph_is_imported(homes, tmp_path):
    kg = store(tmp_path / "kg", (), ())
    assert "0 nodes" in imported(homes(), kg, tmp_path / "out")


def test_only_sure_edges(kg, tmp_path):
    export(kg, "neo4j-csv", tmp_path / "out", min_confidence=0.8)
    lines = (tmp_path / "out" / "relationships_EVALUATED_WITH.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
