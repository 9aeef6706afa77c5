"""The graph of a set of digests: nodes and statements, the same for any order of digests and papers."""

from __future__ import annotations

import gc
import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from kgtool import ids, vocab
from kgtool.records import Digest, Extraction, Mention, Node, Paper, Span, Statement, Value
from kgtool.resolve.authors import ResolvedAuthor, distinct_ids, resolve_authors
from kgtool.resolve.entities import ResolvedEntities, ResolvedEntity, resolve_entities
from kgtool.resolve.papers import MergedPaper, merge_papers
from kgtool.sentences import sentence_at, sentences

Property = tuple[str, Value]

_STRENGTH = {role: strength for strength, role in enumerate(vocab.ROLES)}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles: records have none, and it takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Graph:
    """A knowledge graph: nodes by id, statements by subject, predicate, object and paper."""

    nodes: tuple[Node, ...] = ()
    statements: tuple[Statement, ...] = ()


@_uncollected()
def resolve(
    digests: Sequence[tuple[Digest, Sequence[Paper]]], extraction_of: Callable[[Paper], Extraction], extractor: str
) -> Graph:
    """The graph of the digests.

    `extraction_of` is asked once for each distinct paper, whose title and abstract are those of one entry as it was
    read; `extractor` is the name and version behind all that was extracted. A digest that is given twice counts once.
    """
    distinct = {digest.content_hash: (digest, papers) for digest, papers in digests}
    ordered = [distinct[content_hash] for content_hash in sorted(distinct)]
    papers = merge_papers([papers for _, papers in ordered])
    digest_ids = _digest_ids([digest for digest, _ in ordered])
    authors = resolve_authors([merged.paper for merged in papers])
    texts = [merged.paper.text for merged in papers]
    extractions = [_sound(extraction_of(merged.paper), text) for merged, text in zip(papers, texts, strict=True)]
    entities = resolve_entities([merged.paper for merged in papers], texts, extractions)
    nodes = [
        *(_digest_node(id_, digest) for id_, (digest, _) in zip(digest_ids, ordered, strict=True)),
        *_paper_nodes(papers),
        *(Node(author.id, "Author", (("name", author.name),)) for author in authors),
        *_category_nodes(papers),
        *(_entity_node(entity, len(papers)) for entity in entities.entities),
    ]
    statements = [*_listings(papers, digest_ids), *_authorship(papers, authors)]
    for number, merged in enumerate(papers):
        evidence = _Evidence(merged.paper, texts[number], extractor)
        statements += evidence.statements(extractions[number], entities, entities.of_paper[number])
    nodes.sort(key=lambda node: node.id)
    statements.sort(key=lambda one: (one.subject, one.predicate, one.object))
    return Graph(tuple(nodes), tuple(statements))


def role_for(type_: str, role: str) -> str:
    """The role that an entity of this type can have, where another type was folded into it.

    Methods that a paper was said to train on, evaluate on or address are used; tasks that it was said to introduce or
    evaluate on are addressed; everything else is mentioned.
    """
    if type_ in vocab.ROLE_TYPES.get(role, ()):
        return role
    if type_ == "Method" and role in ("evaluates-on", "trains-on", "addresses"):
        return "uses"
    if type_ == "Task" and role in ("introduces", "evaluates-on"):
        return "addresses"
    return "mentions"


def specificity(papers: int, corpus: int) -> float:
    """How much it tells that a paper has an entity that `papers` of the corpus have, from 0 (all) to 1 (none).

    The inverse document frequency of Spärck Jones (1972), "A statistical interpretation of term specificity", with
    one added to both counts, over its largest value.
    """
    return round(math.log((1 + corpus) / (1 + papers)) / math.log(1 + corpus), 6)


def _properties(values: Mapping[str, Value | None]) -> tuple[Property, ...]:
    """Properties by name, without those that are None, empty or blank."""
    return tuple(
        (name, value)
        for name, value in sorted(values.items())
        if value is not None and value != () and not (isinstance(value, str) and not value.strip())
    )


def _digest_ids(digests: Sequence[Digest]) -> list[str]:
    """`digest:` and the slug of the stem, with a piece of the content hash where several have one."""
    sharing: dict[str, list[Digest]] = defaultdict(list)
    for digest in digests:
        sharing[ids.slug(digest.stem)].append(digest)
    wanted = {
        digest.content_hash: (f"digest:{slug}" if len(same) == 1 else f"digest:{slug}-{digest.content_hash[:8]}", 1)
        for slug, same in sharing.items()
        for digest in same
    }
    given = distinct_ids(wanted)
    return [given[digest.content_hash] for digest in digests]


