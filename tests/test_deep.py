"""The network behind the linear classifiers, and the vectors that it reads."""

import numpy as np
import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Span as DocSpan

from kgtool.errors import ModelError
from kgtool.extract.components import extraction, train_components
from kgtool.extract.context import WordVectors
from kgtool.extract.deep import Deep, fit_deep
from kgtool.extract.evaluation import score
from kgtool.extract.gold import GoldEntity, GoldRecord
from kgtool.extract.linear import fit
from kgtool.records import Mention, Span

WIDTH, EXAMPLES = 12, 1200
LABELS = ("no", "yes")


def told_by_vectors(seed):
    """Examples that are `yes` where one number of the vector is the greater of two; their names say nothing."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(EXAMPLES, WIDTH)).astype(np.float16)
    rows = [[f"name:{name}"] for name in random.integers(0, 5, EXAMPLES)]
    labels = [LABELS[int(one[0] > one[1])] for one in vectors]
    return rows, labels, vectors, np.arange(EXAMPLES)[:, np.newaxis]


def share_right(found, labels):
    return np.mean([LABELS[i] == label for i, label in zip(found.argmax(axis=1), labels, strict=True)])


def test_the_network_reads_what_names_do_not_say():
    rows, labels, vectors, places = told_by_vectors(1)
    deep = fit_deep(rows, labels, [i // 4 for i in range(EXAMPLES)], vectors, places)
    new_rows, new_labels, new_vectors, _ = told_by_vectors(2)
    assert share_right(deep.probabilities(new_rows, new_vectors, places), new_labels) > 0.8
    assert share_right(deep.linear.probabilities(new_rows), new_labels) < 0.6


def test_the_network_compares_the_two_of_a_pair():
    random = np.random.default_rng(3)
    things = random.normal(size=(40, WIDTH))
    of = random.integers(0, 40, 800)
    vectors = (things[of] + 0.3 * random.normal(size=(800, WIDTH))).astype(np.float16)
    places = random.integers(0, 800, (4000, 2))
    for number in range(0, 4000, 2):
        places[number, 1] = random.choice(np.flatnonzero(of == of[places[number, 0]]))
    labels = [LABELS[int(of[one] == of[other])] for one, other in places]
    rows = [["pair"] for _ in labels]
    deep = fit_deep(rows[:3000], labels[:3000], [i // 9 for i in range(3000)], vectors, places[:3000])
    assert share_right(deep.probabilities(rows[3000:], vectors, places[3000:]), labels[3000:]) > 0.9


def test_without_fitting_vectors_the_linear_classifier_decides():
    rows, labels, vectors, places = told_by_vectors(1)
    groups = [i // 4 for i in range(EXAMPLES)]
    linear = fit(rows, labels, groups)
    plain = fit_deep(rows, labels, groups, None, places)
    deep = fit_deep(rows, labels, groups, vectors, places)
    for known in (plain.probabilities(rows, vectors, places), deep.probabilities(rows, None, places)):
        assert np.array_equal(known, linear.probabilities(rows))
    assert np.array_equal(deep.probabilities(rows, vectors[:, 1:], places), linear.probabilities(rows))
    assert deep.probabilities([], vectors, places[:0]).shape == (0, 2)


def test_examples_are_read_alike_alone_and_among_many():
    rows, labels, vectors, places = told_by_vectors(1)
    deep = fit_deep(rows, labels, [i // 4 for i in range(EXAMPLES)], vectors, places)
    together = deep.probabilities(rows, vectors, places)
    alone = [deep.probabilities(rows[i : i + 1], vectors, places[i : i + 1])[0] for i in range(0, EXAMPLES, 100)]
    assert np.allclose(together[::100], alone, atol=1e-6)


def test_the_same_examples_give_the_same_bytes_and_these_the_same_classifier():
    rows, labels, vectors, places = told_by_vectors(1)
    groups = [i // 4 for i in range(EXAMPLES)]
    data = fit_deep(rows, labels, groups, vectors, places).to_bytes()
    assert fit_deep(rows, labels, groups, vectors, places).to_bytes() == data
    again = Deep.from_bytes(data)
    assert again.to_bytes() == data
    assert share_right(again.probabilities(rows, vectors, places), labels) > 0.8
    with pytest.raises(ModelError, match="cannot be read"):
        Deep.from_bytes(data[: len(data) // 2])
    stored = srsly.msgpack_loads(data)
    with pytest.raises(ModelError, match="do not follow one another"):
        Deep.from_bytes(srsly.msgpack_dumps(stored | {"weights": stored["weights"][:5]}))


def mention(*places):
    return Mention("Method", ("x",), "mentions", 1.0, 1.0, tuple(Span(*place, 1.0) for place in places))


def test_the_vector_of_a_mention_is_the_mean_of_its_words():
    doc = spacy.blank("en")("Graph networks, graph nets and GNNs.")
    doc.tensor = np.arange(2 * len(doc), dtype=np.float32).reshape(-1, 2)
    words = WordVectors.of_doc(doc)
    text = doc.text
    places = [(0, 14), (text.index("graph"), text.index(" and")), (text.index("GNNs"), len(text) - 1)]
    found = words.of([mention(*places[:2]), mention(places[2]), mention()])
    assert np.allclose(found, [doc.tensor[[0, 1, 3, 4]].mean(axis=0), doc.tensor[6], [0, 0]])
    half = words.within(places)
    assert half.rows.dtype == np.float16
    assert np.allclose(half.of([mention(*places)]), words.of([mention(*places)]), rtol=1e-3)
    assert len(words.within(places[2:]).rows) == 1


def test_a_doc_without_a_row_for_each_token_has_no_vectors():
    nlp = spacy.blank("en")
    assert WordVectors.of_doc(nlp("Two words")) is None
    doc = nlp("Two words")
    doc.tensor = np.zeros((1, 4), np.float32)
    assert WordVectors.of_doc(doc) is None
    doc.tensor = None
    assert WordVectors.of_doc(doc) is None
    assert WordVectors.of_doc(nlp("")) is None


SIZE = 4
TOLD: dict[str, np.ndarray] = {}


@Language.component("told_by_vectors")
def recognise(doc):
    """Every capitalised word is a Method; its vector says what the text does not."""
    doc.ents = [DocSpan(doc, token.i, token.i + 1, label="Method") for token in doc if token.text[0].isupper()]
    doc.tensor = np.stack([TOLD.get(token.text, np.zeros(SIZE)) for token in doc]).astype(np.float32)
    return doc


def silent(number, random):
    """A paper of three names: whether a name is used or beaten, and whether the third is the first, vectors say."""
    names = [f"{letter}{number}" for letter in ("Qa", "Rb", "Sc")]
    roles = [("uses", "compares-with")[random.integers(2)] for _ in range(2)]
    vectors = [np.array([3 if role == "uses" else -3, *random.normal(size=SIZE - 1)]) for role in roles]
    same = bool(random.integers(2))
    third = "uses" if same else ("uses", "compares-with")[random.integers(2)]
    vectors.append(vectors[0] if same else np.array([3 if third == "uses" else -3, *random.normal(size=SIZE - 1)]))
    TOLD.update(zip(names, vectors, strict=True))
    entities = [GoldEntity("Method", (names[0],), roles[0]), GoldEntity("Method", (names[1],), roles[1])]
    if same:
        entities[0] = GoldEntity("Method", (names[0], names[2]), roles[0])
    else:
        entities.append(GoldEntity("Method", (names[2],), third))
    return GoldRecord(str(number), f"{names[0]} , {names[1]} , {names[2]}", "nothing else .", tuple(entities), ())


def test_the_trained_stages_read_the_vectors():
    random = np.random.default_rng(5)
    records = [silent(number, random) for number in range(1000)]
    nlp = spacy.blank("en")
    nlp.add_pipe("told_by_vectors")
    train_components(nlp, records[:800], records[800:870], records[870:900])
    new = records[900:]
    docs = list(nlp.pipe(record.text for record in new))
    predicted = [
        GoldRecord(
            record.id,
            record.title,
            record.abstract,
            tuple(GoldEntity(m.type, m.surfaces, m.role) for m in found.mentions),
            None,
        )
        for record, found in zip(new, map(extraction, docs), strict=True)
    ]
    figures = score(new, predicted)
    assert figures["alias"].f1 > 0.8
    assert figures["link"].f1 > 0.8
    assert all(doc.tensor.shape == (0,) for doc in docs)
    assert docs[0].ents[0].as_doc()[0].text == docs[0].ents[0].text
