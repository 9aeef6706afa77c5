"""Hugging Face papers pages as Markdown: what scrapers and text browsers make of them.

    ### [Title](/papers/2606.01234)            or with a reference number, ### [Title][32]
    The abstract, in brackets or not, over one line or many.
    - 3 authors                                or the name of an organisation
    · Mar 8, 2024

Titles can be wrapped, with `### ` repeated on the second line; the block of votes before a title belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kgtool import ids
from kgtool.digests.arxiv_names import category_code, split_category_names
from kgtool.digests.fields import (
    Header,
    Item,
    Lines,
    MonthDay,
    ends_a_sentence,
    find_links,
    fold_space,
    make_paper,
    month_day,
    split_names,
    unescape_html,
    unescape_markdown,
)
from kgtool.digests.hf_pages import page_year
from kgtool.records import Paper, Problem

EXPECTED = "a Hugging Face papers page as Markdown, with lines like '### [Title](/papers/2606.01234)'"
SITE = "https://huggingface.co"

_HEADING = re.compile(r"(#{2,5}) +(?=\S)")
_NUMBERED_END = re.compile(r"\]\[(\d{1,6})\]$")
_REFERENCE = re.compile(r"\[?(\d{1,6})[\].]:?\s+<?((?:https?://|/papers/)\S+?)>?$")
_CLOSING = re.compile(r"\]\[\d{1,6}\]|\]\([^()\s]{1,300}\)")
_AUTHORS = re.compile(r"[\[\]*•\s-]{0,8}(\d[\d,]{0,6}) authors?\b", re.I)
_VOTES = re.compile(r"\[?(?:upvote\s*)?[-\d]{0,7}k?\]?(?:\([^)]{0,200}\)|\[\d+\])?|\[upvote", re.I)
_DATE_LEAD = re.compile(r"(?:^|· ?)(?:published on )?(?=[A-Z][a-z]{2,8}\.? \d)", re.I)
_GITHUB = re.compile(r"https://github\.com/[\w.-]{1,100}/[\w.-]{1,100}")
_LABEL = re.compile(r"\*\*(authors?|category|categories|summary|abstract|published|date)(?::\*\*|\*\*:)\s*", re.I)
_META = re.compile(
    r"[·•]|!\[|\[!\[|\[\[|\[(?:upvote|github|arxiv|link:|hugging|- )|- !\[|- \[图片|submitted by\b|<a |-$|\[$"
    r"|---|\|",
    re.I,
)
_FOOTER = re.compile(r"\[?previous\b|company$|website$|\[?tos\b|system theme$", re.I)
_NO_END = "what follows its last sentence"
_TRUNCATED = "[content truncated]"


def sniff(head: str) -> float:
    """Sure where headings link to papers; fairly so for headings with reference numbers or none on such a page."""
    page = re.search(r"get trending papers in your|# (?:daily|trending) papers|huggingface\.co/papers", head, re.I)
    lines = head.split("\n")
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        heading = _HEADING.match(line)
        if not heading or len(line) > 1000:
            continue
        record = _Record(0, line[heading.end() :].strip())
        if not _finish_heading(record):
            record.heading += " " + _HEADING.sub("", next_line[:1000], count=1).strip()
        if _finish_heading(record) and ((record.url and "/papers/" in record.url) or (record.reference and page)):
            return 0.9
    if page and re.search(r"^### \w", head, re.M):
        return 0.85
    return 0.7 if re.search(r"^#+ (?:daily|trending) papers\s*$|^\[subscribe\][\[(]", head, re.I | re.M) else 0.0


@dataclass(slots=True)
class _Record:
    line: int
    heading: str
    wrapped: bool = False
    title: str = ""
    url: str | None = None
    reference: str | None = None
    body: list[str] = field(default_factory=list)
    bracket: str = ""
    """`[` or `link` while the abstract stands in brackets that are still open."""
    authors: tuple[str, ...] = ()
    n_authors: int | None = None
    categories: list[str] = field(default_factory=list)
    date: MonthDay | None = None
    code_url: str | None = None
    escaped: bool = False
    closed: bool = False
    skip_next: bool = False


@dataclass(slots=True)
class _Page:
    title: str | None = None
    date: MonthDay | None = None
    year: int | None = None
    truncated_at: int = 0
    ends_in_newline: bool = True
    references: dict[str, str] = field(default_factory=dict)
    top: list[str] = field(default_factory=list)


def read(lines: Lines) -> Iterator[Item]:
    """Papers in the order of the page; addresses behind reference numbers are known only at its end."""
    page = _Page()
    records = list(_unrepeated(_records(lines, page)))
    if records and (cut := _cut(records, page)):
        last = records[-1] if cut == _NO_END else records.pop()
        yield Problem("", page.truncated_at or last.line, f"the file ends inside {last.title[:60]!r}: expected {cut}")
    elif page.truncated_at:
        yield Problem("", page.truncated_at, "the page was cut off here: expected its other papers")
    page.year = page_year("\n".join(page.top)) or (page.date.year if page.date else None)
    papers = [_paper(record, page) for record in records]
    if papers or page.title:
        yield Header(page.title, page.date.iso(page.year) if page.date else None)
    yield from papers


def _records(lines: Lines, page: _Page) -> Iterator[_Record]:
    record: _Record | None = None
    for number, raw in lines:
        page.ends_in_newline = raw.endswith("\n")
        line = raw.strip()
        if record and not record.title:
            record.heading = f"{record.heading} {_HEADING.sub('', line, count=1)}"
            if not _finish_heading(record) and (not line or number - record.line > 4):
                record = None
            continue
        heading = _HEADING.match(line)
        if heading and (candidate := _open(number, line[heading.end() :], len(heading[1]))):
            if record:
                yield record
            record = candidate
        elif reference := _REFERENCE.match(line):
            page.references.setdefault(reference[1], reference[2])
        elif line.lower() == _TRUNCATED:
            page.truncated_at = number
        elif record and number == record.line + 1 and raw[0].isspace() and line:
            record.title = f"{record.title} {line}"
        elif record:
            _add(record, line)
        else:
            _add_to_top(page, line)
    if record and record.title:
        yield record


def _add_to_top(page: _Page, line: str) -> None:
    page.top.append(line)
    text = line.strip("# ")
    if line.startswith("#") and text.lower() in ("daily papers", "trending papers"):
        page.title = text
    elif (date := month_day(line)) and len(line) < 20:
        page.date = date


def _open(number: int, text: str, level: int) -> _Record | None:
    """A record for a heading that is a paper's; one in brackets may go on in the next line."""
    record = _Record(number, text)
    if _finish_heading(record):
        return record
    if text.startswith("[") and level >= 3 and not text.startswith(("[!", "[[")):
        return None if text.endswith(")") and "](" in text else record
    if level != 3 or text.startswith(("[", "!", "<")) or _FOOTER.match(text):
        return None
    record.title = text
    return record


