"""The floret vectors of words: half-precision numbers on disk, single ones in memory, as spaCy adds them up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from spacy.strings import StringStore
from spacy.vectors import Vectors
from spacy.vocab import Vocab

from kgtool.errors import ModelError


def widen(vocab: Vocab) -> None:
    """Make vectors that were stored in half precision usable."""
    if vocab.vectors.data.dtype == np.float16:
        vocab.vectors.data = vocab.vectors.data.astype(np.float32)


@contextmanager
def narrowed(vocab: Vocab) -> Iterator[None]:
    """While in the block the vectors are in half precision, to be stored in half the room."""
    whole = vocab.vectors.data
    vocab.vectors.data = whole.astype(np.float16)
    try:
        yield
    finally:
        vocab.vectors.data = whole


def take_vectors(vocab: Vocab, folder: Path) -> None:
    """Give the vocabulary the vectors of the pipeline in `folder`. Raises ModelError where it has none."""
    try:
        vectors = Vectors(strings=StringStore()).from_disk(folder / "vocab")
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no pipeline with word vectors: {error}") from error
    vectors.strings = vocab.strings  # not those of the other pipeline: floret needs none
    vocab.vectors = vectors
    widen(vocab)
