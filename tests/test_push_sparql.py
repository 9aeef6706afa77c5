"""Pushing to a real SPARQL server, Apache Jena Fuseki, and asking it: the same graph, the same answers."""

from __future__ import annotations

import json
import shlex
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare
from click.testing import CliRunner, Result
from fuseki import Fuseki, fuseki
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgtool import queries, rdf, vocab
from kgtool.cli import main
from kgtool.errors import InputError, KgtoolError, ServerError, ServerUnavailable, StoreError
from kgtool.ids import content_hash
from kgtool.push import sparql as pushing
from kgtool.push.difference import difference
from kgtool.push.naming import graph_name
from kgtool.push.sparql import RECORDS, Pushed, endpoint_of, push
from kgtool.push.targets import kind_of
from kgtool.records import Node, Statement
from kgtool.stores import views
from kgtool.stores.asking import ask_sparql
from kgtool.stores.corpus import Corpus
from kgtool.stores.endpoint import Endpoint, ask_endpoint

HOSTILE = (
    """"} ; INSERT DATA { <a:a> <a:a> "\\u0022 } ; DROP ALL # \\\\u005C \\ ' ''' \"\"\" ?s $p é 🎲 \u2028 \x01\x7f"""
)
GRAPH = "https://example.org/papers"


def entity(name: str, papers: int = 1) -> Node:
    return Node(f"method:{name}", "Method", (("name", name), ("papers", papers), ("specificity", 1e-07)))


def paper(number: int, title: str = "A title") -> Node:
    return Node(
        f"arxiv:2601.{number:05}", "Paper", (("abstract", HOSTILE), ("title", title), ("tldr", ("zh-Hans", "好")))
    )


def uses(number: int, name: str, confidence: float = 0.5) -> Statement:
    evidence = (
        ("charEnd", 4),
        ("charStart", 0),
        ("confidence", confidence),
        ("extractor", "by hand 1"),
        ("paper", f"arxiv:2601.{number:05}"),
        ("sentence", HOSTILE),
    )
    return Statement(f"arxiv:2601.{number:05}", "uses", f"method:{name}", evidence)


NODES = (paper(1), paper(2, HOSTILE), entity("gcn", 2), entity("lora"))
STATEMENTS = (uses(1, "gcn"), uses(2, "gcn"), uses(2, "lora"))


def store(kg: Path, nodes: tuple[Node, ...] = NODES, statements: tuple[Statement, ...] = STATEMENTS) -> Path:
    with Corpus.create_or_open(kg) as corpus:
        corpus.replace_state([], [], (sorted(nodes, key=lambda node: node.id), statements), {}, "by-hand-1")
    return kg


def lines(
    nodes: tuple[Node, ...], statements: tuple[Statement, ...], base: str = "https://w3id.org/kgtool/"
) -> set[str]:
    """The triples of a graph, as pyoxigraph writes them."""
    text = "".join(rdf.triples(nodes, statements, base))
    return {str(quad.triple) for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)}


def held(server: Fuseki, graph: str | None = None) -> set[str]:
    """The triples that a graph of the server holds."""
    where = "{ ?s ?p ?o }" if graph is None else f"{{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
    answer = ask_endpoint(f"{server.dataset}/sparql", f"CONSTRUCT {{ ?s ?p ?o }} WHERE {where}")
    return {line.removesuffix(" .") for line in answer.ntriples or ()}


def dump(server: Fuseki) -> set[str]:
    """All that the server holds, records and all."""
    rows = server.endpoint.select("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }")
    return {" ".join(map(str, row)) for row in rows}


def counts(pushed: Pushed) -> tuple[int, int]:
    return pushed.triples_written, pushed.triples_removed


@pytest.fixture
def kg(tmp_path: Path) -> Path:
    return store(tmp_path / "kg")


@pytest.fixture
def server(fuseki_server: Fuseki) -> Fuseki:
    fuseki_server.clear()
    return fuseki_server


ALL = len(lines(NODES, STATEMENTS))


# What is there afterwards


