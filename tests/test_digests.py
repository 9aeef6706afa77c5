import dataclasses
import hashlib
import io
import json
import os
import time
import types
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtool import digests
from kgtool.digests import (
    FORMATS,
    DigestFile,
    Header,
    Source,
    expand_inputs,
    fields,
    formats,
    paper_from_json,
    paper_to_json,
    read_digest,
)
from kgtool.digests.arxiv_names import category_code, split_category_names
from kgtool.digests.fields import find_links, make_paper, month_day, note, split_names, without_translation
from kgtool.digests.source import MAX_LINE
from kgtool.errors import InputError
from kgtool.records import Note, Paper, Problem

DATA = Path(__file__).parent / "data" / "digests"
SAMPLES = sorted(path for path in DATA.iterdir() if not path.name.endswith(".expected.jsonl"))
REAL = Path(__file__).parents[1].parent / "shared" / "digests"
KEYS = (
    "id title authors abstract url arxiv_id doi published venue category categories n_authors code_url comment notes"
    " digest rank"
)
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real digests are not beside this checkout")


def read(text: str | bytes, name: str = "sample.txt", format: str | None = None) -> DigestFile:
    data = text.encode() if isinstance(text, str) else text
    return read_digest(Source.of_bytes(name, data), format)


def only_fatal(result: DigestFile) -> Problem:
    (problem,) = [problem for problem in result.problems if problem.fatal]
    return problem


# Golden files: drop a sample and its expected records into tests/data/digests and it is a test.


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_sample_gives_the_expected_records(sample: Path) -> None:
    golden = DATA / f"{sample.stem}.expected.jsonl"
    assert golden.is_file(), f"write the expected records of {sample.name} to {golden.name}"
    expected = [json.loads(line) for line in golden.read_text("utf-8").splitlines()]
    assert [paper_to_json(paper) for paper in read_digest(sample).papers] == expected


def test_no_golden_file_is_without_its_sample() -> None:
    stems = {path.stem for path in SAMPLES}
    assert {path.name.removesuffix(".expected.jsonl") for path in DATA.glob("*.expected.jsonl")} == stems


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_line_ends_and_byte_order_marks_change_nothing(sample: Path) -> None:
    plain = sample.read_bytes()
    papers = read_digest(sample).papers
    variants = {
        "CRLF": plain.replace(b"\n", b"\r\n"),
        "BOM": b"\xef\xbb\xbf" + plain,
        "both": b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n"),
        "UTF-16": plain.decode().encode("utf-16"),
        "UTF-32": plain.decode().encode("utf-32"),
    }
    for name, data in variants.items():
        result = read(data, sample.name)
        assert result.papers == papers, name
        assert [problem.fatal for problem in result.problems] == [p.fatal for p in read_digest(sample).problems]
        assert result.digest.content_hash == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_format_is_told_by_content_alone(sample: Path) -> None:
    pages = ("hf-search.txt", "hf-daily.txt", "hf-export.md")
    expected = dict.fromkeys(pages, "hf-pages") | {"kgtool.jsonl": "kgtool-jsonl"}
    families = {"papers": "papers-cool", "daily": "daily-arxiv", "hf": "hf-markdown"}
    for name in ("a.bin", "papers-cool.jsonl", "daily-arxiv.md"):
        found = read(sample.read_bytes(), name).digest.format
        assert found == (expected.get(sample.name) or families[sample.name.split("-")[0]])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_cut_anywhere_the_whole_papers_stay(sample: Path) -> None:
    data = sample.read_bytes()
    whole = read_digest(sample)
    texts = {paper.text for paper in whole.papers}
    for cut in range(1, len(data), 7):
        result = read(data[:cut], sample.name)
        assert len(result.papers) <= len(whole.papers)
        assert {paper.text for paper in result.papers[:-1]} <= texts
        if sample.suffix == ".jsonl" or sample.name.startswith("daily"):
            assert {paper.text for paper in result.papers} <= texts
        assert all(problem.source == sample.name and problem.line >= 1 for problem in result.problems)


# Real files.


