"""One entity: the mentions of all papers that are one thing, under whatever surface forms.

What joins, in this order: forms with one key (`kgtool.resolve.forms`); a name and that name with an empty head
(`ImageNet dataset`); an abbreviation and its long form, where the corpus agrees on it; phrases in which one of these
stands for the other (`LLM agents`). All of it is decided by counts over papers before anything is joined, so no order
matters, and one paper's wrong cluster joins nothing: a mention goes to the entity that most of its occurrences name.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kgtool import ids
from kgtool.records import Extraction, Mention, Paper
from kgtool.resolve.abbreviations import Abbreviations, UnionFind
from kgtool.resolve.authors import distinct_ids, most_frequent
from kgtool.resolve.coinage import Coined, split_homonyms
from kgtool.resolve.forms import Form, form, key_of, ordinary
from kgtool.resolve.strays import is_name

_FOLDED = 0.3
"""A type that holds a smaller share of a name's papers is folded into the name's main type (DESIGN, One entity)."""
_FEW_CAPITALS = 0.1
"""A name in capitals is told from its word once the word stands in a tenth as many papers as the name and its like."""
_STRAY = 0.5
"""A form that only a cluster ties to an entity is its alias where more than this share of its papers have it."""
_AGREED = 3
"""An abbreviation is spelt out inside longer phrases if so many papers expand it."""
_HEADS = {
    "Dataset": frozenset({"dataset", "benchmark", "corpus", "database", "collection"}),
    "Method": frozenset({"model"}),
}
"""The empty heads that a name of each type may have behind it …"""
_HEADS_OF_PHRASES = {
    "Method": frozenset({"algorithm", "method", "mechanism"}),
    "Task": frozenset({"problem", "task"}),
}
"""… and those that any phrase may have, where one without it is known."""
_ACTIVITIES = ("ing", "ion", "ence")
_DIRECTIONS = frozenset({"to", "for", "from", "of", "in", "on", "by", "with", "driven", "guided", "based"})
"""Words whose two sides may not change places."""
_NUMBERED = re.compile(r"\d\w*")
_WORD = re.compile(r"(?<!\w)[a-z]{2,}(?!\w)")


@dataclass(frozen=True, slots=True)
class ResolvedEntity:
    """One entity: its type, its name, its other surface forms, sorted, and how many papers mention it."""

    id: str
    type: str
    name: str
    aliases: tuple[str, ...]
    papers: int


@dataclass(frozen=True, slots=True)
class ResolvedEntities:
    """The entities by id; `of_paper` gives for each mention of each paper its entity's position, or None."""

    entities: tuple[ResolvedEntity, ...]
    of_paper: tuple[tuple[int | None, ...], ...]


class _Names:
    """The surface forms of a corpus and their keys, as integers in the order of the keys as text."""

    def __init__(self, texts: Sequence[str], extractions: Sequence[Extraction]) -> None:
        papers: Counter[str] = Counter()
        typed: Counter[tuple[str, str]] = Counter()
        for extraction in extractions:
            papers.update({surface for mention in extraction.mentions for surface in mention.surfaces})
            typed.update((surface, mention.type) for mention in extraction.mentions for surface in mention.surfaces)
        surfaces = sorted(papers)
        forms = [form(surface) for surface in surfaces]
        cases: dict[str, Counter[str]] = defaultdict(Counter)
        for surface, one in zip(surfaces, forms, strict=True):
            if one.case:
                cases[one.key][one.case] += papers[surface]
        proper = _proper_names(cases, texts, extractions)
        coined = _coined_otherwise(cases, dict(zip(surfaces, forms, strict=True)), extractions)
        keys = [_marked(one, proper, coined) for one in forms]
        self.texts = sorted({key for key in keys if key})
        number = {text: i for i, text in enumerate(self.texts)}
        self.key = {surface: number[key] for surface, key in zip(surfaces, keys, strict=True) if key}
        self.number: Mapping[str, int] = number
        size = len(self.texts)
        self.letters = [""] * size
        self.papers = [0] * size
        self.named = [False] * size
        self.capital = [False] * size
        self.plain = [False] * size
        splits: Counter[tuple[int, tuple[str, ...]]] = Counter()
        for surface, one in zip(surfaces, forms, strict=True):
            if surface in self.key:
                key = self.key[surface]
                splits[key, one.words] += papers[surface]
                self.letters[key] = max(self.letters[key], one.abbreviation)
                self.papers[key] += papers[surface]
                self.named[key] |= one.named
                self.capital[key] |= one.capital
                self.plain[key] |= surface.islower() or _NUMBERED.sub("", surface).islower()
        self.words: list[tuple[str, ...]] = [()] * size
        for key, words in sorted(splits, key=lambda split: (-splits[split], split), reverse=True):
            self.words[key] = words
        self.type = [""] * size
        types: Counter[tuple[int, str]] = Counter()
        for (surface, type_), count in typed.items():
            if surface in self.key:
                types[self.key[surface], type_] += count
        for key, type_ in sorted(types, key=lambda pair: (-types[pair], pair), reverse=True):
            self.type[key] = type_


