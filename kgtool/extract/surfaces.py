"""Surface forms: their normal form, where they stand in a text, and how a span is trimmed to its minimum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

_LATEX = re.compile(r"\\[a-z]+|[${}\\^_~]")
_DASH = re.compile(r"[-\u2010-\u2015/]")
_WORD = re.compile(r"[^\s\"'`.,;:()\[\]]+")
_PHRASE = re.compile(r"[ -]")
_HANGING = re.compile(r"[^\S\n]+(?:via|with|for|of|in|on|by|and|or|using|from|to|the)$")
"""Words that lead on to something else, left at the end of a span."""
_EMPTY_START = re.compile(
    r"(?:the|a|an|our|their|its|this|that|these|those|novel|new|proposed|existing|several|various|many|"
    r"state-of-the-art|sota|efficient|standard|traditional|conventional|modern|recent|popular)\s+(?=\w)",
    re.I,
)
_EDGES = " \t\r\n\v\f\x00,;:!?\"'`~‘’“”"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_BRACKET = re.compile(r"[(){}\[\]]")
_GENERIC = re.compile(
    r"(?:(?:method|model|framework|algorithm|technique|system|task|problem|dataset|benchmark|baseline|experiment|network|"
    r"architecture|paper)s?|approach(?:es)?|corpus|data|performance|work|it|we)",
    re.I,
)
"""Words that name nothing when they stand alone."""


@lru_cache(maxsize=1 << 15)
def normalise(surface: str) -> str:
    """The surface without case, LaTeX markup, hyphenation and plural -s: equal for variants of one name.

    >>> normalise("Graph-Neural Networks"), normalise("$k$-means")
    ('graph neural network', 'k mean')
    """
    text = unicodedata.normalize("NFKC", surface).casefold()
    words = _WORD.findall(_DASH.sub(" ", _LATEX.sub(" ", text)))
    return " ".join(_singular(word) for word in words)


def _singular(word: str) -> str:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def is_phrase(surface: str) -> bool:
    """Whether variants in case are the same name: several words, or parts joined by a hyphen."""
    return len(surface) > 5 and _PHRASE.search(surface) is not None


def lowered(text: str) -> str:
    """Lower case, character for character, so that offsets stay."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := char.lower()) == 1 else char for char in text)


def occurrences(surface: str, text: str) -> Iterator[tuple[int, int]]:
    """Where `surface` stands in `text` as whole words, from left to right, without overlap."""
    if not surface:
        return
    at = text.find(surface)
    while at >= 0:
        end = at + len(surface)
        if is_whole(text, at, end):
            yield at, end
            at = text.find(surface, end)
        else:
            at = text.find(surface, at + 1)


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on across either end of the span."""
    return not (
        (start > 0 and _is_word(text[start - 1]) and _is_word(text[start]))
        or (end < len(text) and _is_word(text[end]) and _is_word(text[end - 1]))
    )


def _is_blank(char: str) -> bool:
    return char.isspace() or not char.isprintable()


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The minimum span of the guidelines: no determiner or empty adjective, no punctuation at its ends.

    None where nothing that names anything is left.
    """
    start, end = max(start, 0), min(end, len(text))
    while start < end:
        before = start, end
        while start < end and (text[start] in _EDGES or _is_blank(text[start])):
            start += 1
        while start < end and (text[end - 1] in _EDGES or text[end - 1] == "." or _is_blank(text[end - 1])):
            end -= 1
        start, end = _without_half_bracket(text, start, end)
        empty = _EMPTY_START.match(text, start, end)
        if empty and empty.end() < end:
            start = empty.end()
        hanging = _HANGING.search(text[start:end])
        if hanging and hanging.start():
            end = start + hanging.start()
        if (start, end) == before:
            break
    inside = text[start:end] if start < end else ""
    if not any(char.isalnum() for char in inside) or "\n" in inside or _GENERIC.fullmatch(inside):
        return None
    return start, end


def _without_half_bracket(text: str, start: int, end: int) -> tuple[int, int]:
    """End the span at a bracket whose partner is not in it, or begin behind; drop a pair that holds the whole span."""
    if not _BRACKET.search(text, start, end):
        return start, end
    for close, open_ in _BRACKETS.items():
        opened: list[int] = []
        half: set[int] = set()
        for at in range(start, end):
            if text[at] == open_:
                opened.append(at)
            elif text[at] == close and not opened:
                half.add(at)
            elif text[at] == close and (opened.pop(), at) == (start, end - 1):
                return start + 1, end - 1
        half.update(opened)
        while start in half:
            start += 1
        end = min((at for at in half if at > start), default=end)
    return start, end


def distinct(items: Iterable[str]) -> tuple[str, ...]:
    """The items without repeats, in their order."""
    return tuple(dict.fromkeys(items))
