"""The stages behind the recogniser as spaCy components: abbreviations, mentions, roles, confidence, relations.

Each is registered and versioned, reads what the ones before it left in ``doc._`` and leaves its own there as plain
lists, so that a Doc can be stored and sent between processes. They also read the words' vectors where a recogniser has
left them in ``doc.tensor``; the last one drops these. Importing this module registers them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import srsly
from spacy.language import Language
from spacy.tokens import Doc

from kgtool.errors import ModelError
from kgtool.extract.abbreviations import Abbreviation, find_abbreviations
from kgtool.extract.aliases import THRESHOLDS, Aliases, fit_aliases
from kgtool.extract.confidence import Confidence, Lexicon, fit_confidence
from kgtool.extract.context import WordVectors
from kgtool.extract.deep import Deep
from kgtool.extract.evaluation import score
from kgtool.extract.gold import GoldRecord, gold_of
from kgtool.extract.linear import Linear
from kgtool.extract.mentions import cluster, gold_mentions, with_probabilities
from kgtool.extract.reading import Reading, read
from kgtool.extract.relations import Relations, calibrate_relations, fit_relations
from kgtool.extract.roles import Roles, calibrate_roles, fit_roles
from kgtool.records import Extraction, Mention, Relation, Span
from kgtool.sentences import sentences

COMPONENTS = (
    "kgtool_abbreviations",
    "kgtool_mentions",
    "kgtool_roles",
    "kgtool_confidence",
    "kgtool_relations",
    "kgtool_cleaner",
)
"""The factories, in the order in which they run behind the recogniser."""

BATCH = 32
"""Texts that are under way together; their words' vectors take about two thirds of a megabyte each."""

MINIMUM, EDGE_MINIMUM = 0.4, 0.3
"""Mentions that are less sure than this are left out, and those whose edge to the paper is less sure than that: of
those measured on held-out papers the best for entities, and then for links."""

_WEIGHTS = "weights.msgpack"

for _name in (
    "kgtool_text",
    "kgtool_sentences",
    "kgtool_probabilities",
    "kgtool_abbreviations",
    "kgtool_mentions",
    "kgtool_relations",
):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)


class _Stored(ABC):
    """Stores what `to_bytes` gives in the component's folder, as spaCy's `Language.to_disk` expects."""

    name: str

    @abstractmethod
    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The weights."""

    @abstractmethod
    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Any:
        """What `to_bytes` gave."""

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the weights into the folder `path`."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _WEIGHTS).write_bytes(self.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Any:
        """Read the weights. Raises ModelError where there are none or they are something else."""
        try:
            return self.from_bytes((Path(path) / _WEIGHTS).read_bytes())
        except OSError as error:
            raise ModelError(f"{path}: the weights of {self.name} cannot be read: {error.strerror}") from error


class AbbreviationsComponent:
    """Leaves the sentences and the abbreviations that the text defines; it has no weights."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc._.kgtool_sentences`` and ``doc._.kgtool_abbreviations``, as lists of offsets."""
        text = _text(doc)
        found = find_abbreviations(text, _sentences(doc, text))
        doc._.kgtool_abbreviations = [[*pair.short, *pair.long] for pair in found]
        return doc


class MentionsComponent(_Stored):
    """Groups ``doc.ents`` into mentions; `aliases` joins more than normal forms and abbreviations do."""

    def __init__(self, name: str, types: Sequence[str]) -> None:
        self.name = name
        self.types = frozenset(types)
        self.aliases: Aliases | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc._.kgtool_mentions``."""
        spans = [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents if ent.label_ in self.types]
        pairs = [Abbreviation((a, b), (c, d)) for a, b, c, d in doc._.kgtool_abbreviations or ()]
        text = _text(doc)
        aliases = partial(self.aliases, words=WordVectors.of_doc(doc)) if self.aliases else None
        mentions = cluster(text, spans, pairs, aliases)
        if (probabilities := doc._.kgtool_probabilities) is not None:
            places = zip(doc.ents, probabilities, strict=True)
            recognised = ((ent.start_char, ent.end_char, probability) for ent, probability in places)
            mentions = with_probabilities(text, mentions, recognised)
        set_mentions(doc, mentions)
        return doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The classifier of pairs and its threshold, if it has one."""
        return b"" if self.aliases is None else _packed(self.aliases.classifier.to_bytes(), self.aliases.threshold)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> MentionsComponent:
        """What `to_bytes` gave."""
        self.aliases = None
        if data:
            classifier, (threshold,) = _unpacked(data)
            self.aliases = Aliases(Deep.from_bytes(classifier), threshold)
        return self


