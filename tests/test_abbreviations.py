"""Definitions of abbreviations, after Schwartz and Hearst."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgtool.extract.abbreviations import find_abbreviations
from kgtool.sentences import sentences


def pairs(text):
    found = find_abbreviations(text, sentences(text))
    return [(text[slice(*pair.short)], text[slice(*pair.long)]) for pair in found]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("We use graph neural networks (GNNs) here.", [("GNNs", "graph neural networks")]),
        ("Large Language Models (LLMs) are large.", [("LLMs", "Large Language Models")]),
        ("A large language model (LLM) is large.", [("LLM", "large language model")]),
        ("We train a GNN (graph neural network) on it.", [("GNN", "graph neural network")]),
        ("The K-nearest neighbours (KNN) rule.", [("KNN", "K-nearest neighbours")]),
        ("Error-correcting output codes (ECOC) help.", [("ECOC", "Error-correcting output codes")]),
        ("Parameter-efficient fine-tuning (PEFT, for short) helps.", [("PEFT", "Parameter-efficient fine-tuning")]),
        ("Vector quantised autoencoders [VQA] exist.", [("VQA", "Vector quantised autoencoders")]),
        (
            "Soft actor critic (SAC) and deep Q networks (DQN).",
            [("SAC", "Soft actor critic"), ("DQN", "deep Q networks")],
        ),
        ("We won (see Table 2) with 3 methods (p < 0.05).", []),
        ("It improves (LLM) nothing.", []),
        ("A method (2024) by us.", []),
        ("It was shown (by us) that (a) holds and (b) too.", []),
        ("Unbalanced (brackets (ABC are no definition.", []),
    ],
)
def test_one_sentence(sentence, expected):
    assert pairs(f"A title\n{sentence}") == expected


def test_never_across_sentences():
    assert pairs("Title\nWe like graph neural. Networks (GNN) are fine.") == []


def test_title_that_spells_out_its_name():
    assert ("FAST", "Fine-grained Adaptive Sampling of Tokens") in pairs(
        "FAST: Fine-grained Adaptive Sampling of Tokens for Speech\nText."
    )
    assert pairs("GraphMend: Repairing Graph Neural Networks\nText.") == []


def test_determiners_are_not_in_the_long_form():
    assert pairs("T\nThe variational auto encoder (VAE) works.") == [("VAE", "variational auto encoder")]


@pytest.mark.parametrize("text", ["", "\n", "(((((", "A (B", "(" * 5000 + ")" * 5000, "a(b)" * 3000, "é (É) ﬁ (FI)"])
def test_hostile_text(text):
    pairs(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_spans_lie_in_one_sentence(text):
    bounds = sentences(text)
    for pair in find_abbreviations(text, bounds):
        start, end = min(pair.short[0], pair.long[0]), max(pair.short[1], pair.long[1])
        assert any(first <= start and end <= last for first, last in bounds)
        assert pair.short[1] <= pair.long[0] or pair.long[1] <= pair.short[0]


@given(
    st.lists(
        st.sampled_from(["Graph", "neural", "net", "(GNN)", "(", ")", "GNN", "a", "-", ".", "(gnn, x)"]), max_size=30
    )
)
def test_likely_words_give_valid_spans(words):
    text = "Title\n" + " ".join(words)
    for pair in find_abbreviations(text, sentences(text)):
        short, long = text[slice(*pair.short)], text[slice(*pair.long)]
        assert short == short.strip()
        assert long == long.strip()
        assert len(long) > len(short) > 1
