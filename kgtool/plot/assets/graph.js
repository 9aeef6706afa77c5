"use strict";
// A graph: the places come with the data; the reader searches, filters by type and confidence, and asks for evidence.
const shown = { wanted: "", types: new Set(data.nodes.map((node) => node.type)), least: 0 };
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const plural = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

function looks() {
  return [
    {
      selector: "node",
      style: {
        shape: "data(shape)", "background-color": "data(colour)", width: "data(size)", height: "data(size)",
        label: "data(label)", color: colour("ink"), "font-size": 11.5, "text-wrap": "wrap", "text-max-width": 400,
        "text-valign": "data(valign)", "text-halign": "data(halign)", "text-margin-x": "data(aside)", "text-margin-y": "data(below)",
        "text-outline-color": colour("page"), "text-outline-width": 2.5, "line-height": 1.15, "border-width": 0,
      },
    },
    { selector: "node.focus", style: { "font-weight": "bold", "border-width": 2.5, "border-color": colour("ink") } },
    {
      selector: "edge",
      style: {
        width: "data(width)", "line-style": "data(dashes)", "curve-style": "data(curve)", opacity: "data(opacity)",
        "line-color": (edge) => colour(edge.data("tone")), "target-arrow-color": (edge) => colour(edge.data("tone")),
        "target-arrow-shape": "data(arrow)", "arrow-scale": 0.8, label: "data(number)", color: colour("ink"),
        "font-size": 11, "text-background-color": colour("page"), "text-background-opacity": 1, "text-background-padding": 3,
      },
    },
    { selector: ".away", style: { display: "none" } },
    { selector: ".pale", style: { opacity: 0.13 } },
    { selector: "node.found", style: { "border-width": 3, "border-color": colour("accent") } },
    { selector: "node:selected", style: { "border-width": 4, "border-color": colour("accent") } },
    { selector: "edge:selected", style: { "line-color": colour("accent"), "target-arrow-color": colour("accent"), opacity: 1, width: 4 } },
  ];
}

const graph = cytoscape({
  container: byId("graph"),
  elements: [
    ...data.nodes.map((node, index) => ({
      data: {
        id: `n${index}`, index, label: node.label, shape: data.looks[node.type].shape, colour: data.looks[node.type].colour,
        size: node.focus ? 26 : 16, valign: node.side ? "center" : "bottom", halign: node.side || "center",
        aside: node.side === "left" ? -5 : node.side === "right" ? 5 : 0, below: node.side ? 0 : 4,
      },
      position: { x: node.x, y: node.y },
      classes: node.focus ? "focus" : "",
    })),
    ...data.edges.map((edge, index) => ({
      data: {
        id: `e${index}`, index, source: `n${edge.source}`, target: `n${edge.target}`, width: edge.width, dashes: edge.dashes,
        tone: edge.tone, arrow: edge.arrow ? "triangle" : "none", curve: data.sides ? "straight" : "bezier", number: edge.number,
        opacity: data.sides ? 0.75 : 0.4 + 0.6 * (edge.confidence === null ? 1 : edge.confidence),
      },
    })),
  ],
  style: looks(),
  layout: { name: "preset", fit: true, padding: 40 },
  autoungrabify: false,
  boxSelectionEnabled: false,
  minZoom: 0.1,
  maxZoom: 5,
});

function refresh() {
  const present = data.edges.map((edge) => edge.confidence === null || edge.confidence >= shown.least);
  const ofType = data.nodes.map((node) => shown.types.has(node.type));
  const linked = new Set();
  data.edges.forEach((edge, index) => {
    present[index] = present[index] && ofType[edge.source] && ofType[edge.target];
    if (present[index]) linked.add(edge.source).add(edge.target);
  });
  const there = data.nodes.map((node, index) => ofType[index] && (node.focus || linked.has(index)));
  const wanted = folded(shown.wanted.trim());
  const found = data.nodes.flatMap((node, index) => (wanted && there[index] && fits(node, wanted) ? [index] : []));
  graph.batch(() => {
    graph.nodes().forEach((node) => {
      const index = node.data("index");
      node.toggleClass("away", !there[index]);
      node.toggleClass("found", found.includes(index));
      node.toggleClass("pale", wanted !== "" && !found.includes(index));
    });
    graph.edges().forEach((edge) => {
      const { source, target } = data.edges[edge.data("index")];
      edge.toggleClass("away", !present[edge.data("index")]);
      edge.toggleClass("pale", wanted !== "" && !found.includes(source) && !found.includes(target));
    });
  });
  const count = there.filter(Boolean).length;
  byId("status").textContent = `${plural(count, "node")}, ${plural(present.filter(Boolean).length, "edge")}${wanted ? `, ${found.length} found` : ""}`;
  return { there, present, found };
}

