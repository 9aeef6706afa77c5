from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtool import ids, vocab
from kgtool.records import Digest, Extraction, Mention, Node, Note, Paper, Relation, Span, Statement
from kgtool.resolve import Graph, redirects, resolve
from kgtool.resolve.forms import abbreviates, form, ordinary, variants
from kgtool.resolve.graph import role_for, specificity
from kgtool.resolve.strays import is_name

EXTRACTOR = "kgtool-0.0.0-test-1"


def digest(name: str, title: str = "A digest", published: str | None = None) -> Digest:
    return Digest(ids.content_hash(name), name, "test", title, published)


def mention(text: str, type_: str, surfaces: Sequence[str], role: str = "mentions", sure: float = 0.9) -> Mention:
    """A mention at every place where one of the surface forms stands as a whole word."""
    spans = []
    for surface in surfaces:
        at = text.find(surface)
        while at >= 0:
            before, after = text[at - 1 : at], text[at + len(surface) : at + len(surface) + 1]
            if not before.isalnum() and not after.isalnum():
                spans.append(Span(at, at + len(surface), sure))
            at = text.find(surface, at + 1)
    assert spans, (surfaces, text)
    return Mention(type_, tuple(surfaces), role, sure, 0.8, tuple(sorted(spans, key=lambda span: span.start)))


class World:
    """Papers in which given things are mentioned, and the graph of them."""

    def __init__(self) -> None:
        self.papers: list[Paper] = []
        self.found: dict[str, Extraction] = {}

    def paper(
        self, *things: tuple[str, ...] | str, type_: str = "Method", role: str = "mentions", plain: str = ""
    ) -> Paper:
        clusters = [(thing,) if isinstance(thing, str) else thing for thing in things]
        number = len(self.papers)
        forms = " and ".join(form for cluster in clusters for form in cluster)
        new = Paper(
            id="", title=f"Paper number {number}", abstract=f"About {forms} . {plain}", arxiv_id=f"2601.{number:05}"
        )
        self.add(new, [mention(new.text, type_, cluster, role) for cluster in clusters])
        return new

    def add(self, paper: Paper, mentions: Sequence[Mention], relations: Sequence[Relation] = ()) -> None:
        self.papers.append(paper)
        self.found[ids.content_hash(paper.title, paper.abstract)] = Extraction(tuple(mentions), tuple(relations))

    def extraction(self, paper: Paper) -> Extraction:
        return self.found[ids.content_hash(paper.title, paper.abstract)]

    def graph(self) -> Graph:
        return resolve([(digest("one"), self.papers)], self.extraction, EXTRACTOR)

    def names(self) -> list[set[str]]:
        """The surface forms of each entity, names and aliases together, sorted."""
        return sorted((forms_of(node) for node in entities(self.graph())), key=sorted)


def forms_of(node: Node) -> set[str]:
    aliases = node.get("aliases") or ()
    assert isinstance(aliases, tuple)
    return {str(node.get("name")), *aliases}


def entities(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes if node.label in vocab.ENTITY_TYPES]


def by_id(graph: Graph) -> dict[str, Node]:
    return {node.id: node for node in graph.nodes}


def only_papers(papers: Sequence[Paper], *more: Sequence[Paper]) -> Graph:
    digests = [(digest(f"digest {n}"), list(each)) for n, each in enumerate((papers, *more))]
    return resolve(digests, lambda paper: Extraction(), EXTRACTOR)


def papers_of(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes if node.label == "Paper"]


def statements(graph: Graph, predicate: str) -> list[Statement]:
    return [statement for statement in graph.statements if statement.predicate == predicate]


