from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgtool.sentences import sentence_at, sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("We try. It works.", ["We try.", "It works."]),
        ("As Doe et al. (2020) show, it works. So do we.", ["As Doe et al. (2020) show, it works.", "So do we."]),
        ("See Fig. 2 and Sec. IV. We go on.", ["See Fig. 2 and Sec. IV.", "We go on."]),
        (
            "Graphs, e.g. Cora, grow. Others, i.e. None, do not.",
            ["Graphs, e.g. Cora, grow.", "Others, i.e. None, do not."],
        ),
        ("It gains 3.5 points. GPT-3.5 loses.", ["It gains 3.5 points.", "GPT-3.5 loses."]),
        ("Let $x. Y$ be. Then $z$.", ["Let $x. Y$ be.", "Then $z$."]),
        ("It costs $5. We save $3. Fine.", ["It costs $5.", "We save $3.", "Fine."]),
        (
            "Trees, forests, etc. We prune. Trees etc. Pruned too.",
            ["Trees, forests, etc.", "We prune.", "Trees etc. Pruned too."],
        ),
        (
            "J. Doe agrees. We prove it for class P. The rest is open.",
            ["J. Doe agrees.", "We prove it for class P.", "The rest is open."],
        ),
        ("Does it? (Yes!) It does.", ["Does it?", "(Yes!)", "It does."]),
        ("One\nline. Two.\n\nThree", ["One\nline.", "Two.", "Three"]),
        ("它可行。我们证明。", ["它可行。", "我们证明。"]),
        ("Code: https://example.org/a.b.c. Done.", ["Code: https://example.org/a.b.c.", "Done."]),
        ("CIFAR-10 vs. ImageNet. Enough.", ["CIFAR-10 vs. ImageNet.", "Enough."]),
    ],
)
def test_rules(abstract: str, expected: list[str]) -> None:
    assert split(f"A Title\n{abstract}") == ["A Title", *expected]


def test_title_is_one_sentence() -> None:
    assert split("Is It? A Study. Part I.\nYes.") == ["Is It? A Study. Part I.", "Yes."]
    assert split("") == []
    assert split("\n") == []
    assert split("\nOnly an abstract.") == ["Only an abstract."]
    assert split("Only a title") == ["Only a title"]


def test_sentence_at() -> None:
    text = "T\nAb cd. Ef gh."
    spans = sentences(text)
    assert sentence_at(spans, 5, 7) == (2, 8)
    assert sentence_at(spans, 5, 11) == (2, len(text))
    assert sentence_at(spans, 1, 2) == (1, 2)


@given(st.text() | st.text(alphabet="ab .A!?$\n\\()e.g", max_size=200))
def test_spans_lie_in_order_and_cover(text: str) -> None:
    spans = sentences(text)
    covered = bytearray(len(text))
    last = 0
    for start, end in spans:
        assert last <= start < end <= len(text)
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        covered[start:end] = b"\1" * (end - start)
        last = end
    assert all(covered[i] or char.isspace() for i, char in enumerate(text))


@pytest.mark.parametrize("unit", ["$", "$a. ", ". ", "A. ", ".", "\n", "\n \n", "\\(", "\\(a. ", "x", ")]} "])
def test_hostile_text_is_linear(unit: str) -> None:
    started = time.perf_counter()
    sentences("T\n" + unit * (300_000 // len(unit)))
    assert time.perf_counter() - started < 3
