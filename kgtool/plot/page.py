"""Pictures as interactive HTML: one file each, which opens offline and asks nothing of anywhere.

A digest is not trusted. Its texts are in the page as JSON alone, in which ``<`` is escaped, and reach the document
as text nodes; addresses are links only if they are http or https. The Content-Security-Policy (W3C CSP Level 3) allows
the page's own scripts and style by their hashes, and nothing else: no image, no connection, no frame, no ``eval``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from importlib.resources import files
from typing import Any

from kgtool.plot import arrangement, style
from kgtool.plot.pictures import TYPES, Dot, Evidence, Graph, HeatMap, Line, Picture, Trends
from kgtool.plot.text import clean, wrapped

_DOTS_PER_INCH = 96

_SEARCH = '<label>Search <input type="search" id="search" autocomplete="off" spellcheck="false"></label>'
_GRAPH = f"""<div class="tools">{_SEARCH}
<fieldset id="types"><legend class="hint">Show</legend></fieldset>
<label>Confidence at least <input type="range" id="least" min="0" max="1" step="0.05" value="0">
<output id="least-shown">0.00</output></label>
<button type="button" id="whole">Whole picture</button> <span id="status" role="status" class="hint"></span></div>
<div class="keys" id="keys"></div></header>
<main><div class="view"><div id="graph" tabindex="0" role="application"
 aria-label="The graph. Arrow keys move it, plus and minus zoom, 0 shows all; the list beside it has every node.">
</div></div>
<aside id="panel" aria-live="polite"></aside></main>"""
_HEATMAP = f"""<div class="tools">{_SEARCH}
<label>Papers at least <input type="range" id="least" min="0" max="1" step="1" value="0">
<output id="least-shown">0</output></label>
<label><input type="checkbox" id="direct"> only where a sentence relates the two</label>
<span id="status" role="status" class="hint"></span></div></header>
<main><div class="view" id="view" tabindex="0" role="region" aria-label="The heat map"></div>
<aside id="panel" aria-live="polite"></aside></main>"""

_TRENDS = f"""<div class="tools">{_SEARCH}
<fieldset id="types"><legend class="hint">Show</legend></fieldset>
<span id="status" role="status" class="hint"></span></div></header>
<main><div class="view courses" id="view"></div><aside id="panel" aria-live="polite"></aside></main>"""


def page(picture: Picture) -> str:
    """The picture as the text of one HTML file."""
    if isinstance(picture, Graph):
        return _shell(picture, _GRAPH, _graph(picture), ("cytoscape.min.js", "page.js", "graph.js"))
    if isinstance(picture, HeatMap):
        return _shell(picture, _HEATMAP, _heatmap(picture), ("page.js", "heatmap.js"))
    return _shell(picture, _TRENDS, _trends(picture), ("page.js", "trends.js"))


def _shell(picture: Picture, body: str, data: dict[str, Any], scripts: Sequence[str]) -> str:
    css = _asset("page.css")
    codes = [_asset(name) for name in scripts]
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, codes))}",
            f"style-src {_hash(css)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    title = escape(clean(picture.title))
    notes = "".join(f'<p class="notes" dir="auto">{escape(clean(note))}</p>' for note in picture.notes)
    # The style has the id by which Cytoscape.js looks for its own: so it does not add one, which the policy forbids.
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="generator" content="kgtool">',
            f"<title>{title}</title>",
            f'<style id="__________cytoscape_stylesheet">{css}</style></head><body>',
            f'<header><h1 dir="auto">{title}</h1>{notes}',
            "<noscript><p>This picture is drawn by a script of its own, which is switched off here.</p></noscript>",
            body,
            f'<script type="application/json" id="data">{_json(data)}</script>',
            *(f"<script>{code}</script>" for code in codes),
            "</body></html>\n",
        ]
    )


@lru_cache(maxsize=16)
def _asset(name: str) -> str:
    text = (files("kgtool.plot") / "assets" / name).read_text(encoding="utf-8").replace("\r\n", "\n")
    if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
        raise ValueError(f"{name} cannot stand in a page as it is")
    return text


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


_ESCAPES = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def _json(data: dict[str, Any]) -> str:
    """JSON that can end neither a script element nor a line of one."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _looks(labels: Iterable[str]) -> dict[str, Any]:
    present = set(labels)
    return {
        label: {"colour": style.LOOKS[label].colour, "shape": style.LOOKS[label].shape}
        for label in TYPES
        if label in present
    }


