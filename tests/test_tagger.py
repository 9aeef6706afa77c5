"""The recogniser: windows over long texts, and the shipped network at work."""

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from kgtool.errors import ModelError
from kgtool.extract.pipeline import load_model
from kgtool.extract.tagger import TaggerComponent, forms, windows
from kgtool.extract.tokenizer import create_tokenizer

SENTENCES = (
    "We propose GraphMend, which extends GCN with edge repair.",
    "On Cora, GraphMend outperforms GAT on node classification.",
)


@given(st.lists(st.integers(0, 12), max_size=3000))
def test_windows_keep_every_word_once_and_fit_the_network(lengths):
    found = windows(lengths)
    kept = [word for window in found for word in range(window.first, window.last)]
    assert kept == list(range(len(lengths)))
    for window in found:
        assert window.start <= window.first <= window.last <= window.end
        assert sum(lengths[window.start : window.end]) <= 508
        assert window.end - window.start <= 508


def test_what_two_windows_share_is_divided_in_its_middle():
    first, second = windows([1] * 600)
    assert (first.start, first.end, second.start, second.end) == (0, 508, 380, 600)
    assert first.last == second.first == 444


def test_forms_are_the_rows_that_the_network_was_trained_with():
    """CRC-32 of the shape, the first and last three letters and the word in lower case, on any machine."""
    assert forms("GPT-4", "XXX-d") == (556, 414, 1732, 458)


def test_words_without_pieces_do_not_make_a_window_endless():
    found = windows([0] * 5000)
    assert len(found) == 13
    assert max(window.end - window.start for window in found) == 508


def test_the_shipped_tokenizer_is_the_one_that_training_makes(model):
    made = create_tokenizer()(spacy.blank("en"))
    assert model.tokenizer.to_bytes(exclude=["vocab"]) == made.to_bytes(exclude=["vocab"])


@pytest.fixture(scope="module")
def with_rules_for_blanks():
    nlp = spacy.blank("en")
    tokenizer = create_tokenizer()(nlp)
    tokenizer.rules = nlp.Defaults.tokenizer_exceptions
    return tokenizer


@given(text=st.text(st.sampled_from("ab(.,$'- \n\t\xa0\r\u2009")))
def test_blanks_are_words_of_their_own_though_no_rule_says_so(model, with_rules_for_blanks, text):
    assert [token.text for token in model.tokenizer(text)] == [token.text for token in with_rules_for_blanks(text)]


@pytest.fixture(scope="module")
def tagger(model):
    return model.get_pipe("kgtool_tagger")


def test_entities_have_probabilities(model, tagger):
    doc = tagger(model.make_doc(" ".join(SENTENCES)))
    assert {"GraphMend", "GCN", "GAT", "Cora"} <= {ent.text for ent in doc.ents}
    assert len(doc._.kgtool_probabilities) == len(doc.ents)
    assert all(0 < probability <= 1 for probability in doc._.kgtool_probabilities)


def test_a_text_is_tagged_the_same_in_any_company(model, tagger):
    texts = [SENTENCES[0], "", " ".join(SENTENCES * 40), "\n", SENTENCES[1]]

    def tagged(chosen, batch_size):
        docs = tagger.pipe((model.make_doc(text) for text in chosen), batch_size=batch_size)
        return {doc.text: [(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents] for doc in docs}

    assert tagged(texts, 2) == tagged(texts[::-1], 5)


def test_papers_are_read_ahead_but_not_all(model, tagger):
    """Two batches are under way while the caller has one: a corpus of any size fits in memory."""
    taken = []

    def texts():
        for number in range(100):
            taken.append(number)
            yield model.make_doc(SENTENCES[number % 2])

    stream = tagger.pipe(texts(), batch_size=4)
    assert next(stream).text == SENTENCES[0]
    assert len(taken) == 8
    stream.close()
    assert len(taken) == 8


def test_an_error_of_the_stream_is_raised(model, tagger):
    def texts():
        yield model.make_doc(SENTENCES[0])
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(tagger.pipe(texts(), batch_size=1))


def test_names_at_the_end_of_a_very_long_text_are_found(model, tagger):
    text = " ".join(["Nothing of note happens in this sentence, which is here to be read."] * 300 + list(SENTENCES))
    found = [ent.text for ent in tagger(model.make_doc(text)).ents]
    assert {"GraphMend", "Cora"} <= set(found)


def test_the_words_have_vectors_whatever_window_they_are_in(model, tagger):
    short, several = (model.make_doc(" ".join([*SENTENCES, *["and so on ."] * number])) for number in (0, 250))
    tagger(short)
    tagger(several)
    assert short.tensor.shape == (len(short), several.tensor.shape[1])
    assert len(several.tensor) == len(several) > 700
    assert np.abs(several.tensor.astype(np.float32)).sum(axis=1).min() > 0
    name = next(token.i for token in short if token.text == "GraphMend")
    one, other = short.tensor[name].astype(np.float32), several.tensor[name].astype(np.float32)
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.8


def test_a_text_longer_than_any_abstract_has_no_vectors(model, tagger):
    assert tagger(model.make_doc("word " * 3000)).tensor.shape == (0,)


def test_the_weights_survive_bytes(model, tagger):
    again = TaggerComponent("again", tagger.types, model.vocab).from_bytes(tagger.to_bytes())
    (one,), (other,) = (
        [[ent.text for ent in component(model.make_doc(SENTENCES[1])).ents]] for component in (tagger, again)
    )
    assert one == other


def test_without_weights_it_says_so(model):
    with pytest.raises(ModelError, match="tagger has no weights"):
        TaggerComponent("tagger", ["Method"], model.vocab)(model.make_doc("A text."))


@pytest.mark.parametrize("name", ["network.onnx", "pieces.txt", "field.msgpack"])
@pytest.mark.parametrize("damage", [b"", b"\x00\xffnonsense"])
def test_a_damaged_file_of_the_model_is_one_clear_error(tagger, tmp_path, name, damage):
    tagger.to_disk(tmp_path)
    (tmp_path / name).write_bytes(damage)
    with pytest.raises(ModelError):
        TaggerComponent("tagger", tagger.types, tagger.vocab).from_disk(tmp_path)


def test_the_shipped_model_loads_as_any_spacy_pipeline_does():
    assert load_model().pipe_names[0] == "kgtool_tagger"