def _finish_heading(record: _Record) -> bool:
    """Take title and address from `[Title](address)` or `[Title][32]`; False where the heading is neither (yet)."""
    heading = record.heading
    title = ""
    if numbered := _NUMBERED_END.search(heading):
        title, record.reference = heading[: numbered.start()], numbered[1]
    elif heading.endswith(")") and (at := heading.rfind("](")) > 0:
        target = heading[at + 2 : -1].split(" ")[0]
        if "/papers/" in target or "arxiv.org/" in target:
            title, record.url = heading[:at], target
            record.escaped = True
    if not title.startswith("["):
        return False
    record.title = re.sub(r"\\\s+", " ", title[1:])
    return True


def _add(record: _Record, line: str) -> None:
    if record.bracket:
        _add_bracketed(record, line)
        return
    if record.skip_next and line:
        record.skip_next = line.startswith(("[图片", "!["))
        return
    if label := _LABEL.match(line):
        _add_label(record, label[1].lower(), line[label.end() :])
    elif _is_meta(record, line):
        record.closed = record.closed or bool(record.body and line)
    elif not record.closed and line:
        if line.startswith("[") and not record.body:
            record.bracket = "link"
            _add_bracketed(record, line)
        elif _FOOTER.match(line):
            record.closed = True
        else:
            record.body.append(line)
    if line == "[" and not record.body and not record.closed:
        record.bracket = "["


