"""Fixtures: the dictionary extractor, the example digests, the shipped model."""

import os

import pytest
from samples import EXAMPLES, LexiconExtractor

from kgtool.digests import read_digest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it: tests run side by side


@pytest.fixture
def extractor():
    return LexiconExtractor()


@pytest.fixture(scope="session")
def example_files():
    """The project's own example digests, read."""
    paths = sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".md", ".txt") and path.stem != "README")
    return [read_digest(path) for path in paths]


@pytest.fixture(scope="session")
def model():
    """The shipped pipeline, loaded once."""
    from kgtool.extract.pipeline import load_model

    return load_model()


@pytest.fixture(scope="session")
def extractor_of_shipped():
    """The shipped pipeline as kgtool uses it, loaded once."""
    from kgtool.extract.pipeline import PipelineExtractor

    return PipelineExtractor()


@pytest.fixture(scope="session")
def example_kg(tmp_path_factory, example_files, extractor_of_shipped):
    """The knowledge graph of the example digests, as the shipped pipeline reads them; not to be changed."""
    from kgtool.build import build

    kg = tmp_path_factory.mktemp("examples") / "kg"
    build(kg, example_files, extractor_of_shipped)
    return kg