# Surface forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Graph Neural Networks", "graph-neural network"),
        ("fine-tuning", "finetuning"),
        ("LLMs", "LLM"),
        ("CIFAR-10", "CIFAR10"),
        ("text/image retrieval", "text image retrieval"),
        (r"\textsc{DiARC}", "DiARC"),
        (r"$\beta$-VAE", "β-VAE"),
        ("CO$_2$", "CO2"),
        ("sentiment analyses", "sentiment analysis"),
        ("KV caches", "KV cache"),
        ("search strategies", "search strategy"),
        ("large language models (LLMs)", "large language model"),
        ("U-Net", "UNet"),
        ("BLEURT’s", "BLEURT"),
        ("LARGE LANGUAGE MODELS", "large language models"),
        ("colour normalisation", "color normalization"),
        ("language modelling", "language modeling"),
        ("tokenisers", "tokenizer"),
        ("centre loss", "center loss"),
        ("dialogue systems", "dialog system"),
        ("behavioural cloning", "behavioral cloning"),
        ("World Values Survey", "World Value Survey"),
        ("LLMs-as-a-judge", "LLM-as-a-judge"),
        ("EPIC-KITCHENS-100", "Epic-Kitchens-100"),
    ],
)
def test_variants_have_one_key(one: str, other: str) -> None:
    assert form(one).key == form(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CIFAR-10", "CIFAR-100"),
        ("Llama 2", "Llama 3"),
        ("Llama 2 7B", "Llama 27B"),
        ("GPT-3.5", "GPT-3"),
        ("GPT-3.5", "GPT-35"),
        ("UNet++", "UNet"),
        ("A*", "A"),
        ("C#", "C"),
        ("H∞ control", "H control"),
        ("BERT", "SciBERT"),
        ("2D", "3D"),
        ("CLIPS", "CLIP"),
        ("basis", "base"),
        ("YOLOv8s", "YOLOv8"),
        ("ATLAS", "Atlas-S"),
        ("GPS tracking", "GP tracking"),
        ("contour", "contours of war"),
        ("noise", "nose"),
    ],
)
def test_different_things_have_different_keys(one: str, other: str) -> None:
    assert form(one).key != form(other).key


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("llm", "large language model", True),
        ("llm", "vision language model", False),
        ("lora", "low rank adaptation", True),
        ("mllm", "multi modal large language model", True),
        ("rlhf", "reinforcement learning from human feedback", True),
        ("bert", "bidirectional encoder representations from transformer", True),
        ("vae", "variational autoencoder", True),
        ("vlm", "vision language action model", False),
        ("gnn", "graph network", False),
        ("fl", "federated continual learning", False),
        ("qa", "visual question answering", False),
        ("3dgs", "3d gaussian splatting", True),
        ("dp", "", False),
    ],
)
def test_abbreviates(short: str, long: str, expected: bool) -> None:
    assert abbreviates(short, tuple(long.split())) is expected


def test_variants_differ_in_suffixes_only() -> None:
    assert variants(("low", "rank", "adaptation"), ("low", "rank", "adapter"))
    assert variants(("differential", "privacy"), ("differential", "privacy"))
    assert not variants(("differential", "privacy"), ("dynamic", "programming"))
    assert not variants(("continual", "learning"), ("contrastive", "learning"))


def test_ordinary_words_are_told_by_their_letters() -> None:
    assert ordinary("sam")
    assert not ordinary("mnist")
    assert not ordinary("lstm")


@given(st.text(max_size=60))
def test_form_takes_any_text(text: str) -> None:
    assert isinstance(form(text).key, str)
    assert form(text) == form(text)


# Entities


def test_forms_of_one_thing_are_one_entity() -> None:
    world = World()
    world.paper("graph neural network")
    world.paper(("Graph Neural Networks", "GNNs"))
    world.paper("GNN")
    world.paper("graph-neural networks")
    [node] = entities(world.graph())
    assert node.id == "method:graph-neural-networks"
    assert node.get("name") == "Graph Neural Networks"
    assert node.get("aliases") == ("GNN", "GNNs", "graph neural network", "graph-neural networks")
    assert node.get("papers") == 4


def test_name_is_most_frequent_then_longest_then_first() -> None:
    world = World()
    for surface in ("LoRA", "LoRA", "low-rank adaptation"):
        world.paper(("LoRA", "low-rank adaptation") if surface != "LoRA" else surface)
    assert [node.get("name") for node in entities(world.graph())] == ["LoRA"]
    world = World()
    world.paper(("Graph neural networks", "Graph Neural Networks", "GNNs"))
    assert [node.get("name") for node in entities(world.graph())] == ["Graph Neural Networks"]


def test_ambiguous_abbreviation_goes_to_the_long_form_of_its_paper() -> None:
    world = World()
    private = world.paper(("differential privacy", "DP"))
    dynamic = world.paper(("dynamic programming", "DP"))
    beside = world.paper("dynamic programming", "DP")
    alone = world.paper("DP")
    graph = world.graph()
    mentioned = {(s.subject, s.object) for s in statements(graph, "mentions")}
    assert mentioned == {
        (f"arxiv:{private.arxiv_id}", "method:differential-privacy"),
        (f"arxiv:{dynamic.arxiv_id}", "method:dynamic-programming"),
        (f"arxiv:{beside.arxiv_id}", "method:dynamic-programming"),
        (f"arxiv:{alone.arxiv_id}", "method:dp"),
    }
    assert by_id(graph)["method:differential-privacy"].get("aliases") == ("DP",)


def test_abbreviation_alone_joins_the_only_expansion() -> None:
    world = World()
    world.paper(("differential privacy", "DP"))
    world.paper("DP")
    assert world.names() == [{"DP", "differential privacy"}]


def test_abbreviation_that_hardly_any_paper_expands_stays_alone() -> None:
    world = World()
    world.paper(("sharpness-aware minimization", "SAM"))
    for _ in range(15):
        world.paper("SAM")
    assert [node.get("papers") for node in entities(world.graph())] == [15, 1]


def test_slips_do_not_make_an_abbreviation_ambiguous() -> None:
    world = World()
    for _ in range(12):
        world.paper(("policy optimization by ranks", "POR"))
    world.paper(("pose of robots", "POR"))
    bare = world.paper("POR")
    found = {s.subject: s.object for s in statements(world.graph(), "mentions")}
    assert found[f"arxiv:{bare.arxiv_id}"] == "method:por"
    assert by_id(world.graph())["method:por"].get("papers") == 13