class RolesComponent(_Stored):
    """Gives each mention its role."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.roles: Roles | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Replace ``doc._.kgtool_mentions``. Raises ModelError where it was never trained."""
        set_mentions(doc, _trained(self.roles, self.name)(reading(doc)))
        return doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The classifier."""
        data: bytes = _trained(self.roles, self.name).classifier.to_bytes()
        return data

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> RolesComponent:
        """What `to_bytes` gave."""
        self.roles = Roles(Deep.from_bytes(data))
        return self


class ConfidenceComponent(_Stored):
    """Gives each mention and span its confidence; leaves out the unsure ones.

    These are mentions below `minimum`, and those whose edge to the paper, entity and role, is below `edge_minimum`.
    """

    def __init__(self, name: str, minimum: float, edge_minimum: float) -> None:
        self.name = name
        self.minimum = minimum
        self.edge_minimum = edge_minimum
        self.confidence: Confidence | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Replace ``doc._.kgtool_mentions``. Raises ModelError where it was never trained."""
        mentions = _trained(self.confidence, self.name)(reading(doc))
        set_mentions(doc, filter(self._is_sure, mentions))
        return doc

    def _is_sure(self, mention: Mention) -> bool:
        edge = mention.confidence * mention.role_confidence
        return mention.confidence >= self.minimum and edge >= self.edge_minimum

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The classifiers and the lexicon."""
        data: bytes = _trained(self.confidence, self.name).to_bytes()
        return data

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> ConfidenceComponent:
        """What `to_bytes` gave."""
        self.confidence = Confidence.from_bytes(data)
        return self


class RelationsComponent(_Stored):
    """Finds the relations between the mentions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.relations: Relations | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc._.kgtool_relations``. Raises ModelError where it was never trained."""
        found = _trained(self.relations, self.name)(reading(doc))
        doc._.kgtool_relations = [[r.head, r.name, r.tail, r.start, r.end, r.confidence] for r in found]
        return doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The classifier of pairs and its threshold."""
        own = _trained(self.relations, self.name)
        return _packed(own.classifier.to_bytes(), own.threshold, own.exponent, own.slope, own.shift)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> RelationsComponent:
        """What `to_bytes` gave."""
        classifier, numbers = _unpacked(data)
        self.relations = Relations(Linear.from_bytes(classifier), *numbers)
        return self


class CleanerComponent:
    """Drops the words' vectors, which take more memory than all else that a Doc holds; it has no weights."""

    def __call__(self, doc: Doc) -> Doc:
        """Leave ``doc.tensor`` as a new Doc has it."""
        doc.tensor = np.zeros((0,), np.float32)
        return doc


@Language.factory("kgtool_abbreviations", assigns=["doc._.kgtool_abbreviations"])
def create_abbreviations(nlp: Language, name: str) -> AbbreviationsComponent:
    """The factory of `AbbreviationsComponent`, version 1."""
    return AbbreviationsComponent()


@Language.factory(
    "kgtool_mentions",
    default_config={"types": ["Method", "Dataset", "Task"]},
    requires=["doc.ents"],
    assigns=["doc._.kgtool_mentions"],
)
def create_mentions(nlp: Language, name: str, types: list[str]) -> MentionsComponent:
    """The factory of `MentionsComponent`; entities of other types than `types` are passed over."""
    return MentionsComponent(name, types)


