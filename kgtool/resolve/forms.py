"""Surface forms of entities: their normal form, their case, and whether one abbreviates another."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LATEX_WRAPPER = re.compile(r"\\(?:text|math|emph|ensuremath|operatorname|mbox|bm|boldsymbol)[a-z]{0,8}\b\*?")
_LATEX_COMMAND = re.compile(r"\\([A-Za-z]+)")
_LATEX_SIGNS = str.maketrans("", "", "${}_^\\")
_POSSESSIVE = re.compile(r"['’]s(?!\w)")
_PARENTHESIS = re.compile(r"\s*\(([^()]{1,16})\)")
_SEPARATOR = re.compile(r"(?<!\d)\.|\.(?!\d)|[-‐-―−_/\s,:;()\[\]{}\"“”‘’'`|<>=~^!?\\$…·•]")
STOP_WORDS = frozenset("a an and as at by for from in into of on or over the through to using via with".split())  # noqa: SIM905
_PREFIXES = frozenset(
    "auto bi co cross de hyper inter meta micro multi non pre re self semi sub super trans un".split()  # noqa: SIM905
)
_SUFFIXES = frozenset(
    [
        "",
        "s",
        "e",
        "es",
        "y",
        "al",
        "ly",
        "ally",
        "ing",
        "ling",
        "ed",
        "er",
        "or",
        "ion",
        "ions",
        "ation",
        "ive",
        "ment",
        "ity",
        "ies",
    ]
)
_ONSETS = frozenset(
    """
    bl br ch cl cr dr dw fl fr gh gl gn gr kn kr ph pl pr ps qu rh sc sh sk sl sm sn sp sq st sw th tr tw wh wr
    """.split()  # noqa: SIM905 - a list to be read
)
_BRITISH = (
    (re.compile(r"(?<=[a-z]{4})is(?=(?:ation(?:al)?|ability|able|ed|ing|er|e)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{3})our(?=(?:al|hood|ed|ing|less|ful|ite|able)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{3}[ae])ll(?=(?:ing|ed|er)$)"), "l"),
    (re.compile(r"(?<=[a-z]aly)s(?=(?:ed|ing|er)$)"), "z"),
    (re.compile(r"(?<=[a-z]{2}[bt])re$"), "er"),
    (re.compile(r"(?<=[a-z]{3}og)ue$"), ""),
)
"""British spellings and what American writes. Words that only look like them (`noise`) stay one key for one word."""
_VOWELS = frozenset("aeiouy")
_LONGEST_ABBREVIATION = 12
_LONGEST_LONG_FORM = 120
_LONGEST_WORD_OF_NATURE = 5
_LEAST_OF_A_CUT = 3


@dataclass(frozen=True, slots=True)
class Form:
    """The normal form of a surface form.

    `words` are in lower case and singular. `key` joins them: equal for the variants of one name in case,
    hyphens, spaces, slashes, plural and LaTeX; signs and digits stay (``UNet++``, ``GPT-3.5``). `case` is of a single
    word of letters, empty for everything else: ``caps``, ``lower``, ``title`` or ``mixed``. `abbreviation` holds the
    letters and digits of what may shorten another form, in lower case, and is empty for the rest. `named` tells
    that the form is written as a name is: with a digit, or a capital that is not a word's first letter; `capital` that
    it begins with a capital or a digit.
    """

    words: tuple[str, ...]
    key: str
    case: str
    abbreviation: str
    named: bool
    capital: bool


def form(surface: str) -> Form:
    """The normal form of a surface form; its key is empty where nothing is left of it.

    >>> form("Graph Neural Networks").key == form("graph-neural network").key
    True
    >>> form("Llama 2 7B").key == form("Llama 27B").key, form("UNet++").key == form("U-Net").key
    (False, False)
    """
    text = unicodedata.normalize("NFKC", surface)
    if "\\" in text or "$" in text:
        text = _without_latex(text)
    if "(" in text:
        text = _PARENTHESIS.sub(_shortened_before, text)
    text = _POSSESSIVE.sub("", text).replace("&", " and ")
    tokens = [token for token in _SEPARATOR.split(text) if token]
    if not tokens:
        return Form((), "", "", "", False, False)
    headline = len(tokens) > 1 and text.isupper() and max(map(len, tokens)) > 5
    last = _singular(tokens[-1].lower() if headline else tokens[-1])
    tokens = [*(_singular_within(token, " " in text) for token in tokens[:-1]), last]
    words = tuple(token.casefold() for token in tokens)
    letters = "".join(tokens)
    shortens = (
        len(tokens) <= 2 and 2 <= len(letters) <= _LONGEST_ABBREVIATION and letters.isalnum() and len(text.split()) == 1
    )
    capitals = sum(char.isupper() for char in letters)
    return Form(
        words,
        key_of(words),
        _case(tokens[0]) if len(tokens) == 1 else "",
        letters.casefold() if shortens and capitals >= 2 else "",
        not headline and (any(map(str.isdigit, letters)) or any(c.isupper() for token in tokens for c in token[1:])),
        letters[0].isupper() or letters[0].isdigit(),
    )


def key_of(words: tuple[str, ...]) -> str:
    """The key of a form with these words.

    >>> key_of(("colour", "normalisation")) == key_of(("color", "normalization"))
    True
    """
    return _join((*map(_american, words[:-1]), _stem(_american(words[-1])))) if words else ""


def abbreviates(short: str, words: tuple[str, ...]) -> bool:
    """Whether `short` (`Form.abbreviation`) is made of the words of a long form.

    Stricter than Schwartz & Hearst (2003): the letters stand in order in the words, and every word that is no
    preposition or article and stands behind no prefix (`multi-modal`) gives its first one.

    >>> abbreviates("llm", ("large", "language", "model")), abbreviates("llm", ("vision", "language", "model"))
    (True, False)
    """
    if len(words) < 2 and (not words or len(words[0]) < 2 * len(short)):
        return False
    if len(words) > len(short) + 4 or words[0][0] != short[0]:
        return False
    reached = {0}
    for number, word in enumerate(words):
        may_lack = number and (word in STOP_WORDS or words[number - 1] in _PREFIXES)
        following: set[int] = set(reached) if may_lack else set()
        for at in reached:
            place = 0
            for end in range(at, len(short)):
                found = word.find(short[end], place)
                if found < 0 or (end == at and found > 0):
                    break
                place = found + 1
                following.add(end + 1)
        if not following:
            return False
        reached = following
    return len(short) in reached


def is_version(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two names of as many words begin with the same one: versions of a thing (`GPT-4`, `GPT-4.5`)."""
    return 1 < len(one) == len(other) and one[0] == other[0]