def test_noisy_cluster_joins_nothing_for_the_corpus() -> None:
    world = World()
    for _ in range(3):
        world.paper(("large language models", "LLMs"))
        world.paper(("vision-language models", "VLMs"))
    world.paper(("LLMs", "vision-language models"))
    assert world.names() == [{"LLMs", "large language models"}, {"VLMs", "vision-language models"}]


def test_forms_that_nobody_else_uses_are_aliases_of_their_cluster() -> None:
    world = World()
    world.paper(("StepMend", "Mending by Small Steps"))
    assert world.names() == [{"StepMend", "Mending by Small Steps"}]


def test_capitals_are_told_from_ordinary_words() -> None:
    world = World()
    world.paper("SAM")
    world.paper("sam")
    world.paper("MATH", type_="Dataset", plain="We like math.")
    world.paper("Math", type_="Dataset")
    world.paper("MNIST", type_="Dataset")
    world.paper("mnist", type_="Dataset")
    world.paper("LoRA")
    world.paper("LoRA")
    world.paper("LORA")
    assert world.names() == [{"LORA", "LoRA"}, {"MATH"}, {"MNIST", "mnist"}, {"Math"}, {"SAM"}, {"sam"}]


def test_empty_heads_behind_names_are_dropped() -> None:
    world = World()
    for surface in ("ImageNet", "ImageNet dataset", "Cora", "Cora data set", "medical dataset", "medical"):
        world.paper(surface, type_="Dataset")
    assert world.names() == [
        {"Cora", "Cora data set"},
        {"ImageNet", "ImageNet dataset"},
        {"medical"},
        {"medical dataset"},
    ]


def test_heads_of_phrases_are_empty_where_the_phrase_is_known() -> None:
    world = World()
    for surface in ("policy gradient", "policy gradient methods", "attention", "attention mechanism"):
        world.paper(surface)
    for surface in ("vehicle routing", "vehicle routing problem"):
        world.paper(surface, type_="Task")
    assert world.names() == [
        {"attention"},
        {"attention mechanism"},
        {"policy gradient", "policy gradient methods"},
        {"vehicle routing", "vehicle routing problem"},
    ]


def test_models_of_a_field_are_not_the_field() -> None:
    world = World()
    for _ in range(3):
        world.paper(("machine learning", "ML"))
        world.paper(("convolutional neural networks", "CNN"))
    world.paper("ML models")
    world.paper("CNN models")
    assert {"ML models"} in world.names()
    assert {"CNN", "CNN models", "convolutional neural networks"} in world.names()


def test_names_in_capitals_do_not_fall_in_with_phrases_of_their_word() -> None:
    world = World()
    world.paper("DENSE", plain="Some dense text.")
    world.paper("dense models")
    assert world.names() == [{"DENSE"}, {"dense models"}]


def test_names_that_texts_hardly_write_as_words_are_one_in_any_case() -> None:
    world = World()
    for _ in range(20):
        world.paper("Llama")
    world.paper("LLaMA")
    world.paper("LLAMA", plain="See llama.cpp for that.")
    assert world.names() == [{"LLAMA", "LLaMA", "Llama"}]


def test_capitals_inside_make_another_name_unless_most_papers_write_them() -> None:
    world = World()
    world.paper("MIRAGE")
    world.paper("MiraGe")
    for _ in range(3):
        world.paper("LoRA")
    world.paper("LORA")
    world.paper("HICT", "something else")
    world.paper(("HiCT", "HICT"))
    world.paper("Mirage")
    assert world.names() == [{"HICT", "HiCT"}, {"LORA", "LoRA"}, {"MIRAGE", "Mirage"}, {"MiraGe"}, {"something else"}]


def test_abbreviations_in_two_cases_are_one_where_both_are_spelt_out_alike() -> None:
    world = World()
    for _ in range(4):
        world.paper(("diffusion language models", "DLMs"))
    world.paper(("dLMs", "diffusion language models"))
    world.paper(("protein learning", "PL"))
    world.paper(("pL", "prompt learning"))
    names = world.names()
    assert {"DLMs", "dLMs", "diffusion language models"} in names
    assert {"protein learning", "PL"} in names
    assert {"pL", "prompt learning"} in names


def test_modifiers_change_places_but_sides_do_not() -> None:
    world = World()
    for surface in (
        "3D large models",
        "large 3D models",
        "Claude 4 Opus",
        "Claude Opus 4",
        "KG-LLM-Bench",
        "LLM-KG-Bench",
    ):
        world.paper(surface)
    for surface in ("text-to-speech", "speech-to-text", "image text generation", "text image generation"):
        world.paper(surface, type_="Task")
    assert [names for names in world.names() if len(names) > 1] == [
        {"3D large models", "large 3D models"},
        {"Claude 4 Opus", "Claude Opus 4"},
    ]


