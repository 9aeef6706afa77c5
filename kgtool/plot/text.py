"""Names and sentences as pictures can hold them: harmless, short, and of a width known before they are drawn."""

from __future__ import annotations

import re
import unicodedata

_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
"""Controls, what turns the direction of writing or isn't seen, halves of surrogate pairs and what XML forbids."""
_NARROW = frozenset("iljtfrI.,:;|!'`()[]{}/\\ -")
_BROAD = frozenset("mwMW@%&")
REPLACEMENT = "�"


def clean(text: str) -> str:
    """The text in one line; characters that steer a program instead of being read are replaced by a sign."""
    return " ".join(_STEERING.sub(REPLACEMENT, text).split())


def width(text: str) -> float:
    """How wide a text is about, in multiples of the font's size, in a sans-serif font as broad as DejaVu Sans."""
    return sum(_width(char) for char in text)


def _width(char: str) -> float:
    if char in _NARROW:
        return 0.4
    if char in _BROAD:
        return 0.95
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.7 if char.isupper() or ord(char) > 0x24F else 0.61


def shortened(text: str, room: float) -> str:
    """The text if it is not wider than `room`, else its beginning with an ellipsis."""
    if width(text) <= room:
        return text
    used, kept = width("…"), 0
    for char in text:
        used += _width(char)
        if used > room:
            break
        kept += 1
    return text[:kept].rstrip() + "…"


def wrapped(text: str, room: float, lines: int) -> tuple[str, ...]:
    """The text in at most so many lines no wider than `room`, cut with an ellipsis where it has more."""
    found: list[str] = []
    rest = text
    while rest and len(found) < lines:
        if len(found) == lines - 1 or width(rest) <= room:
            found.append(shortened(rest, room))
            break
        line = _beginning(rest, room)
        found.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return tuple(found) or ("",)


def _beginning(text: str, room: float) -> str:
    """As many whole words as fit; of a word that is too long by itself a piece; hyphens and slashes end words too."""
    used, end = 0.0, 0
    for position, char in enumerate(text):
        used += _width(char)
        if used > room:
            return text[: end or max(position, 1)]
        if char in " -/_":
            end = position + 1
    return text
