"""papers.cool listings: plain text, Obsidian Web Clipper, copied pages, and these in a browser's translation.

A record is a heading with a number, a title and buttons, then a line of authors, the abstract, and the labels:

    #1 A Title [PDF3] [Copy] [Kimi] [REL]
    Authors: A, B
    The abstract.
    Subject: AAAI.2026 - Machine Learning            (a venue), or
    Subjects: cs.LG, cs.AI                           (arXiv categories) and
    Publish: 2025-01-02 03:04:05 UTC

Copied pages have links instead, `## [#7](abs url) [Title](papers.cool url)`, perhaps with a translation behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kgtool import ids
from kgtool.digests.arxiv_names import category_code, split_category_names
from kgtool.digests.fields import (
    Header,
    Item,
    Lines,
    cjk_share,
    ends_a_sentence,
    find_date,
    find_links,
    fold_space,
    make_paper,
    original_paragraphs,
    split_names,
    unescape_html,
    unescape_markdown,
    without_translation,
)
from kgtool.records import Paper, Problem

EXPECTED = "a papers.cool listing, with lines like '#1 Title [PDF] [Copy] [Kimi] [REL]'"

_BUTTON = re.compile(r"\s*\\?\[ ?(?:pdf|copy|kimi|rel|复制|拷贝|相关)\s?\d{0,7} ?\\?\]\s*$", re.I)
_NUMBER = re.compile(r"(#{1,4} )?#(\d{1,6})\s+(?=\S)")
_LINKED_NUMBER = re.compile(r"(?:#{1,4} )?\[#?(\d{1,6})\]\(")
_TOTAL = re.compile(r"(?:(.{0,80})[|\s])?\s?(?:total|总计|共计|总数)\s?[:：]\s?(\d{1,7})\W{0,4}$", re.I)
_VENUE = re.compile(r"[A-Za-z][\w&+-]*\.\d{4}\b")
_MISSING_LABELS = ("its subject", "the rest of its subject", "its date")
_LABELS = {
    "author": "authors",
    "authors": "authors",
    "作者": "authors",
    "subject": "subjects",
    "subjects": "subjects",
    "科目": "subjects",
    "主题": "subjects",
    "学科": "subjects",
    "publish": "publish",
    "published": "publish",
    "发布": "publish",
    "发表": "publish",
    "出版": "publish",
}


def sniff(head: str) -> float:
    """Sure where a numbered heading has buttons or a papers.cool link; fairly so for a page with a total only."""
    for line in map(str.strip, head.splitlines()):
        if _heading(line, 0) and (_without_buttons(line)[1] or "papers.cool" in line):
            return 0.95
    if "papers.cool" in head and re.search(r"^[^\w\n]{0,6}total[^\w\n]{1,6}\d", head, re.I | re.M):
        return 0.6
    return 0.5 if re.search(r"^\| Total: \d", head, re.M) else 0.0


@dataclass(slots=True)
class _Record:
    line: int
    title: str
    number: int
    urls: list[str] = field(default_factory=list)
    awaits_buttons: bool = False
    authors: tuple[str, ...] = ()
    n_authors: int | None = None
    paragraphs: list[str] = field(default_factory=list)
    subjects: str = ""
    published: str | None = None
    closed: bool = False
    ends_in_subjects: bool = False


def read(lines: Lines) -> Iterator[Item]:
    """Papers of all sections of the page; a total that the page declares and does not hold is a remark."""
    record: _Record | None = None
    title: str | None = None
    published: str | None = None
    before = ""
    declared, declared_at, n_papers = 0, 0, 0
    all_closed = all_have_abstracts = all_published = True
    venues: set[str] = set()
    escaped = False
    front_matter = False
    ends_in_newline = True
    for number, raw in lines:
        ends_in_newline = raw.endswith("\n")
        line = raw.strip()
        if line == "---" and (number == 1 or front_matter):
            front_matter = number == 1
            continue
        if front_matter or not line:
            continue
        heading = _heading(line, record.number if record else 0)
        if heading:
            if record:
                yield _paper(record, escaped)
                n_papers += 1
                all_closed &= record.closed
                all_have_abstracts &= bool(record.paragraphs)
                all_published &= bool(record.published)
                venues |= {record.subjects} if _subjects(record.subjects)[0] else set()
            heading.line = number
            record, escaped = heading, escaped or "\\[" in line
        elif total := _TOTAL.match(line):
            declared, declared_at = declared + int(total[2]), number
            title = title or (total[1] or "").strip("#| ") or before.lstrip("# ")
            published = published or find_date(f"{before} {line}")
            if record:
                if not record.closed and record.paragraphs and record.paragraphs[-1] == before:
                    record.paragraphs.pop()  # the name of the section that begins here
                yield _paper(record, escaped)
                n_papers += 1
            record = None
        elif record:
            _add(record, line)
        before = line
    title = title if title and len(title) < 200 else None
    if record:
        cut = _cut(record, all_closed and n_papers > 0, all_have_abstracts, ends_in_newline)
        if record.closed and not ends_in_newline:
            cut = _cut_label(record, venues, all_published and n_papers > 0)
        if cut:
            yield Problem("", record.line, f"the file ends inside the record of #{record.number}: expected {cut}")
        if not cut or cut in _MISSING_LABELS:
            yield _paper(record, escaped)
            n_papers += 1
    if n_papers or declared_at:
        yield Header(fold_space(title) if title else None, published)
    if declared > n_papers:
        yield Problem("", declared_at, f"the page declares {declared:,} papers, the file holds {n_papers:,}", False)


def _cut(record: _Record, others_closed: bool, others_have_abstracts: bool, ends_in_newline: bool) -> str | None:
    """What is missing of the last record of a file, None where it is whole."""
    if record.closed:
        return None
    if not record.paragraphs:
        return "its abstract" if others_have_abstracts else None
    if not (ends_a_sentence(record.paragraphs[-1]) or (ends_in_newline and not others_closed)):
        return "the rest of its abstract"
    return "its subject" if others_closed else None


def _cut_label(record: _Record, venues: set[str], others_published: bool) -> str | None:
    """What is missing where a file ends in a label; half a subject is taken out of the record."""
    if record.ends_in_subjects:
        venue, categories = _subjects(record.subjects)
        is_half_venue = any(name.startswith(record.subjects) for name in venues - {record.subjects})
        are_codes = all("." in name or "-" in name for name in categories)
        if is_half_venue or not (venue or (categories and are_codes)):
            record.subjects = ""
            return "the rest of its subject"
    return "its date" if others_published and not record.published else None


def _heading(line: str, last_number: int) -> _Record | None:
    linked = _LINKED_NUMBER.match(line)
    if linked:
        links = list(find_links(line))
        titles = [link for link in links[1:] if link.text]
        if not titles or not any("papers.cool" in link.target or "arxiv.org" in link.target for link in links[:2]):
            return None
        return _Record(0, titles[0].text, int(linked[1]), [links[0].target, titles[0].target])
    match = _NUMBER.match(line)
    if match is None:
        return None
    title, found_button = _without_buttons(line[match.end() :])
    number = int(match[2])
    if not found_button and not match[1] and number not in (1, last_number + 1):
        return None
    urls = []
    if title.endswith(")") and (links := list(find_links(title))) and links[0].start == 0:
        title, urls = links[0].text, [links[0].target]
    return _Record(0, title, number, urls, awaits_buttons=not found_button)


def _without_buttons(text: str) -> tuple[str, bool]:
    """The text before the buttons at its end, and whether there are any."""
    found = False
    for _ in range(8):
        match = _BUTTON.search(text, max(0, len(text) - 60))
        if match is None:
            break
        text, found = text[: match.start()], True
    return text, found


def _label(line: str) -> tuple[str, str] | None:
    """The name and the value of a line such as `**Authors**: A, B`."""
    colon = min((at for sign in ":：" if (at := line.find(sign)) >= 0), default=-1)
    if not 0 < colon < 20:
        return None
    name = _LABELS.get(line[:colon].strip("*_ \u200b").casefold())
    return (name, line[colon + 1 :].strip().removeprefix("**").strip()) if name else None


def _add(record: _Record, line: str) -> None:
    label = _label(line)
    if label and label[0] == "authors" and not record.paragraphs:
        record.awaits_buttons = False
        if not record.authors:  # a translation of the names can follow them
            record.authors, record.n_authors = _authors(label[1])
    elif label and label[0] == "subjects":
        record.subjects, record.closed = record.subjects or label[1], True
        record.ends_in_subjects = True
    elif label and label[0] == "publish":
        record.published, record.closed = record.published or find_date(label[1]), True
        record.ends_in_subjects = False
    elif record.awaits_buttons and _without_buttons(line)[1]:
        record.title = f"{record.title} {_without_buttons(line)[0]}"
        record.awaits_buttons = False
    elif not record.closed and line not in ("---", "***", "* * *") and not _BUTTON.fullmatch(line):
        record.awaits_buttons = False
        if line.startswith("# ") or line.startswith("## "):
            record.closed = True
        else:
            record.paragraphs.append(line)


def _authors(text: str) -> tuple[tuple[str, ...], int | None]:
    """The names and their number; of names that a clipper lost, the commas between them still tell the number."""
    text = unescape_markdown(text.replace("，", ",").replace("、", ","))
    links = [fold_space(link.text) for link in find_links(text)]
    names = tuple(name for name in links if name) or split_names(text)
    if names:
        return names, len(names)
    return (), text.count(",") + 1 if "," in text else None


def _paper(record: _Record, escaped: bool) -> Paper:
    title = unescape_markdown(record.title) if escaped or "\\[" in record.title else record.title
    abstract = " ".join(original_paragraphs(record.paragraphs))
    venue, categories = _subjects(record.subjects)
    url = next((url for url in record.urls if "papers.cool" not in url), None) or next(iter(record.urls), None)
    addresses = " ".join(record.urls)
    title = unescape_html(fold_space(title))
    return make_paper(
        title if cjk_share(title) > 0.9 else without_translation(title),
        authors=record.authors,
        n_authors=record.n_authors,
        abstract=unescape_html(fold_space(unescape_markdown(abstract) if escaped else abstract)),
        url=url,
        arxiv_id=ids.find_arxiv_id(addresses),
        doi=ids.find_doi(addresses) if "doi.org/" in addresses else None,
        published=record.published,
        venue=venue,
        categories=categories,
    )


def _subjects(text: str) -> tuple[str | None, list[str]]:
    """The venue or the categories that a subject line names."""
    links = list(find_links(text))
    plain = fold_space(", ".join(link.text for link in links) if links else text)
    if _VENUE.match(plain) or any("/venue/" in link.target for link in links):
        return plain, []
    if links:
        codes = (link.target.rstrip("/").rpartition("/")[2].split("?")[0] for link in links)
        names = (fold_space(link.text) for link in links)
        return None, [category_code(code, name) for code, name in zip(codes, names, strict=True)]
    return None, [category_code(name, name) for name in split_category_names(plain)]