@needs_real
@pytest.mark.parametrize(
    ("name", "format", "count"),
    [
        ("papers-cool-aaai-2026-ml.txt", "papers-cool", 25),
        ("daily-arxiv-2026-02-18.md", "daily-arxiv", 65),
        ("daily-arxiv-2026-01-09.md", "daily-arxiv", 90),
        ("hf-papers-search.txt", "hf-pages", 189),
        ("hf-daily-papers.txt", "hf-pages", 18),
        ("daily-arxiv-2026-06-28.md", "daily-arxiv", 261),
        ("daily-arxiv-2026-06-29.md", "daily-arxiv", 166),
    ],
)
def test_real_digests_are_read_whole(name: str, format: str, count: int) -> None:
    result = read_digest(REAL / name)
    assert (result.digest.format, len(result.papers), result.damaged) == (format, count, False)
    assert [paper.rank for paper in result.papers] == list(range(1, count + 1))
    assert {paper.digest for paper in result.papers} == {Path(name).stem}
    assert len({paper.id for paper in result.papers}) == count
    for paper in result.papers:
        assert 5 < len(paper.title) < 250
        assert len(paper.abstract) > 250
        assert paper.abstract == " ".join(paper.abstract.split())
    if format == "daily-arxiv":
        assert all(p.authors and p.url and p.arxiv_id and p.category and p.published for p in result.papers)
    if format == "papers-cool":
        assert all(paper.authors and paper.venue == "AAAI.2026 - Machine Learning" for paper in result.papers)
        assert [str(problem) for problem in result.problems if "1,097" in problem.message]


@needs_real
def test_real_daily_papers_have_what_the_page_states() -> None:
    papers = read_digest(REAL / "hf-daily-papers.txt").papers
    assert [paper.n_authors for paper in papers].count(None) == 1
    assert [paper.published for paper in papers].count(None) == 2
    assert (papers[0].n_authors, papers[0].published) == (5, "2018-04-16")


@needs_real
@pytest.mark.parametrize("stem", ["daily-arxiv-2026-06-28", "daily-arxiv-2026-06-29"])
def test_real_markdown_matches_the_records_that_it_was_rendered_from(stem: str) -> None:
    truth = {
        record["abs"]: record for record in map(json.loads, (REAL / f"{stem}.jsonl").read_text("utf-8").splitlines())
    }
    papers = read_digest(REAL / f"{stem}.md").papers
    assert {paper.url for paper in papers} == set(truth)
    for paper in papers:
        record = truth[paper.url or ""]
        assert paper.title == " ".join(record["title"].split())
        assert list(paper.authors) == record["authors"]
        assert paper.abstract == " ".join(record["summary"].split())
        assert paper.category == record["categories"][0]
        assert paper.arxiv_id == record["id"]


# The fields.


def test_worked_example() -> None:
    text = (
        "#1 GraphMend: Repairing Graph Neural Networks for Node Classification [PDF] [Copy] [Kimi] [REL]\n"
        "Authors: Ada Example, Ben Sample\n"
        "Graph neural networks (GNNs) degrade under noise. We propose GraphMend, which extends GCN with edge repair. "
        "On Cora, GraphMend outperforms GAT on node classification.\n"
    )
    for variant in (text, text.rstrip("\n")):
        result = read(variant)
        assert result.problems == ()
        (paper,) = result.papers
        record = paper_to_json(paper)
        assert list(record) == KEYS.split()
        assert str(record["id"]).startswith("title:")
        assert record["title"] == "GraphMend: Repairing Graph Neural Networks for Node Classification"
        assert record["authors"] == ["Ada Example", "Ben Sample"]
        assert str(record["abstract"]).startswith("Graph neural networks (GNNs) degrade")
        assert (record["url"], record["arxiv_id"], record["notes"]) == (None, None, {})
        assert (record["n_authors"], record["digest"], record["rank"]) == (2, "sample", 1)


def test_titles_and_dates_of_digests() -> None:
    def head(name: str) -> tuple[str, str | None]:
        digest = read_digest(DATA / name).digest
        return digest.title, digest.published

    assert head("papers-cool-venue.txt") == ("NOWHERE.2025 - Machine Learning", None)
    assert head("papers-cool-clipper.md") == ("NOWHERE.2025 - Oral", None)
    assert head("daily-arxiv.md") == ("daily-arxiv", None)
    assert head("daily-arxiv-bold.md") == ("2025-05-05", "2025-05-05")
    assert head("daily-arxiv-rewritten.md") == ("AI-Enhanced arXiv Daily 2025-06-25", "2025-06-25")
    assert head("hf-firecrawl.md") == ("Daily Papers", "2026-10-02")
    assert head("hf-links.md") == ("Daily Papers", "2026-06-18")
    assert head("hf-daily.txt") == ("hf-daily", None)
    text = (DATA / "daily-arxiv.md").read_bytes()
    assert read(text, "daily-arxiv-2026-02-18.md").digest.published == "2026-02-18"


@pytest.mark.parametrize(
    ("name", "remark"),
    [
        ("papers-cool-venue.txt", "papers-cool-venue.txt:3: the page declares 40 papers, the file holds 2"),
        ("papers-cool-arxiv.txt", "papers-cool-arxiv.txt:13: the page declares 3 papers, the file holds 2"),
    ],
)
def test_total_that_is_not_kept_is_a_remark(name: str, remark: str) -> None:
    result = read((DATA / name).read_bytes(), name)
    assert [str(problem) for problem in result.problems] == [remark]
    assert not result.damaged


