"""From the spans that were recognised in one text to its Mentions: one per entity, with all its surface forms."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from kgtool.extract.abbreviations import Abbreviation
from kgtool.extract.gold import GoldRecord
from kgtool.extract.surfaces import distinct, is_phrase, is_whole, lowered, normalise, occurrences, trim
from kgtool.records import Mention, Span

LabelledSpan = tuple[int, int, str]
"""Start, end and type of one recognised mention."""

Alias = tuple[str, str]


def cluster(
    text: str,
    spans: Iterable[LabelledSpan],
    abbreviations: Sequence[Abbreviation] = (),
    aliases: Callable[[str, Sequence[Mention]], Iterable[tuple[int, int]]] | None = None,
) -> tuple[Mention, ...]:
    """Group recognised spans into one Mention per entity, in order of their first occurrence.

    A surface found once is an entity wherever it stands as whole words, unless inside a longer one; so is the other
    form of an abbreviation. Surfaces of one normal form, or joined by an abbreviation, are one entity; `aliases` may
    join more: it gives pairs of positions. An entity has the type of most of its spans, then the title's, then the
    first's. Roles are ``mentions`` and confidences 1 until later stages set them.
    """
    recognised = _trimmed(text, spans)
    if not recognised:
        return ()
    recognised, joined = _with_other_forms(text, recognised, abbreviations)
    places = _everywhere(text, recognised)
    keys = _expanding(joined)
    groups: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for start, end in places:
        groups[keys(text[start:end])].append((start, end))
    types = {(start, end): type_ for start, end, type_ in recognised}
    by_key: dict[str, list[str]] = defaultdict(list)
    for (start, end), type_ in types.items():
        by_key[keys(text[start:end])].append(type_)
    title_end = text.find("\n")
    mentions = []
    for key, group in groups.items():
        in_title = [types[span] for span in group if span in types and span[1] <= title_end]
        mentions.append(mention_of(text, _majority(by_key[key], in_title), group))
    mentions.sort(key=lambda mention: (mention.spans[0].start, -mention.spans[0].end))
    return merged(text, mentions, aliases(text, mentions)) if aliases else tuple(mentions)


def with_probabilities(
    text: str, mentions: Iterable[Mention], recognised: Iterable[tuple[int, int, float]]
) -> tuple[Mention, ...]:
    """The Mentions whose spans have the probability by which they were recognised there, 0 where they were not."""
    known = {trim(text, start, end): probability for start, end, probability in recognised}
    return tuple(
        replace(
            mention,
            spans=tuple(replace(span, confidence=known.get((span.start, span.end), 0.0)) for span in mention.spans),
        )
        for mention in mentions
    )


def gold_mentions(record: GoldRecord) -> tuple[Mention, ...]:
    """The entities of an annotated record as Mentions with spans, in the record's order.

    An entity none of whose surfaces stands in the text as whole words has no spans.
    """
    owner: dict[str, int] = {}
    for index, entity in enumerate(record.entities):
        for surface in entity.mentions:
            owner.setdefault(surface, index)
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for start, end in find_all(record.text, owner):
        spans[owner[record.text[start:end]]].append((start, end))
    return tuple(
        replace(mention_of(record.text, entity.type, spans[index]), surfaces=entity.mentions, role=entity.role)
        for index, entity in enumerate(record.entities)
    )


def find_all(text: str, surfaces: Iterable[str]) -> list[tuple[int, int]]:
    """Where the surfaces stand as whole words, a longer one before the shorter ones inside it; by start."""
    taken = bytearray(len(text))
    found = []
    for surface in sorted(set(surfaces), key=lambda item: (-len(item), item)):
        for start, end in occurrences(surface, text):
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                found.append((start, end))
    return sorted(found)


def mention_of(text: str, type_: str, places: Iterable[tuple[int, int]]) -> Mention:
    """A Mention that stands at `places`, its role and confidences still to be set."""
    ordered = sorted(set(places))
    surfaces = distinct(text[start:end] for start, end in ordered)
    return Mention(type_, surfaces, "mentions", 1.0, 1.0, tuple(Span(start, end, 1.0) for start, end in ordered))


def merged(text: str, mentions: Sequence[Mention], pairs: Iterable[tuple[int, int]]) -> tuple[Mention, ...]:
    """The Mentions with those at each pair of positions made one; the type is that of more spans, then the first's."""
    root = list(range(len(mentions)))

    def find(index: int) -> int:
        while root[index] != index:
            index = root[index]
        return index

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        root[high] = low
    groups: dict[int, list[Mention]] = defaultdict(list)
    for index, mention in enumerate(mentions):
        groups[find(index)].append(mention)
    return tuple(
        group[0]
        if len(group) == 1
        else mention_of(
            text,
            _majority([m.type for m in group for _ in m.spans], []),
            ((span.start, span.end) for m in group for span in m.spans),
        )
        for group in groups.values()
    )


