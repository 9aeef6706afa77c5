"""Sentences of a paper's text, by rule: no model, so that evidence is the same whatever extracts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import itemgetter

_ABBREVIATIONS = frozenset(
    """
    al alg algs app appx approx assoc asst avg ca cf ch chap chaps cor corr def defs dept dr e.g ed eds eg eq eqn eqns
    eqs esp est ex exp fig figs gen i.e ie inc incl inv jr lem max mr mrs ms no nos op p pp prof prop props pt ref refs
    repr resp sec secs sect seq sr ss st suppl tab tabs thm thms univ viz vol vols vs w.r.t wrt w.l.o.g
    """.split()  # noqa: SIM905 - a list to be read
)
"""What a full stop shortens in the middle of a sentence, lower case, without its last full stop."""

_OPEN_ABBREVIATIONS = frozenset(
    {"etc", "i.i.d", "iid", "a.k.a", "u.s", "u.k", "a.m", "p.m", "inc", "no", "ed", "app", "op"}
)
"""Those that may end a sentence too: what follows decides."""

_STARTERS = frozenset(
    """
    a additionally after all although an and as at based because besides both but by code despite due each empirically
    evaluated evaluations existing experimental experiments extensive finally first firstly for from furthermore given
    hence here how however if in indeed instead inspired it its last lastly leveraging many moreover most motivated
    nevertheless next nonetheless notably numerical on one other our overall previous prior recent recently results
    second secondly several similarly since some specifically studies such that the their then therefore these they
    third this those though through throughout thus to together towards two under unfortunately unlike using via we
    what when where whereas while with yet
    """.split()  # noqa: SIM905 - a list to be read
)
"""Words that open sentences and hardly ever follow an initial or an abbreviation in capitals."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_MATH = re.compile(r"\$(?=\S)[^$\n]{0,200}[^$\s]\$(?!\d)|\\\(.{0,200}?\\\)")
_END = re.compile(r"((?<![.!?…])[.!?…]++)[\"'”’»)\]}]{0,3}(?=\s)|[。！？]++[”’」』）]{0,2}")
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘,;:/]+$")
_WORD_AFTER = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 40


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Character spans ``[start, end)`` of the sentences of ``title + "\\n" + abstract``, in order.

    The first line, the title, is one sentence whatever it holds; an empty line ends a sentence as well. Spans hold
    no white space at their ends, and every character that is not white space is in exactly one of them.

    >>> text = "On Trees\\nWe follow Doe et al. (2020) at 0.5 Hz. It works."
    >>> [text[start:end] for start, end in sentences(text)]
    ['On Trees', 'We follow Doe et al. (2020) at 0.5 Hz.', 'It works.']
    """
    spans: list[tuple[int, int]] = []
    title_end = text.find("\n")
    if title_end < 0:
        title_end = len(text)
    _append(spans, text, 0, title_end)
    start = title_end
    for gap in _PARAGRAPH.finditer(text, title_end):
        _split(spans, text, start, gap.start())
        start = gap.end()
    _split(spans, text, start, len(text))
    return tuple(spans)


def sentence_at(spans: tuple[tuple[int, int], ...], start: int, end: int) -> tuple[int, int]:
    """The span that holds characters ``[start, end)``; from the first to the last one touched where there are several.

    Characters outside every sentence are returned as they are.
    """
    first = bisect_right(spans, start, key=itemgetter(1))
    last = bisect_left(spans, end, key=itemgetter(0)) - 1
    if first > last:
        return start, end
    return spans[first][0], spans[last][1]


def _split(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Append the sentences of one paragraph."""
    math = [match.span() for match in _MATH.finditer(text, start, end)]
    behind = 0
    for match in _END.finditer(text, start, end):
        while behind < len(math) and math[behind][1] <= match.start():
            behind += 1
        if behind < len(math) and math[behind][0] < match.start():
            continue
        if match[1] is None or _ends(text, start, match.start(), match[1], match.end(), end):
            _append(spans, text, start, match.end())
            start = match.end()
    _append(spans, text, start, end)


def _ends(text: str, start: int, mark: int, marks: str, after: int, end: int) -> bool:
    """Whether the punctuation `marks` at `mark` ends a sentence that begins at `start`."""
    following = text[after : after + _LONGEST_WORD].lstrip()
    if not following or after >= end:
        return True
    if following[0].islower():
        return False
    if marks != ".":
        return True
    found = _WORD_BEFORE.search(text[max(start, mark - _LONGEST_WORD) : mark])
    word = found[0] if found else ""
    lower = word.lower()
    word_after = _WORD_AFTER.match(following)
    opens = word_after is not None and word_after[0].lower() in _STARTERS
    if lower in _OPEN_ABBREVIATIONS or (len(word) == 1 and word.isupper()):
        return opens
    return lower not in _ABBREVIATIONS


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Append ``[start, end)`` without white space at its ends, unless nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
