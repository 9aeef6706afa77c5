"""Fixtures: the dictionary extractor, the example digests, the shipped model, servers."""

import os
import shutil
from collections import Counter

import pytest
import servers
from fuseki import fuseki
from samples import EXAMPLES, LexiconExtractor

from kgtool.digests import read_digest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line has it: tests run side by side


@pytest.fixture
def extractor():
    return LexiconExtractor()


@pytest.fixture(scope="session")
def example_files():
    """The project's own example digests, read."""
    paths = sorted(path for path in EXAMPLES.iterdir() if path.suffix in (".md", ".txt") and path.stem != "README")
    return [read_digest(path) for path in paths]


@pytest.fixture(scope="session")
def model():
    """The shipped pipeline, loaded once."""
    from kgtool.extract.pipeline import load_model

    return load_model()


@pytest.fixture(scope="session")
def extractor_of_shipped():
    """The shipped pipeline as kgtool uses it, loaded once."""
    from kgtool.extract.pipeline import PipelineExtractor

    return PipelineExtractor()


@pytest.fixture(scope="session")
def example_kg(tmp_path_factory, example_files, extractor_of_shipped):
    """The knowledge graph of the example digests, as the shipped pipeline reads them; not to be changed."""
    from kgtool.build import build

    kg = tmp_path_factory.mktemp("examples") / "kg"
    build(kg, example_files, extractor_of_shipped)
    return kg


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory):
    """The Neo4j server of this run, one for all workers; tests keep to graphs with names of their own."""
    root, worker = tmp_path_factory.getbasetemp(), "PYTEST_XDIST_WORKER" in os.environ
    try:
        return servers.shared_neo4j(root.parent if worker else root, os.getppid() if worker else os.getpid())
    except servers.Missing as error:
        pytest.skip(f"{NOT_RUN}{error}")


@pytest.fixture(scope="session")
def fuseki_server(tmp_path_factory):
    """A Fuseki server of this worker, which tests empty before they use it."""
    try:
        with fuseki(tmp_path_factory.mktemp("fuseki")) as server:
            yield server
    except servers.Missing as error:
        pytest.skip(f"{NOT_RUN}{error}")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A headless Chromium that tells what it asked for and what stands on its console, one for all tests."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not program or not driver:
        pytest.skip(f"{NOT_RUN}they need a browser: apt-get install chromium chromium-driver (.ci/run does)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--no-first-run", "--window-size=1400,900",
        f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With the path of the driver said, selenium looks for none and loads none.
    with webdriver.Chrome(options=options, service=Service(driver)) as running:
        yield running


NOT_RUN = "not run: "
"""How the reason begins why a test cannot run here; the rest says how to get what it wants."""


def pytest_terminal_summary(terminalreporter):
    """Tells a run that lacked something from a full one."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    lacking = {reason: count for reason, count in reasons.items() if reason.startswith(NOT_RUN)}
    if lacking:
        terminalreporter.section("NOT A FULL RUN", red=True)
        for reason, count in sorted(lacking.items()):
            terminalreporter.line(f"{count} tests {reason}", red=True)