@Language.factory("kgtool_roles", requires=["doc._.kgtool_mentions"], assigns=["doc._.kgtool_mentions"])
def create_roles(nlp: Language, name: str) -> RolesComponent:
    """The factory of `RolesComponent`."""
    return RolesComponent(name)


@Language.factory(
    "kgtool_confidence",
    default_config={"minimum": 0.0, "edge_minimum": 0.0},
    requires=["doc._.kgtool_mentions"],
    assigns=["doc._.kgtool_mentions"],
)
def create_confidence(nlp: Language, name: str, minimum: float, edge_minimum: float) -> ConfidenceComponent:
    """The factory of `ConfidenceComponent`."""
    return ConfidenceComponent(name, minimum, edge_minimum)


@Language.factory("kgtool_relations", requires=["doc._.kgtool_mentions"], assigns=["doc._.kgtool_relations"])
def create_relations(nlp: Language, name: str) -> RelationsComponent:
    """The factory of `RelationsComponent`."""
    return RelationsComponent(name)


@Language.factory("kgtool_cleaner", assigns=["doc.tensor"])
def create_cleaner(nlp: Language, name: str) -> CleanerComponent:
    """The factory of `CleanerComponent`."""
    return CleanerComponent()


def mentions(doc: Doc) -> tuple[Mention, ...]:
    """The mentions that the pipeline has left in the Doc so far."""
    return tuple(
        Mention(type_, tuple(surfaces), role, confidence, role_confidence, tuple(Span(*span) for span in spans))
        for type_, surfaces, role, confidence, role_confidence, spans in doc._.kgtool_mentions or ()
    )


def set_mentions(doc: Doc, found: Iterable[Mention]) -> None:
    """Leave mentions in the Doc, as plain lists."""
    doc._.kgtool_mentions = [
        [
            m.type,
            list(m.surfaces),
            m.role,
            m.confidence,
            m.role_confidence,
            [[span.start, span.end, span.confidence] for span in m.spans],
        ]
        for m in found
    ]


def extraction(doc: Doc) -> Extraction:
    """All that the pipeline found in the Doc."""
    text = _text(doc)
    relations = tuple(
        Relation(head, name, tail, text[start:end], start, end, confidence)
        for head, name, tail, start, end, confidence in doc._.kgtool_relations or ()
    )
    return Extraction(mentions(doc), relations)


def reading(doc: Doc) -> Reading:
    """The Doc as the classifiers read it."""
    text = _text(doc)
    return read(text, _sentences(doc, text), mentions(doc), WordVectors.of_doc(doc))


def train_components(
    nlp: Language,
    records: Sequence[GoldRecord],
    held_out: Sequence[GoldRecord],
    hard: Sequence[GoldRecord] = (),
    *,
    seed: int = 7,
) -> None:
    """Add the trained components behind a pipeline's recogniser.

    `records` are those that it was trained on too, `held_out` annotated ones that it hasn't seen: confidences and
    thresholds are fitted there, those of mentions and relations to what the pipeline finds. `hard` are unseen ones too
    that were chosen for being hard, so that nothing is as sure there as elsewhere: only what joins names heeds them.
    """
    known = _with_words(records, nlp.pipe((record.text for record in records), batch_size=BATCH))
    records, words = [record for record, _ in known], [own for _, own in known]
    nlp.add_pipe("kgtool_abbreviations")
    grouping = _add(nlp, MentionsComponent, "kgtool_mentions")
    grouping.aliases = fit_aliases(records, words, seed=seed)
    docs = list(nlp.pipe((record.text for record in (*held_out, *hard)), batch_size=BATCH))
    if not any(doc.ents for doc in docs):
        raise ModelError("the recogniser finds nothing in the held-out records: train it longer, or on more records")
    deciding = _add(nlp, RolesComponent, "kgtool_roles")
    unseen = _with_words(held_out, docs[: len(held_out)])
    deciding.roles = calibrate_roles(fit_roles(records, words, seed=seed), unseen)
    sieve = _add(nlp, ConfidenceComponent, "kgtool_confidence", minimum=MINIMUM, edge_minimum=EDGE_MINIMUM)
    sure = settle((grouping, deciding, sieve), docs, held_out, hard, Lexicon.of(records), seed)
    relations = fit_relations(records, words, seed=seed)
    _add(nlp, RelationsComponent, "kgtool_relations").relations = calibrate_relations(relations, sure, held_out)
    nlp.add_pipe("kgtool_cleaner")


