"""Pictures: what they show, and that what was drawn can be opened again."""

import builtins
import hashlib
import json
import re
import struct
import sys
import zlib
from math import dist
from pathlib import Path
from statistics import mean
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import CHINESE, HOSTILE, MATHS, SCRIPT, hostile_graph

from kgtool.analysis.matrix import matrix as count
from kgtool.cli import main
from kgtool.errors import InputError, NothingFound
from kgtool.plot import arrangement, canvas, drawing, layout, style
from kgtool.plot.neighbourhood import neighbourhood
from kgtool.plot.page import page
from kgtool.plot.pairs import bipartite, matrix
from kgtool.plot.paths import path
from kgtool.plot.pictures import Dot, Graph, Line
from kgtool.plot.rising import trends
from kgtool.plot.text import clean, shortened, width, wrapped
from kgtool.records import Node, Statement
from kgtool.stores.corpus import Corpus
from kgtool.vocab import LABELS, RELATIONSHIPS

ASSETS = Path(drawing.__file__).parent / "assets"


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def texts_of(svg):
    """The texts of an SVG, each as it is read."""
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]


def pixels(png):
    """Width and height of a PNG, and how many different rows of pixels it has."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    position, data, size = 8, b"", None
    while position < len(png):
        length, kind = struct.unpack(">I4s", png[position : position + 8])
        content = png[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack(">II", content[:8])
        elif kind == b"IDAT":
            data += content
        position += 12 + length
    raw = zlib.decompress(data)
    line = len(raw) // size[1]
    return *size, len({raw[start : start + line] for start in range(0, len(raw), line)})


# Small parts


@given(st.text())
def test_clean_text_is_one_line_of_xml(text):
    found = clean(text)
    assert found == clean(found)
    assert "\n" not in found
    element = ElementTree.Element("a")
    element.text = found
    assert ElementTree.fromstring(ElementTree.tostring(element, "utf-8")).text in (found, None)


@given(st.text(), st.floats(3, 40), st.integers(1, 4))
def test_wrapped_text_keeps_to_its_room(text, room, lines):
    text = clean(text)
    found = wrapped(text, room, lines)
    assert 1 <= len(found) <= lines
    assert all(width(line) <= room + 1e-9 for line in found)
    if not found[-1].endswith("…"):
        assert "".join("".join(found).split()) == "".join(text.split())


def test_text_is_broken_between_words_and_shortened_with_an_ellipsis():
    assert wrapped("Graph Neural Networks", 5, 3) == ("Graph", "Neural", "Networks")
    assert wrapped("Graph Neural Networks", 9, 2) == ("Graph Neural", "Networks")
    assert wrapped("Graph Neural Networks", 5, 2) == ("Graph", "Neural…")
    assert shortened("GCN", 10) == "GCN"
    assert shortened("Convolutional", 4).endswith("…")


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 25).flatmap(
        lambda count: st.tuples(
            st.lists(st.tuples(st.floats(0.2, 3), st.floats(0.2, 0.6)), min_size=count, max_size=count),
            st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=40),
        )
    )
)
def test_no_two_labels_overlap(graph):
    sizes, edges = graph
    places = layout.by_closeness(sizes, edges)
    assert places == layout.by_closeness(sizes, edges)
    for one in range(len(sizes)):
        for other in range(one):
            across = abs(places[one][0] - places[other][0]) - (sizes[one][0] + sizes[other][0]) / 2
            down = abs(places[one][1] - places[other][1]) - (sizes[one][1] + sizes[other][1]) / 2
            assert max(across, down) > -0.02


def test_what_is_linked_comes_closer():
    places = layout.by_closeness([(0.5, 0.3)] * 10, [(number, number + 1) for number in range(9)])
    apart = {(one, other): dist(places[one], places[other]) for one in range(10) for other in range(one)}
    linked = [length for (one, other), length in apart.items() if one - other == 1]
    assert mean(linked) < mean(apart.values()) / 2


def test_sides_are_ordered_so_that_lines_do_not_cross():
    left, right = layout.side_by_side(([0, 1, 2], [3, 4, 5]), {(0, 5): 1, (1, 4): 1, (2, 3): 1})
    assert [dict(zip(left, right, strict=True))[node] for node in (0, 1, 2)] == [5, 4, 3]


def test_every_type_and_relationship_has_a_look():
    assert set(style.LOOKS) == set(LABELS)
    assert (
        len({look.colour for look in style.LOOKS.values()}) == len({look.marker for look in style.LOOKS.values()}) == 7
    )
    for relationship in RELATIONSHIPS.values():
        assert style.stroke(relationship.type) in style.STROKES


def test_the_vendored_library_is_the_one_that_its_note_says():
    digest = hashlib.sha256((ASSETS / "cytoscape.min.js").read_bytes()).hexdigest()
    assert digest in (ASSETS / "README.md").read_text(encoding="utf-8")
    assert "Permission is hereby granted" in (ASSETS / "cytoscape.LICENSE").read_text(encoding="utf-8")


# What pictures show


@pytest.fixture(scope="module")
def kg(tmp_path_factory):
    """Paper A introduces M, uses N, evaluates on D; paper B uses N, mentions D; M is evaluated with D, says A."""
    folder = tmp_path_factory.mktemp("plot") / "kg"

    def entity(id_, name, specificity):
        label = id_.partition(":")[0].capitalize()
        return Node(id_, label, (("name", name), ("papers", 2), ("specificity", specificity)))

    def evidence(paper, confidence, sentence):
        return {
            "charStart": 0, "charEnd": 4, "confidence": confidence, "extractor": "by-hand-1", "paper": paper,
            "sentence": sentence,
        }  # fmt: skip

    def said(subject, predicate, object_, paper, confidence, sentence, **more):
        return Statement(
            subject, predicate, object_, tuple(sorted((evidence(paper, confidence, sentence) | more).items()))
        )

    a, b = "arxiv:2601.00001", "title:b"
    nodes = [
        Node(
            a,
            "Paper",
            (("abstract", ""), ("published", "2026-01"), ("title", "Paper A"), ("url", "javascript:alert(1)")),
        ),
        Node(
            b,
            "Paper",
            (("abstract", ""), ("published", "2026-02"), ("title", "Paper B"), ("url", "HTTPS://example.org/b")),
        ),
        Node("author:ada", "Author", (("name", "Ada"),)),
        Node("category:cs.LG", "Category", (("name", "cs.LG"),)),
        entity("method:m", "M", 0.9),
        entity("method:n", "N", 0.1),
        entity("dataset:d", "D", 0.5),
        entity("task:alone", SCRIPT, 0.5),
    ]
    statements = [
        Statement("author:ada", "wrote", a, (("position", 1),)),
        Statement(a, "inCategory", "category:cs.LG"),
        said(a, "mentions", "method:m", a, 0.9, "M.", role="introduces"),
        said(a, "introduces", "method:m", a, 0.9, "We introduce M."),
        said(a, "mentions", "method:n", a, 0.8, "N.", role="uses"),
        said(a, "uses", "method:n", a, 0.8, "M uses N."),
        said(a, "mentions", "dataset:d", a, 0.7, "D.", role="evaluates-on"),
        said(a, "evaluatesOn", "dataset:d", a, 0.7, "We try D."),
        said("method:m", "evaluatedWith", "dataset:d", a, 0.6, "M works on D."),
        said(b, "mentions", "method:n", b, 0.5, "N.", role="uses"),
        said(b, "uses", "method:n", b, 0.5, "B uses N."),
        said(b, "mentions", "dataset:d", b, 0.4, "D is known.", role="mentions"),
    ]
    with Corpus.create_or_open(folder) as corpus:
        corpus.replace_state([], [], (sorted(nodes, key=lambda node: node.id), statements), {}, "by-hand-1")
    return folder


def lines_of(graph):
    return {(line.source, line.target): line for line in graph.lines}


A, B = "arxiv:2601.00001", "title:b"


def test_neighbourhood(kg):
    graph = neighbourhood(kg, "m")
    assert {dot.id for dot in graph.dots} == {"method:m", A, "dataset:d"}
    assert [dot.id for dot in graph.dots if dot.focus] == ["method:m"]
    lines = lines_of(graph)
    assert set(lines) == {(A, "method:m"), (A, "dataset:d"), ("method:m", "dataset:d")}
    (said,) = lines["method:m", "dataset:d"].evidence
    assert (said.paper, said.title, said.url, said.sentence, said.confidence) == (
        A,
        "Paper A",
        None,
        "M works on D.",
        0.6,
    )
    assert lines[A, "method:m"].types == ("INTRODUCES",)
    assert graph.notes == ("2 of 2 neighbours within 1 step",)
    wider = neighbourhood(kg, "M", depth=2)
    assert {dot.id for dot in wider.dots} == {"method:m", A, "dataset:d", "method:n", "author:ada", B}
    assert lines_of(wider)[B, "dataset:d"].types == ("MENTIONS",)
    assert {dot.id: dot.url for dot in wider.dots}[B] == "HTTPS://example.org/b"
    assert "category:cs.LG" in {dot.id for dot in neighbourhood(kg, "M", depth=2, types=("Paper", "Category")).dots}
    sure = neighbourhood(kg, "M", min_confidence=0.65)
    assert set(lines_of(sure)) == {(A, "method:m")}
    assert sure.notes == ("1 of 1 neighbours within 1 step; edges of confidence 0.65 and more",)


def test_the_neighbours_that_are_drawn_are_the_closest(kg):
    graph = neighbourhood(kg, A, limit=2)
    assert {dot.id for dot in graph.dots} == {A, "method:m"}
    assert graph.notes == ("1 of 4 neighbours within 1 step, the closest; 3 left out",)
    alone = neighbourhood(kg, "task:alone")
    assert [dot.id for dot in alone.dots] == ["task:alone"]
    assert alone.notes == ("nothing within 1 step",)


def test_matrix_and_bipartite(kg):
    heatmap = matrix(kg)
    assert [dot.name for dot in heatmap.rows] == ["M", "N"]
    assert [dot.name for dot in heatmap.columns] == ["D"]
    assert [(tile.row, tile.support, tile.direct) for tile in heatmap.tiles] == [(0, 1, 1), (1, 1, 0)]
    assert [(one.relationship, one.sentence, one.confidence) for one in heatmap.tiles[0].evidence] == [
        ("EVALUATED_WITH", "M works on D.", 0.6)
    ]
    assert [(one.relationship, one.sentence, one.confidence) for one in heatmap.tiles[1].evidence] == [
        ("EVALUATES_ON", "We try D.", 0.7),
        ("USES", "M uses N.", 0.7),
    ]
    graph = bipartite(kg, limit=1)
    assert graph.rows == (("method:m",), ("dataset:d",))
    assert [(line.types, line.support) for line in graph.lines] == [(("DIRECT",), 1)]
    assert graph.notes == ("1 of 2 pairs, the most supported; 1 left out",)
    mirrored = matrix(kg, "methods", "methods")
    assert [(tile.row, tile.column, tile.support) for tile in mirrored.tiles] == [(0, 1, 1), (1, 0, 1)]


def test_a_heat_map_has_the_numbers_of_the_matrix(example_kg):
    heatmap = matrix(example_kg, limit=12)
    assert len(heatmap.rows) == len(heatmap.columns) == 12
    known = {tuple(row[:2]): tuple(row[2:]) for row in count(example_kg)}
    drawn = {
        (heatmap.rows[tile.row].name, heatmap.columns[tile.column].name): (tile.support, tile.direct)
        for tile in heatmap.tiles
    }
    assert drawn == {pair: known[pair] for pair in drawn}
    names = {dot.name for dot in heatmap.rows}, {dot.name for dot in heatmap.columns}
    assert set(drawn) == {pair for pair in known if pair[0] in names[0] and pair[1] in names[1]}
    for tile in heatmap.tiles:
        assert len({one.paper for one in tile.evidence}) == max(tile.support, tile.direct)


def test_path(kg):
    graph = path(kg, "M", "Paper B")
    assert graph.arrangement == "paths"
    assert all(row[0] == "method:m" and row[-1] == B for row in graph.rows)
    assert [line.number for line in graph.lines] == [str(n + 1) for n in range(len(graph.lines))]
    assert all(line.evidence[0].sentence for line in graph.lines)
    assert {dot.id for dot in graph.dots if dot.focus} == {"method:m", B}


def test_trends(example_kg):
    found = trends(example_kg, by="digest", limit=5)
    assert len(found.courses) == 5
    assert len(found.periods) == len(found.sizes) == 3
    for course in found.courses:
        assert [p / size for p, size in zip(course.papers, found.sizes, strict=True)] == list(course.share)
        assert len({one.paper for one in course.evidence}) == min(course.total, 20)


def test_what_makes_no_picture_is_refused(kg):
    for wrong in (
        lambda: neighbourhood(kg, "M", depth=0),
        lambda: neighbourhood(kg, "M", limit=1),
        lambda: neighbourhood(kg, "M", limit=1000),
        lambda: neighbourhood(kg, "M", types=("Methods",)),
        lambda: matrix(kg, limit=0),
        lambda: matrix(kg, "methods", "papers"),
        lambda: bipartite(kg, "tasks", "tasks"),
        lambda: trends(kg, limit=0),
    ):
        with pytest.raises(InputError):
            wrong()
    for nothing in (
        lambda: neighbourhood(kg, "nobody"),
        lambda: matrix(kg, min_support=5),
        lambda: bipartite(kg, "methods", "tasks"),
        lambda: path(kg, "M", "task:alone"),
        lambda: trends(kg, min_papers=9),
    ):
        with pytest.raises(NothingFound):
            nothing()


# Files


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_drawn_as_they_are(name):
    picture = HOSTILE[name]()
    svg = drawing.to_bytes(picture, "svg")
    assert svg == drawing.to_bytes(HOSTILE[name](), "svg")
    shown = " ".join(texts_of(svg))
    assert "</script>" in shown
    assert "$" in shown
    root = ElementTree.fromstring(svg)
    assert not [e for e in root.iter() if e.tag.rpartition("}")[2] in ("script", "image", "foreignObject", "img")]
    png = drawing.to_bytes(picture, "png")
    assert png == drawing.to_bytes(HOSTILE[name](), "png")
    wide, high, rows = pixels(png)
    assert wide > 500 < high + 300
    assert rows > 100


@settings(max_examples=8, deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_any_name_makes_a_picture(name, other):
    dots = (Dot("a", "Method", name, focus=True), Dot("b", "Dataset", other))
    graph = Graph(name, (other,), dots, (Line("a", "b", ("EVALUATED_WITH",), ()),))
    texts_of(drawing.to_bytes(graph, "svg"))
    data = re.search(r'id="data">(.*?)</script>', page(graph))[1]
    assert json.loads(data)["nodes"][1]["name"] == (clean(other) or "b")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_is_whole_and_asks_nothing_of_anywhere(name):
    text = page(HOSTILE[name]())
    assert text == page(HOSTILE[name]())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    assert len(scripts) == policy.split("style-src")[0].count("'sha256-")
    assert not re.search(r"<(img|link|iframe|object|embed|svg)\b", re.sub(r"<script.*?</script>", "", text, flags=re.S))
    assert not re.search(r"<script[^>]+src", text)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1]
    assert "<" not in data
    assert SCRIPT in json.dumps(json.loads(data))


def test_maths_is_not_set_and_lacking_glyphs_are_told(tmp_path):
    graph = hostile_graph()
    lacking = drawing.save(graph, tmp_path / "a.png")
    known = canvas._glyphs()
    assert set(lacking) == {char for char in "图神经网络مرحبا🙂" if ord(char) not in known}
    assert drawing.save(graph, tmp_path / "a.svg") == ""
    texts = texts_of((tmp_path / "a.svg").read_bytes())
    assert CHINESE in texts
    assert any(text.startswith(MATHS[:8]) for text in texts)


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    out = tmp_path / "picture.html"
    out.write_text("old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        drawing.save(hostile_graph(), out)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_html_needs_no_matplotlib(kg, tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest)

    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    done = run("plot", "neighbourhood", "M", "--out", tmp_path / "m.html", "--kg", kg)
    assert done.exit_code == 0
    done = run("plot", "neighbourhood", "M", "--out", tmp_path / "m.png", "--kg", kg)
    assert done.exit_code == 2
    assert done.stderr == ("kgtool: PNG and SVG need matplotlib: pip install 'kgtool[plot]' (HTML works without it)\n")
    assert not (tmp_path / "m.png").exists()


# The command


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("neighbourhood", "LoRA"), ["LoRA", "CairnSeg"]),
        (("neighbourhood", "LoRA", "--depth", "2", "--type", "dataset", "--type", "paper"), ["LoRA", "GLUE"]),
        (("path", "LoRA", "Cora"), ["LoRA", "Cora"]),
        (("matrix",), ["GNNs", "PubMed"]),
        (("matrix", "tasks", "datasets", "--limit", "5"), ["Cora"]),
        (("bipartite", "--min-support", "3"), ["GRPO", "MATH"]),
        (("trends", "--by", "digest"), ["GIN"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_every_picture_in_every_format(example_kg, tmp_path, arguments, names):
    for suffix in ("png", "svg", "html"):
        out = tmp_path / f"picture.{suffix}"
        out.write_text("to be replaced")
        done = run("plot", *arguments, "--kg", example_kg, "--out", out)
        assert done.exit_code == 0, done.stderr
        assert done.stdout == ""
    wide, high, rows = pixels((tmp_path / "picture.png").read_bytes())
    assert 600 < wide < 4000
    assert 300 < high < 4000
    assert rows > 100
    assert set(names) <= set(texts_of((tmp_path / "picture.svg").read_bytes()))
    data = json.loads(re.search(r'id="data">(.*?)</script>', (tmp_path / "picture.html").read_text("utf-8"))[1])
    assert all(json.dumps(name) in json.dumps(data) for name in names)


def test_the_format_can_be_said_and_the_picture_piped(kg, tmp_path):
    done = run("plot", "matrix", "--kg", kg, "--out", "-", "--format", "svg")
    assert done.exit_code == 0
    assert {"M", "N", "D"} <= set(texts_of(done.stdout_bytes))
    assert done.stderr == "Methods and datasets\n2 of 2 methods and 1 of 1 datasets\n"
    assert run("plot", "matrix", "--kg", kg, "--out", tmp_path / "x", "--format", "html").exit_code == 0
    assert (tmp_path / "x").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("matrix", "--out", "picture.pdf"), 2, "which format? expected a name that ends in .png, .svg or .html"),
        (("matrix", "--out", "-"), 2, "which format?"),
        (("matrix", "--out", "none/such/picture.html"), 2, "there is no such folder"),
        (("matrix",), 2, "--out"),
        (("neighbourhood", "nobody", "--out", "x.html"), 1, "nobody: no node of this name"),
        (("neighbourhood", "M", "--limit", "0", "--out", "x.html"), 2, "--limit"),
        (("neighbourhood", "M", "--type", "Thing", "--out", "x.html"), 2, "--type"),
        (("path", "M", SCRIPT, "--out", "x.html"), 1, "connection"),
        (("bipartite", "tasks", "tasks", "--out", "x.html"), 2, "two kinds of nodes"),
        (("bipartite", "tasks", "methods", "--out", "x.html"), 1, "no pair"),
        (("trends", "--since", "soon", "--out", "x.html"), 2, "no date"),
    ],
)
def test_exit_codes(kg, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    done = run("plot", *arguments, "--kg", kg)
    assert done.exit_code == code
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_there_has_to_be_a_graph(tmp_path):
    done = run("plot", "matrix", "--kg", tmp_path / "none", "--out", tmp_path / "x.html")
    assert done.exit_code == 2
    assert "no knowledge graph here" in done.stderr


def test_labels_of_a_drawn_graph_do_not_overlap(example_kg):
    boxes, places = arrangement.boxes_of(neighbourhood(example_kg, "LoRA", depth=2, limit=60))
    for one, (x, y) in zip(boxes, places, strict=True):
        touching = [
            other
            for other, (u, v) in zip(boxes, places, strict=True)
            if other is not one
            and abs(x - u) < (one.width + other.width) / 2 - 0.02
            and abs(y - v) < (one.height + other.height) / 2 - 0.02
        ]
        assert not touching