@pytest.mark.parametrize("graph", [None, GRAPH])
def test_the_server_holds_the_graph_and_a_second_push_writes_nothing(
    server: Fuseki, kg: Path, graph: str | None
) -> None:
    dry = push(kg, server.endpoint, graph=graph, dry_run=True)
    assert (counts(dry), dry.triples, dry.dry_run) == ((ALL, 0), ALL, True)
    assert not dump(server)
    steps: list[tuple[int, int]] = []
    first = push(kg, server.endpoint, graph=graph, progress=lambda done, of: steps.append((done, of)))
    assert (counts(first), first.triples, first.into) == ((ALL, 0), ALL, graph or "")
    assert (steps[0], steps[-1]) == ((0, ALL), (ALL, ALL))
    assert held(server, graph) == lines(NODES, STATEMENTS)
    if graph:
        assert not held(server)
    before = dump(server)
    again = push(kg, server.endpoint, graph=graph)
    assert (counts(again), again.triples) == ((0, 0), ALL)
    assert dump(server) == before


def test_the_graph_is_that_of_the_embedded_view(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    with views.current_view(kg) as view:
        own = ask_sparql(view.rdf, "CONSTRUCT WHERE { ?s ?p ?o }").ntriples
    there = rdflib.Graph().parse(data="\n".join(f"{line} ." for line in held(server)), format="nt")
    here = rdflib.Graph().parse(data="\n".join(own or ()), format="nt")
    assert rdflib.compare.isomorphic(here, there)


def test_only_what_changed_is_written(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    nodes, statements = (*NODES[:2], entity("gcn", 3), paper(3), entity("lora")), (*STATEMENTS[:2], uses(3, "gcn"))
    store(kg, nodes, statements)
    before, after = lines(NODES, STATEMENTS), lines(nodes, statements)
    expected = len(after - before), len(before - after)
    assert expected[0] < len(after) / 2
    assert counts(push(kg, server.endpoint, dry_run=True)) == expected
    assert held(server) == before
    assert counts(push(kg, server.endpoint)) == expected
    assert held(server) == after
    assert counts(push(kg, server.endpoint)) == (0, 0)


def test_an_empty_graph_takes_everything_out(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    store(kg, (), ())
    assert counts(push(kg, server.endpoint)) == (0, ALL)
    assert not held(server)
    assert counts(push(kg, server.endpoint)) == (0, 0)


def test_base_and_evidence_are_those_that_are_asked_for(server: Fuseki, kg: Path) -> None:
    base = "http://example.org/my%20base/"
    push(kg, server.endpoint)
    push(kg, server.endpoint, base=base)
    assert held(server) == lines(NODES, STATEMENTS, base)
    assert push(kg, server.endpoint, base=base, evidence="full").triples > ALL
    with pytest.raises(InputError, match="is no IRI"):
        push(kg, server.endpoint, base="> <a:b")


def test_batches_make_no_difference(server: Fuseki, kg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "BATCH", 7)
    push(kg, server.endpoint)
    assert held(server) == lines(NODES, STATEMENTS)
    monkeypatch.setattr(pushing, "_BATCH_CHARACTERS", 1)
    store(kg, NODES[:2], ())
    push(kg, server.endpoint)
    assert held(server) == lines(NODES[:2], ())


# What others wrote


LORA = "<https://w3id.org/kgtool/method/lora>"
OWN = '<http://www.w3.org/2004/02/skos/core#prefLabel> "lora"'
SAID = (
    f"{LORA} {OWN}",
    f'{LORA} <http://www.w3.org/2000/01/rdf-schema#comment> "ours"',
    "<http://example.org/x> <http://example.org/y> _:b",
)
"""A triple that kgtool writes too, one about the same subject, and one with a blank node."""


@pytest.mark.parametrize("graph", [None, GRAPH])
def test_what_others_wrote_stays(server: Fuseki, kg: Path, graph: str | None) -> None:
    into = "{}" if graph is None else f"GRAPH <{graph}> {{{{ {{}} }}}}"
    data = " . ".join(SAID)
    server.endpoint.update(
        f"INSERT DATA {{ {into.format(data)} GRAPH <http://example.org/other> {{ {LORA} a {LORA} }} }}"
    )
    before = len(held(server, graph))
    assert before == 3
    push(kg, server.endpoint, graph=graph)
    assert len(held(server, graph)) == ALL + 2
    store(kg, NODES[:1], ())
    push(kg, server.endpoint, graph=graph)
    assert set(SAID[:2]) < held(server, graph)
    store(kg, (), ())
    push(kg, server.endpoint, graph=graph)
    left = held(server, graph)
    assert len(left) == 3
    assert set(SAID[:2]) < left
    assert len(held(server, "http://example.org/other")) == 1


def test_what_others_wrote_stays_where_much_is_written(
    server: Fuseki, kg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "_FEW", 0)
    server.endpoint.update(f"INSERT DATA {{ {SAID[0]} }}")
    push(kg, server.endpoint)
    store(kg, (), ())
    push(kg, server.endpoint)
    assert held(server) == {SAID[0]}


def test_two_knowledge_graphs_share_what_both_hold(server: Fuseki, kg: Path, tmp_path: Path) -> None:
    nodes, statements = (NODES[2], NODES[3], paper(7)), (uses(7, "gcn"),)
    other = store(tmp_path / "other", nodes, statements)
    push(kg, server.endpoint)
    assert push(other, server.endpoint).others == (graph_name(kg),)
    both = lines(NODES, STATEMENTS) | lines(nodes, statements)
    assert held(server) == both
    assert counts(push(kg, server.endpoint)) == (0, 0)
    store(kg, (), ())
    push(kg, server.endpoint)
    assert held(server) == lines(nodes, statements)
    assert counts(push(other, server.endpoint)) == (0, 0)
    store(other, (), ())
    push(other, server.endpoint)
    assert not held(server)


def test_two_graphs_of_one_dataset_are_apart(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    push(kg, server.endpoint, graph=GRAPH)
    store(kg, NODES[:1], ())
    push(kg, server.endpoint, graph=GRAPH)
    assert held(server) == lines(NODES, STATEMENTS)
    assert held(server, GRAPH) == lines(NODES[:1], ())


def test_a_folder_that_is_made_anew_goes_on_by_its_name(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    name = graph_name(kg)
    shutil.rmtree(kg)
    store(kg, NODES[:1], ())
    assert push(kg, server.endpoint, dry_run=True).others == (name,)
    assert push(kg, server.endpoint, name=name).triples_written == 0
    assert held(server) == lines(NODES[:1], ())


# What goes wrong


def test_what_others_took_out_is_written_again(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    server.endpoint.update(f"DELETE WHERE {{ {LORA} ?p ?o }}")
    push(kg, server.endpoint)
    assert held(server) == lines(NODES, STATEMENTS)
    server.endpoint.update("DROP DEFAULT")
    push(kg, server.endpoint)
    assert held(server) == lines(NODES, STATEMENTS)
    store(kg, (), ())
    push(kg, server.endpoint)
    assert not held(server)


def test_a_record_that_is_lost_with_the_data_is_made_again(server: Fuseki, kg: Path) -> None:
    push(kg, server.endpoint)
    server.endpoint.update("DROP ALL")
    assert counts(push(kg, server.endpoint)) == (ALL, 0)


class Breaking(Endpoint):
    """A connection that is lost for good after so many updates, before or after the server has carried it out."""

    left = 3
    after = False

    def update(self, request: str) -> None:
        if self.left == 0 and not self.after:
            raise ServerError("the line is cut")
        super().update(request)
        if self.left == 0:
            raise ServerError("the line is cut")
        Breaking.left -= 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("left", [0, 1, 2, 5])
def test_a_push_that_broke_off_is_gone_on_with(
    server: Fuseki, kg: Path, monkeypatch: pytest.MonkeyPatch, left: int, after: bool
) -> None:
    monkeypatch.setattr(pushing, "BATCH", 10)
    server.endpoint.update(f"INSERT DATA {{ {SAID[0]} }}")
    monkeypatch.setattr(Breaking, "left", left)
    monkeypatch.setattr(Breaking, "after", after)
    mine = server.endpoint
    with pytest.raises(ServerError, match="the line is cut"):
        push(kg, Breaking(mine.query_url, mine.update_url, mine.data_url))
    assert len(held(server)) < ALL
    done = max(0, left - 2 + after) * 10
    pushed = push(kg, mine)
    assert counts(pushed) == (ALL - done, 0)
    assert held(server) == lines(NODES, STATEMENTS)
    store(kg, (), ())
    push(kg, mine)
    assert held(server) == {SAID[0]}


def test_of_two_pushes_at_once_the_later_one_goes_through(
    server: Fuseki, kg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "BATCH", 10)
    nodes = (*NODES, paper(8))

    def overtake(done: int, _of: int) -> None:
        if done == 20:
            store(kg, nodes, STATEMENTS)
            push(kg, server.endpoint)

    with pytest.raises(ServerError, match=r"another push of 'kg-[0-9a-f]{8}' began meanwhile"):
        push(kg, server.endpoint, progress=overtake)
    assert held(server) == lines(nodes, STATEMENTS)
    assert counts(push(kg, server.endpoint)) == (0, 0)


def test_pushes_of_two_graphs_at_once(
    server: Fuseki, kg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "BATCH", 5)
    others = [store(tmp_path / str(number), (*NODES[2:], paper(10 + number)), ()) for number in range(3)]
    failures: list[BaseException] = []

    def run(folder: Path) -> None:
        try:
            push(folder, server.endpoint)
        except KgtoolError as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(folder,)) for folder in (kg, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert held(server) == lines((*NODES, *(paper(10 + number) for number in range(3))), STATEMENTS)
    for folder in (kg, *others):
        store(folder, (), ())
        push(folder, server.endpoint)
    assert not held(server)


def test_a_server_that_is_killed_in_the_midst(
    fuseki_server: Fuseki, kg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "BATCH", 10)
    monkeypatch.setattr(pushing, "_PAUSES", (0.1, 0.1))
    location = ("--tdb2", f"--loc={tmp_path / 'tdb'}", "--update", "/ds")
    (tmp_path / "tdb").mkdir()
    with fuseki(tmp_path / "one", *location) as server:

        def kill(done: int, _of: int) -> None:
            if done == 30:
                server.kill()

        with pytest.raises(ServerError, match=rf"the connection is refused; 30 of {ALL} changes are written"):
            push(kg, server.endpoint, progress=kill)
    with fuseki(tmp_path / "two", *location) as server:
        assert len(held(server)) == 30
        assert push(kg, server.endpoint).triples == ALL
        rows = server.endpoint.select(f"SELECT ?o {{ {LORA} <{vocab.expand('kg:specificity')}> ?o }}")
        assert [float(getattr(row[0], "value", "nan")) for row in rows] == [1e-07]
        # TDB2 keeps numbers as values: they come back as it writes them.
        assert {line for line in held(server) if "XMLSchema#" not in line} == {
            line for line in lines(NODES, STATEMENTS) if "XMLSchema#" not in line
        }
        store(kg, (*NODES, entity("new")), STATEMENTS)
        assert counts(push(kg, server.endpoint)) == (len(lines((entity("new"),), ())), 0)
        store(kg, (), ())
        push(kg, server.endpoint)
        assert not held(server)


def test_a_connection_that_is_lost_once_is_made_again(
    server: Fuseki, kg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "_PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(pushing, "BATCH", 20)
    fails = iter([False, False, True, True, True, False, True])

    class Shaky(Endpoint):
        def update(self, request: str) -> None:
            super().update(request)
            if next(fails, False):
                raise ServerUnavailable("hung up")

    mine = server.endpoint
    assert push(kg, Shaky(mine.query_url, mine.update_url, mine.data_url)).triples == ALL
    assert held(server) == lines(NODES, STATEMENTS)


def test_a_server_whose_default_graph_is_the_union_wants_a_named_one(
    fuseki_server: Fuseki, kg: Path, tmp_path: Path
) -> None:
    configuration = tmp_path / "union.ttl"
    configuration.write_text(
        """
        @prefix fuseki: <http://jena.apache.org/fuseki#> .
        @prefix tdb2: <http://jena.apache.org/2016/tdb#> .
        [] a fuseki:Service ; fuseki:name "ds" ; fuseki:dataset [
             a tdb2:DatasetTDB2 ; tdb2:location "--mem--" ; tdb2:unionDefaultGraph true ] ;
           fuseki:endpoint [ fuseki:operation fuseki:query ; fuseki:name "sparql" ] ,
             [ fuseki:operation fuseki:update ; fuseki:name "update" ] .
        """,
        "utf-8",
    )
    with fuseki(tmp_path / "union", f"--config={configuration}") as server:
        with pytest.raises(InputError, match="name one to push into by --graph IRI"):
            push(kg, server.endpoint)
        assert not dump(server)
        # Nor is there a /data: what is claimed is read by a query.
        assert push(kg, server.endpoint, graph=GRAPH).triples_written == ALL
        store(kg, NODES[:1], ())
        push(kg, server.endpoint, graph=GRAPH)
        assert held(server, GRAPH) == lines(NODES[:1], ())


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_server_with_a_password(
    fuseki_server: Fuseki, kg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    (tmp_path / "passwd").write_text("ada: s3cret-word\n", "utf-8")
    options = (f"--auth={scheme}", f"--passwd={tmp_path / 'passwd'}", "--mem", "--update", "/ds")
    with fuseki(tmp_path / "locked", *options) as server:
        wrong = run("push", server.target, "--kg", kg)
        assert (wrong.exit_code, wrong.stdout) == (2, "")
        assert "wants a user and a password (KGTOOL_SPARQL_USER, KGTOOL_SPARQL_PASSWORD)" in wrong.stderr
        monkeypatch.setenv("KGTOOL_SPARQL_USER", "ada")
        monkeypatch.setenv("KGTOOL_SPARQL_PASSWORD", "not-s3cret")
        wrong = run("push", server.target, "--kg", kg)
        assert wrong.exit_code == 2
        assert "not-s3cret" not in wrong.output
        monkeypatch.setenv("KGTOOL_SPARQL_PASSWORD", "s3cret-word")
        done = run("push", server.target, "--kg", kg, "-o", "json")
        assert json.loads(done.stdout)[0]["triples_written"] == ALL, done.stderr
        assert "s3cret" not in done.output
        asked = run("sparql", "--endpoint", f"{server.dataset}/sparql", "ASK { ?m a kg:Method }", "-o", "csv")
        assert asked.stdout == "answer\ntrue\n"
        monkeypatch.delenv("KGTOOL_SPARQL_USER")
        monkeypatch.delenv("KGTOOL_SPARQL_PASSWORD")
        (tmp_path / "secret").write_text("s3cret-word\n", "utf-8")
        given = ("--user", "ada", "--password-file", tmp_path / "secret", "-o", "json")
        assert json.loads(run("push", server.target, "--kg", kg, *given).stdout)[0]["triples_written"] == 0


def test_a_dataset_that_is_read_only_or_is_not_there(fuseki_server: Fuseki, kg: Path, tmp_path: Path) -> None:
    (tmp_path / "tdb").mkdir()
    with fuseki(tmp_path / "fixed", "--tdb2", f"--loc={tmp_path / 'tdb'}", "/ds") as server:
        done = run("push", server.target, "--kg", kg)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
        assert "/ds/update: " in done.stderr
    done = run("push", fuseki_server.target.replace("/ds", "/other"), "--kg", kg)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    done = run("push", server.target, "--kg", kg)
    assert "no server answers there: the connection is refused" in done.stderr
    assert done.exit_code == 2


def test_a_node_with_ten_thousand_relationships(server: Fuseki, kg: Path) -> None:
    papers = tuple(Node(f"arxiv:2601.{number:05}", "Paper", (("title", "A title"),)) for number in range(10_000))
    uses_all = tuple(Statement(node.id, "inCategory", "category:cs.LG") for node in papers)
    store(kg, (*papers, Node("category:cs.LG", "Category", (("name", "cs.LG"),))), uses_all)
    assert push(kg, server.endpoint).triples == 50_000 + 4
    store(kg, papers, ())
    assert counts(push(kg, server.endpoint)) == (0, 10_000 + 4)


def test_the_kgtool_that_is_missing_and_names_that_are_none(server: Fuseki, kg: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no knowledge graph here"):
        push(tmp_path / "none", server.endpoint)
    for graph in ("", "no iri", "a:b> { } }", f"{RECORDS}/mine", RECORDS):
        with pytest.raises(InputError):
            push(kg, server.endpoint, graph=graph)
    push(kg, server.endpoint, name='"} ; DROP ALL #<>/?é')
    assert held(server) == lines(NODES, STATEMENTS)
    assert not dump_of_graphs(server) - {
        RECORDS,
        f"{RECORDS}/%22%7D%20%3B%20DROP%20ALL%20%23%3C%3E%2F%3F%C3%A9/" + record_hash(),
    }


def dump_of_graphs(server: Fuseki) -> set[str]:
    rows = server.endpoint.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    return {str(getattr(row[0], "value", "")) for row in rows}


def record_hash() -> str:
    return content_hash(pushing.DEFAULT_GRAPH)[:16]


# Any graph


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
WORDS = st.text("abcdefghijklmnopqrstuvwxyzé +#%\"\\'<>{}", min_size=1, max_size=8)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[tuple[Node, ...], tuple[Statement, ...]]:
    methods = draw(st.lists(WORDS, unique=True, max_size=4))
    nodes = [
        Node(f"method:{name}", "Method", (("name", draw(TEXTS)), ("papers", draw(st.integers(0, 9)))))
        for name in methods
    ]
    for number in range(draw(st.integers(0, 3))):
        nodes.append(Node(f"arxiv:2601.{number:05}", "Paper", (("title", draw(TEXTS)),)))
    papers = [node.id for node in nodes if node.label == "Paper"]
    pairs = (
        draw(st.lists(st.tuples(st.sampled_from(papers), st.sampled_from(methods)), max_size=5))
        if papers and methods
        else []
    )
    score = st.floats(0, 1, allow_subnormal=False)
    edges = [
        Statement(paper_id, "uses", f"method:{name}", (("confidence", draw(score)), ("sentence", draw(TEXTS))))
        for paper_id, name in pairs
    ]
    return tuple(nodes), tuple(edges)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(graphs(), min_size=2, max_size=3))
def test_any_graph_follows_any_other(
    server: Fuseki, tmp_path: Path, versions: list[tuple[tuple[Node, ...], tuple[Statement, ...]]]
) -> None:
    server.clear()
    server.endpoint.update(f"INSERT DATA {{ {SAID[1]} }}")
    kg = tmp_path / "kg"
    for nodes, statements in versions:
        store(kg, nodes, statements)
        push(kg, server.endpoint)
        assert held(server) == lines(nodes, statements) | {SAID[1]}


TRIPLES = st.builds(
    "<http://e.org/{}> <http://e.org/p> {}".format,
    st.integers(0, 40),
    st.sampled_from(['"a"', '"b"@en', '"1"^^<http://www.w3.org/2001/XMLSchema#integer>', '"\\""', '"é\\u0001"']),
)


@settings(deadline=None)
@given(st.sets(TRIPLES), st.sets(TRIPLES), st.integers(1, 9))
def test_a_difference_is_that_of_sets(wanted: set[str], present: set[str], size: int) -> None:
    def parsed(triples: set[str]) -> list[ox.Triple]:
        text = "".join(f"{triple} .\n" for triple in triples)
        return [quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)]

    new, old = set(map(str, parsed(wanted))), set(map(str, parsed(present)))
    with difference((f"{triple} .\n" for triple in [*wanted, *wanted]), parsed(present)) as found:
        assert (found.wanted, found.added, found.removed) == (len(new), len(new - old), len(old - new))
        batches = list(found.batches(size, 10**6))
        assert all(len(batch) == size for batch in batches[:-1])
        assert {triple for batch in batches for triple in batch.added} == new - old
        assert {triple for batch in batches for triple in batch.removed} == old - new
        assert [len(batch) for batch in found.batches(10**6, 1)] == [1] * len(new ^ old)


def test_numbers_and_tags_that_a_server_writes_in_another_way_are_no_difference() -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    written = [
        ("1e-07", "1.0E-7", "double"),
        ("0.5", "5.0e-1", "double"),
        ("3", "+03", "integer"),
        ("0.50", "0.5", "decimal"),
    ]
    wanted = [f'<a:{n}> <a:p> "{ours}"^^<{xsd}{type_}> .\n' for n, (ours, _, type_) in enumerate(written)]
    theirs = "".join(f'<a:{n}> <a:p> "{found}"^^<{xsd}{type_}> .\n' for n, (_, found, type_) in enumerate(written))
    present = [quad.triple for quad in ox.parse(theirs + '<a:x> <a:p> "x"@EN-gb .\n', ox.RdfFormat.N_TRIPLES)]
    with difference([*wanted, '<a:x> <a:p> "x"@en-GB .\n'], present) as found:
        assert (found.wanted, found.added, found.removed) == (5, 0, 0)


# The same answers


@pytest.fixture(scope="module")
def pushed_examples(
    fuseki_server: Fuseki, example_kg: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuseki]:
    """The example graph in a dataset of its own server, beside what others wrote."""
    with fuseki(tmp_path_factory.mktemp("examples")) as server:
        folder = tmp_path_factory.mktemp("copy") / "kg"
        shutil.copytree(example_kg, folder)
        server.endpoint.update(f"INSERT DATA {{ GRAPH <http://example.org/other> {{ {LORA} a {LORA} }} }}")
        push(folder, server.endpoint)
        yield server


def asked_both_ways(kg: Path, server: Fuseki, *arguments: str) -> tuple[str, str]:
    own = run("sparql", *arguments, "--kg", kg, "-o", "json")
    other = run("sparql", *arguments, "--endpoint", f"{server.dataset}/sparql", "-o", "json")
    assert (own.exit_code, other.exit_code) == (0, 0), own.stderr + other.stderr
    return own.stdout, other.stdout


@pytest.mark.parametrize("name", [query.name for query in queries.queries()])
def test_canned_queries_answer_alike(pushed_examples: Fuseki, example_kg: Path, name: str) -> None:
    arguments = shlex.split(queries.find(name).example)
    own, other = asked_both_ways(example_kg, pushed_examples, name, *arguments)
    assert json.loads(own) == json.loads(other)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?p a kg:Paper ; dcterms:title ?title OPTIONAL { ?p dcterms:issued ?when } } ORDER BY ?p",
        "SELECT ?n (COUNT(*) AS ?c) (AVG(?v) AS ?a) { ?s kg:papers ?n ; kg:specificity ?v } GROUP BY ?n ORDER BY ?n",
        "ASK { ?p kg:mentions+ ?d . ?d a kg:Dataset }",
        "SELECT ?c { ?s kg:confidence ?c } ORDER BY DESC(?c) ?s LIMIT 20",
        "SELECT ?s ?t { ?s kg:tldr ?t } ORDER BY ?s",
    ],
)
def test_queries_answer_alike(pushed_examples: Fuseki, example_kg: Path, query: str) -> None:
    own, other = asked_both_ways(example_kg, pushed_examples, query)
    assert json.loads(own) == json.loads(other)


def test_graphs_and_parameters_answer_alike(pushed_examples: Fuseki, example_kg: Path) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s skos:prefLabel $name ; ?p ?o }"
    own, other = asked_both_ways(example_kg, pushed_examples, query, "-p", "name=ImageNet")
    assert sorted(map(str, json.loads(own))) == sorted(map(str, json.loads(other)))
    assert len(json.loads(own)) > 3


def test_every_format_of_the_command(pushed_examples: Fuseki, example_kg: Path) -> None:
    query = "SELECT ?id ?n { ?d a kg:Dataset ; dcterms:identifier ?id ; kg:papers ?n } ORDER BY ?id LIMIT 3"
    for output in ("table", "json", "jsonl", "csv"):
        own = run("sparql", query, "--kg", example_kg, "-o", output)
        other = run("sparql", query, "--endpoint", f"{pushed_examples.dataset}/sparql", "-o", output)
        assert (other.exit_code, other.stdout) == (0, own.stdout)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * { ?x kg:paperz }", "kgtool: syntax error: unexpected }"),
        ("DELETE WHERE { ?s ?p ?o }", "kgtool: DELETE would change the graph: queries are read-only here"),
        ("SELECT * { ?x kg:title ?t }", "note: kg:title is asserted as dcterms:title"),
        ("SELECT * { ?s ?p $name }", "the query has no parameter $nome"),
    ],
)
def test_what_is_wrong_with_a_query_is_said_as_it_is_here(pushed_examples: Fuseki, query: str, says: str) -> None:
    parameters = ("-p", "nome=x") if "$name" in query else ()
    done = run("sparql", query, *parameters, "--endpoint", f"{pushed_examples.dataset}/sparql")
    assert says in done.stderr