def test_contents_that_count_otherwise_are_a_remark() -> None:
    text = (DATA / "daily-arxiv.md").read_text("utf-8").replace("[Total: 2]", "[Total: 5]")
    (problem,) = read(text, "x.md").problems
    assert (problem.line, problem.fatal) == (6, False)
    assert problem.message == "the contents declare 6 papers, the file holds 3"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Example,Ben Sample", ("Ada Example", "Ben Sample")),
        ("Ada Example, Ben Sample", ("Ada Example", "Ben Sample")),
        ("Ben Sample, Jr.", ("Ben Sample, Jr.",)),
        ("A B,C D, Jr.,E F, III", ("A B", "C D, Jr.", "E F, III")),
        ("A B, C D, Sr., E F", ("A B", "C D, Sr.", "E F")),
        ("  , ,", ()),
        ("", ()),
    ],
)
def test_names(text: str, names: tuple[str, ...]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Apr 16, 2018", "2018-04-16"),
        ("May 9", None),
        ("Feb 27, 20256", "2025-02-27"),
        ("Mar 8, 2024 [ 6][39]", "2024-03-08"),
        ("September 5, 2024", "2024-09-05"),
        ("May the force, 2020", None),
    ],
)
def test_dates(text: str, iso: str | None) -> None:
    date = month_day(text)
    assert (date.iso() if date else None) == iso


def test_missing_year_comes_from_the_page_or_the_arxiv_id() -> None:
    date = month_day("May 29")
    assert date is not None
    assert (date.iso(2026), date.iso(None, "2606.00683"), date.iso(None, None)) == ("2026-05-29", "2026-05-29", None)
    december = month_day("Dec 30")
    assert december is not None
    assert december.iso(None, "2601.00001") == "2025-12-30"


def test_links_nest_and_stay_linear() -> None:
    (link,) = find_links("see [A [B] C](https://example.org/x) and [no link]")
    assert (link.text, link.target) == ("A [B] C", "https://example.org/x")
    assert list(find_links("[a](" * 100_000)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Error",
        "Summary generation failed",
        "Method extraction failed.",
        "无",
        "Error code: 429 - {'error': {'code': 'insufficient_quota'}}",
        "You exceeded your current quota, please check",
    ],
)
def test_placeholders_are_no_notes(text: str) -> None:
    assert note("tldr", text) is None


def test_notes_have_a_language() -> None:
    assert note("tldr", "Error bars are\nreduced.") == Note("tldr", "en", "Error bars are reduced.")
    assert note("method", "使用 GNN。") == Note("method", "zh", "使用 GNN。")


def test_translations_are_cut_from_titles() -> None:
    assert without_translation("Agents in Deep Snow #2 雪中的智能体们") == "Agents in Deep Snow"
    assert without_translation("ErHu: 二胡") == "ErHu: 二胡"
    assert without_translation("Plain Title") == "Plain Title"


def test_category_names() -> None:
    text = "Machine Learning, Distributed, Parallel, and Cluster Computing, cs.AI, Alchemy"
    codes = [category_code(name, name) for name in split_category_names(text)]
    assert codes == ["cs.LG", "cs.DC", "cs.AI", "Alchemy"]


def test_published_falls_back_to_the_arxiv_month() -> None:
    assert make_paper("T", arxiv_id="2602.00001").published == "2026-02"
    assert make_paper("T").published is None


# Damage: one clear message with file, line and what was expected; readable papers are kept.


def test_empty_files() -> None:
    for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
        problem = only_fatal(read(data, "empty.md"))
        assert str(problem).startswith("empty.md:1: the file is empty: expected one of these formats: papers-cool")


def test_a_valid_empty_digest_is_no_problem() -> None:
    for text in (
        "<div id=toc></div>\n\n# Table of Contents\n\n",
        "<div id=toc></div>\n\n# Table of Contents\n\n- [cs.LG](#cs.LG) [Total: 0]\n",
        "AAAI.2026 - Nothing\n\n| Total: 0\n",
        "# AI-Enhanced arXiv Daily 2025-06-20\n\n### 今日没有找到新论文。\n",
        "# Daily Papers\n\nGet trending papers in your email inbox!\n\n[Subscribe](https://huggingface.co/login)\n",
    ):
        result = read(text)
        assert (result.papers, result.problems) == ((), ()), text


@pytest.mark.parametrize(
    "text", ["Just some prose.\nAnd more of it.", "<html><body>#1</body></html>", "a,b\n1,2\n", '{"a": 1}\n', "[1, 2]"]
)
def test_unrecognised_files_name_what_was_expected(text: str) -> None:
    problem = only_fatal(read(text, "notes.txt"))
    assert (problem.source, problem.line) == ("notes.txt", 1)
    formats_ = "papers-cool, daily-arxiv, hf-markdown, hf-pages, kgtool-jsonl"
    assert problem.message == (
        f"not a digest that kgtool knows: expected one of these formats: {formats_} (see --format)"
    )


