"""Word pieces: the units that a BERT encoder reads (Wu et al. 2016, arXiv:1609.08144; Devlin et al. 2019)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

_LONGEST_WORD = 100
_MOST_PIECES = 12
"""Of one word; what is longer is a formula or an address, of which the beginning says enough."""
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPieces:
    """The vocabulary of an uncased encoder, by which words are cut into pieces."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._ids = {piece: number for number, piece in enumerate(self.vocabulary)}
        self.start, self.end, self._unknown = (self._ids[name] for name in ("[CLS]", "[SEP]", "[UNK]"))

    def __call__(self, word: str) -> tuple[int, ...]:
        """The ids of the word's pieces, at most twelve; none for blanks and control characters."""
        return tuple(id_ for part in _parts(_cleaned(word)) for id_ in self._longest_first(part))[:_MOST_PIECES]

    def _longest_first(self, part: str) -> list[int]:
        if len(part) > _LONGEST_WORD:
            return [self._unknown]
        found, start = [], 0
        while start < len(part):
            for end in range(len(part), start, -1):
                id_ = self._ids.get(("##" if start else "") + part[start:end])
                if id_ is not None:
                    found.append(id_)
                    start = end
                    break
            else:
                return [self._unknown]
        return found


def _cleaned(word: str) -> str:
    """Lower case without accents and control characters, CJK signs set apart."""
    word = word[: 4 * _LONGEST_WORD]
    if word.isascii() and word.isprintable():
        return word.lower()
    kept = []
    for sign in word:
        if sign in "\t\n\r" or unicodedata.category(sign) == "Zs":
            kept.append(" ")
        elif sign not in "\0\ufffd" and not unicodedata.category(sign).startswith("C"):
            kept.append(f" {sign} " if any(low <= ord(sign) <= high for low, high in _CJK) else sign)
    return "".join(
        sign for sign in unicodedata.normalize("NFD", "".join(kept)).lower() if unicodedata.category(sign) != "Mn"
    )


def _parts(text: str) -> Iterator[str]:
    """The text cut at blanks and around every punctuation sign."""
    for chunk in text.split():
        start = 0
        for at, sign in enumerate(chunk):
            if _is_punctuation(sign):
                if start < at:
                    yield chunk[start:at]
                yield sign
                start = at + 1
        if start < len(chunk):
            yield chunk[start:]


def _is_punctuation(sign: str) -> bool:
    """As BERT has it: all ASCII signs that are neither letters nor digits, and Unicode's class P."""
    ascii_sign = sign.isascii() and not sign.isalnum() and sign.isprintable() and sign != " "
    return ascii_sign or unicodedata.category(sign).startswith("P")
