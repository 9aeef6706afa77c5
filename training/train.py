"""Train the shipped model anew, in one command: the recogniser by torch, then all that comes behind it.

    pip install -e . -r training/requirements.txt
    python training/labels.py join training/labels.jsonl.xz arxiv-texts.jsonl.gz --out records.jsonl
    python training/labels.py join training/labels-unsure.jsonl.xz arxiv-texts.jsonl.gz --out unsure.jsonl
    python training/labels.py join training/labels-practised.jsonl.xz arxiv-texts.jsonl.gz --out practised.jsonl
    python training/train.py records.jsonl unsure.jsonl practised.jsonl --out model

The recogniser learns in rounds: first the records of the first file, then those of the first two, and so on. In the
later rounds half of the records that name a dataset come again with other well-known datasets (`datasets.txt`) in its
place, since a dataset should be known by what is done with it (mention replacement: Dai and Adel, COLING 2020). The
network knows from which file a record comes, since the readers of each had habits of their own; what is shipped reads
as those of the first file did. In a last round the encoder loses the heads and neurons that matter least, and learns
on. The confidences are fitted to held-out records of the first file, which are drawn at random, not for being hard.
On two CPU cores that multiply in bfloat16 (OMP_NUM_THREADS=2) the rounds take three hours; what is done is kept in
``model.state``, from which it goes on when it is interrupted. The same records and seed give the same network up to
rounding.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import spacy
import torch
from network import Network, encoder_folder, make_lean, shape_as, to_onnx
from spacy.language import Language
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from transformers import AutoModel

from kgtool.errors import KgtoolError, ModelError
from kgtool.extract.crf import Crf
from kgtool.extract.gold import TYPES, GoldRecord, iter_gold
from kgtool.extract.ner import annotated
from kgtool.extract.pipeline import MODEL
from kgtool.extract.tagger import TaggerComponent, Word, Words, windows
from kgtool.extract.tokenizer import create_tokenizer
from kgtool.extract.training import check, read_records, train_behind
from kgtool.extract.vectors import take_vectors
from kgtool.extract.wordpiece import WordPieces

PIECES_A_BATCH = 4096
_WARMUP, _CLIP, _MULTIPLE = 0.06, 0.1, 32
_SAVED_EVERY = 200
_RENAMED = 0.5
_WEIGHED = 80
"""Batches that show which heads and neurons matter."""
_NAME = re.compile(r"[A-Za-z][\w.+-]*[A-Z0-9][\w.+-]*|[A-Z][\w.+-]{2,}")
"""A name of one word, such as stands for a dataset."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a round of the training goes: passes over its records, and the rates at which the weights learn."""

    passes: float
    rate: float
    head_rate: float


PACES = (Pace(3.3, 2.5e-4, 1.5e-3), Pace(1.4, 1.5e-4, 6e-4), Pace(1.2, 1.5e-4, 6e-4))
"""Of the first rounds; those after go at the last one's."""
LEAN_PACE = Pace(0.55, 1e-4, 4e-4)
"""Of the last round, in which the network is leaner."""
HEADS, NEURONS = 48, 5120
"""What the encoder is left of its layers' 72 and 9,216: the rest can go without loss, if the network learns on."""


def renamed(records: Sequence[GoldRecord], seed: int) -> list[GoldRecord]:
    """Copies of half of the records with a named dataset, with other names of one field in the place of such names."""
    chance = random.Random(seed)
    lines = Path(__file__).with_name("datasets.txt").read_text(encoding="utf-8").splitlines()
    fields = [line.split(", ") for line in lines]
    copies = []
    for record in records:
        names = [
            entity.mentions[0]
            for entity in record.entities
            if entity.type == "Dataset" and entity.role != "introduces"
            if len(entity.mentions) == 1 and _NAME.fullmatch(entity.mentions[0])
        ]
        field = chance.choice(fields)
        others = [name for name in chance.sample(field, len(field)) if name.lower() not in record.text.lower()]
        if names and others and chance.random() < _RENAMED:
            copies.append(_with_names(record, dict(zip(names, others, strict=False))))
    return copies


def _with_names(record: GoldRecord, other: dict[str, str]) -> GoldRecord:
    name = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(other, key=len, reverse=True)))

    def changed(text: str) -> str:
        return name.sub(lambda match: other[match[0]], text)

    entities = tuple(replace(one, mentions=tuple(map(changed, one.mentions))) for one in record.entities)
    return replace(record, title=changed(record.title), abstract=changed(record.abstract), entities=entities)


