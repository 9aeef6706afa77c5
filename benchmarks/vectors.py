"""Train the domain vectors that the shipped model starts from.

    pip install floret
    python benchmarks/vectors.py abstracts.jsonl.gz vectors.floret
    kgtool train RECORDS... --vectors vectors.floret --out model

The input holds one JSON object per line with `id`, `title` and `abstract`, gzipped or not; `--without` names annotated
records whose papers are left out, so that nothing of what measures is seen. One thread, and so the same result each
time: nine minutes for 74,000 abstracts.
"""

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import floret
import spacy

SETTINGS = {
    "model": "cbow",
    "mode": "floret",
    "hashCount": 2,
    "bucket": 50_000,
    "minn": 4,
    "maxn": 5,
    "minCount": 10,
    "dim": 128,
    "neg": 10,
    "ws": 5,
    "epoch": 5,
    "lr": 0.05,
    "thread": 1,
}


def lines(path: Path, without: set[str]) -> Iterator[str]:
    """The texts as blank-separated tokens of spaCy's English tokenizer."""
    tokenizer = spacy.blank("en").tokenizer
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if record["id"] not in without:
                text = " ".join(f"{record['title']} . {record['abstract']}".split())
                yield " ".join(token.text for token in tokenizer(text) if not token.is_space)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("abstracts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    without = {
        json.loads(line)["id"] for path in arguments.without for line in path.read_text(encoding="utf-8").splitlines()
    }
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.txt"
        with corpus.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines(arguments.abstracts, without))
        floret.train_unsupervised(str(corpus), **SETTINGS).save_floret_vectors(str(arguments.out))


if __name__ == "__main__":
    main()
