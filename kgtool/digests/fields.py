"""How single fields of a digest entry are read: white space, links, names, dates, languages, placeholders."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kgtool import ids
from kgtool.records import Note, Paper, Problem


@dataclass(frozen=True, slots=True)
class Header:
    """What a page says about itself; a reader yields it once it is sure of its format, even when no paper follows."""

    title: str | None = None
    published: str | None = None
    """ISO 8601 date of the page."""


Item = Paper | Problem | Header
Lines = Iterable[tuple[int, str]]
"""Numbered lines of a digest, counted from 1; each ends in a newline, like those of a text file."""

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_FULL_WIDTH = re.compile(r"[\u3000-\u303f\uff00-\uffef]")
_ENTITY = re.compile(r"&#?\w{1,31};")
_ADDRESS = re.compile(r"[(\[<]?https?://[^\s/]+\.[^\s/]{2}")
_ESCAPE = re.compile(r"\\([\[\]`*_#~<>=+\\-])")
_NAME_SUFFIX = re.compile(r"(?:[JS]r|II|III|IV|Ph\.?D|M\.?D)\.?", re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_DAY = re.compile(
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.? (3[01]|[12]\d|0?[1-9])(?:, ?((?:19|20)\d\d))?",
    re.I,
)
_NUMERIC_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)")
_PLACEHOLDERS = {
    "",
    "error",
    "n/a",
    "na",
    "none",
    "null",
    "nan",
    "unknown",
    "tbd",
    "summary generation failed",
    "motivation analysis unavailable",
    "method extraction failed",
    "result analysis unavailable",
    "conclusion extraction failed",
    "not available",
    "not provided",
    "not specified",
    "failed",
    "not mentioned",
    "not mentioned in abstract",
    "not mentioned in the abstract",
    "无",
    "暂无",
    "未提及",
    "摘要中未提及",
    "未在摘要中提及",
}
_FAILURE = re.compile(
    r"^\W*(?:error|exception|api error|request failed|\w*error)\s*(?:code)?\s*[:：(]"
    r"|^(?:summary|translation|analysis|motivation|method|result|conclusion)[\w ]{0,30} (?:failed|unavailable)\W*$"
    r"|insufficient_quota|RESOURCE_EXHAUSTED|RateLimitError|rate_limit_exceeded|exceeded your current quota"
    r"|Error code: \d{3}|\b429 (?:Too Many|You exceeded|Resource)|quota[ _]exceeded",
    re.I,
)


def fold_space(text: str) -> str:
    """White space (line breaks, no-break and wide blanks too) folded to single blanks."""
    return " ".join(text.split())


def ends_a_sentence(text: str) -> bool:
    """Whether a text ends as a whole abstract does: with a full stop, perhaps in quotes or brackets, or an address."""
    last_word = text.rsplit(maxsplit=1)[-1] if text.strip() else ""
    return last_word.rstrip(")]}$\"'”’*").endswith((".", "!", "?", "。")) or bool(_ADDRESS.match(last_word))


def unescape_html(text: str) -> str:
    """Character references with their semicolon (`&amp;`, `&#39;`) replaced by the characters."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def unescape_markdown(text: str) -> str:
    """Backslashes removed before the punctuation that Markdown converters escape (CommonMark 0.31, 2.4)."""
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def cjk_share(text: str) -> float:
    """The part of the letters of a text, 0 to 1, that is Chinese, Japanese or Korean."""
    letters = sum(map(str.isalpha, text))
    return len(_CJK.findall(text)) / letters if letters else 0.0


def language(text: str) -> str:
    """`zh` for a text with Chinese characters, else `en`: digests come in these two."""
    return "zh" if _CJK.search(text) else "en"


def without_translation(title: str) -> str:
    """An English title without the Chinese one that a browser translation put behind it."""
    match = _CJK.search(title) or _FULL_WIDTH.search(title)
    if match is None:
        return title
    first_word = title.rfind(" ", 0, match.start()) + 1
    head, tail = title[:first_word].strip(), title[first_word:]
    if len(head.split()) < 3 or len(_CJK.findall(tail)) < 4 or cjk_share(tail) < 0.5:
        return title
    return re.sub(r"\s*#\d+$", "", head)


def original_paragraphs(paragraphs: list[str]) -> list[str]:
    """The paragraphs without those that are Chinese translations of their neighbours."""
    original = [text for text in paragraphs if cjk_share(text) < 0.3]
    return original or paragraphs