def test_wrong_encoding_names_line_and_byte() -> None:
    text = (DATA / "papers-cool-venue.txt").read_text("utf-8").replace("Cy Test", "Cy Tést")
    result = read(text.encode("latin-1"), "latin.txt")
    problem = only_fatal(result)
    assert str(problem) == (
        "latin.txt:16: byte 13 of the line, 0xe9, is not UTF-8: expected text in UTF-8; the 1 readable paper is kept"
    )
    assert [paper.rank for paper in result.papers] == [1]


def test_null_bytes_are_named() -> None:
    data = (DATA / "daily-arxiv.md").read_bytes().replace(b"*Di Muster*", b"*Di\0Muster*")
    result = read(data, "x.md")
    assert only_fatal(result).message.startswith("null byte at byte 4 of the line: expected text in UTF-8")
    assert only_fatal(result).line == 42
    assert len(result.papers) == 1


def test_torn_utf_16_is_named() -> None:
    data = (DATA / "kgtool.jsonl").read_text("utf-8").encode("utf-16-le")
    result = read(b"\xff\xfe" + data + b"\x00\xd8", "x.jsonl")
    assert "are not UTF-16" in only_fatal(result).message
    assert len(result.papers) == 2


def test_a_line_of_100_mb_is_refused(tmp_path: Path) -> None:
    good = (DATA / "papers-cool-venue.txt").read_bytes()
    path = tmp_path / "long.txt"
    for head, papers, line in ((b"", 0, 1), (good, 2, 24)):
        with path.open("wb") as stream:
            stream.write(head)
            for _ in range(100):
                stream.write(b"a" * (1 << 20))
        started = time.monotonic()
        result = read_digest(path)
        assert time.monotonic() - started < 20
        problem = only_fatal(result)
        assert problem.line == line
        assert problem.message.startswith(f"line longer than {MAX_LINE:,} bytes: expected the lines of a digest")
        assert len(result.papers) == papers


