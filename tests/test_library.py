"""The library: its methods mirror the commands, its examples run, and importing it is light."""

import doctest
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from samples import EXAMPLES, ROOT

import kgtool
from kgtool.analysis import connect, find, gaps, matrix, network, papers, related, show, stats, trends
from kgtool.errors import InputError, KgtoolError, NothingFound, QueryError, StoreError
from kgtool.export import export
from kgtool.library import Pictures, graph, pictures
from kgtool.plot import neighbourhood, pairs, paths, rising
from kgtool.records import Table

HEAVY = {"spacy", "numpy", "rdflib", "pyoxigraph", "ladybug", "pyarrow", "networkx", "neo4j", "matplotlib", "pandas"}


@pytest.fixture
def kg(example_kg):
    return kgtool.open(example_kg)


def test_import_is_light():
    code = "import sys, kgtool; print(*sorted({name.split('.')[0] for name in sys.modules}), len(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)


def test_the_public_list():
    assert kgtool.__all__ == ["KnowledgeGraph", "__version__", "open"]
    assert all(hasattr(kgtool, name) for name in kgtool.__all__)
    for class_, fields in ((kgtool.KnowledgeGraph, {"path"}), (Pictures, {"kg"})):
        public = {name for name in vars(class_) if not name.startswith("_")} - fields
        assert not [name for name in public if ">>>" not in (inspect.getdoc(getattr(class_, name)) or "")]


def test_a_graph_that_is_not_there(tmp_path):
    with pytest.raises(
        StoreError, match=r"nowhere: no knowledge graph here; `kgtool build DIGEST… --kg .*nowhere` makes"
    ):
        kgtool.open(tmp_path / "nowhere")
    with pytest.raises(StoreError):
        kgtool.open(str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_it_is_a_value(example_kg):
    assert kgtool.open(example_kg) == kgtool.open(str(example_kg))
    with pytest.raises(AttributeError):
        kgtool.open(example_kg).path = Path("other")


TWINS = {
    "connect": connect.connect,
    "find": find.find,
    "gaps": gaps.gaps,
    "matrix": matrix.matrix,
    "papers": papers.papers,
    "related": related.related,
    "show": show.show,
    "stats": stats.stats,
    "to_networkx": network.network,
    "trends": trends.trends,
}


PICTURES = {
    "bipartite": pairs.bipartite,
    "matrix": pairs.matrix,
    "neighbourhood": neighbourhood.neighbourhood,
    "path": paths.path,
    "trends": rising.trends,
}
BOTH = [(kgtool.KnowledgeGraph, name, function) for name, function in TWINS.items()]
BOTH += [(Pictures, name, function) for name, function in PICTURES.items()]


@pytest.mark.parametrize(("owner", "name", "function"), BOTH)
def test_methods_take_what_the_functions_take(owner, name, function):
    method = inspect.signature(getattr(owner, name)).parameters
    function = inspect.signature(function).parameters
    assert list(method)[1:] == list(function)[1:]
    for parameter in list(function)[1:]:
        assert method[parameter].default == function[parameter].default, parameter
        assert method[parameter].kind == function[parameter].kind


@pytest.mark.parametrize(("owner", "name", "function"), BOTH)
def test_methods_hand_on_what_they_are_given(owner, name, function, example_kg, monkeypatch):
    module = sys.modules[function.__module__]
    asked = []
    monkeypatch.setattr(module, function.__name__, lambda *given, **named: asked.append((given, named)) or ("answer",))
    monkeypatch.setattr(connect, "as_table", lambda found: found)
    kinds = inspect.signature(function).parameters
    given = {parameter: object() for parameter, kind in kinds.items() if kind.kind is not kind.VAR_KEYWORD}
    given.pop("kg")
    if len(given) < len(kinds) - 1:
        given["method"] = object()
    assert getattr(owner(example_kg), name)(**given) == ("answer",)
    ((positional, named),) = asked
    names = [parameter for parameter, kind in kinds.items() if kind.kind is kind.POSITIONAL_OR_KEYWORD]
    assert dict(zip(names, positional, strict=False)) | named == {"kg": example_kg} | given


def test_export_gives_the_same_file(kg, example_kg, tmp_path):
    kg.export("nquads", str(tmp_path / "a.nq"), min_confidence=0.5, base="http://example.org/")
    export(example_kg, "nquads", tmp_path / "b.nq", min_confidence=0.5, base="http://example.org/")
    assert (tmp_path / "a.nq").read_bytes() == (tmp_path / "b.nq").read_bytes()
    with pytest.raises(InputError):
        kg.export("word", tmp_path / "c")


def test_queries(kg):
    asked = kg.cypher("MATCH (a:Author) WHERE a.name IN $names RETURN a.id ORDER BY a.id", names=["Omar El-Tayyib"])
    assert asked == Table(("a.id",), (("author:omar-el-tayyib",),))
    assert kg.sparql("SELECT ?id { ?a foaf:name ?name ; dcterms:identifier ?id }", name="Omar El-Tayyib").rows == (
        ("author:omar-el-tayyib",),
    )
    with pytest.raises(QueryError):
        kg.cypher("MATCH (n) DETACH DELETE n")
    with pytest.raises(QueryError):
        kg.sparql("DELETE WHERE { ?s ?p ?o }")
    with pytest.raises(NothingFound):
        kg.show("nobody of this name")


def test_canned_queries_go_by_their_names(kg):
    both = [ask("papers-of-author", author="Omar El-Tayyib", limit=3) for ask in (kg.cypher, kg.sparql)]
    assert both[0] == both[1]
    assert len(both[0]) == 3
    with pytest.raises(InputError, match="no canned query"):
        kg.cypher("papers-of-nobody")
    with pytest.raises(InputError, match="has no parameter"):
        kg.sparql("papers-of-author", author="x", colour="red")


def test_what_a_query_may_not_mean_is_a_warning(kg):
    with pytest.warns(UserWarning, match="twice"):
        kg.cypher("MATCH (a:Author)-[:WROTE]->(:Paper)<-[:WROTE]-(b:Author) RETURN count(*)")


def test_build_is_what_the_command_does(tmp_path, example_kg):
    folder = tmp_path / "digests"
    folder.mkdir()
    shutil.copy(EXAMPLES / "conference.txt", folder)
    (folder / "readme.txt").write_text("no digest\n")
    done = []
    kg = kgtool.KnowledgeGraph.build(folder, path=tmp_path / "kg", progress=lambda *each: done.append(each))
    assert kg == kgtool.open(tmp_path / "kg")
    assert done[-1][0] == done[-1][1] == len(kg.papers())
    again = kgtool.KnowledgeGraph.build(folder / "conference.txt", path=tmp_path / "kg", progress=done.append)
    assert again == kg
    with pytest.warns(UserWarning, match=r"readme\.txt"):
        kgtool.KnowledgeGraph.build(folder / "readme.txt", path=tmp_path / "kg")
    with pytest.raises(InputError, match="no such file"):
        kgtool.KnowledgeGraph.build(tmp_path / "nothing.txt", path=tmp_path / "kg")


# The examples


@pytest.fixture(scope="module")
def folder(example_kg, tmp_path_factory):
    """The example digests and their graph."""
    folder = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(EXAMPLES, folder / "examples")
    shutil.copytree(example_kg, folder / "kg")
    return folder


@pytest.fixture
def elsewhere(folder, monkeypatch):
    """A folder of the user's, where the examples run."""
    monkeypatch.chdir(folder)


def docstrings():
    finder = doctest.DocTestFinder(recurse=True)
    return [test for module in (graph, pictures) for test in finder.find(module) if test.examples]


FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("example", docstrings(), ids=lambda test: test.name)
def test_examples_of_the_docstrings(example, elsewhere):
    example.globs |= {"kg": kgtool.open("kg"), "Path": Path}
    results = doctest.DocTestRunner(optionflags=FLAGS).run(example)
    assert not results.failed


@pytest.mark.parametrize("page", ["library.md", "exports.md"])
def test_commands_and_examples_of_the_pages(page, elsewhere):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S):
        subprocess.run(["sh", "-e", "-c", block], check=True, env=environment, capture_output=True)
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert len(blocks) >= 3
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, page, 0)
    assert not doctest.DocTestRunner(optionflags=FLAGS).run(examples).failed


