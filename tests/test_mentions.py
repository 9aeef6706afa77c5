"""Spans of one text grouped into Mentions."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgtool.extract.abbreviations import find_abbreviations
from kgtool.extract.gold import GoldEntity, GoldRecord
from kgtool.extract.mentions import cluster, gold_mentions
from kgtool.extract.surfaces import normalise, occurrences, trim
from kgtool.sentences import sentences


def spans_of(text, *surfaces):
    """The first occurrence of each ``surface/type``."""
    found = []
    for item in surfaces:
        surface, type_ = item.rsplit("/", 1)
        start = text.index(surface)
        found.append((start, start + len(surface), {"M": "Method", "D": "Dataset", "T": "Task"}[type_]))
    return found


def grouped(text, *surfaces):
    mentions = cluster(text, spans_of(text, *surfaces), find_abbreviations(text, sentences(text)))
    return [(mention.type, mention.surfaces) for mention in mentions]


def test_one_surface_is_an_entity_everywhere():
    text = "On GCN\nGCN and GCNs beat a GCN. GCNish is none."
    (mention,) = cluster(text, spans_of(text, "GCN/M"))
    assert [text[s.start : s.end] for s in mention.spans] == ["GCN", "GCN", "GCN"]


def test_phrases_in_any_case_but_names_as_they_are():
    text = "Node Classification with SAM\nWe do node classification. Sam Smith helps sam."
    assert grouped(text, "Node Classification/T", "SAM/M") == [
        ("Task", ("Node Classification", "node classification")),
        ("Method", ("SAM",)),
    ]


def test_abbreviation_brings_its_other_form():
    text = "T\nGraph neural networks (GNNs) degrade. GNN training is slow. Two GNNs are slower."
    assert grouped(text, "Graph neural networks/M", "GNN /M") == [
        ("Method", ("Graph neural networks", "GNNs", "GNN")),
    ]
    assert grouped(text, "GNNs/M") == [("Method", ("Graph neural networks", "GNNs"))]


def test_short_forms_inside_longer_names():
    text = "T\nLarge language models (LLMs) grow. We build LLM agents. Large language model agents act."
    assert grouped(text, "Large language models/M", "LLM agents/M", "Large language model agents/M") == [
        ("Method", ("Large language models", "LLMs")),
        ("Method", ("LLM agents", "Large language model agents")),
    ]


def test_inside_a_longer_entity_the_shorter_is_none():
    text = "T\nGraph neural network pruning is a task. A graph neural network is not."
    mentions = cluster(text, spans_of(text, "Graph neural network pruning/T", "graph neural network/M"))
    assert [len(mention.spans) for mention in mentions] == [1, 1]


def test_one_type_by_majority_then_title():
    text = "T\nX-Net is good. X-Net is better. X-Net is best."
    places = list(occurrences("X-Net", text))
    mentions = cluster(text, [(*places[0], "Task"), (*places[1], "Method"), (*places[2], "Method")])
    assert [mention.type for mention in mentions] == ["Method"]
    text = "X-Net rules\nNow X-Net rules."
    places = list(occurrences("X-Net", text))
    assert cluster(text, [(*places[1], "Task"), (*places[0], "Method")])[0].type == "Method"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the GCN", "GCN"),
        ("Meta Pruning via", "Meta Pruning"),
        ("via", "via"),
        ("a novel state-of-the-art graph transformer,", "graph transformer"),
        ("“GCN”.", "GCN"),
        ("(GCN)", "GCN"),
        ("GCN)", "GCN"),
        ("UNet++", "UNet++"),
        ("$\\pi_0$", "$\\pi_0$"),
        ("DDPM (fast)", "DDPM (fast)"),
        ("LLMs)-based agents", "LLMs"),
        ("Low-Dose CT (LDCT", "Low-Dose CT"),
        ("((fast) DDPM", "(fast) DDPM"),
        ("FST.ai~2.0~", "FST.ai~2.0"),
        ("(" * 100_000 + "GCN", "GCN"),
        ("the", "the"),
        ("the method", None),
        (" \n ", None),
        ("...", None),
        ("", None),
        ("x\ny", None),
    ],
)
def test_trim(text, expected):
    span = trim(text, 0, len(text))
    assert (None if span is None else text[slice(*span)]) == expected


def test_trim_stays_in_the_text():
    assert trim("GCN", -5, 99) == (0, 3)
    assert trim("GCN", 3, 1) is None


def test_whole_words_only():
    assert list(occurrences("GAT", "GAT GATe aGAT (GAT) GAT-2 _GAT")) == [(0, 3), (15, 18), (20, 23)]
    assert list(occurrences("", "abc")) == []


def test_normal_form():
    assert normalise("Graph-Neural Networks") == normalise("graph neural network")
    assert normalise("\\textsc{DiARC}") == "diarc"


def test_gold_mentions_keep_the_order_and_find_all_places():
    record = GoldRecord(
        "1",
        "On GCN pruning",
        "GCN pruning prunes GCN.",
        (
            GoldEntity("Method", ("GCN",), "uses"),
            GoldEntity("Task", ("GCN pruning",), "addresses"),
            GoldEntity("Task", ("absent",), "mentions"),
        ),
        None,
    )
    mentions = gold_mentions(record)
    assert [len(mention.spans) for mention in mentions] == [1, 2, 0]
    assert [mention.role for mention in mentions] == ["uses", "addresses", "mentions"]


WORDS = st.sampled_from(
    [
        "GCN",
        "GCNs",
        "graph",
        "Graph",
        "networks",
        "(GNN)",
        "the",
        "-",
        "$x$",
        ".",
        "\n",
        "\x00",
        "😀",
        "İ",
        "图",
        "&amp;",
        "ß",
    ]
)


@example(text="0\x1f", spans=[(0, 2, "Method")])
@given(
    st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map(" ".join)),
    st.lists(
        st.tuples(st.integers(-3, 90), st.integers(-3, 90), st.sampled_from(["Method", "Dataset", "Task"])), max_size=12
    ),
)
def test_any_text_and_spans(text, spans):
    mentions = cluster(text, spans, find_abbreviations(text, sentences(text)))
    taken = [span for mention in mentions for span in mention.spans]
    assert all(0 <= span.start < span.end <= len(text) for span in taken)
    ordered = sorted(taken, key=lambda span: span.start)
    assert all(one.end <= other.start for one, other in pairwise(ordered))
    for mention in mentions:
        assert {text[span.start : span.end] for span in mention.spans} == set(mention.surfaces)
        assert all(surface == surface.strip() and surface for surface in mention.surfaces)
    surfaces = [surface for mention in mentions for surface in mention.surfaces]
    assert len(surfaces) == len(set(surfaces))
    assert mentions == cluster(text, spans, find_abbreviations(text, sentences(text)))
