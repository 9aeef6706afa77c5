"""The stages behind the recogniser as spaCy components: abbreviations, mentions, roles, confidence, relations.

Each is registered and versioned, reads what the ones before it left in ``doc._`` and leaves its own there as plain
lists, so that a Doc can be stored and sent between processes. Importing this module registers them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import srsly
from spacy.language import Language
from spacy.tokens import Doc

from kgtool.errors import ModelError
from kgtool.extract.abbreviations import Abbreviation, find_abbreviations
from kgtool.extract.aliases import Aliases, fit_aliases
from kgtool.extract.confidence import Confidence, Lexicon, fit_confidence
from kgtool.extract.gold import GoldRecord
from kgtool.extract.linear import Linear
from kgtool.extract.mentions import cluster, with_probabilities
from kgtool.extract.reading import Reading, read
from kgtool.extract.relations import Relations, calibrate_relations, fit_relations
from kgtool.extract.roles import Roles, fit_roles
from kgtool.records import Extraction, Mention, Relation, Span
from kgtool.sentences import sentences

COMPONENTS = ("kgtool_abbreviations", "kgtool_mentions", "kgtool_roles", "kgtool_confidence", "kgtool_relations")
"""The factories, in the order in which they run behind the recogniser."""

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
        mentions = cluster(text, spans, pairs, self.aliases)
        if (probabilities := doc._.kgtool_probabilities) is not None:
            places = zip(doc.ents, probabilities, strict=True)
            recognised = ((ent.start_char, ent.end_char, probability) for ent, probability in places)
            mentions = with_probabilities(text, mentions, recognised)
        set_mentions(doc, mentions)
        return doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The classifier of pairs and its threshold, if it has one."""
        return b"" if self.aliases is None else _packed(self.aliases.classifier, self.aliases.threshold)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> MentionsComponent:
        """What `to_bytes` gave."""
        self.aliases = None
        if data:
            classifier, (threshold,) = _unpacked(data)
            self.aliases = Aliases(classifier, threshold)
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
        self.roles = Roles(Linear.from_bytes(data))
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
        relations = _trained(self.relations, self.name)
        return _packed(relations.classifier, relations.threshold, relations.exponent, relations.slope, relations.shift)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> RelationsComponent:
        """What `to_bytes` gave."""
        classifier, numbers = _unpacked(data)
        self.relations = Relations(classifier, *numbers)
        return self


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
    return read(text, _sentences(doc, text), mentions(doc))


def train_components(
    nlp: Language, records: Sequence[GoldRecord], held_out: Sequence[GoldRecord], *, seed: int = 7
) -> None:
    """Add the trained components behind a pipeline's recogniser.

    `records` are those that it was trained on too, `held_out` annotated ones that it hasn't seen: the confidence
    and the relations' threshold are fitted to what the pipeline finds there.
    """
    nlp.add_pipe("kgtool_abbreviations")
    _add(nlp, MentionsComponent, "kgtool_mentions").aliases = fit_aliases(records, seed=seed)
    _add(nlp, RolesComponent, "kgtool_roles").roles = fit_roles(records, seed=seed)
    docs = list(nlp.pipe(record.text for record in held_out))
    found = [reading(doc) for doc in docs]
    if not any(one.mentions for one in found):
        raise ModelError("the recogniser finds nothing in the held-out records: train it longer, or on more records")
    confidence = fit_confidence(found, held_out, Lexicon.of(records), seed=seed)
    sieve = _add(nlp, ConfidenceComponent, "kgtool_confidence", minimum=MINIMUM, edge_minimum=EDGE_MINIMUM)
    sieve.confidence = confidence
    relations = fit_relations(records, seed=seed)
    sure = [reading(sieve(doc)) for doc in docs]
    _add(nlp, RelationsComponent, "kgtool_relations").relations = calibrate_relations(relations, sure, held_out)


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


def _packed(classifier: Linear, *numbers: float) -> bytes:
    data: bytes = srsly.msgpack_dumps({"classifier": classifier.to_bytes(), "numbers": list(numbers)})
    return data


def _unpacked(data: bytes) -> tuple[Linear, list[float]]:
    try:
        read_ = srsly.msgpack_loads(data)
        return Linear.from_bytes(read_["classifier"]), [float(number) for number in read_["numbers"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the weights of a component cannot be read: {error}") from error