@pytest.mark.parametrize(
    "line",
    [
        "[a](",
        "[PDF]",
        "### [",
        "](",
        "- [",
        "#1 ",
        "> ",
        "\\[",
        "**",
        "•",
        " ",
        "&amp;",
        "· ",
        "Total: ",
        "[[",
        "||",
        "a. B",
    ],
)
def test_hostile_lines_take_linear_time(line: str) -> None:
    block = line * ((MAX_LINE // 4) // len(line))
    spread = (line + "\n") * 10_000
    heads = {
        "papers-cool": "#1 T [PDF] [Copy] [Kimi] [REL]\n",
        "daily-arxiv": "### [1] [T](https://arxiv.org/abs/2602.00001)\n",
        "hf-markdown": "### [T](/papers/2602.00001)\n",
        "hf-pages": "Subscribe\n",
        "kgtool-jsonl": "{",
    }
    started = time.monotonic()
    for name, head in heads.items():
        for text in (head + block, head + line + block + "\n" + block, block, spread, head + spread):
            read(text, "hostile", name)
            read(text, "hostile")
    assert time.monotonic() - started < 30


def test_heading_without_abstract_at_the_end() -> None:
    whole = (DATA / "papers-cool-venue.txt").read_text("utf-8")
    result = read(whole + "#3 The Last One [PDF] [Copy] [Kimi] [REL]\nAuthors: A B\n")
    assert only_fatal(result).message == (
        "the file ends inside the record of #3: expected its abstract; the 2 readable papers are kept"
    )
    result = read(whole.replace("\nSubject: NOWHERE.2025 - Machine Learning\n\n\n#2", "\n\n\n#2"))
    assert not result.damaged
    listing = (DATA / "hf-search.txt").read_text("utf-8") + "A Title Alone\n"
    assert "expected an abstract" in only_fatal(read(listing)).message


def test_record_without_its_last_line_is_kept_and_reported() -> None:
    text = (DATA / "papers-cool-venue.txt").read_text("utf-8")
    result = read(text[: text.rindex("\nSubject")])
    assert "expected its subject" in only_fatal(result).message
    assert len(result.papers) == 2


@pytest.mark.parametrize("sample", [path for path in SAMPLES if path.name != "hf-links.md"], ids=lambda path: path.name)
def test_a_whole_file_without_its_last_line_feed_is_no_damage(sample: Path) -> None:
    result = read(sample.read_bytes().rstrip(), sample.name)
    assert result.papers == read_digest(sample).papers
    assert result.damaged == read_digest(sample).damaged


def test_half_a_subject_is_reported_and_left_out() -> None:
    text = (DATA / "papers-cool-venue.txt").read_text("utf-8")
    start = text.rindex("Subject") + len("Subject:")
    end = text.index("\n", start)
    assert not read(text[:end]).damaged
    for cut in range(start, end):
        result = read(text[:cut])
        assert "the file ends inside the record of #2: expected the rest of its subject" in only_fatal(result).message
        assert [paper.venue for paper in result.papers] == ["NOWHERE.2025 - Machine Learning", None]
        assert not result.papers[1].categories
    alone = "#1 A Title [PDF] [Copy]\nAuthors: A B\nAn abstract.\nSubject: "
    assert read(alone + "NOW").damaged
    assert not read(alone + "NOWHERE.2025").damaged
    assert not read(alone + "cs.LG, Machine Learning").damaged


def test_half_a_date_of_papers_cool_is_reported() -> None:
    text = (DATA / "papers-cool-arxiv.txt").read_text("utf-8")
    start = text.rindex("Publish")
    for cut in (start - 1, start + len("Publish: 2025-0")):
        result = read(text[:cut].rstrip())
        assert "expected its date" in only_fatal(result).message
        assert len(result.papers) == 2


def test_pages_cut_between_two_sentences() -> None:
    listing = (DATA / "hf-search.txt").read_text("utf-8").rstrip()
    at = listing.rindex(". ") + 2
    result = read(listing[:at])
    assert "expected what follows its last sentence" in only_fatal(result).message
    assert len(result.papers) == len(read(listing).papers)
    entry = "Title {0} of a Page\nOne sentence of an abstract stands here. Another one follows.\n·\n• {0} authors\n"
    page = "Daily Papers\n\n" + "".join(entry.format(number) for number in range(2, 6))
    assert not read(page.rstrip()).damaged
    assert "what follows" in only_fatal(read(page[: page.rindex(" Another")])).message
    markdown = "### [Title {0}](/papers/2602.0000{0})\n\nA sentence. Another one.\n\n- {0} authors\n\n"
    page = "".join(markdown.format(number) for number in range(2, 6))
    assert not read(page.rstrip()).damaged
    result = read(page[: page.rindex(" Another")])
    assert "what follows" in only_fatal(result).message
    assert len(result.papers) == 4


def test_half_an_address_does_not_end_an_abstract() -> None:
    assert not fields.ends_a_sentence("Code is at http")
    assert not fields.ends_a_sentence("Code is at https://git")
    assert fields.ends_a_sentence("Code is at https://example.org/x")
    assert fields.ends_a_sentence("Code is at (https://example.org")


def test_torn_json_lines() -> None:
    good = '{"id": "x", "title": "T", "abstract": "A"}\n'
    result = read(good + '{"id": "y", "ti', "t.jsonl")
    assert str(only_fatal(result)).startswith("t.jsonl:2: the line breaks off: Unterminated string")
    assert len(result.papers) == 1
    result = read(good + "nonsense\n" + good, "t.jsonl")
    assert only_fatal(result).line == 2
    assert len(result.papers) == 2
    assert "nested too deeply" in only_fatal(read(good + "[" * 100_000 + "\n")).message


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "x", "abstract": "A"}', "no key 'title': expected a text"),
        ('{"title": 3}', "key 'title': a number: expected a text"),
        ('{"title": "T", "authors": "A, B"}', "key 'authors': a text: expected a list of texts"),
        ('{"title": "T", "authors": [1]}', "key 'authors': a number: expected a text"),
        ('{"title": "T", "n_authors": "2"}', "key 'n_authors': a text: expected a whole number"),
        ('{"title": "T", "rank": true}', "key 'rank': a truth value: expected a whole number"),
        ('{"title": "T", "notes": {"tldr": "x"}}', "key 'notes': 'tldr': expected an object like"),
        ('{"title": "T", "abstract": "\\ud800"}', "key 'abstract': half a surrogate pair"),
        ("[]", "a list: expected a JSON object of a paper's fields"),
    ],
)
def test_wrong_types_name_line_and_key(line: str, message: str) -> None:
    result = read('{"id": "x", "title": "T", "abstract": ""}\n' + line + "\n", "t.jsonl")
    problem = only_fatal(result)
    assert (problem.line, len(result.papers)) == (2, 1)
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"title": "T", "rank": 1000000000000000000000000}',
            "key 'rank': 1000000000000000000000000: expected a whole",
        ),
        ('{"title": "T", "rank": 0}', "key 'rank': 0: expected a whole number from 1 to 9223372036854775807"),
        ('{"title": "T", "rank": ' + "9" * 5000 + "}", "a number of thousands of digits: expected whole numbers up to"),
        ('{"title": "T", "n_authors": -1}', "key 'n_authors': -1: expected a whole number from 0 to"),
        ('{"title": "T", "n_authors": 9223372036854775808}', "key 'n_authors': 9223372036854775808: expected"),
        ('{"title": "T", "published": "yesterday"}', "key 'published': 'yesterday': expected a date as YYYY, YYYY-MM"),
        ('{"title": "T", "published": "2026-13-45"}', "key 'published': '2026-13-45': expected a date"),
        ('{"title": "T", "published": "2026-02-30"}', "key 'published': '2026-02-30': expected a date"),
        ('{"title": "T", "published": "0000"}', "key 'published': '0000': expected a date"),
        ('{"title": "T", "published": "２０２６"}', "key 'published': '２０２６': expected a date"),
        ('{"title": "T", "arxiv_id": "none"}', "key 'arxiv_id': 'none': expected an arXiv identifier such as"),
        ('{"title": "T", "doi": "11.1234/abc"}', "key 'doi': '11.1234/abc': expected a DOI such as 10.1234/abc"),
        ('{"title": "T", "notes": {"tldr": {"lang": "not a tag", "text": ""}}}', "key 'notes': 'not a tag': expected"),
        ('{"title": "T", "notes": {"tldr": {"lang": "", "text": ""}}}', "key 'notes': '': expected the language tag"),
        (
            '{"title": "T", "notes": {"moral": {"lang": "en", "text": ""}}}',
            "key 'notes': 'moral': expected notes named",
        ),
        (
            '{"title": "T", "category": "cs.LG\\n"}',
            "key 'category': 'cs.LG\\n': expected a category's name in one line",
        ),
        ('{"title": "T", "categories": ["a", "b\\u0007"]}', "key 'categories': 'b\\x07': expected a category's name"),
        ('{"title": "T", "categories": [" "]}', "key 'categories': ' ': expected a category's name"),
        ('{"title": " ", "abstract": ""}', "keys 'title' and 'abstract': both empty: expected"),
    ],
)
def test_values_that_no_paper_has_name_line_and_key(line: str, message: str) -> None:
    result = read('{"id": "x", "title": "T", "abstract": ""}\n' + line + "\n", "t.jsonl")
    problem = only_fatal(result)
    assert (problem.line, len(result.papers)) == (2, 1)
    assert problem.message.startswith(message)
    assert len(problem.message) < 300


