"""The recogniser of mentions: a small transformer that onnxruntime runs, and a random field over its word tags.

The network reads word pieces and gives each word the mean of its pieces' vectors; beside it go the word's floret vector
and its form (shape, prefix, suffix, the word itself, hashed), since the encoder knows no capitals. A convolution over
three words and a linear layer give the scores of the tags. Beside these come the words' vectors, before and after the
convolution, for the stages behind. `training/` holds the program that makes the network.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import srsly
from numpy.typing import NDArray
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokens import Doc, Span, Token
from spacy.vocab import Vocab

from kgtool.errors import ModelError
from kgtool.extract.crf import Array, Crf
from kgtool.extract.vectors import widen
from kgtool.extract.wordpiece import WordPieces

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FORMS = (1000, 2000, 2000, 4000)
"""How many rows the network has for hashes of a word's shape, its first and last three letters, and itself."""
_WINDOW, _OVERLAP = 508, 128
"""Pieces that are read at once, without the marks at both ends, and how many of them the next window reads again; no
more words either, since some have no pieces."""
_MOST_WINDOWS = 4
"""Texts of more have no vectors of their words: these take 2.6 kB a word, and no abstract is as long."""
_REMEMBERED, _ORDINARY = 1 << 14, 40
"""Words that are remembered, and how long they may be."""
_NETWORK, _PIECES, _FIELD = "network.onnx", "pieces.txt", "field.msgpack"

if not Doc.has_extension("kgtool_probabilities"):
    Doc.set_extension("kgtool_probabilities", default=None)


def forms(word: str, shape: str) -> tuple[int, ...]:
    """The rows of a word's form in the network's tables."""
    texts = (shape, word[:3], word[-3:], word.lower())
    return tuple(
        zlib.crc32(text.encode("utf-8", "surrogatepass")) % rows for text, rows in zip(texts, FORMS, strict=True)
    )


class Window(NamedTuple):
    """Words `start` to `end` are read at once; of these the scores of `first` to `last` (excluded) are kept."""

    start: int
    end: int
    first: int
    last: int


def windows(lengths: Sequence[int]) -> list[Window]:
    """Runs of words, of these lengths in pieces, that fit the network; what two share is divided in its middle."""
    found: list[Window] = []
    start = first = 0
    while start < len(lengths):
        end, pieces = start, 0
        while end < min(len(lengths), start + _WINDOW) and (pieces + lengths[end] <= _WINDOW or end == start):
            pieces += lengths[end]
            end += 1
        again, shared = end, 0
        earliest = max(start + 1, end - _OVERLAP)
        while end < len(lengths) and again > earliest and shared + lengths[again - 1] <= _OVERLAP:
            again -= 1
            shared += lengths[again]
        last = (again + end + 1) // 2
        found.append(Window(start, end, first, last))
        start, first = again, last
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What the network reads of a window."""

    ids: NDArray[np.int64]
    """Pieces between two marks, of shape (1, pieces)."""
    pooling: NDArray[np.float32]
    """Gives each word the mean of its pieces, of shape (words, pieces)."""
    vectors: NDArray[np.float32]
    """Of shape (words, 128)."""
    forms: NDArray[np.int64]
    """Of shape (words, 4)."""

    def named(self) -> dict[str, NDArray[Any]]:
        """By the names of the network's inputs."""
        return {"ids": self.ids, "pooling": self.pooling, "vectors": self.vectors, "forms": self.forms}


class Word(NamedTuple):
    """What the network is told of a word, wherever it stands."""

    pieces: tuple[int, ...]
    vector: NDArray[np.float32]
    forms: tuple[int, ...]


class Words:
    """The words of texts as the network reads them; the same ones come again and again, so they are remembered."""

    def __init__(self, pieces: WordPieces) -> None:
        self.pieces = pieces
        self._known: dict[int, Word] = {}

    def __call__(self, doc: Doc) -> list[Word]:
        """Those of a text. The line's end between title and abstract is read as the encoder's mark."""
        orths = doc.to_array([ORTH]).ravel().astype(np.uint64).tolist()
        return [self._known.get(orth) or self._learn(doc[at]) for at, orth in enumerate(orths)]

    def _learn(self, token: Token) -> Word:
        text = token.text
        pieces = (self.pieces.end,) if text == "\n" else self.pieces(text)
        word = Word(pieces, np.asarray(token.vector, np.float32), forms(text, token.shape_))
        if len(self._known) < _REMEMBERED and len(text) <= _ORDINARY:
            self._known[token.orth] = word
        return word

    def inputs(self, read: Sequence[Word]) -> Inputs:
        """The words of one window, at least one, as the network reads them."""
        ids = [self.pieces.start, *chain.from_iterable(word.pieces for word in read), self.pieces.end]
        return Inputs(
            np.array([ids], np.int64),
            _pooling([len(word.pieces) for word in read]),
            np.concatenate([word.vector for word in read]).reshape(len(read), -1),
            np.array([word.forms for word in read], np.int64),
        )


class _Tagging(NamedTuple):
    """What the network gives for a text: the scores of the tags and the vectors, each with a row for each word."""

    scores: Array
    vectors: Array | None


