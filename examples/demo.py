"""The main job in one go: build a knowledge graph from the example digests and ask it in SPARQL and in Cypher.

Run it by ``make demo``, or by ``python examples/demo.py [KG]`` where kgtool is installed.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DIGESTS = ["conference.txt", "daily-2026-03-02.md", "weekly-page.txt"]

SPARQL = """\
SELECT ?dataset (COUNT(DISTINCT ?paper) AS ?papers)
WHERE { ?paper kg:evaluatesOn ?d . ?d skos:prefLabel ?dataset }
GROUP BY ?dataset ORDER BY DESC(?papers) ?dataset LIMIT 5"""

CYPHER = """\
MATCH (p:Paper)-[r:INTRODUCES]->(m:Method), (p)-[:EVALUATES_ON]->(d:Dataset {name: 'ImageNet'})
RETURN m.name, p.title, r.sentence ORDER BY m.name LIMIT 3"""


def kgtool(*arguments: str) -> None:
    """Run one command of kgtool, and stop where it fails."""
    done = subprocess.run([sys.executable, "-m", "kgtool", *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def main() -> None:
    """Build, then ask twice."""
    kg = sys.argv[1] if len(sys.argv) > 1 else "demo-kg"
    digests = [str(HERE / name) for name in DIGESTS]
    print("Building the graph of", *DIGESTS, flush=True)
    kgtool("build", *digests, "--kg", kg, "-o", "table")
    print("\nSPARQL: which datasets are evaluated on most?", flush=True)
    kgtool("sparql", SPARQL, "--kg", kg, "-o", "table")
    print(
        "\nCypher: which methods were introduced in papers that evaluate on ImageNet, and where do they say so?",
        flush=True,
    )
    kgtool("cypher", CYPHER, "--kg", kg, "-o", "table")
    print(f"\nThe graph lies in {Path(kg).resolve()}")
    command = Path(sys.executable).parent / "kgtool"
    print(f"Ask it yourself: {command} cypher 'MATCH (t:Task) RETURN t.name LIMIT 5' --kg {kg}")


if __name__ == "__main__":
    main()
