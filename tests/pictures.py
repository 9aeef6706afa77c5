"""Pictures made by hand, with names that want to be more than names."""

from kgtool.plot.pictures import Course, Dot, Evidence, Graph, HeatMap, Line, Tile, Trends

SCRIPT = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
MATHS = "$\\frac{1}{0$ & <b>bold</b> \\u003c"
STEERING = "red\x1b[31m\x00 \u202eevil\u202c \ufffe"
CHINESE = "图神经网络 GNN"
LONG = "an extraordinarily long name of a method that nobody would ever want to read in full " * 6

NAMES = (
    SCRIPT,
    MATHS,
    STEERING,
    CHINESE,
    LONG,
    '"><svg onload=window.hacked=3>',
    "مرحبا",
    "🙂 <!-- --",
    "a\nb\tc\u2028d",
)

said = Evidence("arxiv:2601.00001", SCRIPT, "https://example.org/1?a=b&c='d'", "USES", f"Said so: {SCRIPT}", 0.9)
bad_link = Evidence("title:1", "No link", "javascript:window.hacked=4", "COMPARES_WITH", MATHS, 0.4)


def dots():
    labels = ("Paper", "Method", "Dataset", "Task", "Author", "Category", "Digest", "Method", "Dataset")
    return tuple(
        Dot(f"{label.lower()}:{name}", label, name, (("aliases", SCRIPT), ("papers", "3")), url, focus=number == 0)
        for number, (label, name) in enumerate(zip(labels, NAMES, strict=True))
        for url in ("javascript:window.hacked=5" if number else "https://example.org/<paper>",)
    )


def hostile_graph():
    nodes = dots()
    lines = [Line(nodes[0].id, other.id, ("USES",), (said,)) for other in nodes[1:]]
    lines += [
        Line(nodes[1].id, nodes[2].id, ("EVALUATED_WITH", "TRAINED_WITH"), (said, bad_link), 2),
        Line(nodes[4].id, nodes[0].id, ("WROTE",), (Evidence("title:1", MATHS, None, "WROTE", None, None),)),
    ]
    return Graph(f"Around {SCRIPT}", (f"note {MATHS}",), nodes, tuple(lines))


def hostile_paths():
    nodes = dots()
    ids = [dot.id for dot in nodes]
    rows = ((ids[0], ids[1], ids[2]), (ids[0], ids[3], ids[1], ids[2]))
    ends = dict.fromkeys((row[n], row[n + 1]) for row in rows for n in range(len(row) - 1))
    lines = tuple(Line(*pair, ("USES",), (said,), 2, str(number)) for number, pair in enumerate(ends, 1))
    return Graph(f"From {SCRIPT} to {LONG}", (), nodes[:4], lines, "paths", rows)


def hostile_sides():
    nodes = dots()
    left, right = (nodes[1], nodes[7]), (nodes[2], nodes[8])
    lines = (
        Line(left[0].id, right[0].id, ("DIRECT",), (said,), 7),
        Line(left[0].id, right[1].id, ("TOGETHER",), (said, bad_link), 2),
        Line(left[1].id, right[1].id, ("TOGETHER",), (), 0),
    )
    return Graph(
        SCRIPT, (), left + right, lines, "sides", tuple(tuple(dot.id for dot in side) for side in (left, right))
    )


def hostile_heatmap():
    nodes = dots()
    tiles = (Tile(0, 0, 7, 1, (said, bad_link)), Tile(0, 1, 1, 0, (said,)), Tile(1, 1, 0, 2, (bad_link,)))
    return HeatMap(SCRIPT, (MATHS,), ("Method", "Dataset"), (nodes[1], nodes[7]), (nodes[2], nodes[8]), tiles)


def hostile_trends():
    nodes = dots()
    courses = tuple(
        Course(dot, (0, 1, 3), (0.0, 0.1, 0.3), 4, "new", (said, bad_link)) for dot in (nodes[1], nodes[2], nodes[3])
    )
    return Trends(SCRIPT, (MATHS,), ("2026-01", SCRIPT, CHINESE), (10, 10, 10), courses)


HOSTILE = {
    "graph": hostile_graph,
    "paths": hostile_paths,
    "sides": hostile_sides,
    "heatmap": hostile_heatmap,
    "trends": hostile_trends,
}
