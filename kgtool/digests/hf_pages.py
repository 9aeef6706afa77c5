"""Hugging Face papers pages as plain text: search listings, Daily Papers, and exports with a URL per paragraph.

A listing is title, abstract, title, abstract, …, the first title glued to the button `Subscribe`. Daily Papers has
below each abstract `• N authors` or the name of an organisation, `·` and a date; some entries lack these. Titles and
abstracts are told apart by their order and, where the order breaks, by length and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from kgtool import ids
from kgtool.digests.fields import (
    Header,
    Item,
    Lines,
    MonthDay,
    ends_a_sentence,
    fold_space,
    make_paper,
    month_day,
    unescape_html,
)
from kgtool.records import Paper, Problem

EXPECTED = "a Hugging Face papers page as text, with titles, abstracts and lines like '• 5 authors'"

LONGEST_TITLE = 300
"""Characters; no arXiv title is longer (its form takes fewer)."""
_NO_END = "what follows its last sentence"
_FURNITURE = re.compile(
    r"new|get trending papers in your email inbox.{0,20}|subscribe|daily papers(?: - hugging face)?|trending papers"
    r"|by ?|by ?ak|ak|(?:by ?(?:ak)?)? ?and the research community|daily|weekly|monthly|today|hugging face"
    r"|log in|sign up|join|previous|next|upvote|arxiv page|github ?[\d.,km]*",
    re.I,
)
_FOOTER = re.compile(r"company|tos|system theme|© ?hugging face|©.{0,40}hugging ?face.{0,40}|terms of service", re.I)
_GLUED = re.compile(r"subscribe(?=[^\s:])", re.I)
_AUTHORS = re.compile(r"[^\w(]{0,10}(\d[\d,]{0,6}) authors?\b", re.I)
_VOTES = re.compile(r"\W{0,6}(?:upvote\W{0,3})?\d{0,6}k?\W{0,3}|\[-\] ?(?:\d+|-)|\+\d+", re.I)
_DATE_LEAD = re.compile(r"^[·•\s]*(?:published on )?", re.I)
_SENTENCES = re.compile(r"[a-z)\]][.!?] [A-Z]|\.$")
_URL = re.compile(r"<?https?://\S+>?")
_YEAR = re.compile(
    r"^[^\w\n]{0,10}(?:retrieved|captured|exported|fetched|date|created|accessed)\b[^\n:]{0,20}:\D{0,5}((?:19|20)\d\d)-",
    re.I | re.M,
)
_CONTINUED = re.compile(
    r"(?:[,:;–—-]|\b(?:of|for|and|or|in|with|the|an?|to|via|on|from|by|using|through|as|at))$", re.I
)


def sniff(head: str) -> float:
    """Fairly sure where the page's own words stand on lines of their own; Markdown headings are the other reader's."""
    if re.search(r"^#{2,4} \[|^\[subscribe\][\[(]", head, re.I | re.M):
        return 0.0
    if re.search(r"^get trending papers in your email inbox", head, re.I | re.M):
        return 0.8
    stated = r"^[ \t]{0,20}[•*·-][ \t]{0,8}\d{1,6} authors?[ \t]*$"
    if re.search(stated, head, re.M) or re.search(r"^Subscribe(?=[A-Z])", head, re.M):
        return 0.6
    return 0.5 if re.search(r"^daily papers\s*$", head, re.I | re.M) else 0.0


def page_year(head: str) -> int | None:
    """The year in which a page was captured, where the capturing program noted it."""
    found = _YEAR.search(head)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str

    @property
    def is_long(self) -> bool:
        """Whether the line can only be an abstract."""
        length = len(self.text)
        return length > LONGEST_TITLE or (length > 120 and bool(_SENTENCES.search(self.text)))


@dataclass(slots=True)
class _Record:
    line: int
    title: str
    paragraphs: list[str] = field(default_factory=list)
    url: str | None = None
    n_authors: int | None = None
    date: MonthDay | None = None
    ended: bool = False

    @property
    def abstract(self) -> str:
        return " ".join(self.paragraphs)


def read(lines: Lines) -> Iterator[Item]:
    """Papers in the order of the page; the page's own words at the top and the bottom are left out."""
    ending = "\n"
    content: list[_Line] = []
    for number, raw in lines:
        ending = raw[-1:]
        if text := fold_space(raw):
            content.append(_Line(number, text))
    content = list(_paragraphs(content))
    start = _start(content)
    top = content[:start]
    preamble = "\n".join(line.text for line in top)
    year = page_year(preamble)
    recognised = sniff(preamble) > 0
    dates = [date for line in top if (date := month_day(line.text))]
    page_date = dates[-1].iso(year) if dates else None
    year = year or (dates[-1].year if dates else None)
    records = [record for record, *_ in _without_repeats(_records(content[start:]))]
    if records and (cut := _cut(records, ending)):
        last = records[-1] if cut == _NO_END else records.pop()
        yield Problem("", last.line, f"the file ends inside the entry {last.title[:60]!r}: expected {cut}")
        recognised = True
    if records or recognised:
        trending = any(line.text.lower() == "trending papers" for line in top)
        yield Header("Trending Papers" if trending else None, page_date)
    for record in records:
        yield _paper(record, year)