def test_long_form_that_holds_an_abbreviation_is_no_other_sense() -> None:
    world = World()
    for _ in range(4):
        world.paper(("large language models", "LLMs"))
        world.paper(("multimodal large language models", "MLLMs"))
        world.paper(("multimodal LLMs", "MLLMs"))
    world.paper("MLLMs")
    assert {"MLLMs", "multimodal LLMs", "multimodal large language models"} in world.names()
    assert len(world.names()) == 2


def test_long_form_that_was_cut_off_is_no_other_sense() -> None:
    world = World()
    world.paper(("BERT", "Bidirectional Encoder Representations from Transformers"))
    world.paper(("BERT", "Bidirectional Encoder Representations from"))
    world.paper("BERT")
    assert len(world.names()) == 1


def test_version_is_no_long_form() -> None:
    world = World()
    for _ in range(3):
        world.paper(("GPT-4", "GPT-4.5"), ("B-Rep", "Boundary Representation"))
    world.paper("GPT-4")
    world.paper("GPT-4.5")
    assert world.names() == [{"B-Rep", "Boundary Representation"}, {"GPT-4"}, {"GPT-4.5"}]


@pytest.mark.parametrize(
    ("surface", "name", "expected"),
    [
        ("GUR", "Gated Update Rule", True),
        ("Dual Visual Tokeniser", "dual visual tokenisation", True),
        ("pocket segmentation framework", "pocket segmentation", True),
        ("modeling dynamic graphs", "dynamic graph modeling", True),
        ("zero-shot HOI synthesis", "zero-shot human-object interaction synthesis", True),
        ("MKG-Rank", "Multilingual Knowledge Graph Ranking", True),
        ("StepMend", "Mending by Small Steps", True),
        ("quantum machine learning", "quantum machine unlearning", False),
        ("fine-grained ranking", "coarse-grained ranking", False),
        ("spiking neural network accelerators", "spiking neural networks", False),
        ("image segmentation", "3D image segmentation", False),
        ("speech to text", "text to speech", False),
        ("Wise-IoU v3", "Wise-IoU", False),
        ("HookNet++", "HookNet", False),
        ("PharmaQA", "Prompted Learning", False),
        ("", "image segmentation", False),
    ],
)
def test_only_names_of_the_same_thing_are_aliases(surface: str, name: str, expected: bool) -> None:
    assert is_name(surface, (name,)) is expected
    assert is_name(name, (surface,)) is expected


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_may_be_tried_as_an_alias(surface: str, names: list[str]) -> None:
    assert is_name(surface, names) in (True, False)


def coining(world: World, number: int, name: str, authors: tuple[str, ...], role: str = "introduces") -> Paper:
    title = f"{name}: Paper {number}" if role == "introduces" else f"Paper {number} on {name}"
    paper = Paper("", title, authors=authors, abstract=f"About {name}.", arxiv_id=f"2601.{number:05}")
    world.add(paper, [mention(paper.text, "Method", (name,), role)])
    return paper


def test_homonyms_coined_by_different_authors_are_apart() -> None:
    world = World()
    coining(world, 1, "PRISM", ("Ada Example",))
    coining(world, 2, "PRISM", ("Ben Sample",))
    coining(world, 3, "PRISM", ("Ben Sample", "Cleo Third"))
    coining(world, 4, "PRISM", ("Ben Sample",), role="uses")
    coining(world, 5, "PRISM", ("Someone Else",), role="uses")
    linked = {one.subject: one.object for one in statements(world.graph(), "mentions")}
    of = [linked[f"arxiv:2601.{number:05}"] for number in range(1, 6)]
    assert of[1] == of[2] == of[3] == "method:prism"
    assert len({of[0], of[1], of[4]}) == 3
    assert [node.get("name") for node in entities(world.graph())] == ["PRISM"] * 3
    world.papers.reverse()
    assert {one.subject: one.object for one in statements(world.graph(), "mentions")} == linked


@pytest.mark.parametrize("authors", [("Ada Example",), ()])
def test_name_that_one_group_coined_is_one_entity(authors: tuple[str, ...]) -> None:
    world = World()
    coining(world, 1, "PRISM", ("Ada Example",))
    coining(world, 2, "PRISM", authors)
    coining(world, 3, "PRISM", ("Someone Else",), role="uses")
    assert [node.get("papers") for node in entities(world.graph())] == [3]


def test_phrases_hold_known_abbreviations() -> None:
    world = World()
    for _ in range(3):
        world.paper(("large language models", "LLMs"))
    world.paper("LLM agents")
    world.paper("large language model agents")
    assert {"LLM agents", "large language model agents"} in world.names()


