"""What holds for either language."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from kgtool import rdf
from kgtool.errors import QueryError, StoreError, TornView
from kgtool.records import Node, Statement, Value
from kgtool.stores import asking, ladybug, oxigraph
from kgtool.stores.asking import ask_cypher, ask_sparql
from kgtool.stores.protocol import Ask

T = TypeVar("T")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def evidence(paper: str) -> tuple[tuple[str, Value], ...]:
    return (
        ("charEnd", 9),
        ("charStart", 3),
        ("confidence", 0.93),
        ("extractor", "kgtool-0.1.0"),
        ("paper", paper),
        ("sentence", "COPY this; LOAD FROM 'x'"),
    )


PAPERS = [Node(f"arxiv:2601.{i:05}", "Paper", (("title", f"Title {i}"), ("tldr", ("en", "kurz")))) for i in range(60)]
AUTHORS = [Node(f"author:a{i}", "Author", (("name", f"Ada {i}"),)) for i in range(2)]
METHODS = [
    Node("method:lora", "Method", (("aliases", ("LoRA", "low rank")), ("name", "LoRA"), ("papers", 60))),
    Node("method:gcn", "Method", (("name", "GCN"), ("papers", 0))),
]
NODES = [*PAPERS, *AUTHORS, *METHODS]
STATEMENTS = [
    *(Statement(author.id, "wrote", paper.id, (("position", 1),)) for author in AUTHORS for paper in PAPERS[:3]),
    *(Statement(paper.id, "uses", "method:lora", evidence(paper.id)) for paper in PAPERS),
]


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views")
    oxigraph.load(folder / "rdf", rdf.triples(NODES, STATEMENTS))
    ladybug.load(folder / "graph.lbug", NODES, STATEMENTS)
    return folder


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file below the folder with its size and the time of its last change."""
    found = (path for path in folder.rglob("*"))
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


@pytest.fixture(params=["sparql", "cypher"])
def ask(request: pytest.FixtureRequest) -> Ask:
    return ask_sparql if request.param == "sparql" else ask_cypher


@pytest.fixture
def view(views: Path, ask: Ask) -> Path:
    return views / ("rdf" if ask is ask_sparql else "graph.lbug")


def queries(ask: Ask) -> dict[str, str]:
    if ask is ask_sparql:
        return {
            "titles": "SELECT ?title { ?p a kg:Paper ; dcterms:title ?title } ORDER BY ?title LIMIT 2",
            "count": "SELECT (COUNT(*) AS ?n) { ?p a kg:Paper }",
            "none": "SELECT ?p { ?p a kg:Digest }",
            "by name": "SELECT ?papers { ?m skos:prefLabel $name ; kg:papers ?papers }",
            "everything": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
            "sorted": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l } ORDER BY ?c ?f ?i ?l",
        }
    return {
        "titles": "MATCH (p:Paper) RETURN p.title AS title ORDER BY title LIMIT 2",
        "count": "MATCH (p:Paper) RETURN count(*) AS n",
        "none": "MATCH (p:Digest) RETURN p",
        "by name": "MATCH (m:Method {name: $name}) RETURN m.papers AS papers",
        "everything": "MATCH (a), (b), (c), (d), (e), (f) RETURN a, b, c, d, e, f",
        "sorted": "MATCH (a), (b), (c), (d), (e), (f) RETURN a, b, c, d, e, f ORDER BY a.id, b.id, c.id, d.id",
    }


def test_answers_have_columns_and_rows(ask: Ask, view: Path) -> None:
    table = ask(view, queries(ask)["titles"]).table
    assert table.records() == [{"title": "Title 0"}, {"title": "Title 1"}]
    assert ask(view, queries(ask)["count"]).table.rows == ((60,),)


def test_no_rows_is_an_answer(ask: Ask, view: Path) -> None:
    answer = ask(view, queries(ask)["none"])
    assert (answer.table.columns, answer.table.rows, answer.notes) == (("p",), (), ())


@pytest.mark.parametrize(
    ("name", "rows"), [("LoRA", ((60,),)), ('LoRA" . } #', ()), ("LoRA'}) RETURN 1 //", ()), ("\\", ()), ("é\n", ())]
)
def test_parameters_are_values_and_never_query(ask: Ask, view: Path, name: str, rows: object) -> None:
    assert ask(view, queries(ask)["by name"], {"name": name}).table.rows == rows


def test_a_parameter_that_the_query_lacks_is_an_error(ask: Ask, view: Path) -> None:
    with pytest.raises(QueryError, match=r"the query has no parameter \$nome"):
        ask(view, queries(ask)["by name"], {"nome": "LoRA", "name": "GCN"})
    with pytest.raises(QueryError, match="neither a text nor a number"):
        ask(view, queries(ask)["by name"], {"name": {"a": 1}})  # type: ignore[dict-item]