# The command


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_command_tells_what_it_did(server: Fuseki, kg: Path) -> None:
    name = graph_name(kg)
    row = {"graph": name, "into": "", "triples_written": ALL, "triples_removed": 0, "triples": ALL, "dry_run": True}
    dry = run("push", server.target, "--kg", kg, "--dry-run", "-o", "json")
    assert json.loads(dry.stdout) == [row]
    assert dry.stderr == f"Would write {name} into the default graph of {server.target}:\n"
    done = run("push", server.target, "--kg", kg, "-o", "jsonl")
    assert json.loads(done.stdout) == row | {"dry_run": False}
    services = [f"--{service}-url={server.dataset}/{path}" for service, path in
                (("query", "query"), ("update", "update"), ("data", "get"))]  # fmt: skip
    done = run("push", "sparql+http://127.0.0.1:1/x", *services, "--graph", GRAPH, "--kg", kg, "-o", "csv")
    assert done.stdout.splitlines()[1] == f"{name},{GRAPH},{ALL},0,{ALL},false"
    assert run("push", server.target, "--kg", kg, "--name", "mine", "-o", "json").stderr.startswith(
        f"note: beside mine there: {name}; "
    )


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("sparql+ftp://a/b", "has to begin with one of"),
        ("http://localhost:3030/ds", "has to begin with one of"),
        ("sparql+http://", "is no address of a server"),
        ("sparql+http://ada:topsecret@localhost/ds", "a password does not belong in an address"),
        ("sparql+http://localhost/ds?x=y", "name its services by"),
    ],
)
def test_a_target_that_is_none(kg: Path, target: str, says: str) -> None:
    done = run("push", target, "--kg", kg)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr
    assert "topsecret" not in done.output