def test_rare_type_is_folded_and_its_roles_and_relations_with_it() -> None:
    world = World()
    for _ in range(3):
        world.paper("clustering", type_="Task", role="addresses")
    odd = Paper("", "Odd one out", ("A B",), "We use clustering within TreeMend here.", arxiv_id="2602.00001")
    spans = [mention(odd.text, "Method", [name], "uses") for name in ("clustering", "TreeMend")]
    sentence = odd.abstract
    relation = Relation(0, "Part-Of", 1, sentence, len(odd.title) + 1, len(odd.text), 0.7)
    world.add(odd, spans, [relation, dataclasses.replace(relation, name="Used-For")])
    graph = world.graph()
    assert "method:clustering" not in by_id(graph)
    assert by_id(graph)["task:clustering"].get("papers") == 4
    assert not statements(graph, "partOf")
    [used] = statements(graph, "usedFor")
    assert (used.subject, used.object) == ("task:clustering", "method:treemend")
    roles = {s.get("role") for s in statements(graph, "mentions") if s.subject == "arxiv:2602.00001"}
    assert roles == {"mentions", "uses"}


def test_two_common_types_are_two_nodes() -> None:
    world = World()
    world.paper("clustering", type_="Task")
    world.paper("clustering", type_="Method")
    assert [node.id for node in entities(world.graph())] == ["method:clustering", "task:clustering"]


@pytest.mark.parametrize("type_", vocab.ENTITY_TYPES)
@pytest.mark.parametrize("role", vocab.ROLES)
def test_every_role_has_one_that_fits(type_: str, role: str) -> None:
    assert type_ in vocab.ROLE_TYPES[role_for(type_, role)]
    assert role_for(type_, role) == role or type_ not in vocab.ROLE_TYPES[role]


def test_entities_of_one_slug_have_distinct_ids() -> None:
    world = World()
    world.paper("Tree 1 2")
    world.paper("Tree 12")
    world.paper("Tree-1-2 3")
    world.paper("Tree-1.2 3")
    found = [node.id for node in entities(world.graph())]
    assert len(found) == len(set(found)) == 4
    assert "method:tree-1-2-3" in found


def test_specificity() -> None:
    assert specificity(10, 10) == 0
    assert specificity(0, 10) == 1
    assert 0 < specificity(5, 10) < specificity(2, 10) < 1


# Statements


def test_statements_carry_their_evidence() -> None:
    paper = Paper(
        "", "TreeMend for Trees", ("Ada Doe",), "We mend trees, e.g. oaks. TreeMend wins on Grove.", doi="10.1234/x"
    )
    world = World()
    first = mention(paper.text, "Method", ["TreeMend"], "introduces", 0.9)
    second = mention(paper.text, "Dataset", ["Grove"], "evaluates-on", 0.5)
    start = paper.text.index("TreeMend wins")
    strong = Relation(0, "Evaluated-With", 1, "TreeMend wins on Grove.", start, len(paper.text), 0.7)
    world.add(
        paper,
        [first, second],
        [strong, dataclasses.replace(strong, confidence=0.2), dataclasses.replace(strong, tail=0)],
    )
    graph = world.graph()
    [found] = statements(graph, "evaluatesOn")
    at = paper.text.index("Grove")
    assert found == Statement(
        "doi:10.1234/x",
        "evaluatesOn",
        "dataset:grove",
        (
            ("charEnd", at + 5),
            ("charStart", at),
            ("confidence", 0.4),
            ("extractor", EXTRACTOR),
            ("paper", "doi:10.1234/x"),
            ("sentence", "TreeMend wins on Grove."),
        ),
    )
    beside = {s.object: s for s in statements(graph, "mentions")}
    assert beside["dataset:grove"].get("role") == "evaluates-on"
    assert beside["dataset:grove"].get("confidence") == 0.5
    assert beside["method:treemend"].get("sentence") == "TreeMend for Trees"
    [relation] = statements(graph, "evaluatedWith")
    assert relation.get("confidence") == 0.7
    assert relation.get("charStart") == start
    assert not statements(graph, "usedFor")


def test_strongest_role_wins_where_mentions_join() -> None:
    paper = Paper("", "A title", (), "Binary trees, then BINARY TREES.", doi="10.1234/x")
    world = World()
    world.add(
        paper,
        [
            mention(paper.text, "Method", ["Binary trees"], "compares-with"),
            mention(paper.text, "Method", ["BINARY TREES"], "uses"),
        ],
    )
    graph = world.graph()
    assert not statements(graph, "comparesWith")
    assert statements(graph, "uses")[0].get("charStart") == paper.text.index("BINARY")
    [mentions] = statements(graph, "mentions")
    assert mentions.get("role") == "uses"
    assert mentions.get("charStart") == paper.text.index("Binary")