def resolve_entities(
    papers: Sequence[Paper], texts: Sequence[str], extractions: Sequence[Extraction]
) -> ResolvedEntities:
    """The entities that the papers mention; `texts` are the papers' texts, and parallel, as `extractions` are."""
    names = _Names(texts, extractions)
    sets = UnionFind(len(names.texts))
    shortened = Abbreviations(names.words, names.letters)
    for extraction in extractions:
        shortened.add_paper(
            frozenset(names.key[surface] for surface in mention.surfaces if surface in names.key)
            for mention in extraction.mentions
        )
    _join_heads(names, shortened, sets)
    _join_orders(names, sets)
    senses = shortened.join(sets)
    _join_phrases(names, shortened, senses.certain, sets)
    senses = shortened.join(sets)  # now that `multimodal LLM` is no other sense of `MLLM` than its long form
    least: dict[int, int] = {}
    for key in range(len(names.texts)):
        least.setdefault(sets.find(key), key)
    roots = [least[sets.find(key)] for key in range(len(names.texts))]
    linking = _Linking(names, roots, shortened, senses.expansions)
    linked = [linking.link(text, extraction) for text, extraction in zip(texts, extractions, strict=True)]
    chosen, coined = split_homonyms(papers, extractions, linked, len(names.texts))
    return _collect(names, roots, senses.expansions, extractions, chosen, coined)


def _proper_names(
    cases: Mapping[str, Counter[str]], texts: Sequence[str], extractions: Sequence[Extraction]
) -> frozenset[str]:
    """The keys whose all-capital form is another thing than the word in lower case (`SAM`, `MATH`).

    The word has to stand in the texts outside the mentions, or be a mention itself and look like a word. A form with
    capitals inside (`LoRA`) says that there is no such word. `cases` gives by key how many papers have each case.
    """
    candidates = {key for key, found in cases.items() if found["caps"] and (found["lower"] or found["title"])}
    plain: Counter[str] = Counter()
    if candidates:
        for text, extraction in zip(texts, extractions, strict=True):
            found = {match.start(): match[0] for match in _WORD.finditer(text) if match[0] in candidates}
            starts = sorted(found)
            for mention in extraction.mentions if found else ():
                for span in mention.spans:
                    for start in starts[bisect_left(starts, span.start) : bisect_left(starts, span.end)]:
                        found.pop(start, None)
            plain.update(set(found.values()))
    return frozenset(
        key
        for key in candidates
        if not (cases[key]["mixed"] and not plain[key])
        and plain[key] + (cases[key]["lower"] if ordinary(key) else 0)
        >= max(1, _FEW_CAPITALS * sum(cases[key][case] for case in ("caps", "mixed", "title")))
    )


def _coined_otherwise(
    cases: Mapping[str, Counter[str]], forms: Mapping[str, Form], extractions: Sequence[Extraction]
) -> frozenset[str]:
    """The keys whose form with capitals inside is another name than the one in capitals (`MiraGe`, `MIRAGE`).

    It is, where no mention holds both, and most papers write the capitals: what most write with capitals inside
    (`LoRA`) or as a word (`Llama`), some write otherwise; what most write in capitals, hardly anyone.
    """
    apart = {key for key, found in cases.items() if 0 < found["mixed"] <= found["caps"] >= found["title"]}
    for extraction in extractions:
        for mention in extraction.mentions:
            written = {(one.key, one.case) for one in map(forms.__getitem__, mention.surfaces)}
            apart.difference_update(key for key, case in written if case == "mixed" and (key, "caps") in written)
    return frozenset(apart)


def _marked(one: Form, proper: frozenset[str], coined: frozenset[str]) -> str:
    """The form's key, marked where another name has the same letters."""
    if one.case == "mixed" and one.key in coined:
        return f"{one.key}\N{SUPERSCRIPT TWO}"
    return f"{one.key}\N{SUPERSCRIPT ONE}" if one.case in ("caps", "mixed") and one.key in proper else one.key


