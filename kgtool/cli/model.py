"""Commands about the extraction model and the program itself: train, evaluate, completion."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import click

from kgtool.cli.base import model_option, output_option, print_table, progress
from kgtool.errors import InputError
from kgtool.records import Table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("records", nargs=-1, required=True, type=_FILE, metavar="RECORDS...")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the new model.")
@click.option(
    "--vectors",
    type=click.Path(exists=True, path_type=Path),
    help="Word vectors: floret's text format, or a spaCy pipeline with some.  [default: those of the shipped model]",
)
@click.option("--steps", type=click.IntRange(min=1), default=None, help="Training steps.  [default: the config's]")
@output_option
def train(records: tuple[Path, ...], out: Path, vectors: Path | None, steps: int | None, output: str | None) -> None:
    """Train the extraction model from annotated records (JSON Lines). Seeded: the same records give the same model.

    \b
    Example:
      kgtool train train.jsonl train-more.jsonl --out model
      kgtool extract digest.txt --model model
    """
    from kgtool.extract.training import train as train_model

    with progress("Training") as show:
        report = train_model(records, out, vectors=vectors, steps=steps, progress=show)
    print_table(Table(tuple(report), (tuple(report.values()),)), output)


@click.command()
@click.argument("gold", type=_FILE)
@click.option("--predicted", type=_FILE, help="Score these records instead of extracting from the gold texts.")
@model_option
@click.option(
    "--show",
    type=click.Choice(("figures", "confusion", "errors")),
    default="figures",
    show_default=True,
    help="Precision, recall and F1; what was taken for what; or the most frequent errors with their sentences.",
)
@output_option
def evaluate(gold: Path, predicted: Path | None, model: Path | None, show: str, output: str | None) -> None:
    """Score extraction against annotated records.

    \b
    Example:
      kgtool evaluate dev.jsonl
    """
    from kgtool.extract import evaluation
    from kgtool.extract.gold import gold_of, read_gold
    from kgtool.extract.pipeline import PipelineExtractor
    from kgtool.records import Paper

    expected = read_gold(gold, texts=predicted is None or show == "errors")
    if not expected:
        raise InputError(f"{gold}:1: no record in the file: expected one JSON object per line")
    if predicted is not None:
        found = read_gold(predicted, texts=False)
    else:
        papers = [Paper(record.id, record.title, abstract=record.abstract) for record in expected]
        with progress("Extracting") as bar:
            extractions = []
            for done, extraction in enumerate(PipelineExtractor(model)(papers), 1):
                extractions.append(extraction)
                bar(done, len(papers))
        found = tuple(
            gold_of(paper.id, paper.title, paper.abstract, extraction)
            for paper, extraction in zip(papers, extractions, strict=True)
        )
    if show == "figures":
        print_table(evaluation.figures_table(evaluation.score(expected, found)), output)
    elif show == "confusion":
        print_table(evaluation.confusion(expected, found), output)
    else:
        errors = evaluation.frequent_errors(expected, found)
        columns = ("kind", "gold", "predicted", "count", "paper", "sentence")
        print_table(Table(columns, tuple(astuple(error) for error in errors)), output)


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes the shell complete kgtool's commands and options.

    \b
    Example:
      eval "$(kgtool completion bash)"
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(ctx.find_root().command, {}, "kgtool", "_KGTOOL_COMPLETE").source())


COMMANDS = (train, evaluate, completion)