def test_damaged_extractions_do_no_harm() -> None:
    paper = Paper("", "A title", (), "Oak trees.", doi="10.1234/x")
    bad = [
        Mention("Method", ("Oak trees",), "uses", 0.9, 0.9, (Span(-3, 900, 0.9),)),
        Mention("Method", ("Elm",), "uses", 0.9, 0.9, (Span(0, 3, 0.9),)),
        Mention("Method", ("...",), "uses", 0.9, 0.9, ()),
        Mention("Method", (), "uses", 0.9, 0.9, ()),
    ]
    relations = [
        Relation(0, "Part-Of", 9, "", 0, 3, 0.5),
        Relation(0, "Odd", 0, "", 0, 3, 0.5),
        Relation(0, "Part-Of", 1, "", 0, 3, 0.5),
    ]
    world = World()
    world.add(paper, bad, relations)
    assert [node.get("name") for node in entities(world.graph())] == ["Oak trees"]
    assert statements(world.graph(), "uses")[0].get("charStart") == paper.text.index("Oak")


# Papers


def test_papers_join_by_arxiv_id_and_doi() -> None:
    graph = only_papers(
        [Paper("", "A first title here", arxiv_id="2601.00001"), Paper("", "Another", doi="10.1/A")],
        [
            Paper("", "Wholly different words", arxiv_id="2601.00001", doi="10.1234/abc"),
            Paper("", "x", doi="10.1234/ABC"),
            Paper("", "y", doi="10.48550/arXiv.2601.00001"),
        ],
    )
    assert [node.id for node in papers_of(graph)] == ["arxiv:2601.00001", f"title:{ids.content_hash('another')[:16]}"]


def test_doi_does_not_bridge_two_arxiv_ids() -> None:
    graph = only_papers(
        [
            Paper("", "One", arxiv_id="2601.00001", doi="10.1234/a"),
            Paper("", "Two", arxiv_id="2601.00002", doi="10.1234/a"),
            Paper("", "Three", doi="10.1234/a"),
        ]
    )
    assert len(papers_of(graph)) == 3


LONG = "Mending the Broken Trees of Groves"


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (Paper("", LONG), Paper("", "mending the broken  trees of groves!"), True),
        (Paper("", LONG, arxiv_id="2601.00001"), Paper("", LONG), True),
        (Paper("", LONG, arxiv_id="2601.00001"), Paper("", LONG, doi="10.1234/a"), True),
        (Paper("", LONG, arxiv_id="2601.00001"), Paper("", LONG, arxiv_id="2601.00002"), False),
        (Paper("", LONG, doi="10.1234/b"), Paper("", LONG, doi="10.1234/a"), False),
        (Paper("", LONG, ("Ada Doe",)), Paper("", LONG, ("Ben Roe",)), False),
        (Paper("", LONG, ("Ada Doe", "Ben Roe")), Paper("", LONG, ("A. Doe",)), True),
        (Paper("", LONG, published="2024-12"), Paper("", LONG, published="2025"), True),
        (Paper("", LONG, published="2023-12"), Paper("", LONG, published="2025"), False),
        (Paper("", LONG, arxiv_id="2301.00001"), Paper("", LONG, published="2025"), False),
        (Paper("", "Mending Broken Trees", abstract="a"), Paper("", "Mending Broken Trees", abstract="b"), False),
        (Paper("", "Mending", abstract="a"), Paper("", "Mending", abstract="a"), True),
        (Paper("", "One title of words", arxiv_id=""), Paper("", "Other title of words", arxiv_id=""), False),
        (Paper("", "One title of words", doi=""), Paper("", "Other title of words", doi=""), False),
    ],
)
def test_title_joins_unless_contradicted(one: Paper, other: Paper, joined: bool) -> None:
    for digests in ([one], [other]), ([other], [one]), ([one, other],):
        graph = only_papers(*digests)
        assert len(papers_of(graph)) == (1 if joined else 2)
        assert len({node.id for node in graph.nodes}) == len(graph.nodes)


def test_title_does_not_bridge_two_ids() -> None:
    papers = [
        Paper("", LONG, arxiv_id="2601.00001"),
        Paper("", LONG),
        Paper("", LONG, arxiv_id="2601.00002"),
    ]
    assert len(papers_of(only_papers(papers))) == 3
    papers = [
        Paper("", LONG, ("Ada Doe",), arxiv_id="2601.00001"),
        Paper("", LONG, ("Ada Doe",)),
        Paper("", LONG, ("Ben Roe",), arxiv_id="2601.00002"),
    ]
    assert len(papers_of(only_papers(papers))) == 2


def test_entry_without_authors_does_not_bridge_two_that_differ() -> None:
    papers = [Paper("", LONG, ("Ada Doe",)), Paper("", LONG), Paper("", LONG, ("Ben Roe",))]
    assert len(papers_of(only_papers(papers))) == 3
    papers = [Paper("", LONG, ("Ada Doe",)), Paper("", LONG, arxiv_id="2601.00001"), Paper("", LONG, ("Ben Roe",))]
    assert len(papers_of(only_papers(papers))) == 3


def test_many_namesakes_are_left_alone_quickly() -> None:
    papers = [Paper("", LONG, (f"Doe {chr(97 + n % 26)}{n}",), arxiv_id=f"2601.{n:05}") for n in range(3000)]
    papers += [Paper("", LONG, (f"Roe{n}",)) for n in range(3000)]
    assert len(papers_of(only_papers(papers))) == 6000


