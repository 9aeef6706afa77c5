"""Training the whole pipeline from annotated records, with one seed: the same records give the same model."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language
from spacy.util import load_config

from kgtool.errors import InputError
from kgtool.extract.components import BATCH, train_components
from kgtool.extract.gold import GoldRecord, iter_gold
from kgtool.extract.ner import CONFIG, train_ner
from kgtool.extract.pipeline import MODEL
from kgtool.extract.vectors import narrowed

NAME, VERSION = "default", "5"
_HELD_OUT = 20


def train(
    paths: Sequence[Path],
    out: Path,
    *,
    vectors: Path | None = None,
    steps: int | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, Any]:
    """Train on the records of the files and write the pipeline to the folder `out`.

    One record in twenty (by a hash of its id) is held out: the best state of the network is chosen on them, and the
    confidences are fitted to them. `vectors` are floret vectors or a pipeline that has some, else those of the shipped
    model. Returns what was trained on and the F1 of spans on the held-out records. Raises InputError where a record
    cannot be read, or `out` holds something that is no model.
    """
    check(out)
    training, held_out = read_records(paths)
    steps = steps or load_config(CONFIG)["training"]["max_steps"]
    best = 0.0

    def report(step: int, of: int, score: float | None) -> None:
        nonlocal best
        best = max(best, score or 0.0)
        progress(step, of)

    nlp = train_ner(training, held_out, vectors or MODEL, steps, report)
    train_behind(nlp, training, held_out, out)
    return {"records": len(training), "held_out": len(held_out), "steps": steps, "span_f1": round(100 * best, 1)}


def train_behind(
    nlp: Language,
    training: Sequence[GoldRecord],
    held_out: Sequence[GoldRecord],
    out: Path,
    hard: Sequence[GoldRecord] = (),
) -> None:
    """Train what comes behind the recogniser that `nlp` has, and write the pipeline to the folder `out`.

    `hard` is as in `components.train_components`.
    """
    check(out)
    train_components(nlp, training, held_out, hard)
    _write(nlp, out)


def read_records(paths: Sequence[Path]) -> tuple[list[GoldRecord], list[GoldRecord]]:
    """The records to train on and those that are held out, by id; of several with one id the first file's counts.

    Raises InputError where a record cannot be read, or there are too few.
    """
    found: dict[str, GoldRecord] = {}
    for path in paths:
        for record in iter_gold(path):
            found.setdefault(record.id, record)
    records = [found[id_] for id_ in sorted(found)]
    held_out = [record for record in records if _is_held_out(record)]
    training = [record for record in records if not _is_held_out(record)]
    if not training or not held_out:
        raise InputError(f"{paths[0]}: {len(records)} records are too few to train on")
    return training, held_out


def check(out: Path) -> None:
    """Raises InputError where the folder `out` holds something that is no model."""
    if out.exists() and any(out.iterdir()) and not (out / "meta.json").is_file():
        raise InputError(f"{out}: the folder holds something else; expected a new folder or a model to replace")


def _is_held_out(record: GoldRecord) -> bool:
    return int(hashlib.sha256(record.id.encode("utf-8", "surrogatepass")).hexdigest(), 16) % _HELD_OUT == 0


def _write(nlp: Language, out: Path) -> None:
    """The pipeline without the paths of the machine that it was trained on; written aside, then put in place."""
    nlp.meta["name"], nlp.meta["version"] = NAME, VERSION
    nlp.meta["description"] = "Methods, datasets and tasks in paper abstracts, their roles and relations"
    nlp.meta["license"] = "Apache-2.0"
    nlp.config["nlp"]["batch_size"] = BATCH
    for key in nlp.config["paths"]:
        nlp.config["paths"][key] = None
    nlp.config["initialize"]["vectors"] = None
    aside = out.with_name(out.name + ".tmp")
    shutil.rmtree(aside, ignore_errors=True)
    with narrowed(nlp.vocab):
        nlp.to_disk(aside)
    srsly.write_json(aside / "vocab" / "strings.json", [])  # else all words of the training texts
    shutil.rmtree(out, ignore_errors=True)
    aside.rename(out)