def test_services_lie_where_fuseki_has_them() -> None:
    endpoint = endpoint_of("sparql+https://example.org/ds/")
    assert (endpoint.query_url, endpoint.update_url, endpoint.data_url) == (
        "https://example.org/ds/sparql",
        "https://example.org/ds/update",
        "https://example.org/ds/data",
    )
    assert kind_of("SPARQL+HTTPS://example.org/ds") == "sparql"
    assert endpoint_of("sparql+http://a/ds", update_url="http://b/u").update_url == "http://b/u"
    with pytest.raises(InputError):
        endpoint_of("http://a/ds")


def test_a_name_is_kept_and_is_a_line(kg: Path, tmp_path: Path) -> None:
    name = graph_name(kg)
    assert graph_name(kg) == name
    assert name.startswith("kg-")
    assert [path.name for path in kg.iterdir() if path.name.startswith("name")] == ["name"]
    odd = store(tmp_path / "two\nlines")
    assert graph_name(odd).startswith("two-lines-")
    for text in ("", "a\nb", "x" * 201, "\x1b[31m"):
        (kg / "name").write_text(text, "utf-8")
        with pytest.raises(StoreError, match="holds no name"):
            graph_name(kg)
    (kg / "name").write_bytes(b"\xff")
    with pytest.raises(StoreError, match="not UTF-8"):
        graph_name(kg)