def test_richest_entry_wins_field_by_field() -> None:
    one = Paper(
        "",
        "Short title",
        ("Ada Doe",),
        "Short.",
        arxiv_id="2601.00001",
        published="2026-01-05",
        category="cs.LG",
        categories=("cs.LG", "cs.AI"),
        notes=(Note("tldr", "en", "Brief."), Note("method", "en", "Saws.")),
        comment="10 pages",
    )
    other = Paper(
        "",
        "Long title",
        ("Ada Doe", "Ben Roe"),
        "A longer abstract.",
        url="https://arxiv.org/abs/2601.00001",
        arxiv_id="2601.00001",
        published="2026",
        category="cs.CV",
        categories=("cs.CV",),
        notes=(Note("tldr", "en", "Longer note."),),
        venue="Grove",
        code_url="https://example.org/code",
    )
    graph = only_papers([one], [other])
    [node] = papers_of(graph)
    assert papers_of(only_papers([other], [one])) == [node]
    assert dict(node.properties) == {
        "title": "Long title",
        "abstract": "A longer abstract.",
        "arxivId": "2601.00001",
        "url": "https://arxiv.org/abs/2601.00001",
        "published": "2026-01-05",
        "venue": "Grove",
        "category": "cs.LG",
        "codeUrl": "https://example.org/code",
        "comment": "10 pages",
        "tldr": ("en", "Longer note."),
        "method": ("en", "Saws."),
    }
    assert list(dict(node.properties)) == sorted(dict(node.properties))
    assert {s.object for s in statements(graph, "inCategory")} == {"category:cs.LG", "category:cs.AI", "category:cs.CV"}
    assert [(s.subject, s.get("position")) for s in statements(graph, "wrote")] == [
        ("author:ada-doe", 1),
        ("author:ben-roe", 2),
    ]


def test_unknown_date_is_the_month_of_the_arxiv_id() -> None:
    [node] = papers_of(only_papers([Paper("", "A title", arxiv_id="2602.15076")]))
    assert node.get("published") == "2026-02"
    [node] = papers_of(only_papers([Paper("", "A title")]))
    assert node.get("published") is None


def test_extraction_is_asked_for_a_text_that_was_read() -> None:
    one = Paper("", "Title A", (), "Longer abstract.", arxiv_id="2601.00001")
    other = Paper("", "A much longer title B", (), "Short.", arxiv_id="2601.00001")
    asked = []
    resolve([(digest("a"), [one]), (digest("b"), [other])], lambda p: asked.append(p.text) or Extraction(), EXTRACTOR)
    assert asked == [one.text]


# Authors and digests


def test_authors_by_name() -> None:
    graph = only_papers(
        [
            Paper("", "One paper of trees", ("Lin F. Yang", "Ann Lee", "Ann Lee"), doi="10.1234/a"),
            Paper("", "Two papers of trees", ("lin f yang", "Åsa Öberg"), doi="10.1234/b"),
            Paper("", "Three papers of trees", ("Lin F. Yang", " ", "Asa Oberg"), doi="10.1234/c"),
        ]
    )
    names = {node.id: node.get("name") for node in graph.nodes if node.label == "Author"}
    assert names == {"author:lin-f-yang": "Lin F. Yang", "author:ann-lee": "Ann Lee", "author:asa-oberg": "Asa Oberg"}
    positions = {(s.subject, s.object): s.get("position") for s in statements(graph, "wrote")}
    assert positions["author:ann-lee", "doi:10.1234/a"] == 2
    assert positions["author:asa-oberg", "doi:10.1234/c"] == 3


def test_digests_of_one_stem_are_told_apart() -> None:
    one = Digest("a" * 64, "Daily list", "test", "Daily", "2026-02-17")
    other = Digest("b" * 64, "daily-list", "test", "Daily", "2026-02-18")
    papers = [Paper("", "A title", arxiv_id="2601.00001", rank=4), Paper("", "A title", arxiv_id="2601.00001", rank=2)]
    graph = resolve([(one, papers)], lambda p: Extraction(), EXTRACTOR)
    assert by_id(graph)["digest:daily-list"].get("name") == "Daily (2026-02-17)"
    [listed] = statements(graph, "listedIn")
    assert listed.get("rank") == 2
    graph = resolve([(one, papers), (other, papers)], lambda p: Extraction(), EXTRACTOR)
    assert [n.id for n in graph.nodes if n.label == "Digest"] == [
        "digest:daily-list-aaaaaaaa",
        "digest:daily-list-bbbbbbbb",
    ]
    assert graph == resolve([(other, papers), (one, papers)], lambda p: Extraction(), EXTRACTOR)


# Redirects