# Tables


HOSTILE = '<img src=x onerror="alert(1)"> & \x1b[31m \u202e$x$'


def test_a_table_shows_itself_as_text():
    table = Table(("name", "papers", "aliases"), (("Cora", 3, ("CORA", "Cora graph")), ("修复", None, None)))
    assert str(table) == "name  papers  aliases\nCora  3       CORA; Cora graph\n修复"
    assert repr(table) == str(table)
    assert str(Table(("a", "b"), ())) == "a  b"
    assert "\x1b" not in str(Table((HOSTILE,), ((HOSTILE,),)))


def test_a_long_table_shows_its_first_rows():
    table = Table(("number", "text"), tuple((number, "x" * 200) for number in range(21)))
    lines = str(table).splitlines()
    assert len(lines) == 22
    assert lines[1] == f"     0  {'x' * 59}…"
    assert lines[-1] == "… and 1 more row"
    assert Table(("n",), tuple((n,) for n in range(100)))._repr_html_().endswith("<p>… and 40 more rows</p>")


def test_html_is_escaped():
    html = Table((HOSTILE,), ((HOSTILE,), ({HOSTILE: HOSTILE},), ((HOSTILE, HOSTILE),)))._repr_html_()
    assert "<img" not in html
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; \\x1b" in html
    assert "\u202e" not in html
    assert html.count("<td ") == 3


def test_a_table_turns_into_pandas(kg):
    import pandas as pd

    frame = kg.papers(limit=5).to_pandas()
    assert list(frame.columns) == ["id", "title", "authors", "published", "url"]
    assert len(frame) == 5
    table = Table(
        ("whole", "gaps", "share", "name", "list", "map", "name"),
        ((1, 2, 0.5, "a", ("x", "y"), {"id": 1}, True), (2, None, None, None, (), None, False)),
    )
    frame = table.to_pandas()
    assert [str(dtype) for dtype in frame.dtypes.iloc[:3]] == ["int64", "Int64", "float64"]
    assert frame.iloc[0].tolist() == [1, 2, 0.5, "a", ("x", "y"), {"id": 1}, True]
    assert frame["gaps"].sum() == 2
    assert frame["gaps"].isna().tolist() == [False, True]
    assert pd.isna(frame.iloc[1, 3])
    assert list(frame.columns) == list(table.columns)
    assert Table(("a", "b"), ()).to_pandas().shape == (0, 2)
    assert Table((), ((), ())).to_pandas().shape == (2, 0)
    assert Table(("big",), ((1 << 70,), (None,))).to_pandas()["big"][0] == 1 << 70


def test_without_pandas_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(KgtoolError, match=r"pip install 'kgtool\[notebook\]'"):
        Table(("a",), ((1,),)).to_pandas()