def _paragraphs(content: list[_Line]) -> Iterator[_Line]:
    """The lines; where blank lines divide the paragraphs, the lines of one paragraph in one."""
    gaps = sum(later.number > line.number + 1 for line, later in pairwise(content))
    if gaps * 2 <= len(content):
        yield from content
        return
    paragraph: list[_Line] = []
    for line in content:
        alone = _is_meta(None, line.text) or _URL.fullmatch(line.text)
        if paragraph and (alone or line.number > paragraph[-1].number + 1 or _is_meta(None, paragraph[-1].text)):
            yield _Line(paragraph[0].number, " ".join(part.text for part in paragraph))
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield _Line(paragraph[0].number, " ".join(part.text for part in paragraph))


def _start(content: list[_Line]) -> int:
    """Where the first entry begins: behind the last of the page's own words before the first abstract."""
    first_long = next((at for at, line in enumerate(content) if line.is_long), len(content))
    start = 0
    for at, line in enumerate(content[: first_long + 1]):
        if _GLUED.match(line.text) and not _FURNITURE.fullmatch(line.text):
            return at
        if _FURNITURE.fullmatch(line.text) or line.text.startswith("---"):
            start = at + 1
    return start


def _records(content: list[_Line]) -> Iterator[_Record]:
    record: _Record | None = None
    skip_next = False
    last_long = max((at for at, line in enumerate(content) if line.is_long), default=-1)
    for at, line in enumerate(content):
        text = line.text
        following = next((later.text for later in content[at + 1 : at + 4] if not _URL.fullmatch(later.text)), "")
        if skip_next:
            skip_next = False
        elif at > last_long and _FOOTER.fullmatch(text):
            break
        elif text.lower() == "submitted by":
            skip_next = True
        elif _URL.fullmatch(text):
            if record and record.url is None and "/papers/" in text and "#" not in text and "login" not in text:
                record.url = text.strip("<>")
        elif _is_meta(record, text):
            continue
        elif record and record.paragraphs and not line.is_long and _is_meta_start(following):
            record.ended = True
        elif record and not record.ended and _is_abstract(record, line, content, at):
            record.paragraphs.append(text)
        elif record and not record.paragraphs and _continues(record.title, text):
            record.title += " " + text
        elif not line.is_long:
            if record:
                yield record
            record = _Record(line.number, _GLUED.sub("", text, count=1) if record is None else text)
    if record:
        yield record


def _is_meta(record: _Record | None, text: str) -> bool:
    """Whether the line tells authors, date or votes; if so, it is noted in the record."""
    if authors := _AUTHORS.match(text):
        if record:
            record.n_authors, record.ended = int(authors[1].replace(",", "")), True
        return True
    bare = _DATE_LEAD.sub("", text)
    date = month_day(bare)
    if date and len(bare) < 24:
        if record and record.paragraphs:
            record.date, record.ended = date, True
        return True
    if text == "[Content truncated]" or _VOTES.fullmatch(text) or (_FURNITURE.fullmatch(text) and len(text) < 60):
        if record and record.paragraphs and text == "·":
            record.ended = True
        return True
    return False


def _is_abstract(record: _Record, line: _Line, content: list[_Line], at: int) -> bool:
    """Whether a line is of the record's abstract, and not the rest of its title or the next title."""
    if line.is_long or record.paragraphs:
        return line.is_long
    if line.text.endswith((".", "。")) and len(line.text.split()) >= 6:
        return True
    if _continues(record.title, line.text):
        return False
    following = next((later for later in content[at + 1 : at + 4] if not _URL.fullmatch(later.text)), None)
    return following is None or not following.is_long


def _is_meta_start(text: str) -> bool:
    """Whether a line's successor shows it to be the organisation that stands in the authors' place."""
    return text.startswith("·") or bool(_AUTHORS.match(text))


def _continues(title: str, text: str) -> bool:
    if len(title) + len(text) > LONGEST_TITLE:
        return False
    return bool(_CONTINUED.search(title)) or text[0].islower()


def _without_repeats(records: Iterator[_Record]) -> Iterator[list[_Record]]:
    """Entries that a page lays out twice in a row, once; the groups hold the repeats."""
    for _, group in groupby(records, key=lambda record: ids.title_key(record.title) or record.line):
        yield list(group)


def _cut(records: list[_Record], ending: str) -> str | None:
    """What is missing of the last entry of a page, None where it is whole."""
    *others, last = records
    if not last.abstract:
        return "an abstract"
    if last.ended or ending == "\n":
        return None
    if not ends_a_sentence(last.abstract):
        return "the rest of its abstract"
    # A blank behind the last sentence, or a page whose other entries all go on, shows a cut between two sentences.
    return _NO_END if ending.isspace() or (len(others) > 1 and all(record.ended for record in others)) else None


def _paper(record: _Record, year: int | None) -> Paper:
    arxiv_id = ids.find_arxiv_id(record.url or "")
    return make_paper(
        unescape_html(record.title),
        n_authors=record.n_authors,
        abstract=unescape_html(record.abstract),
        url=record.url,
        arxiv_id=arxiv_id,
        published=record.date.iso(year, arxiv_id) if record.date else None,
    )