def iso_date(year: str | int, month: str | int, day: str | int) -> str | None:
    """`YYYY-MM-DD`, None for what is no date."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def find_date(text: str) -> str | None:
    """The first date written with digits (`2025-01-02 03:04:05 UTC`, `2025年1月2日`), as ISO 8601."""
    match = _NUMERIC_DATE.search(text)
    return iso_date(match[1], match[2], match[3]) if match else None


class MonthDay(NamedTuple):
    """A date as Hugging Face writes it, `Apr 16, 2018`; `year` is None where the page leaves it out."""

    year: int | None
    month: int
    day: int

    def iso(self, page_year: int | None = None, arxiv_id: str | None = None) -> str | None:
        """ISO 8601. A missing year is that of the page, else the one nearest to the arXiv id's month, else None."""
        year = self.year or page_year
        if year is None and arxiv_id and (submitted := ids.arxiv_month(arxiv_id)):
            months = int(submitted[:4]) * 12 + int(submitted[5:]) - self.month
            year = (months + 6) // 12
        return iso_date(year, self.month, self.day) if year else None


def month_day(text: str) -> MonthDay | None:
    """The date that the text begins with: `May 9`, `Nov 7, 2025`, also with a comment count glued to it."""
    match = _MONTH_DAY.match(text)
    if match is None:
        return None
    year = int(match[3]) if match[3] else None
    return MonthDay(year, _MONTHS.index(match[1][:3].lower()) + 1, int(match[2]))


def split_names(text: str) -> tuple[str, ...]:
    """The names of a list of authors.

    A list written without blanks (`A,B, Jr.,C`) is cut at the tight commas, any other at every comma; `Jr.` and
    its like stay with their name.

    >>> split_names("Ada Example,Ben Sample, Jr."), split_names("Ada Example, Ben Sample, Jr., Cy Test")
    (('Ada Example', 'Ben Sample, Jr.'), ('Ada Example', 'Ben Sample, Jr.', 'Cy Test'))
    """
    parts = re.split(r",(?=\S)", text)
    if len(parts) == 1:
        parts = text.split(",")
    names: list[str] = []
    for part in parts:
        name = fold_space(part)
        if names and _NAME_SUFFIX.fullmatch(name):
            names[-1] += ", " + name
        elif name:
            names.append(name)
    return tuple(names)


class Link(NamedTuple):
    """A Markdown link `[text](target)` and where it stands in its line."""

    text: str
    target: str
    start: int
    end: int


def find_links(line: str) -> Iterator[Link]:
    """The Markdown links of a line; brackets may nest in the text, as in `[A [B] C](url)`."""
    opened: list[int] = []
    position = 0
    last_close = line.rfind(")")
    while position < len(line):
        char = line[position]
        if char == "\\":
            position += 1
        elif char == "[":
            opened.append(position)
        elif char == "]" and opened:
            start = opened.pop()
            if line.startswith("](", position) and last_close > position:
                close = line.find(")", position)
                yield Link(line[start + 1 : position], line[position + 2 : close].split(" ")[0], start, close + 1)
                opened.clear()
                position = close
        position += 1


def note(kind: str, text: str) -> Note | None:
    """A note, or None where the text is empty or only says that making it failed."""
    text = fold_space(text)
    if text.strip(" .。").casefold() in _PLACEHOLDERS or _FAILURE.search(text):
        return None
    return Note(kind, language(text), text)


def make_paper(
    title: str,
    *,
    authors: tuple[str, ...] = (),
    n_authors: int | None = None,
    abstract: str = "",
    url: str | None = None,
    arxiv_id: str | None = None,
    doi: str | None = None,
    published: str | None = None,
    venue: str | None = None,
    categories: Iterable[str] = (),
    code_url: str | None = None,
    comment: str | None = None,
    notes: tuple[Note, ...] = (),
) -> Paper:
    """A paper with its id; `published` falls back to the arXiv id's month, `n_authors` to the number of names."""
    names = ("".join(filter(str.isprintable, fold_space(name))).strip() for name in categories)
    categories = tuple(name for name in dict.fromkeys(names) if name)
    return Paper(
        id=ids.paper_id(title, arxiv_id, doi),
        title=title,
        authors=authors,
        abstract=abstract,
        url=url,
        arxiv_id=arxiv_id,
        doi=doi,
        published=published or (ids.arxiv_month(arxiv_id) if arxiv_id else None),
        venue=venue,
        category=categories[0] if categories else None,
        categories=categories,
        n_authors=len(authors) or n_authors,
        code_url=code_url,
        comment=comment,
        notes=notes,
    )
