"""What was extracted, for a reader: a paper with its mentions highlighted, as a page or for the terminal.

Both views take the records of ``kgtool extract`` (`kgtool.extract.gold.to_record`). The markup is kgtool's own:
displaCy's has one label for a mention, and no place for its role, the confidences and the relations' evidence.

The colours of the types are those of Okabe and Ito (2008), "Color Universal Design", which the colour-blind tell
apart; the line under a mention differs by type too, so that a page printed in grey can be read.

A digest is not trusted: the page escapes everything, has no script and forbids itself to load anything; characters
that steer a terminal or turn the direction of writing are shown by their code and never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from kgtool.extract.gold import TYPES

Record = Mapping[str, Any]

_STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls except the line feed, what turns the direction of writing or isn't seen, halves of surrogate pairs and
what XML forbids. The joiners stay: emoji, Persian and the scripts of India need them."""

_ANSI = {"Method": "1;34", "Dataset": "1;33", "Task": "1;32"}
_ANSI_MARK = re.compile("\x1b\\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a paper's text: a mention of the entity at that position of the record, or what stands between."""

    text: str
    entity: int | None = None
    confidence: float = 0.0


def html(records: Sequence[Record]) -> str:
    """One HTML page that needs nothing else: each paper's text, its entities and its relations.

    The page is well-formed XML too, apart from its document type.
    """
    count = f"{len(records)} {'paper' if len(records) == 1 else 'papers'}"
    contents = "".join(
        f'<li dir="auto"><a href="#paper-{number}">{_escaped(record["title"]) or "(no title)"}</a></li>'
        for number, record in enumerate(records, 1)
    )
    legend = " ".join(f'<mark class="{name.lower()}" style="--c:1">{name}</mark>' for name in TYPES)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8"/>',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>",
            '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
            '<meta name="color-scheme" content="light dark"/>',
            f"<title>kgtool extract: {count}</title>",
            f"<style>{_STYLE}</style></head><body>",
            f'<header><h1>{count}</h1><p class="legend">{legend} <span>The small label is the role. The paler a '
            "mention, the less sure; a click on it leads to its entity.</span></p></header>",
            f"<details><summary>Contents</summary><ol>{contents}</ol></details>" if len(records) > 1 else "",
            *(_article(number, record) for number, record in enumerate(records, 1)),
            "</body></html>\n",
        ]
    )


def text(record: Record, colour: bool, width: int | None = None) -> str:
    """One paper for the terminal: its text, its entities and its relations with the evidence.

    With `colour` a mention has the colour of its type (ANSI) and at its entity's first occurrence the role behind it;
    without, each stands in brackets with type, role and confidences. Lines are broken at `width` columns if given.
    """
    entities, size = record["entities"], len(record["title"])
    labelled: set[int] = set()

    def marked(start: int, end: int, only: tuple[int, ...] | None = None) -> str:
        return "".join(_marked(piece, entities, labelled, colour) for piece in _pieces(record, start, end, only))

    lines = [_styled(_shown(str(record["id"])), "2", colour)]
    lines += marked(0, size).split("\n")
    lines += ["", *marked(size + 1, size + 1 + len(record["abstract"])).split("\n")]
    if entities:
        names = [_line(_name(entity)) for entity in entities]
        column = min(max(map(len, names)), 40)
        lines.append("")
        for entity, name in zip(entities, names, strict=True):
            aliases = "; ".join(_line(form) for form in entity["mentions"] if form != _name(entity))
            lines.append(
                f"{_line(entity['type']):8} {_styled(name.ljust(column), _ANSI.get(entity['type'], '1'), colour)} "
                f"{entity['confidence']:.2f}  {_line(entity['role']):13} {entity['role_confidence']:.2f}  {aliases}"
            )
    labelled.update(range(len(entities)))
    for (head, name, tail), evidence in zip(record["relations"], record["evidence"], strict=True):
        ends = (_line(_name(entities[head])), _line(_name(entities[tail])))
        lines.append("")
        lines.append(f"{_styled(f'{ends[0]} -[{_line(name)}]-> {ends[1]}', '1', colour)} {evidence['confidence']:.2f}")
        sentence = marked(evidence["start"], evidence["end"], (head, tail)) if colour else _shown(evidence["sentence"])
        lines += [f"    {line}" for line in sentence.split("\n")]
    return "\n".join(_wrapped(line, width).rstrip(" ") if width else line.rstrip(" ") for line in lines) + "\n"


