"""The interactive pages in a browser: they draw, search, filter and show evidence, and do nothing else."""

import json
import re

import pytest
from pictures import CHINESE, HOSTILE, SCRIPT
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from kgtool.plot.neighbourhood import neighbourhood
from kgtool.plot.page import page
from kgtool.plot.pairs import bipartite, matrix
from kgtool.plot.paths import path
from kgtool.plot.rising import trends

CANVAS = """
const canvas = document.querySelector("#graph canvas[data-id='layer2-node']");
const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
return pixels.filter((value, index) => index % 4 === 3 && value > 0).length;
"""


class Window:
    """A page that is open in the browser."""

    def __init__(self, driver, file):
        self.driver, self.file = driver, file
        driver.get_log("browser"), driver.get_log("performance")
        driver.get(file.as_uri())

    def find(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        (found,) = self.find(selector)
        return found

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def toggle(self, selector):
        """Click a box until it has changed: under load the page may still be moving under the pointer."""
        box = self.one(selector)
        was = box.is_selected()
        for _ in range(20):
            box.click()
            self.run("return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
            if box.is_selected() != was:
                return
        raise AssertionError(f"{selector} stays as it was")

    @property
    def status(self):
        return self.one("#status").text

    @property
    def panel(self):
        return self.one("#panel").text

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def click(self, place):
        """On the graph, at a place in pixels from its corner."""
        box = self.one("#graph")
        middle = box.size["width"] / 2, box.size["height"] / 2
        ActionChains(self.driver).move_to_element_with_offset(
            box, round(place["x"] - middle[0]), round(place["y"] - middle[1])
        ).pause(0.1).click().perform()
        self.run("return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")

    def harmless(self):
        """No error was told, nothing was asked of anywhere, and no name ran as a program."""
        assert self.driver.get_log("browser") == []
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        # The browser's own first page may still be loading when it is left.
        asked = [each for each in asked if not each["documentURL"].startswith("chrome")]
        assert {each["request"]["url"] for each in asked} <= {self.file.as_uri()}
        assert self.run("return window.hacked") is None
        assert self.run("return document.querySelectorAll('img, iframe, object, embed, link').length") == 0
        assert self.run("return document.scripts.length") == self.file.read_text("utf-8").count("</script>")
        hrefs = self.run("return Array.from(document.links, (link) => link.getAttribute('href'))")
        assert all(href.startswith(("https://", "http://")) for href in hrefs)


@pytest.fixture
def window(browser, tmp_path):
    """Opens a picture's page, and holds in the end that it was harmless."""
    opened = []

    def show(picture):
        file = tmp_path / f"page-{len(opened)}.html"
        file.write_text(page(picture), encoding="utf-8")
        opened.append(Window(browser, file))
        return opened[-1]

    yield show
    opened[-1].harmless()


def test_a_neighbourhood(window, example_kg):
    picture = neighbourhood(example_kg, "LoRA")
    page = window(picture)
    assert page.status == f"{len(picture.dots)} nodes, {len(picture.lines)} edges"
    assert page.run("return graph.nodes(':visible').length") == len(picture.dots)
    assert page.run(CANVAS) > 1000
    assert len(page.find("#panel li button")) == len(picture.dots)
    places = page.run("return graph.nodes().map((node) => node.renderedPosition())")
    size = page.one("#graph").size
    assert all(0 < place["x"] < size["width"] and 0 < place["y"] < size["height"] for place in places)

    line = next(line for line in picture.lines if len(line.evidence) == 1 and line.evidence[0].sentence)
    page.click(page.run("return graph.edges()[arguments[0]].renderedMidpoint()", picture.lines.index(line)))
    assert line.evidence[0].sentence in page.panel
    assert line.evidence[0].title in page.panel
    assert f"confidence {line.evidence[0].confidence:.2f}" in page.panel

    (centre,) = (number for number, dot in enumerate(picture.dots) if dot.focus)
    page.click(page.run("return graph.nodes()[arguments[0]].renderedPosition()", centre))
    mine = [line for line in picture.lines if picture.dots[centre].id in (line.source, line.target)]
    assert page.panel.startswith("LoRA")
    assert "method:lora" in page.panel
    assert f"{len(mine)} edges" in page.panel
    paper = next(number for number, dot in enumerate(picture.dots) if dot.url)
    page.click(page.run("return graph.nodes()[arguments[0]].renderedPosition()", paper))
    assert page.one("#panel p a").get_attribute("href") == picture.dots[paper].url


def test_search_and_filters(window, example_kg):
    picture = neighbourhood(example_kg, "LoRA", depth=2)
    page = window(picture)
    names = {dot.name for dot in picture.dots}
    page.one("#search").send_keys("PEBBLE")
    fitting = [dot for dot in picture.dots if "pebble" in f"{dot.name} {dot.id} {dot.details}".lower()]
    assert {button.text for button in page.find("#panel li button")} == {dot.name for dot in fitting} < names
    assert page.status.endswith(f", {len(fitting)} found")
    assert page.run("return graph.nodes('.found').length") == len(fitting)
    assert page.run("return graph.nodes('.pale').length") == len(picture.dots) - len(fitting)
    page.one("#search").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    assert page.run("return graph.nodes('.pale').length") == 0

    page.toggle("input[value=Paper]")
    assert (
        page.run(
            "return graph.nodes(':visible').filter((node) => data.nodes[node.data('index')].type === 'Paper').length"
        )
        == 0
    )
    assert not page.find("#panel li button[aria-hidden]")
    page.toggle("input[value=Paper]")
    assert page.status == f"{len(picture.dots)} nodes, {len(picture.lines)} edges"

    page.one("#least").send_keys(*[Keys.ARROW_RIGHT] * 14)
    assert page.one("#least-shown").text == "0.70"
    sure = [line for line in picture.lines if line.confidence is None or line.confidence >= 0.7]
    assert 0 < len(sure) < len(picture.lines)
    assert page.run("return graph.edges(':visible').length") == len(sure)
    linked = {id_ for line in sure for id_ in (line.source, line.target)} | {
        dot.id for dot in picture.dots if dot.focus
    }
    assert page.status == f"{len(linked)} nodes, {len(sure)} edges"


def test_everything_is_reached_by_keyboard(window, example_kg):
    picture = neighbourhood(example_kg, "LoRA")
    page = window(picture)
    page.press(Keys.TAB)
    page.press("parameter-eff", Keys.ENTER)
    assert page.panel.startswith("parameter-efficient fine-tuning")
    assert page.run("return document.activeElement.tagName") == "H2"
    page.press(Keys.TAB, Keys.ENTER)
    assert "“" in page.panel or page.find("#panel blockquote")
    page.press(Keys.ESCAPE)
    assert page.find("#panel h2")[0].text == "1 found"
    page.run("document.getElementById('graph').focus()")
    before = page.run("return [graph.zoom(), graph.pan().x]")
    page.press("+", Keys.ARROW_LEFT)
    after = page.run("return [graph.zoom(), graph.pan().x]")
    assert after[0] > before[0]
    assert after[1] != before[1]
    page.press("0")
    assert page.run("return graph.zoom()") == pytest.approx(before[0], rel=0.3)


def test_a_path_and_a_bipartite_graph(window, example_kg):
    picture = path(example_kg, "LoRA", "Cora")
    page = window(picture)
    assert page.run(CANVAS) > 300
    page.click(page.run("return graph.edges()[0].renderedMidpoint()"))
    assert picture.lines[0].evidence[0].sentence in page.panel
    page.harmless()
    picture = bipartite(example_kg, limit=20)
    page = window(picture)
    assert page.status == f"{len(picture.dots)} nodes, 20 edges"
    assert page.run(CANVAS) > 300
    sides = {round(place["x"]) for place in page.run("return graph.nodes().map((node) => node.position())")}
    assert len(sides) == 2
    first = picture.lines[0]
    page.click(page.run("return graph.edges()[0].renderedMidpoint()"))
    assert f"{first.support} paper" in page.panel
    assert first.evidence[0].sentence in page.panel


def test_a_heat_map(window, example_kg):
    picture = matrix(example_kg, limit=10)
    page = window(picture)
    assert page.status == f"10 × 10, {len(picture.tiles)} pairs"
    assert len(page.find(".heat td button")) == len(picture.tiles)
    best = max(picture.tiles, key=lambda tile: tile.support)
    names = picture.rows[best.row].name, picture.columns[best.column].name
    page.one(f"[data-row='{best.row}'] [data-column='{best.column}'] button").click()
    assert page.panel.startswith(f"{names[0]} and {names[1]}")
    assert all(one.sentence in page.panel for one in best.evidence)
    page.one("#search").send_keys(names[1].lower())
    shown = [head.text for head in page.find("thead th") if head.is_displayed()]
    assert names[1] in shown
    assert len(shown) < 10
    page.one("#search").send_keys(Keys.CONTROL, "a", Keys.DELETE)
    page.one("#least").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    many = [tile for tile in picture.tiles if tile.support >= 3]
    assert page.status.endswith(f"{len(many)} pairs")
    page.one("#direct").click()
    assert page.status.endswith(f"{sum(tile.direct > 0 for tile in many)} pairs")


def test_trends(window, example_kg):
    picture = trends(example_kg, by="digest")
    page = window(picture)
    charts = page.find(".course")
    assert [chart.find_element(By.TAG_NAME, "strong").text for chart in charts] == [c.dot.name for c in picture.courses]
    charts[0].click()
    course = picture.courses[0]
    assert all(one.sentence in page.panel for one in course.evidence)
    rows = [row.text.split() for row in page.find("#panel tbody tr")]
    assert [int(row[-4]) for row in rows] == list(course.papers)
    page.one("input[value=Method]").click()
    assert page.status.startswith(f"{sum(c.dot.label != 'Method' for c in picture.courses)} of 12")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_and_nothing_else(window, name):
    page = window(HOSTILE[name]())
    assert page.one("h1").text.endswith(SCRIPT) or SCRIPT in page.one("h1").text
    assert page.driver.title.find("<script>") > 0
    for selector in ("#panel li button", ".heat td button", ".course"):
        for number in range(min(len(page.find(selector)), 4)):
            page.find(selector)[number].click()
            if edges := page.find("#panel li button"):
                edges[0].click()
            page.harmless()
            page.press(Keys.ESCAPE)
    if name in ("graph", "paths", "sides"):
        assert page.run(CANVAS) > 100
        assert page.run("return data.nodes.map((node) => node.name)").count(SCRIPT) <= 1
    page.one("#search").send_keys("<img onerror=window.hacked=6>")
    text = page.run("return JSON.stringify(data)")
    assert any(part in text for part in (CHINESE, "\\\\frac{1}{0"))


def test_the_policy_forbids_what_the_page_does_not_need(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page(HOSTILE["graph"]()), encoding="utf-8")
    browser.get(file.as_uri())
    browser.execute_script(
        """
        window.refused = [];
        document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
        document.body.append(Object.assign(document.createElement("script"), { textContent: "window.hacked = 7" }));
        document.body.append(Object.assign(document.createElement("img"), { src: "http://127.0.0.1:9/x.png" }));
        document.body.append(Object.assign(document.createElement("iframe"), { src: "http://127.0.0.1:9/" }));
        fetch("http://127.0.0.1:9/").catch(() => {});
        """
    )
    # In a callback: what the driver runs by itself may do more than the page's own scripts.
    browser.execute_async_script(
        """
        const [done] = arguments;
        const attempt = () => {
          try { eval("window.hacked = 8"); } catch (error) { refused.push("eval"); }
          setTimeout(done, 200);
        };
        setTimeout(attempt, 0);
        """
    )
    refused = browser.execute_script("return refused")
    assert {"script-src-elem", "img-src", "frame-src", "connect-src", "eval"} <= set(refused)
    assert browser.execute_script("return window.hacked") is None
    browser.get_log("browser")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(window, browser, example_kg, scheme):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    page = window(neighbourhood(example_kg, "LoRA"))
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    ink = page.run("return graph.nodes()[0].style('color')")
    assert contrast(ground, ink) > 7
    assert (luminance(ground) > 0.5) == (scheme == "light")
    assert all(
        contrast(ground, page.run("return getComputedStyle(arguments[0]).color", element)) > 4.5
        for element in page.find("h1, .notes, .key, .hint, label, #panel button")[:40]
    )


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