@pytest.mark.parametrize("tag", ["en", "zh-Hans", "pt-BR", "es-419", "sl-rozaj-biske", "de-CH-1996", "x-own", "EN"])
def test_language_tags(tag: str) -> None:
    line = json.dumps({"title": "T", "notes": {"tldr": {"lang": tag, "text": "t"}}})
    (paper,) = read(line, "t.jsonl", "kgtool-jsonl").papers
    assert paper.notes == (Note("tldr", tag, "t"),)


@pytest.mark.parametrize(
    ("record", "arxiv_id", "doi", "published"),
    [
        ({"id": "arxiv:2606.00001"}, "2606.00001", None, "2026-06"),
        ({"id": "2606.00001v3"}, "2606.00001", None, "2026-06"),
        ({"id": "https://arxiv.org/abs/cs/0501001"}, "cs/0501001", None, "2005-01"),
        ({"id": "doi:10.1234/X"}, None, "10.1234/x", None),
        ({"id": "10.1234/x"}, None, "10.1234/x", None),
        ({"id": "https://doi.org/10.1234/x"}, None, "10.1234/x", None),
        ({"id": "2024.12345"}, None, None, None),  # no month 24: somebody's own number
        ({"id": "my paper 2606.00001"}, None, None, None),
        ({"id": "x10.1234/x"}, None, None, None),
        ({"id": "a", "arxiv_id": "2606.00001"}, "2606.00001", None, "2026-06"),
        ({"id": "arxiv:2606.00001", "published": "2026-07-01"}, "2606.00001", None, "2026-07-01"),
        ({"id": "arxiv:2606.00001", "arxiv_id": None, "doi": None, "published": None}, None, None, None),
    ],
)
def test_ids_fill_the_keys_that_are_absent(
    record: dict[str, object], arxiv_id: str | None, doi: str | None, published: str | None
) -> None:
    (paper,) = read(json.dumps({"title": "T", "abstract": "A"} | record) + "\n", "t.jsonl").papers
    assert (paper.id, paper.arxiv_id, paper.doi, paper.published) == (record["id"], arxiv_id, doi, published)
    parsed = json.dumps(paper_to_json(paper)) + "\n"
    assert read(parsed, "other.jsonl").papers == (paper,)


def test_output_of_several_digests_has_one_rank_each_where_it_is_listed() -> None:
    papers = [paper for name in ("hf-search.txt", "papers-cool-venue.txt") for paper in read_digest(DATA / name).papers]
    text = "".join(json.dumps(paper_to_json(paper)) + "\n" for paper in papers)
    result = read(text, "all.jsonl")
    assert list(result.papers) == papers
    assert [paper.rank for paper in result.listed] == list(range(1, len(papers) + 1))
    assert [paper.title for paper in result.listed] == [paper.title for paper in papers]
    some = "".join(json.dumps(paper_to_json(paper)) + "\n" for paper in papers[1:2])
    assert [paper.rank for paper in read(some, "some.jsonl").listed] == [2]
    double = read(some + '{"title": "No rank or digest of its own"}\n' + some, "double.jsonl")
    assert [paper.rank for paper in double.listed] == [1, 2, 3]


