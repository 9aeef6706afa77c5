"""The Markdown of daily-arXiv-ai-enhanced and its forks.

    ### [1] [Title](https://arxiv.org/abs/2602.15076)
    *Name,Name*
    Main category: cs.LG
    TL;DR: …
    <details>
    Motivation: … Method: … Result: … Conclusion: …
    Abstract: …
    </details>

Forks have bold labels, blank lines between, other labels, all in one line (`*A, B* | **Main category: cs.CR**`), and
some no abstract. The abstract comes last, so what looks like a label in it is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kgtool import ids
from kgtool.digests.fields import Header, Item, Lines, find_date, find_links, fold_space, make_paper, note, split_names
from kgtool.records import Paper, Problem

EXPECTED = "daily-arXiv Markdown, with lines like '### [1] [Title](https://arxiv.org/abs/2602.15076)'"

_HEADING = re.compile(r"#{2,6} \\?\[(\d{1,6})\\?\] \[")
_TOTAL = re.compile(r"(?:\[Total: (\d{1,7})\]|[(（](\d{1,7}) ?篇[)）])$")
_PLAIN_LABEL = re.compile(
    r"(main category|tl;dr|motivations?|methods?|results?|conclusions?|abstract|comments?|keywords)[:：]", re.I
)
_BOLD_LABEL = re.compile(r"(?:> ?)?\*\*([^*:：\n]{1,40})(?:[:：] ?\*\*|\*\*[:：])")
_NOTES = {"tldr": "tldr"} | {
    form: name for name in ("motivation", "method", "result", "conclusion") for form in (name, name + "s")
}
_KINDS = ("tldr", "motivation", "method", "result", "conclusion")


def sniff(head: str) -> float:
    """Sure where a numbered heading links a paper; nearly so for a contents list with totals."""
    numbered = re.search(r"^#{2,6} \\?\[\d+\\?\] \[.*\]\(", head, re.M)
    if numbered:
        return 0.95 if re.search(r"main category", head, re.I) or "Table of Contents" in head else 0.6
    if re.search(r"^[-*] \[[^\]\n]*\].*\[Total: \d+\]", head, re.M) or "id=toc" in head:
        return 0.8
    return 0.7 if re.match(r"\s*# AI-Enhanced arXiv Daily", head) else 0.0


@dataclass(slots=True)
class _Record:
    line: int
    number: str
    section: str | None
    heading: str
    """All of the heading behind its number; it can be broken over lines."""
    authors: tuple[str, ...] | None = None
    parts: dict[str, list[str]] = field(default_factory=dict)
    part: str | None = None
    opened: bool = False
    closed: bool = False

    @property
    def heading_is_open(self) -> bool:
        return not self.heading.endswith(")")


def read(lines: Lines) -> Iterator[Item]:
    """Papers of all categories; a contents list that counts others than there are headings is a remark."""
    record: _Record | None = None
    section: str | None = None
    title: str | None = None
    recognised = False
    declared, declared_at, n_records = 0, 0, 0
    for number, raw in lines:
        line = raw.strip()
        if heading := _HEADING.match(line):
            if record:
                yield _paper(record)
            n_records += 1
            record = _Record(number, heading[1], section, line[heading.end() - 1 :])
        elif record and record.heading_is_open and number - record.line < 6 and line and not line.startswith("*"):
            record.heading = f"{record.heading} {line}"
        elif section_name := _section(line):
            if record:
                yield _paper(record)
            record, section = None, section_name
        elif record:
            _add(record, line)
        elif line.startswith(("- [", "* [")) and (total := _TOTAL.search(line, max(0, len(line) - 40))):
            recognised = True
            declared, declared_at = declared + int(total[1] or total[2]), number
        elif line.startswith("# ") and title is None and n_records == 0:
            title = line[2:].strip()
            recognised = True
        elif line.startswith("<div id=toc"):
            recognised = True
    if record and (record.closed or ("abstract" in record.parts and not record.opened)):
        yield _paper(record)
    elif record:
        yield Problem("", record.line, f"the file ends inside the record [{record.number}]: expected </details>")
        n_records -= 1
    if n_records or recognised:
        title = None if title == "Table of Contents" else title
        yield Header(title, find_date(title) if title else None)
    if declared_at and declared != n_records:
        yield Problem("", declared_at, f"the contents declare {declared:,} papers, the file holds {n_records:,}", False)


def _section(line: str) -> str | None:
    """The category of a line such as `# cs.LG [[Back]](#toc)` or `## <div id='cs.LG'></div> cs.LG [[Back]](#toc)`."""
    if not line.startswith(("# ", "## ")) or not (
        "[Back]" in line or re.fullmatch(r"##? [a-z-]+(\.[A-Za-z-]+)?", line)
    ):
        return None
    name = re.sub(r"<[^>]{0,100}>", "", line.lstrip("#")).partition("[[Back")[0]
    return fold_space(name) or None


def _add(record: _Record, line: str) -> None:
    if line.startswith("</details>"):
        record.closed, record.part = True, None
    elif record.closed or line.startswith(("<details", "<summary>")):
        record.opened, record.part = True, None
    elif record.authors is None and line.startswith("*") and not line.startswith("**"):
        names, _, rest = line[1:].partition("* |")
        record.authors = split_names(names.removesuffix("*"))
        if category := re.search(r"main category[:：*\s]*([\w.-]+)", rest, re.I):
            record.parts["maincategory"] = [category[1]]
    elif record.part == "abstract" and not _BOLD_LABEL.match(line):
        record.parts["abstract"].append(line)
    elif label := _BOLD_LABEL.match(line) or (_PLAIN_LABEL.match(line) if not line.startswith("*") else None):
        name = re.sub(r"[^\w]", "", label[1]).casefold()
        record.part = _NOTES.get(name, name)
        # A label that comes twice is the model's prose about its own headings; it belongs to the first one.
        record.parts.setdefault(record.part, []).append(line[label.end() :])
    elif record.part:
        record.parts[record.part].append(line.removeprefix("> "))


def _paper(record: _Record) -> Paper:
    title, url = _title(record.heading)

    def part(*names: str) -> str:
        return next((text for name in names if (text := fold_space(" ".join(record.parts.get(name, ()))))), "")

    comment = part("comment", "comments")
    category = part("maincategory")
    notes = tuple(found for kind in _KINDS if (found := note(kind, part(kind))) is not None)
    return make_paper(
        title,
        authors=record.authors or (),
        abstract=part("abstract"),
        url=url,
        arxiv_id=ids.find_arxiv_id(url or ""),
        doi=ids.find_doi(url) if url and "doi.org/" in url else None,
        categories=[name for name in (category, record.section if not category else None) if name],
        code_url=_code_url(part("code", "github", "codeurl")),
        comment=comment if comment and comment not in ("None", "null") else None,
        notes=notes,
    )


def _title(heading: str) -> tuple[str, str | None]:
    """Title and address of `[Title](address)`; the title may hold brackets, parentheses and `](`."""
    at = heading.rfind("](")
    if not heading.startswith("[") or at < 0:
        return fold_space(heading.strip("[]")), None
    url = heading[at + 2 :].split(")")[0].strip()
    return fold_space(heading[1:at]), url if url.startswith("http") else None


def _code_url(text: str) -> str | None:
    addresses = [link.target for link in find_links(text)] + text.split()
    return next((address for address in addresses if address.startswith("https://github.com/")), None)