def _add_bracketed(record: _Record, line: str) -> None:
    """A line of an abstract that stands between `[` and `](address)` or `][33]`."""
    if not line and record.bracket == "link":
        record.bracket = ""  # links hold no blank lines: the bracket was the abstract's own
        return
    text = line.removesuffix("\\\\").removesuffix("\\") if line.endswith("\\") else line
    closing = None
    if line.endswith((")", "]")):
        at = line.rfind("](" if line.endswith(")") else "][")
        closing = _CLOSING.fullmatch(line, at) if at >= 0 else None
    if closing:
        text = line[: closing.start()]
        if record.bracket == "link":
            record.escaped = True
            record.body, text = _without_bracket(record.body, text)
        record.bracket = ""
        record.closed = True
    if not record.body and (authors := _AUTHORS.match(text)):
        record.n_authors, record.closed = int(authors[1].replace(",", "")), True
    elif text.strip() and not (closing and not record.body and len(text) < 8):
        record.body.append(text.strip())
    if closing and not record.body:
        record.closed = record.n_authors is not None


def _without_bracket(body: list[str], text: str) -> tuple[list[str], str]:
    return ([body[0][1:], *body[1:]], text) if body else (body, text[1:])


def _add_label(record: _Record, label: str, value: str) -> None:
    if label.startswith("author"):
        record.authors = split_names(value)
    elif label.startswith("categor"):
        record.categories = [category_code(name, name) for name in split_category_names(value)]
    elif label in ("summary", "abstract") and value:
        record.body.append(value)


def _is_meta(record: _Record, line: str) -> bool:
    """Whether a line tells authors, date, votes or addresses; what it tells is noted in the record."""
    if authors := _AUTHORS.match(line):
        record.n_authors = int(authors[1].replace(",", ""))
        return True
    if line.lower().startswith("submitted by"):
        record.skip_next = line.lower() == "submitted by"
        return True
    lead = _DATE_LEAD.search(line)
    date = month_day(line[lead.end() :]) if lead else None
    if date and (record.body or record.closed) and ((lead and lead.start() > 0) or len(_unlinked(line)) < 32):
        record.date = record.date or date
        return True
    links = list(find_links(line))
    only_links = links and record.body and len(line) <= sum(link.end - link.start + 1 for link in links)
    if not (_META.match(line) or _VOTES.fullmatch(line) or only_links):
        return False
    if record.body or record.closed:
        if repository := _GITHUB.search(line):
            record.code_url = record.code_url or repository[0]
    elif record.url is None and links:
        target = links[0].target
        record.url = target if "arxiv.org/" in target or ("/papers/" in target and "login" not in target) else None
    return True


def _unlinked(line: str) -> str:
    return re.sub(r"\[[^\]]{0,20}\](?:\([^)]{0,300}\)|\[\d+\])", "", line)


def _unrepeated(records: Iterator[_Record]) -> Iterator[_Record]:
    """The records without those that a page lays out twice in a row."""
    last: _Record | None = None
    for record in records:
        if last and ids.title_key(record.title) == ids.title_key(last.title):
            last = replace(last, code_url=last.code_url or record.code_url, closed=last.closed or record.closed)
            last.body = last.body or record.body
            continue
        if last and (last.body or last.url or last.reference):
            yield last
        last = record
    if last:
        yield last


def _cut(records: list[_Record], page: _Page) -> str | None:
    last = records[-1]
    whole_link = page.ends_in_newline and last.body and ends_a_sentence(last.body[-1])
    if last.bracket == "[" or (last.bracket == "link" and not whole_link):
        return "the rest of its abstract and a closing bracket"
    if not last.body:
        return "an abstract" if any(record.body for record in records[:-1]) or len(records) == 1 else None
    if last.closed or (page.ends_in_newline and not page.truncated_at):
        return None
    if not ends_a_sentence(last.body[-1]):
        return "the rest of its abstract"
    others = records[:-1]
    return _NO_END if len(others) > 1 and all(record.closed for record in others) else None


def _paper(record: _Record, page: _Page) -> Paper:
    url = record.url or page.references.get(record.reference or "")
    if url and url.startswith("/"):
        url = SITE + url
    arxiv_id = ids.find_arxiv_id(url or "")
    title, abstract = fold_space(record.title), fold_space(" ".join(record.body))
    if record.escaped:
        title, abstract = unescape_markdown(title), unescape_markdown(abstract)
    return make_paper(
        unescape_html(title),
        authors=record.authors,
        n_authors=record.n_authors,
        abstract=unescape_html(abstract),
        url=url,
        arxiv_id=arxiv_id,
        published=record.date.iso(page.year, arxiv_id) if record.date else None,
        categories=record.categories,
        code_url=record.code_url,
    )
