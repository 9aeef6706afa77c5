"""Abbreviations that a text defines: ``long form (SHORT)`` and ``SHORT (long form)``.

After A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical
text", PSB 2003, sections 2.1 (candidates) and 2.2 (the best long form), widened by a plural -s on either side and
by titles that spell out a name: ``NAME: long form``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgtool.extract.surfaces import trim

_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,200})[)\]]")
_BEFORE_SEPARATOR = re.compile(r"\s*[,;]|\s+or\s+")
_SHORT = re.compile(r"[^\W_][\w\-+./&*@^$\\{}]*(?: [\w\-+]+)?")
_NAME_BEFORE = re.compile(r"[^\s()\[\],;:\"“”]+\s*$")
_TITLE_NAME = re.compile(r"([^\s:]{2,15}):\s+")
_WORD = re.compile(r"\S+")
_LISTING = re.compile(r"[,;]\s|\band\b.*\band\b")
_PART = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "via", "with")
)
_LONGEST_SHORT = 12
_FARTHEST = 200


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that defines it, as character spans ``(start, end)`` of the text."""

    short: tuple[int, int]
    long: tuple[int, int]


def find_abbreviations(text: str, sentences: tuple[tuple[int, int], ...]) -> tuple[Abbreviation, ...]:
    """The definitions in `text`, each within one of its `sentences`, in order of the short form."""
    found: list[Abbreviation] = []
    if sentences:
        found.extend(_spelled_out_title(text, *sentences[0]))
    for start, end in sentences:
        for match in _BRACKETED.finditer(text, start, end):
            pair = _long_before(text, start, match) or _long_inside(text, start, match)
            if pair:
                found.append(pair)
    return tuple(sorted(set(found), key=lambda pair: (pair.short, pair.long)))


def _long_before(text: str, start: int, match: re.Match[str]) -> Abbreviation | None:
    """``long form (SHORT)``, also ``long form (SHORT, or more)``."""
    inside = match[1]
    cut = _BEFORE_SEPARATOR.search(inside)
    short = trim(text, match.start(1), match.start(1) + (cut.start() if cut else len(inside)))
    if short is None or not _is_short(text[slice(*short)]):
        return None
    long = _best_long_form(text, text[slice(*short)], start, match.start())
    return Abbreviation(short, long) if long else None


def _long_inside(text: str, start: int, match: re.Match[str]) -> Abbreviation | None:
    """``SHORT (long form)``: the whole of the brackets must be the long form."""
    before = _NAME_BEFORE.search(text[max(start, match.start() - 60) : match.start()])
    if before is None:
        return None
    name_start = max(start, match.start() - 60) + before.start()
    short = trim(text, name_start, match.start())
    long = trim(text, match.start(1), match.end(1))
    if short is None or long is None or not _is_short(text[slice(*short)]) or " " not in text[slice(*long)]:
        return None
    best = _best_long_form(text, text[slice(*short)], *long)
    return Abbreviation(short, long) if best and best[0] == long[0] else None


def _spelled_out_title(text: str, start: int, end: int) -> list[Abbreviation]:
    """``NAME: long form`` where every capital of the name begins a word of the long form, in order."""
    match = _TITLE_NAME.match(text, start, end)
    if match is None or not _is_short(match[1]):
        return []
    letters = [char for char in match[1] if char.isupper()]
    if len(letters) < 3:
        return []
    place = 0
    for count, word in enumerate(_WORD.finditer(text, match.end(), end), 1):
        parts = [part for part in re.split(r"[-/]", word[0]) if part]
        for part in parts:
            place += place < len(letters) and part[0].upper() == letters[place]
        begins = bool(parts) and place > 0 and parts[0][0].upper() in letters[:place]
        if count > 12 or not (begins or (word[0].islower() and len(word[0]) < 5)):
            return []
        if place == len(letters):
            long = trim(text, match.end(), word.end())
            return [Abbreviation((match.start(1), match.end(1)), long)] if long else []
    return []


def _is_short(short: str) -> bool:
    """Two to ten characters (a few more with a sign), at most two words, a letter, and a sign of being a name."""
    if not 2 <= len(short) <= _LONGEST_SHORT or not _SHORT.fullmatch(short):
        return False
    return any(char.isupper() for char in short) or (short.isalnum() and short.islower() and len(short) <= 5)


def _best_long_form(text: str, short: str, start: int, end: int) -> tuple[int, int] | None:
    """The shortest stretch before `end` in which the short form's characters stand in order (section 2.2).

    Every character of the short form must be found from right to left, its first one at the beginning of a word.
    A plural -s of the short form need not be found.
    """
    start = max(start, end - _FARTHEST)
    plural = len(short) > 2 and short.endswith("s") and short[-2].isupper()
    letters = [char.lower() for char in (short[:-1] if plural else short) if char.isalnum()]
    most_words = min(len(letters) + 5, len(letters) * 2)
    spelled = _by_initials(text, letters, start, end)
    if spelled is not None:
        return trim(text, spelled, end)
    at = end
    for place in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= start and (
            text[at].lower() != letters[place] or (place == 0 and at > start and text[at - 1].isalnum())
        ):
            at -= 1
        if at < start:
            return None
    span = trim(text, at, end)
    if span is None or span[0] != at:
        return None
    long = text[slice(*span)]
    if len(long) <= len(short) or len(long.split()) > most_words or _LISTING.search(long):
        return None
    return span if _supported(short, long) else None


def _by_initials(text: str, letters: list[str], start: int, end: int) -> int | None:
    """Where the words begin whose initials are the letters, one by one; small words between them are passed over.

    It is tried first, because the shortest stretch (section 2.2) makes `policy optimization` of `proximal policy
    optimization (PPO)`.
    """
    parts = list(_PART.finditer(text, start, end))
    place = len(letters) - 1
    for part in reversed(parts):
        if part[0][0].lower() == letters[place]:
            if place == 0:
                whole = part.start() == start or not text[part.start() - 1].isalnum()
                return part.start() if whole and len(letters) > 1 else None
            place -= 1
        elif place == len(letters) - 1 or part[0] not in _SMALL:
            return None
    return None


def _supported(short: str, long: str) -> bool:
    """Whether most letters of the short form begin a word or a part of one: guards against chance matches."""
    letters = [char.lower() for char in short if char.isupper() or char.isdigit()] or list(short.lower())
    initials = [part[0].lower() for part in re.split(r"[\W_]+", long) if part]
    hits = sum(letter in initials for letter in set(letters))
    return 2 * hits >= len(set(letters))