def _pieces(record: Record, start: int, end: int, only: tuple[int, ...] | None = None) -> Iterator[_Piece]:
    """The characters [start, end) of the paper's text, each exactly once: mentions (of these entities only) and rest.

    A mention that overlaps one before it is left out, one that goes over the edge is cut.
    """
    whole = f"{record['title']}\n{record['abstract']}"
    end = min(end, len(whole))
    spans = sorted(
        (max(first, start), min(last, end), index, confidence)
        for index, entity in enumerate(record["entities"])
        if only is None or index in only
        for first, last, confidence in entity["spans"]
    )
    done = start
    for first, last, index, confidence in spans:
        if done <= first < last:
            if done < first:
                yield _Piece(whole[done:first])
            yield _Piece(whole[first:last], index, confidence)
            done = last
    if done < end:
        yield _Piece(whole[done:end])


def _name(entity: Record) -> str:
    """The longest surface form, the first of several: abbreviations stand behind what they mean."""
    return max(entity["mentions"], key=len, default="")


def _shown(given: str) -> str:
    return _STEERING.sub(lambda match: _code(match[0]), given)


def _line(given: str) -> str:
    return _shown(given).replace("\n", " ")


def _code(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


# The terminal


def _marked(piece: _Piece, entities: Sequence[Record], labelled: set[int], colour: bool) -> str:
    shown = _shown(piece.text)
    if piece.entity is None:
        return shown
    entity = entities[piece.entity]
    role = f"{_line(entity['role'])} {entity['role_confidence']:.2f}"
    if not colour:
        return f"[{shown} | {_line(entity['type'])} {piece.confidence:.2f}, {role}]"
    label = "" if piece.entity in labelled else _styled(f" ({role})", "2", colour)
    labelled.add(piece.entity)
    return _styled(shown, _ANSI.get(entity["type"], "1"), colour) + label


def _styled(shown: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{shown}\x1b[0m" if colour else shown


def _wrapped(line: str, width: int) -> str:
    """The line broken at spaces; colours take no room. What follows a break is indented as the line is."""
    indent = " " * (len(line) - len(line.lstrip(" ")))
    parts, column = [], 0
    for word in line.split(" "):
        length = len(_ANSI_MARK.sub("", word))
        if column > len(indent) and column + 1 + length > width:
            parts.append(f"\n{indent}")
            column = len(indent)
        elif parts:
            parts.append(" ")
            column += 1
        parts.append(word)
        column += length
    return "".join(parts)


# The page


def _escaped(given: str) -> str:
    """The text for the page, with what steers shown as its code."""
    return _STEERING.sub(lambda match: f"<i>{_code(match[0])}</i>", escape(given))


def _article(number: int, record: Record) -> str:
    size = len(record["title"])
    title = _mentions(number, record, _pieces(record, 0, size))
    abstract = _mentions(number, record, _pieces(record, size + 1, size + 1 + len(record["abstract"])))
    return "\n".join(
        [
            f'<article id="paper-{number}"><p class="id">{_escaped(str(record["id"]))}</p>',
            f'<h2 dir="auto">{title}</h2>',
            f'<p class="abstract" dir="auto">{abstract}</p>',
            _entities(number, record["entities"]) if record["entities"] else '<p class="none">No entity found.</p>',
            _relations(number, record) if record["relations"] else '<p class="none">No relation found.</p>',
            "</article>",
        ]
    )


def _mentions(number: int, record: Record, pieces: Iterator[_Piece], labels: bool = True) -> str:
    return "".join(
        _escaped(piece.text)
        if piece.entity is None
        else _mark(number, piece.entity, record["entities"][piece.entity], piece, labels)
        for piece in pieces
    )


def _mark(number: int, index: int, entity: Record, piece: _Piece, labels: bool) -> str:
    tip = (
        f"{_name(entity)}: {entity['type']} {entity['confidence']:.2f}, {entity['role']} "
        f"{entity['role_confidence']:.2f}; this mention {piece.confidence:.2f}"
    )
    label = f"<small>{_escaped(entity['role'])}</small>" if labels else ""
    return (
        f'<a href="#paper-{number}-{index}"><mark class="{escape(_line(entity["type"])).lower()}" '
        f'style="--c:{piece.confidence:.2f}" title="{escape(_line(tip))}">{_escaped(piece.text)}{label}</mark></a>'
    )


def _entities(number: int, entities: Sequence[Record]) -> str:
    rows = (
        f'<tr id="paper-{number}-{index}"><td>{_chip(entity, _escaped(entity["type"]))}</td>'
        f'<td dir="auto"><b>{_escaped(_name(entity))}</b></td>'
        f'<td dir="auto">{_escaped("; ".join(form for form in entity["mentions"] if form != _name(entity)))}</td>'
        f"<td>{entity['confidence']:.2f}</td><td>{_escaped(entity['role'])}</td>"
        f"<td>{entity['role_confidence']:.2f}</td><td>{len(entity['spans'])}</td></tr>"
        for index, entity in enumerate(entities)
    )
    head = "".join(f"<th>{name}</th>" for name in ("Type", "Name", "Aliases", "Sure", "Role", "Sure", "Mentions"))
    return f'<table class="entities"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _relations(number: int, record: Record) -> str:
    entities = record["entities"]
    rows = (
        f'<tr><td dir="auto">{_chip(entities[head], _escaped(_name(entities[head])))}</td><td>{_escaped(name)}</td>'
        f'<td dir="auto">{_chip(entities[tail], _escaped(_name(entities[tail])))}</td>'
        f"<td>{evidence['confidence']:.2f}</td>"
        f'<td dir="auto">{_sentence(number, record, evidence, (head, tail))}</td></tr>'
        for (head, name, tail), evidence in zip(record["relations"], record["evidence"], strict=True)
    )
    head = "".join(f"<th>{name}</th>" for name in ("From", "Relation", "To", "Sure", "Evidence"))
    return f'<table class="relations"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _sentence(number: int, record: Record, evidence: Record, ends: tuple[int, int]) -> str:
    return _mentions(number, record, _pieces(record, evidence["start"], evidence["end"], ends), labels=False)


def _chip(entity: Record, content: str) -> str:
    kind = escape(_line(entity["type"])).lower()
    return f'<mark class="{kind}" style="--c:{entity["confidence"]:.2f}">{content}</mark>'


_STYLE = """
:root { --page: #fff; --ink: #1b1f24; --soft: #59636e; --rule: #d1d9e0; --tint: .38; --row: #fff3c4;
  --method: 0 114 178; --dataset: 230 159 0; --task: 0 158 115;
  --method-ink: #004f7c; --dataset-ink: #6b4700; --task-ink: #005c43 }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #14171b; --ink: #e4e8ec; --soft: #98a2ad; --rule: #333a42; --tint: .5; --row: #3a3415;
    --method: 58 142 208; --dataset: 214 143 10; --task: 10 160 118;
    --method-ink: #b5dcfa; --dataset-ink: #ffdc96; --task-ink: #a0ecd2 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem 1.25rem 3rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif }
h1, h2, .legend { margin: 0 } h1 { font-size: 1.1rem } h2 { font-size: 1.3rem; line-height: 1.6 }
a { color: inherit; text-decoration: none } details a:hover { text-decoration: underline }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.5rem }
.legend span, .id, .none, details, i { color: var(--soft); font-size: .85rem }
.legend span { margin-left: .5rem } details { margin-top: .5rem } .none { margin: .5rem 0 }
article { margin-top: 1.25rem; padding-top: 1rem; border-top: 1px solid var(--rule); overflow-wrap: break-word }
.id { margin: 0 } .abstract { margin: .5rem 0 1rem; line-height: 2; white-space: pre-wrap }
mark { --k: 120 120 120; padding: .1em .25em; border-radius: .2em .2em 0 0; color: inherit;
  background: rgb(var(--k) / calc(var(--tint) * var(--c) * var(--c))); border-bottom: 2px solid rgb(var(--k));
  -webkit-box-decoration-break: clone; box-decoration-break: clone;
  -webkit-print-color-adjust: exact; print-color-adjust: exact }
.method { --k: var(--method); --label: var(--method-ink) }
.dataset { --k: var(--dataset); --label: var(--dataset-ink); border-bottom-style: double; border-bottom-width: 4px }
.task { --k: var(--task); --label: var(--task-ink); border-bottom-style: dashed }
mark small { margin-left: .4em; font-size: .68rem; font-weight: 600; color: var(--label, inherit);
  white-space: nowrap; user-select: none; -webkit-user-select: none }
i { font: .8em monospace; border: 1px dotted; border-radius: .2em }
table { width: 100%; margin: 0 0 1rem; border-collapse: collapse; font-size: .85rem }
th { color: var(--soft); font-weight: 600; text-align: start; border-bottom: 1px solid var(--rule) }
th, td { padding: .3rem .75rem .3rem 0; vertical-align: top } tbody tr + tr td { border-top: 1px solid var(--rule) }
.entities td:nth-child(4), .entities td:nth-child(6), .entities td:nth-child(7), .relations td:nth-child(4) {
  font-variant-numeric: tabular-nums }
.relations td:nth-child(2) { white-space: nowrap } .relations td:nth-child(5) { min-width: 14rem }
tr:target td { background: var(--row) }
@media print { body { max-width: none; padding: 0; font-size: 10pt } details { display: none }
  h2, .id, thead { break-after: avoid } tr { break-inside: avoid } .relations td:nth-child(5) { min-width: 0 } }
"""
