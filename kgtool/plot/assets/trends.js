"use strict";
// Courses over periods, one small chart each on a scale of its own; a chart tells its papers.
const kept = { wanted: "", types: new Set(Object.keys(data.looks)) };
const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
const [WIDE, HIGH] = [220, 90];

function chart(course) {
  const picture = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, "aria-hidden": "true" });
  const colour = data.looks[course.type].colour;
  const highest = Math.max(0.001, ...course.share);
  const at = (index) => (data.periods.length === 1 ? WIDE / 2 : 8 + (index * (WIDE - 16)) / (data.periods.length - 1));
  const points = course.share.map((share, index) => [at(index), HIGH - 8 - (share / highest) * (HIGH - 16)]);
  picture.append(drawn("line", { x1: 0, x2: WIDE, y1: HIGH - 8, y2: HIGH - 8, class: "base" }));
  picture.append(drawn("polygon", { points: [`${points[0][0]},${HIGH - 8}`, ...points.map((point) => point.join()), `${points[points.length - 1][0]},${HIGH - 8}`].join(" "), fill: colour, opacity: 0.25 }));
  picture.append(drawn("polyline", { points: points.map((point) => point.join()).join(" "), fill: "none", stroke: colour, "stroke-width": 2 }));
  points.forEach(([x, y], index) => {
    const dot = drawn("circle", { cx: x, cy: y, r: 3, fill: colour });
    dot.append(drawn("title", {}, `${data.periods[index]}: ${course.papers[index]} of ${data.sizes[index]}`));
    picture.append(dot);
  });
  return picture;
}

function choose(course, button) {
  for (const other of buttons.values()) other.setAttribute("aria-pressed", String(other === button));
  const rows = data.periods.map((period, index) =>
    make("tr", {}, make("th", { scope: "row", dir: "auto" }, period), make("td", {}, String(course.papers[index])), make("td", {}, String(data.sizes[index])), make("td", {}, percent(course.share[index]))),
  );
  const head = ["", "papers", "of", "share"].map((name) => make("th", { scope: "col" }, name));
  panel(
    ...describe(course),
    make("table", { class: "counts" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...rows)),
    make("h3", {}, "Papers, the latest first"),
    ...evidence(course.evidence, 0),
  );
}

const buttons = new Map();
for (const course of data.courses) {
  const says = [course.note, `${course.total} ${course.total === 1 ? "paper" : "papers"}`, `${percent(course.share[course.share.length - 1])} in the latest`].filter((part) => part).join(" · ");
  const button = make("button", { type: "button", class: "course", "aria-pressed": "false", onclick: () => choose(course, button) }, make("strong", { dir: "auto" }, course.name), make("span", { class: "key" }, swatch(course.type), make("small", {}, says)), chart(course));
  buttons.set(course, button);
  byId("view").append(button);
}

function refresh() {
  const wanted = folded(kept.wanted.trim());
  let count = 0;
  for (const [course, button] of buttons) {
    button.hidden = !kept.types.has(course.type) || !fits(course, wanted);
    count += button.hidden ? 0 : 1;
  }
  byId("status").textContent = `${count} of ${data.courses.length}; each has its own scale`;
}

for (const type of Object.keys(data.looks)) {
  const box = make("input", { type: "checkbox", checked: "", value: type, onchange: () => { kept.types[box.checked ? "add" : "delete"](type); refresh(); } });
  byId("types").append(make("label", {}, box, swatch(type), type));
}
byId("search").addEventListener("input", (event) => { kept.wanted = event.target.value; refresh(); });
panel(make("p", { class: "hint" }, `Share of the papers of each period that have the entity, from ${data.periods[0]} to ${data.periods[data.periods.length - 1]}. Choose a chart to see the counts, the papers and what they say.`));
refresh();
