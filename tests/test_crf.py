"""The random field against every path written out."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtool.extract.crf import Crf

TAGS = 5


def allowed(path):
    return all(tag % 2 or tag == 0 or (at > 0 and path[at - 1] in (tag, tag - 1)) for at, tag in enumerate(path))


def spans_of(path):
    found = []
    for at, tag in enumerate(path):
        if tag % 2:
            found.append([at, at + 1, tag // 2])
        elif tag:
            found[-1][1] = at + 1
    return {tuple(span) for span in found}


def written_out(emissions, transitions, start):
    """Every allowed path with its probability."""
    weights = {}
    for path in itertools.product(range(TAGS), repeat=len(emissions)):
        if allowed(path):
            score = start[path[0]] + sum(emissions[t, tag] for t, tag in enumerate(path))
            score += sum(transitions[a, b] for a, b in itertools.pairwise(path))
            weights[path] = np.exp(score)
    total = sum(weights.values())
    return {path: weight / total for path, weight in weights.items()}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_spans_and_probabilities_are_those_of_all_paths_written_out(seed, lengths):
    chance = np.random.default_rng(seed)
    transitions, start = chance.normal(size=(TAGS, TAGS)), chance.normal(size=TAGS)
    texts = [chance.normal(scale=2, size=(length, TAGS)) for length in lengths]
    crf = Crf(transitions.astype(np.float32), start.astype(np.float32))
    for emissions, found in zip(texts, crf.spans([text.astype(np.float32) for text in texts]), strict=True):
        paths = written_out(emissions, transitions, start)
        best = max(paths, key=paths.get)
        assert {span[:3] for span in found} == spans_of(best)
        for span in found:
            expected = sum(probability for path, probability in paths.items() if tuple(span[:3]) in spans_of(path))
            assert span.probability == pytest.approx(expected, abs=1e-4)


def test_a_text_without_words_has_no_spans():
    crf = Crf(np.zeros((TAGS, TAGS), np.float32), np.zeros(TAGS, np.float32))
    assert crf.spans([]) == []
    assert crf.spans([np.zeros((0, TAGS), np.float32)]) == [[]]


def test_a_long_text_does_not_overflow():
    chance = np.random.default_rng(7)
    crf = Crf(chance.normal(size=(TAGS, TAGS)).astype(np.float32), chance.normal(size=TAGS).astype(np.float32))
    (found,) = crf.spans([(50 * chance.normal(size=(5000, TAGS))).astype(np.float32)])
    assert found
    assert all(0 <= span.probability <= 1 for span in found)
