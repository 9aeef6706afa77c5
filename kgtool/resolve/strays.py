"""Which forms that only one paper's cluster ties to an entity are its names.

Within a paper `image segmentation` may stand for that paper's `3D image segmentation`, and annotators put both into one
cluster (half of all pairs that differ in such a word are one there). Over a corpus they are two things.
"""

from __future__ import annotations

from collections.abc import Sequence

from kgtool.resolve.forms import STOP_WORDS, Form, abbreviates, form, inflected, is_version

_EMPTY_HEADS = frozenset(
    """
    algorithm approach architecture benchmark corpus database dataset framework mechanism method methodology model
    module paradigm pipeline problem procedure scheme strategy system task technique
    """.split()  # noqa: SIM905 - a list to be read
)
_DIRECTIONS = frozenset({"to", "2", "for", "from", "driven", "guided"})
"""Words whose two sides are not the same thing when they change places."""
_LEAST_LETTERS = 4
"""So many letters in order in a long form are no accident."""


def is_name(surface: str, names: Sequence[str]) -> bool:
    """Whether a surface form is another name of the entity that has these names.

    It is, if one abbreviates the other, in whole or in the words that they do not share; if the words are the same but
    for inflection, order and empty heads; or if one is a coined word that the other spells out, or that has nothing in
    common with the other but the letters that words begin with (`StepMend`, `Mending by Small Steps`).
    """
    stray, own = form(surface), tuple(map(form, names))
    if any(_spelt_out(stray, one) or _spelt_out(one, stray) or _same_words(stray, one) for one in own):
        return True
    return not any(_share(stray, one) for one in own) and any(
        _coined_from(surface, stray, one) or _coined_from(name, one, stray)
        for name, one in zip(names, own, strict=True)
    )


def _spelt_out(short: Form, long: Form) -> bool:
    letters = short.abbreviation
    if not letters or is_version(short.words, long.words):
        return False
    if abbreviates(letters, long.words):
        return True
    initials = [word[0] for word in _content(long)]
    if len(letters) < _LEAST_LETTERS or not 3 <= len(initials) <= len(letters) or set(short.words) <= set(long.words):
        return False
    rest = iter("".join(long.words))
    return letters[0] in initials and all(char in rest for char in letters)


def _same_words(one: Form, other: Form) -> bool:
    first, second = _content(one), list(_content(other))
    left = []
    for word in first:
        match = next((found for found in second if inflected(word, found)), None)
        if match is None:
            left.append(word)
        else:
            second.remove(match)
    if len(left) == len(first):
        return False
    if not left and not second:
        return not _DIRECTIONS & {*one.words, *other.words} or _in_order(one, other)
    return any(
        len(short) == 1 and abbreviates(short[0], tuple(long)) for short, long in ((left, second), (second, left))
    )


def _in_order(one: Form, other: Form) -> bool:
    first, second = _content(one), _content(other)
    return len(first) == len(second) and all(map(inflected, first, second))


def _content(one: Form) -> tuple[str, ...]:
    return tuple(word for word in one.words if word not in STOP_WORDS and word not in _EMPTY_HEADS)


def _share(one: Form, other: Form) -> bool:
    return any(inflected(left, right) for left in _content(one) for right in _content(other))


def _coined_from(surface: str, coined: Form, phrase: Form) -> bool:
    """Whether a word was coined from a phrase: its capitals begin words there; one in capitals begins alike."""
    initials = [word[0] for word in _content(phrase)]
    if len(coined.words) != 1 or len(phrase.words) < 2 or not coined.named or not initials:
        return False
    if coined.case == "caps":
        return coined.key[0] == initials[0]
    return all(char.casefold() in initials for char in surface if char.isupper())