def settle(
    stages: tuple[MentionsComponent, RolesComponent, ConfidenceComponent],
    docs: Sequence[Doc],
    gold: Sequence[GoldRecord],
    hard: Sequence[GoldRecord],
    lexicon: Lexicon,
    seed: int,
) -> list[Reading]:
    """Set the probability from which names are joined, and the confidences that follow; gives what is then sure.

    It is the one with the best sum of entity, link and alias F1. `docs` are papers that no stage has learned from, as
    the recogniser left them, parallel to `gold` and, behind it, `hard`; confidences are fitted to `gold` alone, of
    which the readings are given.
    """
    grouping, deciding, sieve = stages
    assert grouping.aliases is not None
    both = [*gold, *hard]
    tried = []
    for threshold in THRESHOLDS:
        grouping.aliases = replace(grouping.aliases, threshold=threshold)
        found = [reading(deciding(grouping(doc))) for doc in docs]
        sieve.confidence = fit_confidence(found[: len(gold)], gold, lexicon, seed=seed)
        kept = [extraction(sieve(doc)) for doc in docs]
        figures = score(both, [gold_of(record.id, "", "", one) for record, one in zip(both, kept, strict=True)])
        quality = sum(figures[name].f1 for name in ("entity", "link", "alias"))
        tried.append((quality, grouping.aliases, sieve.confidence, [reading(doc) for doc in docs[: len(gold)]]))
    _, grouping.aliases, sieve.confidence, sure = max(tried, key=lambda one: one[0])
    return sure


def _with_words(records: Sequence[GoldRecord], docs: Iterable[Doc]) -> list[tuple[GoldRecord, WordVectors | None]]:
    """The records with the vectors of their mentions' words; if any has some, without those that have none.

    `docs` are parallel to `records`, as the recogniser left them.
    """
    found: list[tuple[GoldRecord, WordVectors | None]] = []
    for record, doc in zip(records, docs, strict=True):
        words = WordVectors.of_doc(doc)
        places = ((span.start, span.end) for mention in gold_mentions(record) for span in mention.spans)
        found.append((record, words.within(places) if words else None))
    return [pair for pair in found if pair[1]] or found


def _add(nlp: Language, kind: type[Any], name: str, **config: Any) -> Any:
    component = nlp.add_pipe(name, config=config)
    assert isinstance(component, kind)
    return component


def _text(doc: Doc) -> str:
    """The Doc's text, put together from its tokens once."""
    if doc._.kgtool_text is None:
        doc._.kgtool_text = doc.text
    text: str = doc._.kgtool_text
    return text


def _sentences(doc: Doc, text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of the text, found once for each Doc."""
    if doc._.kgtool_sentences is None:
        doc._.kgtool_sentences = [list(span) for span in sentences(text)]
    return tuple((start, end) for start, end in doc._.kgtool_sentences)


def _trained(weights: Any, name: str) -> Any:
    if weights is None:
        raise ModelError(f"{name} has no weights: it must be trained, or loaded with a model")
    return weights


def _packed(classifier: bytes, *numbers: float) -> bytes:
    data: bytes = srsly.msgpack_dumps({"classifier": classifier, "numbers": list(numbers)})
    return data


def _unpacked(data: bytes) -> tuple[bytes, list[float]]:
    try:
        read_ = srsly.msgpack_loads(data)
        return read_["classifier"], [float(number) for number in read_["numbers"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the weights of a component cannot be read: {error}") from error