def _join_heads(names: _Names, shortened: Abbreviations, sets: UnionFind) -> None:
    """Join `ImageNet dataset` to `ImageNet`, if the corpus knows that name as one of the same type."""
    for key, words in enumerate(names.words):
        if len(words) < 2:
            continue
        type_ = names.type[key]
        rest = words[:-2] if words[-2:] == ("data", "set") and type_ == "Dataset" else words[:-1]
        head = "dataset" if rest != words[:-1] else words[-1]
        written_as_name = names.named[key] or (type_ == "Dataset" and names.capital[key])
        if not rest or not (
            (head in _HEADS.get(type_, ()) and written_as_name)
            or (head in _HEADS_OF_PHRASES.get(type_, ()) and len(rest) > 1)
        ):
            continue
        bare = key_of(rest)
        for text in (bare, f"{bare}\N{SUPERSCRIPT ONE}"):
            name = names.number.get(text)
            if name is not None and names.type[name] == type_ and not _is_activity(names, shortened, name):
                sets.join(name, key)


def _join_orders(names: _Names, sets: UnionFind) -> None:
    """Join phrases of one type whose modifiers change places (`3D large models`, `large 3D models`).

    Not those about what is done (`graph knowledge distillation`, `text-image generation`). Of names only the one number
    moves behind the first word (`Claude 4 Opus`, `Claude Opus 4`).
    """
    first: dict[tuple[str, str, tuple[str, ...]], int] = {}
    for key, words in enumerate(names.words):
        if len(words) < 3 or not _DIRECTIONS.isdisjoint(words):
            continue
        if names.plain[key] and not words[-1].endswith((*_ACTIVITIES, "sis")):
            same = (names.type[key], words[-1], tuple(sorted(words[:-1])))
        elif names.capital[key] and sum(word[0].isdigit() for word in words[1:]) == 1:
            same = (names.type[key], words[0], (*(word for word in words if not word[0].isdigit()), *_numbers(words)))
        else:
            continue
        sets.join(first.setdefault(same, key), key)


def _numbers(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word[0].isdigit())


def _is_activity(names: _Names, shortened: Abbreviations, name: int) -> bool:
    """Whether an abbreviation stands for what is done and not for what does it (`ML`): its models are no synonym."""
    longs = shortened.expanded.get(name)
    if not longs:
        return False
    long = min(longs, key=lambda long: (-longs[long], long))
    return names.words[long][-1].endswith(_ACTIVITIES)


def _main_type(types: Mapping[str, int]) -> str:
    return min(types, key=lambda type_: (-types[type_], type_))


def _join_phrases(names: _Names, shortened: Abbreviations, certain: frozenset[int], sets: UnionFind) -> None:
    """Join phrases that differ in one well-known abbreviation and its long form, where the corpus has both."""
    spelt: dict[str, tuple[str, ...]] = {}
    for short in sorted(certain):
        longs = shortened.expanded[short]
        long = min(longs, key=lambda long: (-longs[long], long))
        if len(names.words[short]) == 1 and longs[long] >= _AGREED:
            spelt[names.words[short][0]] = names.words[long]
    for key, words in enumerate(names.words):
        for place, word in enumerate(words) if len(words) > 1 else ():
            if word in spelt:
                other = names.number.get(key_of((*words[:place], *spelt[word], *words[place + 1 :])))
                if other is not None:
                    sets.join(other, key)


class _Linking:
    """Which entity each mention of a paper is."""

    def __init__(
        self, names: _Names, roots: Sequence[int], shortened: Abbreviations, expansions: Mapping[int, frozenset[int]]
    ) -> None:
        self._names = names
        self._roots = roots
        self._shortened = shortened
        self._expansions = expansions
        self._weight: Counter[int] = Counter()
        for key, root in enumerate(roots):
            self._weight[root] += names.papers[key]

    def link(self, text: str, extraction: Extraction) -> tuple[int | None, ...]:
        """The root of each mention, None for those without a name."""
        votes = [self._votes(text, mention) for mention in extraction.mentions]
        linked = [self._winner(found) for found in votes]
        present = {root for root in linked if root is not None}
        here = [self._long_form_here(found, present) for found in votes]
        return tuple(root if other is None else other for other, root in zip(here, linked, strict=True))

    def _votes(self, text: str, mention: Mention) -> Mapping[int, int]:
        """Occurrences by key, without abbreviations whose long form is there as well: that one decides."""
        keys = {self._names.key[surface] for surface in mention.surfaces if surface in self._names.key}
        if len(keys) < 2:
            return dict.fromkeys(keys, 1)
        found: Counter[int] = Counter()
        for span in mention.spans:
            surface = text[span.start : span.end]
            if surface in self._names.key and surface in mention.surfaces:
                found[self._names.key[surface]] += 1
        for key in keys - found.keys():
            found[key] = 1
        for short in sorted(key for key in keys if self._names.letters[key]):
            longs = [long for long in found if self._shortened.stands_for(short, long)]
            if longs:
                found[min(longs)] += found.pop(short)
        return found

    def _winner(self, found: Mapping[int, int]) -> int | None:
        if len(found) == 1:
            return self._roots[next(iter(found))]
        votes: Counter[int] = Counter()
        for key, count in found.items():
            votes[self._roots[key]] += count
        return min(votes, key=lambda root: (-votes[root], -self._weight[root], root), default=None)

    def _long_form_here(self, found: Mapping[int, int], present: set[int]) -> int | None:
        """The one expansion of an abbreviation, standing alone in its mention, that the paper mentions elsewhere."""
        if len(found) != 1:
            return None
        (short,) = found
        if short not in self._expansions:
            return None
        fitting = {self._roots[long] for long in self._expansions[short]} & present
        return fitting.pop() if len(fitting) == 1 else None


