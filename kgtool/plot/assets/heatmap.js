"use strict";
// A heat map: a table whose tiles tell the papers and sentences behind them.
const kept = { wanted: "", support: 0, direct: false };
const most = Math.max(1, ...data.tiles.map((tile) => tile.support));
const buttons = new Map();

function table() {
  const cells = new Map(data.tiles.map((tile) => [`${tile.row} ${tile.column}`, tile]));
  const head = data.columns.map((column, index) => make("th", { scope: "col", "data-column": index, title: column.name }, make("span", { dir: "auto" }, column.name)));
  const rows = data.rows.map((row, down) =>
    make(
      "tr",
      { "data-row": down },
      make("th", { scope: "row", dir: "auto", title: row.name }, row.name),
      ...data.columns.map((column, across) => make("td", { "data-column": across }, button(cells.get(`${down} ${across}`)))),
    ),
  );
  return make("table", { class: "heat" }, make("thead", {}, make("tr", {}, make("td", {}), ...head)), make("tbody", {}, ...rows));
}

function button(tile) {
  if (!tile) return null;
  const depth = 0.2 + 0.8 * (tile.support / Math.max(most, 4));
  const papers = `${tile.support} ${tile.support === 1 ? "paper" : "papers"}`;
  const name = `${data.rows[tile.row].name}, ${data.columns[tile.column].name}: ${papers}${tile.direct ? ", related in a sentence" : ""}`;
  const found = make("button", { type: "button", "aria-label": name, title: name, "aria-pressed": "false", onclick: () => choose(tile) }, String(tile.support));
  found.style.setProperty("--depth", depth.toFixed(2));
  found.classList.toggle("deep", depth > 0.6);
  found.classList.toggle("direct", tile.direct > 0);
  buttons.set(tile, found);
  return found;
}

function choose(tile) {
  for (const [other, one] of buttons) one.setAttribute("aria-pressed", String(other === tile));
  const papers = new Set(tile.evidence.map((one) => one.paper)).size;
  panel(
    make("h2", { dir: "auto", tabindex: "-1" }, `${data.rows[tile.row].name} and ${data.columns[tile.column].name}`),
    make("h3", {}, `${tile.support} ${tile.support === 1 ? "paper" : "papers"}; ${tile.direct} ${tile.direct === 1 ? "relates" : "relate"} the two in a sentence`),
    ...evidence(tile.evidence, Math.max(tile.support, papers) - papers),
  );
}

function refresh() {
  const wanted = folded(kept.wanted.trim());
  const present = data.tiles.filter((tile) => tile.support >= kept.support && (!kept.direct || tile.direct > 0));
  const named = (node) => fits(node, wanted);
  const anyRow = data.rows.some(named);
  const anyColumn = data.columns.some(named);
  const inside = present.filter((tile) => wanted === "" || (anyRow && named(data.rows[tile.row])) || (anyColumn && named(data.columns[tile.column])));
  const rows = new Set(inside.map((tile) => tile.row));
  const columns = new Set(inside.map((tile) => tile.column));
  for (const [tile, one] of buttons) one.hidden = !present.includes(tile);
  for (const row of document.querySelectorAll("[data-row]")) row.hidden = !rows.has(Number(row.dataset.row));
  for (const cell of document.querySelectorAll("[data-column]")) cell.hidden = !columns.has(Number(cell.dataset.column));
  const pairs = present.filter((tile) => rows.has(tile.row) && columns.has(tile.column)).length;
  byId("status").textContent = `${rows.size} × ${columns.size}, ${pairs} pairs`;
}

byId("view").append(table());
byId("search").addEventListener("input", (event) => { kept.wanted = event.target.value; refresh(); });
byId("least").max = String(most);
byId("least").addEventListener("input", (event) => {
  kept.support = Number(event.target.value);
  byId("least-shown").textContent = event.target.value;
  refresh();
});
byId("direct").addEventListener("change", (event) => { kept.direct = event.target.checked; refresh(); });
panel(make("p", { class: "hint" }, "Choose a tile to see its papers and what they say. The number is the count of papers; a dot: a sentence relates the two."));
refresh();