def _digest_node(id_: str, digest: Digest) -> Node:
    name = ids.fold(digest.title) or digest.stem
    if digest.published and digest.published not in name:
        name = f"{name} ({digest.published})"
    return Node(id_, "Digest", _properties({"name": name, "published": digest.published}))


def _paper_nodes(papers: Sequence[MergedPaper]) -> Iterator[Node]:
    for merged in papers:
        paper = merged.paper
        notes: dict[str, Value | None] = {note.kind: (note.lang, note.text) for note in paper.notes}
        yield Node(
            paper.id,
            "Paper",
            _properties(
                notes
                | {
                    "title": paper.title if paper.title.strip() else paper.id,
                    "abstract": paper.abstract,
                    "url": paper.url,
                    "arxivId": paper.arxiv_id,
                    "doi": paper.doi,
                    "published": paper.published,
                    "venue": paper.venue,
                    "category": paper.category,
                    "codeUrl": paper.code_url,
                    "comment": paper.comment,
                }
            ),
        )


def _category_nodes(papers: Sequence[MergedPaper]) -> Iterator[Node]:
    for name in sorted({category for merged in papers for category in merged.paper.categories}):
        yield Node(ids.category_id(name), "Category", (("name", name),))


def _entity_node(entity: ResolvedEntity, corpus: int) -> Node:
    values: dict[str, Value | None] = {
        "name": entity.name,
        "aliases": entity.aliases,
        "papers": entity.papers,
        "specificity": specificity(entity.papers, corpus),
    }
    return Node(entity.id, entity.type, _properties(values))


def _listings(papers: Sequence[MergedPaper], digest_ids: Sequence[str]) -> Iterator[Statement]:
    for merged in papers:
        for listing in merged.listings:
            rank = _properties({"rank": listing.rank})
            yield Statement(merged.paper.id, "listedIn", digest_ids[listing.digest], rank)
        for category in merged.paper.categories:
            yield Statement(merged.paper.id, "inCategory", ids.category_id(category))


def _authorship(papers: Sequence[MergedPaper], authors: Sequence[ResolvedAuthor]) -> Iterator[Statement]:
    for author in authors:
        for number, position in author.papers:
            yield Statement(author.id, "wrote", papers[number].paper.id, (("position", position),))


def _sound(extraction: Extraction, text: str) -> Extraction:
    """The extraction with spans that are in the text and hold a surface form; mentions without any are emptied."""
    mentions = tuple(_sound_mention(mention, text) for mention in extraction.mentions)
    return replace(extraction, mentions=mentions)


def _sound_mention(mention: Mention, text: str) -> Mention:
    fits = [0 <= span.start < span.end and text[span.start : span.end] in mention.surfaces for span in mention.spans]
    if fits and all(fits):
        return mention
    spans = [span for span, good in zip(mention.spans, fits, strict=True) if good]
    if not spans:
        starts = {surface: text.find(surface) for surface in mention.surfaces if surface.strip()}
        spans = [Span(at, at + len(surface), mention.confidence) for surface, at in starts.items() if at >= 0]
    spans.sort(key=lambda span: (span.start, span.end))
    return replace(mention, spans=tuple(spans), surfaces=mention.surfaces if spans else ())


