"""The extraction pipeline: the shipped model, loaded once, and papers run through it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from kgtool import __version__
from kgtool.errors import ModelError
from kgtool.extract import components
from kgtool.extract.blas import use_blas
from kgtool.extract.vectors import widen
from kgtool.records import Extraction, Paper

MODEL = Path(__file__).with_name("model")
MAX_CHARACTERS = 100_000
"""What is read of one text: far more than any abstract, little enough for memory."""


def load_model(folder: Path | None = None) -> Language:
    """The spaCy pipeline in `folder`, or the one that kgtool ships.

    Raises ModelError where there is none, or it was made for other components.
    """
    folder = folder or MODEL
    try:
        nlp = spacy.load(folder)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"{folder}: the extraction model cannot be loaded: {reason}") from error
    use_blas(nlp)
    widen(nlp.vocab)
    return nlp


def _content_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


class PipelineExtractor:
    """Reads papers with a model that is loaded when the first paper comes."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or MODEL

    @cached_property
    def name(self) -> str:
        """kgtool's version, the model's name and version: what evidence names as its extractor.

        A model of one's own has a piece of its content's hash behind it, since any two may bear the same version.
        """
        try:
            meta = spacy.util.load_meta(self._folder / "meta.json")
        except (OSError, ValueError) as error:
            raise ModelError(f"{self._folder}: no extraction model here: {str(error).splitlines()[0]}") from error
        name = f"kgtool-{__version__}-{meta['name']}-{meta['version']}"
        return name if self._folder.samefile(MODEL) else f"{name}-{_content_hash(self._folder)[:8]}"

    @cached_property
    def nlp(self) -> Language:
        """The loaded pipeline."""
        return load_model(self._folder)

    def __call__(self, papers: Iterable[Paper]) -> Iterator[Extraction]:
        """One extraction for each paper, in their order; offsets count in `Paper.text`."""
        for doc in self.nlp.pipe(self._docs(papers), batch_size=components.BATCH):
            yield components.extraction(doc)

    def _docs(self, papers: Iterable[Paper]) -> Iterator[Doc]:
        """The papers cut into words; read batch by batch, while the network still reads the batch before."""
        for paper in papers:
            text = paper.text[:MAX_CHARACTERS]
            doc = self.nlp.make_doc(text)
            doc._.kgtool_text = text
            yield doc