def test_ids_that_were_given_keep_resolving() -> None:
    world = World()
    world.papers.append(Paper("", LONG, ("Ada Doe",)))
    world.found[ids.content_hash(LONG, "")] = Extraction()
    world.paper("low-rank adaptation")
    world.paper("unrelated thing")
    old = world.graph()
    world.papers[0] = dataclasses.replace(world.papers[0], arxiv_id="2601.99999")
    world.papers.pop()
    for _ in range(2):
        world.paper(("low-rank adaptation", "LoRA"))
        world.paper("LoRA")
    new = world.graph()
    gone = {node.id for node in old.nodes} - {node.id for node in new.nodes}
    found = redirects(old.nodes, new)
    assert found["method:low-rank-adaptation"] == "method:lora"
    assert found[next(id_ for id_ in gone if id_.startswith("title:"))] == "arxiv:2601.99999"
    assert "method:unrelated-thing" in gone
    assert "method:unrelated-thing" not in found
    assert redirects(new.nodes, new) == {}


def test_redirects_follow_a_change_of_type() -> None:
    old = Node("method:clustering", "Method", (("name", "clustering"),))
    new = Graph((Node("task:clustering", "Task", (("name", "clustering"), ("papers", 3))),))
    assert redirects([old], new) == {"method:clustering": "task:clustering"}


# Properties of any graph

SURFACES = (
    "LLMs",
    "large language models",
    "DP",
    "differential privacy",
    "dynamic programming",
    "SAM",
    "sam",
    "Oak 2",
    "Oak 3",
)
TITLES = (LONG, "Growing Very Tall Oak Trees", "Short one")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, list[list[Paper]]]:
    world = World()
    for number in range(draw(st.integers(1, 8))):
        clusters = draw(st.lists(st.lists(st.sampled_from(SURFACES), min_size=1, max_size=3, unique=True), max_size=3))
        abstract = f"Abstract {number % 5}: " + ", ".join(surface for cluster in clusters for surface in cluster)
        paper = Paper(
            "",
            draw(st.sampled_from(TITLES)),
            tuple(draw(st.lists(st.sampled_from(("Ada Doe", "A. Doe", "Ben Roe")), max_size=2))),
            abstract,
            arxiv_id=draw(st.sampled_from((None, "", "2601.00001", "2601.00002"))),
            doi=draw(st.sampled_from((None, "10.1234/a", "10.1234/b"))),
            published=draw(st.sampled_from((None, "2024", "2025-01", "2026-01-01"))),
            rank=number,
        )
        mentions = [
            mention(
                paper.text,
                draw(st.sampled_from(vocab.ENTITY_TYPES)),
                cluster,
                draw(st.sampled_from(tuple(vocab.ROLES))),
            )
            for cluster in clusters
        ]
        relations = [
            Relation(head, name, tail, "", 0, 5, 0.5)
            for head in range(len(mentions))
            for tail in range(len(mentions))
            for name in draw(st.sets(st.sampled_from(sorted(vocab.RELATION_NAMES)), max_size=2))
        ]
        world.add(paper, mentions, relations)
    cut = draw(st.integers(0, len(world.papers)))
    return world, [world.papers[:cut], world.papers[cut:]]


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(made: tuple[World, list[list[Paper]]], rng: random.Random) -> None:
    world, digests = made
    given_ = [(digest(f"d{n}"), papers) for n, papers in enumerate(digests)]
    graph = resolve(given_, world.extraction, EXTRACTOR)
    shuffled = [(one, rng.sample(papers, len(papers))) for one, papers in reversed(given_)]
    assert resolve([*shuffled, shuffled[0]], world.extraction, EXTRACTOR) == graph


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_graph_is_sound(made: tuple[World, list[list[Paper]]]) -> None:
    world, digests = made
    graph = resolve([(digest(f"d{n}"), papers) for n, papers in enumerate(digests)], world.extraction, EXTRACTOR)
    nodes = by_id(graph)
    assert len(nodes) == len(graph.nodes)
    seen = set()
    for one in graph.statements:
        relationship = vocab.RELATIONSHIPS[one.predicate]
        assert (nodes[one.subject].label, nodes[one.object].label) in relationship.pairs
        assert {name for name, _ in one.properties} <= set(relationship.properties)
        assert [name for name, _ in one.properties] == sorted(name for name, _ in one.properties)
        assert (one.subject, one.predicate, one.object, one.get("paper")) not in seen
        seen.add((one.subject, one.predicate, one.object, one.get("paper")))
        if relationship.extracted:
            assert one.subject != one.object
            paper = nodes[str(one.get("paper"))]
            text = f"{paper.get('title')}\n{paper.get('abstract')}"
            start, end = one.get("charStart"), one.get("charEnd")
            assert isinstance(start, int)
            assert isinstance(end, int)
            assert str(one.get("sentence")) in text
            if nodes[one.subject].label == "Paper":
                assert text[start:end] in SURFACES
                assert text[start:end] in str(one.get("sentence"))
    for node in entities(graph):
        assert node.get("papers") == len({s.subject for s in statements(graph, "mentions") if s.object == node.id})
    for paper in papers_of(graph):
        assert any(s.subject == paper.id for s in statements(graph, "listedIn"))