class _Evidence:
    """The statements that one paper gives, with the sentences that say so."""

    def __init__(self, paper: Paper, text: str, extractor: str) -> None:
        self._id = paper.id
        self._text = text
        self._paper: Property = ("paper", paper.id)
        self._extractor: Property = ("extractor", extractor)
        self._sentences = sentences(text)
        self._sliced: dict[tuple[int, int], Property] = {}

    def statements(
        self, extraction: Extraction, entities: ResolvedEntities, of_mention: Sequence[int | None]
    ) -> Iterator[Statement]:
        """Paper to entity, then entity to entity."""
        grouped: dict[int, list[Mention]] = defaultdict(list)
        for mention, position in zip(extraction.mentions, of_mention, strict=True):
            if position is not None:
                grouped[position].append(mention)
        for position, mentions in grouped.items():
            yield from self._roles(entities.entities[position], mentions)
        yield from self._relations(extraction, entities, of_mention)

    def _roles(self, entity: ResolvedEntity, mentions: Sequence[Mention]) -> Iterator[Statement]:
        """The strongest role, and that it is mentioned.

        The confidence of `mentions` is that the entity is there; of a role, that the entity is there and the role is
        right: the product, as the second is given the first.
        """
        names = {entity.name, *entity.aliases}
        by_role = [(role_for(entity.type, mention.role), mention) for mention in mentions]
        role, giving = min(
            by_role,
            key=lambda pair: (
                _STRENGTH[pair[0]],
                -pair[1].confidence * pair[1].role_confidence,
                self._first(pair[1], names),
            ),
        )
        first = min(self._first(mention, names) for mention in mentions)
        there = max(mention.confidence for mention in mentions)
        *before, sentence = self._properties(*first[1:], there)
        yield Statement(self._id, "mentions", entity.id, (*before, ("role", role), sentence))
        if role != "mentions":
            sure = giving.confidence * giving.role_confidence
            yield Statement(
                self._id, vocab.ROLES[role], entity.id, self._properties(*self._first(giving, names)[1:], sure)
            )

    def _first(self, mention: Mention, names: Container[str]) -> tuple[bool, int, int]:
        """Where the mention stands first, under one of the entity's names if it ever does; True where it does not."""
        return min((self._text[span.start : span.end] not in names, span.start, span.end) for span in mention.spans)

    def _relations(
        self, extraction: Extraction, entities: ResolvedEntities, of_mention: Sequence[int | None]
    ) -> Iterator[Statement]:
        """One statement for each head, relation and tail: the most certain, then the first in the text."""
        best: dict[tuple[str, str, str], tuple[float, int, int]] = {}
        for relation in extraction.relations:
            ends = [of_mention[i] if 0 <= i < len(of_mention) else None for i in (relation.head, relation.tail)]
            if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
                continue
            head, tail = entities.entities[ends[0]], entities.entities[ends[1]]
            name = vocab.RELATION_NAMES.get(relation.name)
            if name is None or (head.type, tail.type) not in vocab.RELATIONSHIPS[name].pairs:
                continue
            if not 0 <= relation.start < relation.end <= len(self._text):
                continue
            found = (-relation.confidence, relation.start, relation.end)
            best[head.id, name, tail.id] = min(found, best.get((head.id, name, tail.id), found))
        for (head_id, name, tail_id), (sure, start, end) in best.items():
            sentence: Property = ("sentence", self._text[start:end])
            yield Statement(head_id, name, tail_id, self._with_sentence(start, end, -sure, sentence))

    def _properties(self, start: int, end: int, confidence: float) -> tuple[Property, ...]:
        span = sentence_at(self._sentences, start, end)
        sentence = self._sliced.get(span)
        if sentence is None:
            sentence = self._sliced[span] = ("sentence", self._text[span[0] : span[1]])
        return self._with_sentence(start, end, confidence, sentence)

    def _with_sentence(self, start: int, end: int, confidence: float, sentence: Property) -> tuple[Property, ...]:
        return (
            ("charEnd", end),
            ("charStart", start),
            ("confidence", round(confidence, 6)),
            self._extractor,
            self._paper,
            sentence,
        )


def redirects(old: Iterable[Node], new: Graph) -> dict[str, str]:
    """For ids of an earlier state that are gone: the node of the new state that holds what they named.

    Papers go by arXiv id, DOI, then title; entities by name, then aliases, among those of their type before others,
    and there to the one with the most papers; authors by the key of their name; digests by their stem.
    """
    index = _Index(new.nodes)
    found = {node.id: index.find(node) for node in old if node.id not in index.ids}
    return {id_: target for id_, target in sorted(found.items()) if target is not None}


class _Index:
    """The nodes of a graph by what they are called."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.ids: set[str] = set()
        self._held: dict[tuple[str, str], tuple[int, str]] = {}
        for node in nodes:
            self.ids.add(node.id)
            for rank, call in enumerate(_calls(node)):
                weight = node.get("papers")
                key = (0 if rank == 0 else 1) if node.label in vocab.ENTITY_TYPES else 0
                order = (key * 10**9 - (weight if isinstance(weight, int) else 0), node.id)
                self._held[call] = min(order, self._held.get(call, order))

    def find(self, node: Node) -> str | None:
        """The node that is called what this one was called, by its first call that is known."""
        calls = _calls(node)
        if node.label in vocab.ENTITY_TYPES:
            calls += [(label, name) for label in vocab.ENTITY_TYPES if label != node.label for _, name in calls]
        return next((self._held[call][1] for call in calls if call in self._held), None)


def _calls(node: Node) -> list[tuple[str, str]]:
    """What a node is called, as (kind, text), the surest first."""
    name = str(node.get("name") or "")
    if node.label == "Paper":
        keys = [(kind, str(node.get(kind) or "")) for kind in ("arxivId", "doi")]
        keys.append(("title", ids.title_key(str(node.get("title") or ""))))
        return [(kind, text) for kind, text in keys if text]
    if node.label == "Author":
        return [("Author", ids.author_key(name))]
    if node.label == "Digest":
        return [("Digest", name)]
    aliases = node.get("aliases")
    return [(node.label, text) for text in (name, *(aliases if isinstance(aliases, tuple) else ()))]