@dataclass(frozen=True, slots=True)
class Example:
    """One annotated text as the network reads it, its tags, and the number of the file that it comes from."""

    words: tuple[Word, ...]
    tags: tuple[int, ...]
    source: int

    @property
    def bucket(self) -> int:
        """Its length in pieces with the marks at both ends, in steps of which a batch has all texts."""
        return -(-(2 + sum(len(word.pieces) for word in self.words)) // _MULTIPLE)


def examples(nlp: Language, words: Words, records: Sequence[GoldRecord], sources: Mapping[str, int]) -> list[Example]:
    """The records as examples; of texts that the network cannot read at once, the first part."""
    found = []
    for record in records:
        doc = annotated(nlp, record)
        tags = [
            0 if not token.ent_type_ else 1 + 2 * TYPES.index(token.ent_type_) + (token.ent_iob_ == "I")
            for token in doc
        ]
        read = tuple(words(doc))
        end = windows([len(word.pieces) for word in read])[0].end
        found.append(Example(read[:end], tuple(tags[:end]), sources[record.id]))
    return found


def numbered(paths: Sequence[Path]) -> dict[str, int]:
    """By id of a record the number of the first file that has it."""
    numbers: dict[str, int] = {}
    for number, path in enumerate(paths):
        for record in iter_gold(path):
            numbers.setdefault(record.id, number)
    return numbers


def batches(found: Sequence[Example], chance: random.Random) -> list[list[Example]]:
    """All examples in a random order, in batches of one length: few shapes are quick on a CPU."""
    buckets: dict[int, list[Example]] = {}
    for example in found:
        buckets.setdefault(example.bucket, []).append(example)
    made = []
    for bucket, of_length in sorted(buckets.items()):
        chance.shuffle(of_length)
        size = max(1, PIECES_A_BATCH // (_MULTIPLE * bucket))
        made += [of_length[at : at + size] for at in range(0, len(of_length), size)]
    chance.shuffle(made)
    return made


def padded(batch: Sequence[Example], words: Words) -> tuple[list[Tensor], Tensor]:
    """The network's inputs and the tags of a batch."""
    texts, pieces = len(batch), _MULTIPLE * max(example.bucket for example in batch)
    longest = max(len(example.tags) for example in batch)
    ids, mask = torch.zeros(texts, pieces, dtype=torch.long), torch.zeros(texts, pieces, dtype=torch.long)
    pooling, inside = torch.zeros(texts, longest, pieces), torch.zeros(texts, longest)
    vectors, forms = torch.zeros(texts, longest, 128), torch.zeros(texts, longest, 4, dtype=torch.long)
    tags = torch.zeros(texts, longest, dtype=torch.long)
    for i, example in enumerate(batch):
        read, m = words.inputs(example.words), len(example.tags)
        n = read.ids.shape[1]
        ids[i, :n], mask[i, :n] = torch.from_numpy(read.ids[0]), 1
        pooling[i, :m, :n], inside[i, :m] = torch.from_numpy(read.pooling), 1
        vectors[i, :m], forms[i, :m] = torch.from_numpy(read.vectors), torch.from_numpy(read.forms)
        tags[i, :m] = torch.tensor(example.tags)
    return [ids, mask, pooling, vectors, forms, inside, torch.tensor([example.source for example in batch])], tags


class Training:
    """The network while it learns, and the running mean of its weights, which is what is kept."""

    def __init__(self, network: Network, words: Words, number: int, steps: int, pace: Pace) -> None:
        self.network, self.words = network, words
        self.round, self.steps, self.step = number, steps, 0
        encoder = [weight for name, weight in network.named_parameters() if name.startswith("encoder.")]
        head = [weight for name, weight in network.named_parameters() if not name.startswith("encoder.")]
        groups: list[dict[str, Any]] = [
            {"params": [weight for weight in encoder if weight.ndim > 1], "lr": pace.rate, "weight_decay": 0.01},
            {"params": [weight for weight in encoder if weight.ndim <= 1], "lr": pace.rate, "weight_decay": 0.0},
            {"params": head, "lr": pace.head_rate, "weight_decay": 0.01},
        ]
        self.optimizer = torch.optim.AdamW(groups, eps=1e-7)
        self.schedule = LambdaLR(
            self.optimizer, lambda step: min(1, (step + 1) / (_WARMUP * steps)) * max(0.0, (steps - step) / steps)
        )
        self.mean = {name: weight.detach().clone() for name, weight in network.state_dict().items()}

    def learn(self, batch: Sequence[Example]) -> float:
        """One step; gives the loss of the batch."""
        read, tags = padded(batch, self.words)
        *_, inside, _ = read
        loss = self.network.loss(self.network(*read), tags, inside)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        share = min(0.998, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, weight in self.network.state_dict().items():
                if weight.dtype.is_floating_point:
                    self.mean[name].lerp_(weight, 1 - share)
        return loss.item()

    def save(self, path: Path, of: str) -> None:
        """Write the state aside, then put it in place; `of` says what is trained."""
        aside = path.with_name(path.name + ".tmp")
        parts = (
            of,
            self.round,
            self.step,
            self.network.state_dict(),
            self.optimizer.state_dict(),
            self.schedule.state_dict(),
            self.mean,
        )
        torch.save(parts, aside)
        aside.replace(path)

    def restore(self, path: Path) -> None:
        """Go on from what `save` wrote, if that was in this round."""
        _, number, step, network, optimizer, schedule, mean = torch.load(path)
        if number == self.round:
            self.mean, self.step = mean, step
            self.network.load_state_dict(network)
            self.optimizer.load_state_dict(optimizer)
            self.schedule.load_state_dict(schedule)

    def run(self, found: Sequence[Example], chance: random.Random, state: Path, of: str) -> None:
        """Learn until the round is over; the network then has the mean weights."""
        self.network.train()
        while self.step < self.steps:
            for batch in batches(found, chance)[: self.steps - self.step]:
                loss = self.learn(batch)
                if self.step % 25 == 0:
                    print(f"round {self.round}, step {self.step} of {self.steps}, loss {loss:.3f}", file=sys.stderr)
                if self.step % _SAVED_EVERY == 0 or self.step == self.steps:
                    self.save(state, of)
        self.network.load_state_dict(self.mean)


def train_tagger(
    nlp: Language, rounds: Sequence[Sequence[GoldRecord]], sources: Mapping[str, int], state: Path, seed: int = 7
) -> None:
    """Add the trained recogniser to a pipeline that has a tokenizer and vectors; `sources` gives each id its file."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    folder = encoder_folder()
    encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    pieces = WordPieces((folder / "vocab.txt").read_text(encoding="utf-8").splitlines())
    words, network = Words(pieces), Network(encoder, encoder.config.hidden_size, len(rounds), seed)
    asked = (seed, PACES, LEAN_PACE, HEADS, NEURONS, rounds)
    of = hashlib.sha256(repr(asked).encode()).hexdigest()
    begun = 0
    if state.is_file():
        known, begun, *_ = torch.load(state)
        if known != of:
            raise ModelError(f"{state}: the state of another training: remove it to begin anew")
    for number, records in list(enumerate([*rounds, rounds[-1]]))[begun:]:
        found = examples(nlp, words, [*records, *renamed(records, seed)] if number else records, sources)
        pace = PACES[min(number, len(PACES) - 1)]
        if number == len(rounds):
            pace = LEAN_PACE
            if begun == number:
                shape_as(network, torch.load(state)[3])
            else:
                weighed = batches(found, random.Random(seed))[:_WEIGHED]
                make_lean(network, (padded(batch, words) for batch in weighed), HEADS, NEURONS)
        training = Training(network, words, number, int(len(batches(found, chance)) * pace.passes), pace)
        if state.is_file():
            training.restore(state)
        training.run(found, chance, state, of)
    field = Crf(*(weight.detach().numpy() for weight in (network.transitions, network.start)))
    tagger = nlp.add_pipe("kgtool_tagger")
    assert isinstance(tagger, TaggerComponent)
    tagger.set_weights(to_onnx(network), pieces.vocabulary, field)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", nargs="+", type=Path, help="annotated records as JSON Lines, a file for each round")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new model")
    parser.add_argument("--vectors", type=Path, default=MODEL, help="a pipeline with floret vectors")
    asked = parser.parse_args()
    state = asked.out.with_name(asked.out.name + ".state")
    try:
        read = [read_records(asked.records[: number + 1]) for number in range(len(asked.records))]
        rounds = [records for records, _ in read]
        held_out = read[0][1]
        drawn = {record.id for record in held_out}
        hard = [record for record in read[-1][1] if record.id not in drawn]
        check(asked.out)
        asked.out.parent.mkdir(parents=True, exist_ok=True)
        nlp = spacy.blank("en")
        nlp.tokenizer = create_tokenizer()(nlp)
        take_vectors(nlp.vocab, asked.vectors)
        train_tagger(nlp, rounds, numbered(asked.records), state)
        train_behind(nlp, rounds[-1], held_out, asked.out, hard)
        state.unlink()
    except (KgtoolError, OSError) as error:
        sys.exit(f"train: {error}")


if __name__ == "__main__":
    main()
