"""Which of a paper's mentions are one entity under names that no abbreviation joins: a classifier over pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from kgtool.extract.abbreviations import find_abbreviations
from kgtool.extract.context import Vectors, WordVectors
from kgtool.extract.deep import Deep, fit_deep
from kgtool.extract.gold import GoldRecord
from kgtool.extract.mentions import cluster, gold_mentions
from kgtool.extract.surfaces import normalise
from kgtool.records import Mention
from kgtool.sentences import sentences

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_STEM = 5
_MOST_MENTIONS = 60
_NEAR = 25
THRESHOLDS = tuple(step / 20 for step in range(6, 17))


@dataclass(frozen=True, slots=True)
class Aliases:
    """Pairs of mentions that are one entity; `threshold` is the probability from which they are."""

    classifier: Deep
    threshold: float

    def __call__(
        self, text: str, mentions: Sequence[Mention], words: WordVectors | None = None
    ) -> list[tuple[int, int]]:
        """Pairs of positions in `mentions` to be joined.

        Groups grow by average linkage: two are joined where the mean probability between their members is at least
        the threshold, so that one chance likeness doesn't chain two entities together.
        """
        pairs = list(candidates(text, mentions))
        yes = self.classifier.labels.index("same")
        vectors = words.of(mentions) if words and pairs else None
        places = np.array([(one, other) for one, other, _ in pairs], np.int64).reshape(-1, 2)
        sure = self.classifier.probabilities([row for _, _, row in pairs], vectors, places)[:, yes]
        likely = {(one, other): float(p) for p, (one, other, _) in zip(sure, pairs, strict=True)}
        groups = {index: [index] for index in range(len(mentions))}
        joined = []
        for (one, other), probability in sorted(likely.items(), key=lambda item: (-item[1], item[0])):
            if probability < self.threshold:
                break
            left, right = groups[one], groups[other]
            between = [likely.get((min(a, b), max(a, b)), 0.0) for a in left for b in right]
            if left is not right and sum(between) / len(between) >= self.threshold:
                joined.append((one, other))
                left.extend(right)
                for index in right:
                    groups[index] = left
        return joined


@dataclass(frozen=True, slots=True)
class _Names:
    """What is compared of one mention."""

    words: frozenset[str]
    stems: frozenset[str]
    heads: frozenset[str]
    initials: frozenset[str]
    shorts: frozenset[str]
    grams: frozenset[str]
    title: bool
    shape: str


def candidates(text: str, mentions: Sequence[Mention]) -> Iterator[tuple[int, int, list[str]]]:
    """Pairs of positions of mentions that have anything in common, each with its features."""
    title_end = text.find("\n")
    names = [_names(mention, title_end) for mention in mentions[:_MOST_MENTIONS]]
    partners: list[list[tuple[float, int]]] = [[] for _ in names]
    pairs = []
    for one, first in enumerate(names):
        for other in range(one + 1, len(names)):
            second = names[other]
            if mentions[one].type != mentions[other].type:
                continue
            common = first.stems & second.stems
            initials = _initials_match(first, second)
            near = _between(text, mentions[one], mentions[other])
            grams = len(first.grams & second.grams) / (len(first.grams | second.grams) or 1)
            if common or initials or grams > 0.2 or near is not None:
                weight = len(common) / len(first.stems | second.stems) + (initials is not None) + grams
                partners[one].append((weight, other))
                partners[other].append((weight, one))
                pairs.append((one, other, initials, near, weight, grams))
    for one, other, initials, near, weight, grams in pairs:
        row = _features(names[one], names[other], mentions[one].type, initials, near, grams)
        best = (max(partners[one])[0] <= weight) + (max(partners[other])[0] <= weight)
        row.append(f"closest={best}")
        row.append(f"closest={best}&{row[1]}")
        yield one, other, row


def fit_aliases(
    records: Sequence[GoldRecord], words: Sequence[WordVectors | None] | None = None, *, seed: int = 7
) -> Aliases:
    """Learn from annotated records which mentions are one entity; `words` are the vectors of the records' words.

    The threshold is still to be set: `THRESHOLDS` are those to be tried.
    """
    rows: list[list[str]] = []
    labels: list[str] = []
    groups: list[int] = []
    vectors: list[Vectors] = []
    places: list[tuple[int, int]] = []
    begin = 0
    for number, (record, own) in enumerate(zip(records, words or [None] * len(records), strict=True)):
        owner = {span: index for index, span in _owners(record)}
        clusters = regroup(record)
        owners = [{owner.get((span.start, span.end), -1) for span in mention.spans} for mention in clusters]
        for one, other, row in candidates(record.text, clusters):
            rows.append(row)
            labels.append("same" if owners[one] & owners[other] - {-1} else "other")
            groups.append(number)
            places.append((begin + one, begin + other))
        if own:
            vectors.append(own.of(clusters))
        begin += len(clusters)
    found = np.concatenate(vectors) if vectors else None
    of_pairs = np.array(places, np.int64).reshape(-1, 2)
    return Aliases(fit_deep(rows, labels, groups, found, of_pairs, also=("other", "same"), seed=seed), 0.5)


def regroup(record: GoldRecord) -> tuple[Mention, ...]:
    """The annotated spans of a record, grouped anew as if they had just been recognised, with nothing joined."""
    spans = [(*span, record.entities[index].type) for index, span in _owners(record)]
    return cluster(record.text, spans, find_abbreviations(record.text, sentences(record.text)))


def _owners(record: GoldRecord) -> Iterator[tuple[int, tuple[int, int]]]:
    for index, mention in enumerate(gold_mentions(record)):
        for span in mention.spans:
            yield index, (span.start, span.end)


def _names(mention: Mention, title_end: int) -> _Names:
    words: set[str] = set()
    heads: set[str] = set()
    initials: set[str] = set()
    shorts: set[str] = set()
    grams: set[str] = set()
    for surface in mention.surfaces[:8]:
        name = normalise(surface)
        own = name.split()
        words.update(own)
        heads.update(own[-1:])
        padded = f" {name} "
        grams.update(padded[i : i + 3] for i in range(min(len(padded) - 2, 80)))
        parts = _PART.findall(surface)
        if len(parts) > 1:
            initials.add("".join(part[0] for part in parts).lower())
            initials.add("".join(part[0] for part in parts if not (part.islower() and len(part) < 4)).lower())
            initials.add("".join(part if part.isupper() else part[0] for part in parts).lower())
        if " " not in surface and any(char.isupper() for char in surface):
            shorts.add("".join(char for char in surface if char.isupper()).lower())
            shorts.add("".join(char for char in surface if char.isalnum()).lower().removesuffix("s"))
    shorts = {short for short in shorts if len(short) > 1}
    first = mention.surfaces[0]
    shape = "short" if shorts else "upper" if first[:1].isupper() else "lower"
    stems = frozenset(word[:_STEM] for word in words)
    title = mention.spans[0].start < title_end
    return _Names(
        frozenset(words),
        stems,
        frozenset(heads),
        frozenset(initials),
        frozenset(shorts),
        frozenset(grams),
        title,
        shape,
    )


def _initials_match(first: _Names, second: _Names) -> str | None:
    for short, long in ((first.shorts, second.initials), (second.shorts, first.initials)):
        if short & long:
            return "equal"
    for short, long in ((first.shorts, second.initials), (second.shorts, first.initials)):
        for one in short:
            if len(one) > 2 and any(name.startswith(one) or one.startswith(name) for name in long if len(name) > 2):
                return "begin"
    return None


def _between(text: str, one: Mention, other: Mention) -> str | None:
    """What stands between two occurrences side by side, where that is short."""
    for first in one.spans[:6]:
        for second in other.spans[:6]:
            left, right = (first, second) if first.start < second.start else (second, first)
            if 0 <= right.start - left.end <= _NEAR:
                return " ".join(re.findall(r"\w+|[^\w\s]", text[left.end : right.start].lower()))
    return None


def _features(
    first: _Names, second: _Names, type_: str, initials: str | None, near: str | None, grams: float
) -> list[str]:
    common = first.stems & second.stems
    union = first.stems | second.stems
    share = f"share={4 * len(common) // (len(union) or 1)}"
    smaller = min(len(first.stems), len(second.stems))
    inside = len(common) == smaller
    same_head = bool({h[:_STEM] for h in first.heads} & {h[:_STEM] for h in second.heads})
    row = [
        f"type={type_}",
        f"initials={initials}",
        share,
        f"{share}&inside={inside}&head={same_head}&{type_}",
        f"inside={inside}&head={same_head}&words={min(smaller, 3)}",
        f"grams={int(8 * grams)}",
        f"grams={int(8 * grams)}&head={same_head}",
        f"title={first.title}{second.title}",
        f"title={first.title}{second.title}&head={same_head}&inside={inside}",
        f"shapes={'-'.join(sorted((first.shape, second.shape)))}",
        f"shapes={'-'.join(sorted((first.shape, second.shape)))}&{share}&inside={inside}",
        f"near={near}" if near is not None else "apart",
        f"near={near is not None}&{share}",
    ]
    row.extend(f"alone:{word}" for word in (first.words ^ second.words) if word[:_STEM] not in common)
    if inside:
        row.extend(f"extra:{word}" for word in (first.words ^ second.words) if word[:_STEM] not in common)
    row.extend(f"both:{word}" for word in first.words & second.words)
    return row