def test_many_problems_are_summed_up() -> None:
    good = '{"id": "x", "title": "T", "abstract": ""}\n'
    result = read(good + "nonsense\n" * 500, "t.jsonl")
    assert len(result.problems) == digests.MAX_PROBLEMS + 1
    assert result.problems[-1].message == "this and 479 more problems are not listed; the 1 readable paper is kept"
    assert sum("kept" in problem.message for problem in result.problems) == 1


def test_format_overrides_recognition() -> None:
    text = (DATA / "papers-cool-venue.txt").read_bytes()
    assert read(text, format="papers-cool").digest.format == "papers-cool"
    forced = read(text, format="kgtool-jsonl")
    assert forced.damaged
    assert forced.papers == ()
    nothing = read("Just prose.\n", format="daily-arxiv")
    assert only_fatal(nothing).message.startswith("no paper found: expected daily-arXiv Markdown")
    with pytest.raises(InputError, match="unknown digest format 'bibtex': expected one of papers-cool, daily-arxiv"):
        read(text, format="bibtex")


def test_readers_of_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name = "titles"

        @staticmethod
        def load() -> object:
            return types.SimpleNamespace(
                EXPECTED="titles",
                sniff=lambda head: float(head.startswith("TITLES")),
                read=lambda lines: iter([make_paper(text.strip()) for number, text in lines if number > 1]),
            )

    monkeypatch.setattr(digests, "entry_points", lambda group: [Entry] if group == "kgtool.digests" else [])
    digests._readers.cache_clear()
    try:
        assert formats() == (*FORMATS, "titles")
        result = read("TITLES\nOne\nTwo\n")
        assert (result.digest.format, [paper.title for paper in result.papers]) == ("titles", ["One", "Two"])
    finally:
        digests._readers.cache_clear()


# Sources.