def _trimmed(text: str, spans: Iterable[LabelledSpan]) -> list[LabelledSpan]:
    """Spans of hygienic bounds, without overlap: the longer one stays."""
    kept: dict[tuple[int, int], str] = {}
    for start, end, type_ in spans:
        span = trim(text, start, end)
        if span is not None:
            kept.setdefault(span, type_)
    taken = bytearray(len(text))
    result = []
    for (start, end), type_ in sorted(kept.items(), key=lambda item: (item[0][0] - item[0][1], item[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            result.append((start, end, type_))
    return sorted(result)


def _with_other_forms(
    text: str, spans: list[LabelledSpan], abbreviations: Sequence[Abbreviation]
) -> tuple[list[LabelledSpan], list[Alias]]:
    """The spans with those of short and long forms of which only the other was recognised, and the pairs of names.

    Where the long form is part of a recognised span or holds one, up to the same end, that one is the long form.
    """
    types = {(start, end): type_ for start, end, type_ in spans}
    by_name = {normalise(text[start:end]): type_ for start, end, type_ in reversed(spans)}
    owner: list[tuple[int, int] | None] = [None] * len(text)
    for span in types:
        owner[slice(*span)] = [span] * (span[1] - span[0])
    pairs = []
    for pair in abbreviations:
        long = _recognised(pair.long, owner)
        pairs.append((text[slice(*pair.short)], text[slice(*long)]))
        for known, other in ((long, pair.short), (pair.short, long)):
            type_ = types.get(known) or by_name.get(normalise(text[slice(*known)]))
            if type_ and not any(owner[slice(*other)]) and is_whole(text, *other):
                types[other] = type_
                owner[slice(*other)] = [other] * (other[1] - other[0])
    return sorted((start, end, type_) for (start, end), type_ in types.items()), pairs


def _recognised(long: tuple[int, int], owner: Sequence[tuple[int, int] | None]) -> tuple[int, int]:
    """The one recognised span that the long form overlaps and that ends with it or within it, else the long form."""
    touched = {span for span in owner[slice(*long)] if span is not None}
    span = next(iter(touched), long)
    same_end, same_start = span[1] == long[1], span[0] == long[0] and span[1] < long[1]
    return span if len(touched) == 1 and (same_end or same_start) else long


def _everywhere(text: str, spans: Sequence[LabelledSpan]) -> list[tuple[int, int]]:
    """The spans and every other place where their surfaces stand, phrases in any case."""
    taken = bytearray(len(text))
    places = [(start, end) for start, end, _ in spans]
    for start, end in places:
        taken[start:end] = b"\x01" * (end - start)
    lower = lowered(text)
    for surface in sorted({text[start:end] for start, end in places}, key=lambda item: (-len(item), item)):
        fold = is_phrase(surface)
        for start, end in occurrences(lowered(surface) if fold else surface, lower if fold else text):
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                places.append((start, end))
    return sorted(places)


def _expanding(pairs: Sequence[Alias]) -> Callable[[str], str]:
    """The key of a surface: its normal form, in which short forms stand for their long ones."""
    long_of: dict[str, str] = {}
    for short, long in pairs:
        long_of.setdefault(normalise(short), normalise(long))

    def key(surface: str) -> str:
        name = normalise(surface)
        if name in long_of:
            return long_of[name]
        return " ".join(long_of.get(word, word) for word in name.split())

    return key


def _majority(types: Sequence[str], in_title: Sequence[str]) -> str:
    """The most frequent type; of equally frequent ones the title's, then the first."""
    counts = Counter(types)
    best = max(counts.values())
    leading: Iterator[str] = (type_ for type_ in (*in_title, *types) if counts[type_] == best)
    return next(leading)