def variants(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two long forms differ in nothing but suffixes, hyphens and prepositions (`modelling`, `model`)."""
    first = [word for word in one if word not in STOP_WORDS]
    second = [word for word in other if word not in STOP_WORDS]
    if len(first) != len(second):
        return inflected("".join(first), "".join(second))
    return all(map(inflected, first, second))


def is_cut_off(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one long form is the other without its end, as a damaged span has it."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _LEAST_OF_A_CUT and long[: len(short)] == short


def ordinary(word: str) -> bool:
    """Whether a short word in lower case could be one of the language's, by its letters: `sam`, but not `mnist`."""
    onset = next((i for i, char in enumerate(word) if char in _VOWELS), len(word))
    return len(word) <= _LONGEST_WORD_OF_NATURE and onset < len(word) and (onset < 2 or word[:onset] in _ONSETS)


def inflected(one: str, other: str) -> bool:
    """Whether two words are one, or differ in their suffixes alone."""
    common = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        common += 1
    return one == other or (common >= 5 and one[common:] in _SUFFIXES and other[common:] in _SUFFIXES)


def _without_latex(text: str) -> str:
    text = _LATEX_WRAPPER.sub("", text)
    return _LATEX_COMMAND.sub(_greek, text).translate(_LATEX_SIGNS)


def _greek(match: re.Match[str]) -> str:
    size = "CAPITAL" if match[1][0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {match[1].upper()}")
    except KeyError:
        return f" {match[1]} "


def _shortened_before(match: re.Match[str]) -> str:
    """Nothing for an abbreviation behind its long form, the text without its parentheses for all else."""
    short = match[1].rstrip("s").casefold()
    nearest = match.string[max(0, match.start() - _LONGEST_LONG_FORM) : match.start()]
    before = [token for token in _SEPARATOR.split(nearest.casefold()) if token]
    for start in range(max(0, len(before) - len(short) - 2), len(before)):
        if short and abbreviates(short.replace("-", ""), tuple(before[start:])):
            return ""
    return f" {match[1]} "


def _singular(token: str) -> str:
    """A word without its plural ending; capitals with a small s have one (`LLMs`), words in capitals and sizes none."""
    if not token.endswith("s") or len(token) < 3 or token[-2].isdigit():
        return token
    if token[:-1].isupper():
        return token[:-1]
    if len(token) < 4 or token.endswith(("ss", "us", "is", "ias")):
        return token
    if token.endswith("ies") and len(token) > 5:
        return token[:-3] + "y"
    return token[:-1]


def _singular_within(token: str, in_phrase: bool) -> str:
    """The singular of a word before the last; a coined word's parts (`Atlas-S`, `Trans-Zero`) stay, but for `LLMs`."""
    if token.endswith("as") or not (in_phrase or token[:-1].isupper()):
        return token
    return _singular(token)


@lru_cache(maxsize=1 << 16)
def _american(word: str) -> str:
    for spelling, instead in _BRITISH:
        word = spelling.sub(instead, word)
    return word


def _stem(word: str) -> str:
    """A singular word as it is compared: without what the plurals of `analysis`, `branch` and `cache` hide."""
    if word == "corpora":
        return "corpus"
    if word.endswith(("ysis", "esis")) and len(word) > 6:
        return word[:-2]
    if len(word) > 4 and word.endswith(("se", "xe", "ze", "che", "she")):
        return word[:-1]
    return word


def _join(words: tuple[str, ...]) -> str:
    """The words without blanks, except between two digits, where a blank tells numbers apart."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1][-1].isdigit() and word[0].isdigit():
            joined.append(" ")
        joined.append(word)
    return "".join(joined)


def _case(token: str) -> str:
    if not token.isalpha() or len(token) < 2:
        return ""
    if token.isupper():
        return "caps"
    if token.islower():
        return "lower"
    return "title" if token.istitle() else "mixed"