def test_inputs_are_expanded(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", ".hidden", "sub/c.txt", ".git/d.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    sources = expand_inputs([tmp_path / "b.txt", tmp_path, "-"], io.BytesIO(b"stdin's bytes"))
    assert [source.stem for source in sources] == ["b", "a", "c", "stdin"]
    with sources[-1].open() as stream:
        assert stream.read() == b"stdin's bytes"
    assert expand_inputs([]) == []


def test_missing_and_unreadable_inputs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        expand_inputs([tmp_path / "missing.txt"])
    with pytest.raises(InputError, match="holds no files"):
        expand_inputs([tmp_path])
    with pytest.raises(InputError, match=r"missing\.txt: cannot be read: No such file"):
        read_digest(tmp_path / "missing.txt")
    with pytest.raises(InputError, match="no such file"):
        expand_inputs(["null\0byte"])
    with pytest.raises(InputError, match="cannot be read"):
        read_digest(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_digest("null\0byte")


def test_one_unreadable_file_does_not_hide_the_rest_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").symlink_to("nowhere")
    (tmp_path / "b.jsonl").symlink_to("b.jsonl")
    os.mkfifo(tmp_path / "c.jsonl")  # would block
    (tmp_path / "d.jsonl").write_text('{"id": "x", "title": "T"}\n')
    sources = expand_inputs([tmp_path])
    assert [source.stem for source in sources] == ["a", "b", "d"]
    with pytest.raises(InputError, match=r"a\.jsonl: cannot be read: No such file"):
        read_digest(sources[0])
    with pytest.raises(InputError, match=r"b\.jsonl: cannot be read: Too many levels"):
        read_digest(sources[1])
    assert len(read_digest(sources[2]).papers) == 1


def test_folders_that_cannot_be_listed_are_sources_that_raise(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open.md").write_text("x")
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [source.stem for source in expand_inputs([tmp_path])] == ["closed", "open"]


def test_standard_input_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        expand_inputs(["-"])
    stream = io.BytesIO(b"x")
    (source,) = expand_inputs(["-"], stream)
    stream.close()
    with pytest.raises(InputError, match="stdin: cannot be read"):
        read_digest(source)


class Endless(io.RawIOBase):
    """A device that never ends."""

    def __init__(self, unit: bytes, head: bytes = b"") -> None:
        self.unit, self.head, self.given = unit, head, 0

    def read(self, size: int = -1) -> bytes:
        head, self.head = self.head, b""
        data = head or self.unit * (size // len(self.unit))
        self.given += len(data)
        return data


def test_an_endless_line_is_not_read_on() -> None:
    good = (DATA / "papers-cool-venue.txt").read_bytes()
    for head, papers in ((b"", 0), (good, 2)):
        stream = Endless(b"a", head)
        result = read_digest(Source("stdin", "stdin", stream=stream))  # type: ignore[arg-type]
        assert only_fatal(result).message.startswith(f"line longer than {MAX_LINE:,} bytes")
        assert len(result.papers) == papers
        assert stream.given < 8 * MAX_LINE
    result = read_digest("/dev/zero")
    assert only_fatal(result).message.startswith(f"line longer than {MAX_LINE:,} bytes")


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("kgtool.digests.source.MAX_BYTES", 3 << 20)
    stream = Endless(b"many lines\n")
    with pytest.raises(InputError, match=r"stdin: larger than 3,145,728 bytes: expected a digest"):
        read_digest(Source("stdin", "stdin", stream=stream))  # type: ignore[arg-type]
    assert stream.given < 5 << 20
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate((3 << 20) + 1)
    with pytest.raises(InputError, match=r"large\.txt: larger than 3,145,728 bytes"):
        read_digest(path)


def test_public_names() -> None:
    for name in digests.__all__:
        assert hasattr(digests, name)
    assert isinstance(Header(), fields.Header)


# Properties.

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
OPTIONAL = st.none() | TEXT
CATEGORY = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=30)
DAY = st.dates().map(str)
COUNT = st.integers(0, 2**63 - 1)
NOTES = st.builds(
    Note, st.sampled_from(["tldr", "motivation", "method", "result", "conclusion"]), st.sampled_from(["en", "zh"]), TEXT
)
PAPERS = st.builds(
    Paper,
    id=TEXT.filter(bool),
    title=TEXT,
    authors=st.lists(TEXT, max_size=3).map(tuple),
    abstract=TEXT.map(lambda text: f"{text}."),
    url=OPTIONAL,
    arxiv_id=st.none() | st.from_regex(r"[0-9]{4}\.[0-9]{4,5}|[a-z]{2}/[0-9]{7}", fullmatch=True),
    doi=st.none() | st.from_regex(r"10\.[0-9]{4}/[a-z]{1,5}", fullmatch=True),
    published=st.none() | DAY | DAY.map(lambda day: day[:7]) | DAY.map(lambda day: day[:4]),
    venue=OPTIONAL,
    category=st.none() | CATEGORY,
    categories=st.lists(CATEGORY, max_size=3).map(tuple),
    n_authors=st.none() | COUNT,
    code_url=OPTIONAL,
    comment=OPTIONAL,
    notes=st.lists(NOTES, max_size=3, unique_by=lambda note: note.kind).map(tuple),
    digest=TEXT,
    rank=st.none() | COUNT.filter(bool),
)


@given(PAPERS)
def test_json_round_trip(paper: Paper) -> None:
    record = json.loads(json.dumps(paper_to_json(paper)))
    assert paper_from_json(record) == paper
    assert {field.name for field in dataclasses.fields(Paper)} == set(record)


@given(st.lists(PAPERS, min_size=1, max_size=4), st.booleans())
def test_json_lines_round_trip(papers: list[Paper], ascii_only: bool) -> None:
    text = "".join(json.dumps(paper_to_json(paper), ensure_ascii=ascii_only) + "\n" for paper in papers)
    result = read(text, "stem.jsonl")
    filled = [
        dataclasses.replace(paper, digest=paper.digest or "stem", rank=at + 1 if paper.rank is None else paper.rank)
        for at, paper in enumerate(papers)
    ]
    assert list(result.papers) == filled
    assert result.problems == ()


SAMPLE_LINES = [line for sample in SAMPLES for line in sample.read_text("utf-8").splitlines()][::3]
ODD_LINES = [
    "#1 T [PDF]",
    "### [",
    "### [1] [",
    "[",
    "][3]",
    "](/papers/2601.00001)",
    "·",
    "• 5 authors",
    "{",
    "---",
    "",
]
PIECES = st.sampled_from(SAMPLE_LINES + ODD_LINES)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES | st.text(max_size=40), max_size=30).map("\n".join), st.sampled_from([None, *FORMATS]))
def test_no_text_crashes_a_reader(text: str, format: str | None) -> None:
    result = read(text.encode("utf-8", "surrogatepass"), "fuzz.txt", format)
    assert result.papers or result.problems or result.digest.format
    for paper in result.papers:
        assert paper.title or result.digest.format == "kgtool-jsonl"
        assert paper.id
    for problem in result.problems:
        assert problem.line >= 1
        assert "\n" not in problem.message


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, *FORMATS]))
def test_no_bytes_crash_a_reader(data: bytes, format: str | None) -> None:
    result = read(data, "fuzz.bin", format)
    assert result.digest.content_hash == hashlib.sha256(data).hexdigest()