class TaggerComponent:
    """Sets ``doc.ents``, and the probability of each in ``doc._.kgtool_probabilities``, in their order.

    Leaves the words' vectors in ``doc.tensor``.
    """

    def __init__(self, name: str, types: Sequence[str], vocab: Vocab) -> None:
        self.name = name
        self.vocab = vocab
        self.types = tuple(types)
        self._network = b""
        self._session: InferenceSession | None = None
        self._words: Words | None = None
        self._field: Crf | None = None

    def set_weights(self, network: bytes, vocabulary: Sequence[str], field: Crf) -> None:
        """The network as ONNX, the encoder's vocabulary, the random field. Raises ModelError for what is no network."""
        widen(self.vocab)
        self._network, self._session = network, _session(network, self.name)
        self._words, self._field = Words(WordPieces(vocabulary)), field

    def __call__(self, doc: Doc) -> Doc:
        """Tag one text. Raises ModelError where there are no weights."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 32) -> Iterator[Doc]:
        """Tag texts; while the caller goes on with a batch, the network reads the next one."""
        waiting = iter(stream)
        readers = ThreadPoolExecutor(_processors())

        def read() -> tuple[list[Doc], list[Future[_Tagging]]]:
            docs = list(islice(waiting, batch_size))
            words = [self._read(doc) for doc in docs]
            return docs, [readers.submit(self._tagging, one) for one in words]

        try:
            batch = read()
            while batch[0]:
                following = read()
                yield from self._tagged(batch[0], [future.result() for future in batch[1]])
                batch = following
        finally:
            readers.shutdown(cancel_futures=True)

    def _tagged(self, docs: Sequence[Doc], taggings: Sequence[_Tagging]) -> Iterator[Doc]:
        assert self._field is not None
        found = self._field.spans([tagging.scores for tagging in taggings])
        for doc, tagging, spans in zip(docs, taggings, found, strict=True):
            doc.set_ents([Span(doc, span.start, span.end, label=self.types[span.type]) for span in spans])
            doc._.kgtool_probabilities = [round(span.probability, 4) for span in spans]
            if tagging.vectors is not None:
                doc.tensor = tagging.vectors  # type: ignore[assignment]  # spaCy's own are of other precision too
            yield doc

    def _read(self, doc: Doc) -> list[Word]:
        if self._words is None:
            raise ModelError(f"{self.name} has no weights: it must be trained, or loaded with a model")
        return self._words(doc)

    def _tagging(self, read: Sequence[Word]) -> _Tagging:
        """Window by window: a long text takes no more memory."""
        assert self._session is not None
        assert self._words is not None
        scores: list[Array] = [np.zeros((0, 1 + 2 * len(self.types)), np.float32)]
        vectors: list[Array] = []
        whole = windows([len(word.pieces) for word in read])
        for window in whole:
            part = self._words.inputs(read[window.start : window.end])
            kept = slice(window.first - window.start, window.last - window.start)
            found = self._session.run(None, part.named())
            scores.append(found[0][kept])
            if len(whole) <= _MOST_WINDOWS:
                vectors.append(found[1][kept])
        return _Tagging(np.concatenate(scores), np.concatenate(vectors) if vectors else None)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The network, the vocabulary and the random field as MessagePack."""
        data: bytes = srsly.msgpack_dumps(
            {_NETWORK: self._network, _PIECES: self._vocabulary(), _FIELD: self._scores()}
        )
        return data

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> TaggerComponent:
        """What `to_bytes` gave. Raises ModelError where it is something else."""
        try:
            read = srsly.msgpack_loads(data)
            self._restore(read[_NETWORK], read[_PIECES], read[_FIELD])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"the weights of {self.name} cannot be read: {error}") from error
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Three files in the folder `path`."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _NETWORK).write_bytes(self._network)
        (folder / _PIECES).write_text(self._vocabulary(), encoding="utf-8", newline="\n")
        (folder / _FIELD).write_bytes(self._scores())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> TaggerComponent:
        """What `to_disk` wrote. Raises ModelError where it is missing or something else."""
        folder = Path(path)
        try:
            vocabulary = (folder / _PIECES).read_text(encoding="utf-8")
            self._restore((folder / _NETWORK).read_bytes(), vocabulary, (folder / _FIELD).read_bytes())
        except OSError as error:
            raise ModelError(f"{path}: the weights of {self.name} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path}: the weights of {self.name} cannot be read: {error}") from error
        return self

    def _vocabulary(self) -> str:
        return "".join(f"{piece}\n" for piece in self._words.pieces.vocabulary) if self._words else ""

    def _scores(self) -> bytes:
        field = self._field
        shown = {} if field is None else {"transitions": field.transitions.tolist(), "start": field.start.tolist()}
        data: bytes = srsly.msgpack_dumps(shown)
        return data

    def _restore(self, network: bytes, vocabulary: str, scores: bytes) -> None:
        read = srsly.msgpack_loads(scores)
        field = Crf(np.array(read["transitions"], np.float32), np.array(read["start"], np.float32))
        self.set_weights(network, vocabulary.splitlines(), field)


@Language.factory(
    "kgtool_tagger", default_config={"types": ["Method", "Dataset", "Task"]}, assigns=["doc.ents", "doc.tensor"]
)
def create_tagger(nlp: Language, name: str, types: list[str]) -> TaggerComponent:
    """The factory of `TaggerComponent`; `types` are what the network's tags stand for, in their order."""
    return TaggerComponent(name, types, nlp.vocab)


def _pooling(lengths: Sequence[int]) -> NDArray[np.float32]:
    """The matrix, of shape (words, pieces and two marks), that gives each word the mean of its pieces."""
    pooling = np.zeros((len(lengths), sum(lengths) + 2), np.float32)
    word_of = np.repeat(np.arange(len(lengths)), lengths)
    pooling[word_of, np.arange(1, len(word_of) + 1)] = 1 / np.array(lengths, np.float32)[word_of]
    return pooling


def _session(network: bytes, name: str) -> InferenceSession:
    """One thread for each text: several texts are read side by side."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exceptions have no common class that it exports
        raise ModelError(f"the network of {name} cannot be read: {str(error).splitlines()[0]}") from error
    if [output.name for output in session.get_outputs()] != ["scores", "words"]:
        raise ModelError(f"the network of {name} is of another version: expected scores and words from it")
    return session


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