@pytest.mark.parametrize("kind", ["everything", "sorted"])
def test_a_join_of_everything_ends_in_time(ask: Ask, view: Path, kind: str) -> None:
    start = time.monotonic()
    with pytest.raises(QueryError, match=r"took longer than 2 s|needs more memory"):
        ask(view, queries(ask)[kind], timeout=2)
    assert time.monotonic() - start < 4


def test_a_large_answer_is_refused(ask: Ask, view: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ANSWER_BYTES", 1 << 20)
    with pytest.raises(QueryError, match="the answer is larger than 1 MB"):
        ask(view, queries(ask)["everything"], timeout=60)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf")])
def test_a_timeout_is_a_time(ask: Ask, view: Path, timeout: float) -> None:
    with pytest.raises(QueryError, match="a time-out is more than 0"):
        ask(view, queries(ask)["count"], timeout=timeout)


def test_a_missing_view_is_an_error_and_is_not_made(ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no"):
        ask(tmp_path / "gone", queries(ask)["count"])
    assert not list(tmp_path.iterdir())


def test_a_torn_view_is_an_error(ask: Ask, tmp_path: Path) -> None:
    torn = tmp_path / "view"
    if ask is ask_sparql:
        torn.mkdir()
        (torn / "CURRENT").write_bytes(b"MANIFEST-000001\n")
    else:
        torn.write_bytes(b"x" * 100_000)
    with pytest.raises(TornView, match="cannot be opened"):
        ask(torn, queries(ask)["count"])


def cut(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
@pytest.mark.parametrize("name", ["titles", "count"])
def test_a_torn_property_graph_is_told_from_a_wrong_query(views: Path, tmp_path: Path, share: float, name: str) -> None:
    torn = tmp_path / "graph.lbug"
    shutil.copy(views / "graph.lbug", torn)
    cut(torn, share)
    with pytest.raises(TornView, match=r"graph\.lbug: the property graph (?:cannot be opened|is damaged)"):
        ask_cypher(torn, queries(ask_cypher)[name])


def test_a_page_that_is_overwritten_is_damage(views: Path, tmp_path: Path) -> None:
    torn = tmp_path / "graph.lbug"
    whole = (views / "graph.lbug").read_bytes()
    torn.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(TornView):
        ask_cypher(torn, "RETURN 1")
    torn.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    with pytest.raises(TornView, match="it has no table"):
        ask_cypher(torn, "RETURN 1")


@pytest.mark.parametrize("share", [None, 0, 0.5, 0.9])
@pytest.mark.parametrize("files", ["*.sst", "MANIFEST-*", "CURRENT", "*"])
def test_a_torn_rdf_view_is_told_from_a_wrong_query(
    views: Path, tmp_path: Path, share: float | None, files: str
) -> None:
    torn = tmp_path / "rdf"
    shutil.copytree(views / "rdf", torn)
    for path in sorted(torn.glob(files)):
        if share is None:
            path.unlink()
        else:
            cut(path, share)
    with pytest.raises(TornView, match=r"the RDF view (?:cannot be opened|is damaged)|there is no RDF view"):
        ask_sparql(torn, queries(ask_sparql)["count"])


def test_a_block_that_is_overwritten_is_damage(views: Path, tmp_path: Path) -> None:
    torn = tmp_path / "rdf"
    shutil.copytree(views / "rdf", torn)
    for path in torn.glob("*.sst"):
        path.write_bytes(b"\xff" * 100 + path.read_bytes()[100:])
    with pytest.raises(TornView, match="Corruption"):
        ask_sparql(torn, queries(ask_sparql)["count"])


def test_empty_views_are_whole(tmp_path: Path) -> None:
    oxigraph.load(tmp_path / "rdf", [])
    ladybug.load(tmp_path / "graph.lbug", [], [])
    assert ask_sparql(tmp_path / "rdf", queries(ask_sparql)["count"]).table.rows == ((0,),)
    assert ask_cypher(tmp_path / "graph.lbug", queries(ask_cypher)["count"]).table.rows == ((0,),)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([1, "x"], "mixes numbers and texts"),
        ([True, 1], "mixes numbers and true or false"),
        ([], "no value that would tell its type"),
        ([None], "no value that would tell its type"),
        ([["a"]], "neither a text nor a number"),
        ({"a": {"b": 1}}, "neither a text nor a number"),
        (1 << 63, "does not fit into 64 bits"),
        (-(1 << 63) - 1, "does not fit into 64 bits"),
        ([1 << 70], "does not fit into 64 bits"),
        ("\udc80", "not valid UTF-8"),
    ],
)
def test_a_parameter_that_no_engine_takes_is_refused_by_name(ask: Ask, view: Path, value: object, says: str) -> None:
    with pytest.raises(QueryError, match=rf"\A[^\n]*\$name [^\n]*{says}[^\n]*\Z"):
        ask(view, queries(ask)["by name"], {"name": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("MATCH\n (n\0) RETURN n", r"holds a NUL character \(line 2, column 4\)"),
        ("SELECT * {}\udce9", r"is not valid UTF-8 \(line 1, column 12\)"),
    ],
)
def test_a_query_that_is_no_text_is_one_clear_line(ask: Ask, view: Path, query: str, says: str) -> None:
    with pytest.raises(QueryError, match=rf"\Athe query {says}\Z"):
        ask(view, query)


@pytest.mark.parametrize("query", ["", " \n\t", "# only\n", "// only\n", "\0", "\ud800", "x" * 200_000, "(" * 5_000])
def test_no_query_is_an_error(ask: Ask, view: Path, query: str) -> None:
    with pytest.raises(QueryError):
        ask(view, query)


def test_asking_changes_nothing(ask: Ask, view: Path, views: Path) -> None:
    before = files(views)
    for name in ("titles", "count", "none"):
        ask(view, queries(ask)[name])
    assert files(views) == before


def test_a_module_of_the_working_folder_is_not_imported(
    ask: Ask, view: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported')", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert ask(view, queries(ask)["count"]).table.rows == ((60,),)


def test_a_crash_of_the_engine_is_an_error(ask: Ask, view: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen
    script = "import os, sys; sys.stdin.readline(); print('{said}', flush=True); "
    script += "print('boom', file=sys.stderr, flush=True); os.abort()"
    crash = [sys.executable, "-c", script.replace("{said}", '{"opened": true}')]
    monkeypatch.setattr("kgtool.stores.asking.subprocess.Popen", lambda command, **options: real(crash, **options))
    with pytest.raises(QueryError, match=r"the engine broke down over this query.*boom"):
        ask(view, queries(ask)["count"])
    crash[2] = script.replace("{said}", "").replace("print('', flush=True); ", "")
    with pytest.raises(TornView, match=r"cannot be opened: the engine broke down over it.*boom"):
        ask(view, queries(ask)["count"])


@LINUX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_the_caller(ask: Ask, view: Path, how: signal.Signals) -> None:
    name = "ask_sparql" if ask is ask_sparql else "ask_cypher"
    script = f"from pathlib import Path; from kgtool.stores.asking import {name} as ask; print('here', flush=True)"
    script += f"; ask(Path({str(view)!r}), {queries(ask)['everything']!r}, timeout=60)"
    caller = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # ignored where the tests run in the background
    )
    assert caller.stdout is not None
    caller.stdout.readline()
    children = wait_for(lambda: children_of(caller.pid))
    time.sleep(0.5)
    caller.send_signal(how)
    caller.wait(10)
    caller.stdout.close()
    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def wait_for(condition: Callable[[], T]) -> T:
    """What the condition gives, as soon as that is true."""
    until = time.monotonic() + 10
    while not (result := condition()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return result


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed")
@pytest.mark.parametrize("name", ["a b", "it's", "k[1]", "st*r", "back\\slash", "{x}", '"q"', "%20", "é", "two\nlines"])
def test_a_view_may_lie_anywhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    oxigraph.load(folder / "rdf", rdf.triples(NODES[:1], []))
    ladybug.load(folder / "graph.lbug", NODES[:1], [])
    assert ask_sparql(folder / "rdf", "SELECT (COUNT(*) AS ?n) { ?p a kg:Paper }").table.rows == ((1,),)
    assert ask_cypher(folder / "graph.lbug", "MATCH (p:Paper) RETURN count(*) AS n").table.rows == ((1,),)


def test_a_torn_log_beside_the_database_is_left_alone(tmp_path: Path) -> None:
    ladybug.load(tmp_path / "graph.lbug", NODES, STATEMENTS)
    (tmp_path / "graph.lbug.wal").write_bytes(b"torn" * 100)
    before = files(tmp_path)
    assert ask_cypher(tmp_path / "graph.lbug", "MATCH (p:Paper) RETURN count(*) AS n").table.rows == ((60,),)
    assert files(tmp_path) == before


def test_the_first_answer_comes_soon(views: Path) -> None:
    """From a cold start about 0.1 s in either language, on an idle machine."""
    start = time.monotonic()
    ask_sparql(views / "rdf", "ASK { ?s ?p ?o }")
    ask_cypher(views / "graph.lbug", "RETURN 1")
    assert time.monotonic() - start < 5