function overview() {
  graph.elements().unselect();
  const { there, found } = refresh();
  const searching = shown.wanted.trim() !== "";
  const listed = data.nodes.flatMap((node, index) => ((searching ? found.includes(index) : there[index]) ? [index] : []));
  const parts = [make("h2", { tabindex: "-1" }, searching ? `${listed.length} found` : "All nodes")];
  if (!searching) parts.push(make("p", { class: "hint" }, "Choose a node or an edge, in the picture or in the lists, to see what is said of it and where."));
  for (const type of Object.keys(data.looks)) {
    const these = listed.filter((index) => data.nodes[index].type === type);
    if (!these.length) continue;
    parts.push(make("h3", {}, `${type} (${these.length})`));
    parts.push(make("ul", {}, ...these.map((index) => make("li", {}, make("button", { type: "button", dir: "auto", onclick: () => chooseNode(index, true) }, data.nodes[index].name)))));
  }
  panel(...parts);
}

function chooseNode(index, move) {
  graph.elements().unselect();
  const node = graph.getElementById(`n${index}`);
  node.select();
  const { x, y } = node.renderedPosition();
  if (move && (x < 20 || y < 20 || x > graph.width() - 20 || y > graph.height() - 40)) graph.center(node);
  const { present } = refresh();
  const mine = data.edges.flatMap((edge, number) => (present[number] && (edge.source === index || edge.target === index) ? [number] : []));
  const items = mine.map((number) => {
    const edge = data.edges[number];
    const outwards = edge.source === index;
    const other = data.nodes[outwards ? edge.target : edge.source];
    const sure = data.sides ? `, ${plural(edge.support, "paper")}` : edge.confidence === null ? "" : ` (${edge.confidence.toFixed(2)})`;
    return make("li", {}, make("button", { type: "button", dir: "auto", onclick: () => chooseEdge(number) }, `${outwards || data.sides ? "" : "← "}${edge.words}${outwards && !data.sides ? " →" : ""} ${other.name}${sure}`));
  });
  panel(...describe(data.nodes[index]), make("h3", {}, plural(mine.length, "edge")), make("ul", {}, ...items), back());
  byId("panel").querySelector("h2").focus();
}

function chooseEdge(number) {
  graph.elements().unselect();
  graph.getElementById(`e${number}`).select();
  refresh();
  const edge = data.edges[number];
  const end = (index) => make("button", { type: "button", dir: "auto", onclick: () => chooseNode(index, true) }, data.nodes[index].name);
  const papers = new Set(edge.evidence.map((one) => one.paper)).size;
  panel(
    make("h2", { tabindex: "-1" }, end(edge.source), ` ${edge.words} `, end(edge.target)),
    make("h3", {}, plural(edge.support, "paper")),
    ...evidence(edge.evidence, edge.support - papers),
    back(),
  );
  byId("panel").querySelector("h2").focus();
}

const back = () => make("p", {}, make("button", { type: "button", onclick: overview }, "All nodes"));

graph.on("tap", "node", (event) => chooseNode(event.target.data("index"), false));
graph.on("tap", "edge", (event) => chooseEdge(event.target.data("index")));
graph.on("tap", (event) => { if (event.target === graph) overview(); });

byId("search").addEventListener("input", (event) => { shown.wanted = event.target.value; overview(); });
byId("search").addEventListener("keydown", (event) => {
  const { found } = refresh();
  if (event.key === "Enter" && found.length) chooseNode(found[0], true);
});
byId("least").addEventListener("input", (event) => {
  shown.least = Number(event.target.value);
  byId("least-shown").textContent = shown.least.toFixed(2);
  overview();
});
for (const type of Object.keys(data.looks)) {
  const box = make("input", { type: "checkbox", checked: "", value: type, onchange: () => { shown.types[box.checked ? "add" : "delete"](type); overview(); } });
  byId("types").append(make("label", {}, box, swatch(type), type));
}
for (const stroke of data.strokes) {
  const sample = drawn("svg", { class: "stroke", viewBox: "0 0 26 10", "aria-hidden": "true" });
  const dashes = { solid: "", dashed: "5 3", dotted: "1.5 3" }[stroke.dashes];
  sample.append(drawn("line", { x1: 0, y1: 5, x2: 26, y2: 5, stroke: `var(--${stroke.tone})`, "stroke-width": stroke.width, "stroke-dasharray": dashes }));
  byId("keys").append(make("span", { class: "key" }, sample, stroke.name));
}
byId("whole").addEventListener("click", () => graph.fit(graph.elements(":visible"), 40));
byId("graph").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  const centre = { x: graph.width() / 2, y: graph.height() / 2 };
  if (step) graph.panBy({ x: step[0], y: step[1] });
  else if (event.key === "+" || event.key === "=") graph.zoom({ level: graph.zoom() * 1.2, renderedPosition: centre });
  else if (event.key === "-") graph.zoom({ level: graph.zoom() / 1.2, renderedPosition: centre });
  else if (event.key === "0") graph.fit(graph.elements(":visible"), 40);
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") overview(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.style(looks()));
overview();
