"""The graph as networkx has it, beside the corpus."""

from kgtool.analysis.network import network
from kgtool.stores.corpus import Corpus


def test_the_network_has_what_the_corpus_has(example_kg):
    graph = network(example_kg)
    with Corpus.open(example_kg) as corpus:
        assert graph.number_of_nodes() == sum(corpus.count_nodes().values())
        assert graph.number_of_edges() == sum(corpus.count_statements().values())
    sure = network(example_kg, min_confidence=0.9)
    assert 0 < sure.number_of_edges() < graph.number_of_edges()
    assert all(data.get("confidence", 1) >= 0.9 for *_, data in sure.edges(data=True))
    assert all(
        not isinstance(value, tuple) or name == "aliases"
        for _, data in graph.nodes(data=True)
        for name, value in data.items()
    )


def test_the_network_without_shadows_has_one_edge_from_a_paper_to_an_entity(example_kg):
    graph = network(example_kg, labels=("Paper", "Method", "Dataset", "Task"), shadows=False)
    ends = [(source, target) for source, target in graph.edges() if graph.nodes[source]["label"] == "Paper"]
    assert len(ends) == len(set(ends))
    assert ends
