"""Training the network that finds mentions: annotated records in, a spaCy pipeline with one component, `ner`, out."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import convert_vectors, init_nlp
from spacy.training.loop import train as train_loop
from spacy.util import load_config, registry
from thinc.api import set_current_ops

from kgtool.errors import InputError
from kgtool.extract.blas import BlasOps, use_blas
from kgtool.extract.gold import GoldRecord
from kgtool.extract.mentions import gold_mentions
from kgtool.extract.tokenizer import create_tokenizer
from kgtool.extract.vectors import take_vectors

CONFIG = Path(__file__).with_name("config.cfg")
_WARMUP, _EVALUATE = 300, 1000
"""Steps until the full learning rate, and between measurements; a tenth of the training where that is less."""

Report = Callable[[int, int, float | None], None]
"""Is told the step, of how many, and the F1 of spans on the held-out records where it was just measured."""


def train_ner(
    records: Sequence[GoldRecord], held_out: Sequence[GoldRecord], vectors: Path, steps: int, report: Report
) -> Language:
    """Train a mention recogniser as `config.cfg` says; of the states measured the best on `held_out` is returned.

    `vectors` is a pipeline's folder whose vectors are used, or a floret vectors file. Seeded by the config.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nlp = spacy.blank("en")
        nlp.tokenizer = create_tokenizer()(nlp)
        for part, chosen in (("train", records), ("dev", held_out)):
            DocBin(docs=[annotated(nlp, record) for record in chosen]).to_disk(folder / f"{part}.spacy")
        overrides = {
            "paths.train": str(folder / "train.spacy"),
            "paths.dev": str(folder / "dev.spacy"),
            "paths.vectors": str(_as_pipeline(vectors, folder / "vectors")),
            "training.max_steps": steps,
            "training.eval_frequency": min(_EVALUATE, -(-steps // 10)),
            "training.optimizer.learn_rate.warmup_steps": min(_WARMUP, steps // 10),
        }
        config = load_config(CONFIG, overrides=overrides, interpolate=False)
        set_current_ops(BlasOps())
        silent = io.StringIO()
        _log_to(report, steps)
        nlp = init_nlp(config)
        use_blas(nlp)
        train_loop(nlp, folder, stdout=silent, stderr=silent)
        best = spacy.load(folder / "model-best")
    use_blas(best)
    return best


def annotated(nlp: Language, record: GoldRecord) -> Doc:
    """The record's text with its mentions as entities; those that do not end where a token does are left out."""
    doc = nlp.make_doc(record.text)
    spans = [
        doc.char_span(span.start, span.end, label=mention.type)
        for mention in gold_mentions(record)
        for span in mention.spans
    ]
    doc.set_ents([span for span in spans if span is not None])
    return doc


def _as_pipeline(vectors: Path, folder: Path) -> Path:
    nlp = spacy.blank("en")
    if vectors.is_dir():
        take_vectors(nlp.vocab, vectors)
        nlp.to_disk(folder)
        return folder
    try:
        convert_vectors(nlp, vectors, truncate=0, prune=-1, mode="floret")
    except (OSError, ValueError) as error:
        raise InputError(f"{vectors}: expected vectors in floret's text format: {error}") from error
    nlp.to_disk(folder)
    return folder


def _log_to(report: Report, steps: int) -> None:
    """Let the logger that the config names tell `report` of each step."""

    def create_logger() -> Any:
        def setup(nlp: Language, stdout: Any = None, stderr: Any = None) -> Any:
            def log_step(info: dict[str, Any] | None) -> None:
                if info is not None:
                    score = (info.get("other_scores") or {}).get("ents_f")
                    report(info["step"], steps, score)

            return log_step, lambda: None

        return setup

    registry.loggers("kgtool_progress.v1", func=create_logger)
