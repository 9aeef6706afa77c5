"""What the tests share: where the real data lies, the worked example, a dictionary extractor without a model."""

import re
from pathlib import Path

import pytest

from kgtool.records import Extraction, Mention, Relation, Span
from kgtool.sentences import sentences

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the real digests and annotations are not here")

WORKED_EXAMPLE = """\
#1 GraphMend: Repairing Graph Neural Networks for Node Classification [PDF] [Copy] [Kimi] [REL]
Authors: Ada Example, Ben Sample
Graph neural networks (GNNs) degrade under noise. We propose GraphMend, which extends GCN with edge repair. \
On Cora, GraphMend outperforms GAT on node classification.
"""

LEXICON = {
    "Method": {
        "GraphMend": "introduces",
        "Graph Neural Networks|Graph neural networks|GNNs": "mentions",
        "GCN": "uses",
        "GAT": "compares-with",
        "LoRA": "uses",
        "ResNet-50": "uses",
        "PPO": "compares-with",
        "diffusion models": "uses",
    },
    "Dataset": {
        "Cora": "evaluates-on",
        "ImageNet": "evaluates-on",
        "CIFAR-100": "evaluates-on",
        "GSM8K": "evaluates-on",
        "MuJoCo": "evaluates-on",
    },
    "Task": {
        "Node Classification|node classification": "addresses",
        "object detection": "addresses",
        "question answering": "addresses",
    },
}


class LexiconExtractor:
    """Finds the surfaces of a dictionary, in the place of the trained pipeline."""

    name = "kgtool-0.1.0-lexicon-1"

    def __init__(self):
        self.read = 0

    def __call__(self, papers):
        for paper in papers:
            self.read += 1
            yield self.extraction(paper.text)

    def extraction(self, text):
        mentions = []
        for type_, entries in LEXICON.items():
            for surfaces, role in entries.items():
                found = [
                    (match.start(), match.end())
                    for surface in surfaces.split("|")
                    for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text)
                ]
                if found:
                    distinct = tuple(dict.fromkeys(text[start:end] for start, end in sorted(found)))
                    spans = tuple(Span(start, end, 0.9) for start, end in sorted(found))
                    mentions.append(Mention(type_, distinct, role, 0.9, 0.8, spans))
        return Extraction(tuple(mentions), tuple(self.relations(text, mentions)))

    def relations(self, text, mentions):
        """Evaluated-With, wherever an introduced method and a dataset stand in one sentence."""
        for start, end in sentences(text):
            inside = [i for i, m in enumerate(mentions) if any(start <= s.start and s.end <= end for s in m.spans)]
            for head in inside:
                for tail in inside:
                    if mentions[head].role == "introduces" and mentions[tail].type == "Dataset":
                        yield Relation(head, "Evaluated-With", tail, text[start:end], start, end, 0.7)
