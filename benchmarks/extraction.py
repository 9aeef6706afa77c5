"""How good, how calibrated and how fast extraction is: three tables, and a reliability diagram.

    python benchmarks/extraction.py dev.jsonl [--model MODEL] [--diagram docs/reliability.svg]

`dev.jsonl` holds annotated records that the model was not trained on. An entity is right where `kgtool evaluate`
matches it, its role where the matched entity has the same, a span where its surface is annotated with its type, and a
relation where it joins matched entities as an annotated one does.
"""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it

from kgtool.extract.evaluation import expected_calibration_error, figures_table, match, score
from kgtool.extract.gold import GoldRecord, gold_of, read_gold
from kgtool.extract.pipeline import PipelineExtractor
from kgtool.records import Extraction, Paper

BINS = 5
KINDS = ("entity", "span", "role", "relation")


def judged(record: GoldRecord, found: Extraction) -> Iterator[tuple[str, float, bool]]:
    """What was found in one paper: its kind, its confidence, and whether it is right."""
    predicted = gold_of(record.id, record.title, record.abstract, found)
    pairs = match(record.entities, predicted.entities)
    surfaces = {(entity.type, surface) for entity in record.entities for surface in entity.mentions}
    text = record.text
    for number, mention in enumerate(found.mentions):
        yield "entity", mention.confidence, number in pairs
        if number in pairs:
            yield "role", mention.role_confidence, record.entities[pairs[number]].role == mention.role
        for span in mention.spans:
            yield "span", span.confidence, (mention.type, text[span.start : span.end]) in surfaces
    if record.relations is not None:
        known = set(record.relations)
        for relation in found.relations:
            ends = pairs.get(relation.head), relation.name, pairs.get(relation.tail)
            yield "relation", relation.confidence, ends in known


def draw(rows: list[tuple[str, float, bool]], path: Path) -> None:
    """The reliability diagram (DeGroot and Fienberg 1983): the share that is right over the confidence, by tenths."""
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams["svg.hashsalt"] = "kgtool"
    figure = Figure(figsize=(9, 2.6), layout="constrained")
    for axes, kind in zip(figure.subplots(1, len(KINDS), sharey=True), KINDS, strict=True):
        chosen = [(confidence, right) for name, confidence, right in rows if name == kind]
        axes.plot([0, 1], [0, 1], color="0.6", linewidth=1)
        bins = [[pair for pair in chosen if min(int(pair[0] * 10), 9) == i] for i in range(10)]
        filled = [one for one in bins if one]
        given = [sum(confidence for confidence, _ in one) / len(one) for one in filled]
        seen = [sum(right for _, right in one) / len(one) for one in filled]
        axes.plot(given, seen, color="#0072B2", linewidth=1)
        axes.scatter(given, seen, s=[6 + 160 * len(one) / len(chosen) for one in filled], color="#0072B2")
        axes.set(title=f"{kind}, {len(chosen)}", xlabel="confidence", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    figure.axes[0].set_ylabel("share that is right")
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--diagram", type=Path)
    arguments = parser.parse_args()
    gold = read_gold(arguments.gold)
    extractor = PipelineExtractor(arguments.model)
    papers = [Paper(record.id, record.title, abstract=record.abstract) for record in gold]
    list(extractor(papers[:5]))  # loads the model
    begin = time.perf_counter()
    found = list(extractor(papers))
    seconds = time.perf_counter() - begin
    predicted = [gold_of(p.id, p.title, p.abstract, extraction) for p, extraction in zip(papers, found, strict=True)]

    print("| figure | precision | recall | F1 |\n| --- | --- | --- | --- |")
    for name, precision, recall, f1, _ in figures_table(score(gold, predicted)):
        print(f"| {name} | {precision} | {recall} | {f1} |")

    rows = [row for record, extraction in zip(gold, found, strict=True) for row in judged(record, extraction)]
    print("\n| confidence | " + " | ".join(f"{i / BINS:.1f} to {(i + 1) / BINS:.1f}" for i in range(BINS)), end="")
    print(" | expected calibration error |\n| --- |" + " --- |" * (BINS + 1))
    for kind in KINDS:
        chosen = [(confidence, right) for name, confidence, right in rows if name == kind]
        cells = []
        for i in range(BINS):
            inside = [right for confidence, right in chosen if min(int(confidence * BINS), BINS - 1) == i]
            cells.append(f"{sum(inside) / len(inside):.2f} of {len(inside)}" if inside else "-")
        print(f"| {kind} | {' | '.join(cells)} | {expected_calibration_error(chosen):.3f} |")

    if arguments.diagram:
        draw(rows, arguments.diagram)
    print(f"\n{len(papers) / seconds:.0f} abstracts a second, the model loaded.")


if __name__ == "__main__":
    main()