def _dot(dot: Dot) -> dict[str, Any]:
    return {
        "id": clean(dot.id),
        "name": clean(dot.name) or clean(dot.id),
        "type": dot.label,
        "details": [[name, clean(value)] for name, value in dot.details],
        "url": clean(dot.url) if dot.url else None,
        "focus": dot.focus,
    }


def _evidence(said: Iterable[Evidence]) -> list[dict[str, Any]]:
    return [
        {
            "paper": clean(one.paper),
            "title": clean(one.title),
            "url": clean(one.url) if one.url else None,
            "relationship": ", ".join(map(style.words, one.relationship.split(", "))),
            "sentence": None if one.sentence is None else clean(one.sentence),
            "confidence": one.confidence,
        }
        for one in said
    ]


def _graph(graph: Graph) -> dict[str, Any]:
    position = {dot.id: index for index, dot in enumerate(graph.dots)}
    sides = graph.arrangement == "sides"
    places = arrangement.markers(graph)
    nodes = []
    for dot, (x, y) in zip(graph.dots, places, strict=True):
        side = ("left" if dot.id in graph.rows[0] else "right") if sides else None
        label = "\n".join(wrapped(clean(dot.name), *arrangement.room(dot, sides)))
        where = {"x": round(x * _DOTS_PER_INCH, 1), "y": round(y * _DOTS_PER_INCH, 1), "label": label, "side": side}
        nodes.append(_dot(dot) | where)
    most = max((line.support for line in graph.lines), default=1)
    return {
        "looks": _looks(dot.label for dot in graph.dots),
        "strokes": [_stroke(stroke) for stroke in arrangement.strokes(graph)],
        "sides": sides,
        "nodes": nodes,
        "edges": [_line(line, position, sides, most) for line in graph.lines],
    }


def _stroke(stroke: style.Stroke) -> dict[str, Any]:
    dashes = {None: "solid", (4, 2): "dashed", (1, 2): "dotted"}[stroke.dashes]
    return {"name": stroke.name, "width": stroke.width * 1.3, "dashes": dashes, "tone": stroke.tone}


def _line(line: Line, position: dict[str, int], sides: bool, most: int) -> dict[str, Any]:
    stroke = style.stroke(line.types[0])
    width = style.line_width(line.support, most) if sides else stroke.width
    return _stroke(stroke) | {
        "source": position[line.source],
        "target": position[line.target],
        "width": round(width * 1.3, 2),
        "arrow": stroke.arrow,
        "words": "with" if sides else ", ".join(map(style.words, line.types)),
        "number": line.number,
        "confidence": line.confidence,
        "support": line.support,
        "evidence": _evidence(line.evidence),
    }


def _heatmap(heatmap: HeatMap) -> dict[str, Any]:
    return {
        "looks": _looks(heatmap.kinds),
        "rows": [_dot(dot) for dot in heatmap.rows],
        "columns": [_dot(dot) for dot in heatmap.columns],
        "tiles": [
            {
                "row": tile.row,
                "column": tile.column,
                "support": tile.support,
                "direct": tile.direct,
                "evidence": _evidence(tile.evidence),
            }
            for tile in heatmap.tiles
        ],
    }


def _trends(trends: Trends) -> dict[str, Any]:
    return {
        "looks": _looks(course.dot.label for course in trends.courses),
        "periods": [clean(period) for period in trends.periods],
        "sizes": trends.sizes,
        "courses": [
            _dot(course.dot)
            | {
                "papers": course.papers,
                "share": course.share,
                "total": course.total,
                "note": course.note,
                "evidence": _evidence(course.evidence),
            }
            for course in trends.courses
        ],
    }