def _collect(
    names: _Names,
    roots: Sequence[int],
    expansions: Mapping[int, frozenset[int]],
    extractions: Sequence[Extraction],
    chosen: Sequence[tuple[int | None, ...]],
    coined: Mapping[int, Coined],
) -> ResolvedEntities:
    """Entities from the mentions that were linked to each root: types, names, aliases, ids."""
    types: dict[int, Counter[str]] = defaultdict(Counter)
    for extraction, linked in zip(extractions, chosen, strict=True):
        for entity, type_ in {(r, m.type) for r, m in zip(linked, extraction.mentions, strict=True) if r is not None}:
            types[entity][type_] += 1
    kept = {root: _folding(found) for root, found in types.items()}
    used: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    papers: Counter[tuple[int, str]] = Counter()
    for extraction, linked in zip(extractions, chosen, strict=True):
        forms: set[tuple[int, str, str]] = set()
        for root, mention in zip(linked, extraction.mentions, strict=True):
            if root is not None:
                forms.update((root, kept[root][mention.type], s) for s in mention.surfaces if s in names.key)
        for entity, type_, surface in forms:
            used[entity, type_][surface] += 1
        papers.update({(entity, type_) for entity, type_, _ in forms})
    homes = _homes(names, roots, used, frozenset(types) | {one.root for one in coined.values()})
    wanted: dict[str, tuple[str, int]] = {}
    made: dict[str, tuple[tuple[int, str], str, tuple[str, ...]]] = {}
    for (root, type_), found in used.items():
        origin = coined[root].root if root in coined else root
        own = {s: n for s, n in found.items() if roots[names.key[s]] == origin}
        others = {
            s: n
            for s, n in found.items()
            if s not in own
            and (
                origin in {roots[long] for long in expansions.get(names.key[s], ())}
                or (
                    homes.get(roots[names.key[s]]) == root
                    and n > _STRAY * papers[root, type_]
                    and is_name(s, sorted(own))
                )
            )
        }
        name = most_frequent(own or others or found)
        aliases = tuple(sorted((own.keys() | others.keys()) - {name}))
        key = f"{type_} {names.texts[origin]}" + (f" {coined[root].paper}" if root in coined else "")
        made[key] = ((root, type_), name, aliases)
        wanted[key] = (ids.entity_id(type_, name), papers[root, type_])
    given = distinct_ids(wanted)
    order = sorted(made, key=lambda key: given[key])
    position = {made[key][0]: i for i, key in enumerate(order)}
    return ResolvedEntities(
        tuple(ResolvedEntity(given[key], made[key][0][1], *made[key][1:], papers[made[key][0]]) for key in order),
        tuple(
            tuple(
                None if root is None else position[root, kept[root][mention.type]]
                for root, mention in zip(linked, extraction.mentions, strict=True)
            )
            for extraction, linked in zip(extractions, chosen, strict=True)
        ),
    )


def _folding(types: Mapping[str, int]) -> dict[str, str]:
    """Each type of a name to the one that it has in the graph."""
    total = sum(types.values())
    main = _main_type(types)
    return {type_: type_ if count >= _FOLDED * total else main for type_, count in types.items()}


def _homes(
    names: _Names,
    roots: Sequence[int],
    used: Mapping[tuple[int, str], Mapping[str, int]],
    entities: frozenset[int],
) -> dict[int, int]:
    """For roots that no mention was linked to: the entity whose mentions hold them in the most papers."""
    strays: dict[int, Counter[int]] = defaultdict(Counter)
    for (root, _), found in used.items():
        for surface, papers in found.items():
            stray = roots[names.key[surface]]
            if stray not in entities:
                strays[stray][root] += papers
    return {stray: min(found, key=lambda root: (-found[root], root)) for stray, found in strays.items()}
