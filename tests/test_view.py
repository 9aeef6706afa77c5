"""What a reader sees: every character once, nothing of a digest obeyed, one page that needs nothing else."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from samples import EXAMPLES

from kgtool.cli import main
from kgtool.extract.view import html, text

HOSTILE = "<script>alert('x')</script> & \"GCN\" \x1b[31mred\x07 \u202eback \u200b"


def record(title="GraphMend on Cora", abstract="We propose GraphMend."):
    whole = f"{title}\n{abstract}"
    entities, names = [], (("Method", "GraphMend", "introduces"), ("Dataset", "Cora", "evaluates-on"))
    for type_, name, role in names:
        spans = [[match.start(), match.end(), 0.9] for match in re.finditer(name, whole)]
        entities.append(
            {"type": type_, "mentions": [name], "role": role, "confidence": 0.9, "role_confidence": 0.8, "spans": spans}
        )
    evidence = {"sentence": title, "start": 0, "end": len(title), "confidence": 0.7}
    return {
        "id": "x",
        "title": title,
        "abstract": abstract,
        "entities": entities,
        "relations": [[0, "Evaluated-With", 1]],
        "evidence": [evidence],
    }


class Text(HTMLParser):
    """The text of the abstract's paragraph, without the roles' small labels, and what the page would load."""

    def __init__(self):
        super().__init__()
        self.inside, self.small, self.found, self.loads = False, False, "", []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.inside |= attributes.get("class") == "abstract"
        self.small |= tag == "small"
        self.loads += [attributes[name] for name in ("src", "href") if not attributes.get(name, "#").startswith("#")]
        if tag in ("script", "img", "link", "iframe", "object"):
            self.loads.append(tag)

    def handle_endtag(self, tag):
        self.inside &= tag != "p"
        self.small &= tag != "small"

    def handle_data(self, data):
        if self.inside and not self.small:
            self.found += data


def read(page):
    parser = Text()
    parser.feed(page)
    return parser


def test_the_page_holds_the_text_once_and_loads_nothing():
    parser = read(html([record()]))
    assert parser.found == "We propose GraphMend."
    assert parser.loads == []


def test_the_page_is_well_formed_and_shows_role_relation_and_evidence():
    page = html([record(), record()])
    body = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    words = " ".join(" ".join(body.itertext()).split())
    for part in ("introduces", "evaluates-on", "Evaluated-With", "0.70", "GraphMend", "Cora"):
        assert part in words


def test_a_hostile_digest_is_shown_and_not_obeyed():
    page = html([record(title=HOSTILE, abstract=HOSTILE)])
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    for shown in (text(record(title=HOSTILE, abstract=HOSTILE), colour) for colour in (True, False)):
        assert "\x1b[31m" not in shown
        assert "\u202e" not in shown
        assert "\\x1b[31mred" in shown


def test_the_terminal_view():
    plain = text(record(), colour=False)
    assert "[GraphMend | Method 0.90, introduces 0.80] on [Cora | Dataset 0.90, evaluates-on 0.80]" in plain
    assert "GraphMend -[Evaluated-With]-> Cora 0.70" in plain
    coloured = text(record(), colour=True, width=40)
    assert "\x1b[1;34mGraphMend\x1b[0m" in coloured
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in coloured.splitlines()[:4]) <= 40


def test_a_paper_in_which_nothing_was_found():
    nothing = {"id": "x", "title": "", "abstract": "", "entities": [], "relations": [], "evidence": []}
    assert "No entity found." in html([nothing])
    assert text(nothing, colour=False).strip() == "x"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=5))
def test_any_spans_leave_the_text_whole(abstract, spans):
    one = record(abstract=abstract)
    one["entities"][0]["spans"] = [[min(pair), max(pair), 0.5] for pair in spans]
    one["relations"], one["evidence"] = [], []
    ElementTree.fromstring(html([one]).removeprefix("<!DOCTYPE html>\n"))
    if abstract.isascii() and abstract.isprintable():
        assert read(html([one])).found == abstract


@pytest.mark.parametrize("view", ["terminal", "html"])
def test_the_command(view):
    done = CliRunner().invoke(main, ["extract", str(EXAMPLES / "conference.txt"), "--view", view])
    assert done.exit_code == 0
    assert done.stdout.count("introduces") >= 10
    if view == "html":
        assert read(done.stdout).loads == []


def test_a_view_is_no_output_format():
    done = CliRunner().invoke(main, ["extract", str(EXAMPLES / "conference.txt"), "--view", "html", "-o", "json"])
    assert done.exit_code == 2
    assert "--view" in done.stderr
