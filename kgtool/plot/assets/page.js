"use strict";
// What all pages share. Text from the data reaches the document as text nodes only, addresses only if they are http(s).
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function drawn(tag, properties, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function link(url, text) {
  if (!url || !/^https?:\/\//i.test(url)) return make("span", { dir: "auto" }, text);
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, text);
}

const SHAPES = {
  ellipse: (s) => drawn("circle", { cx: 7, cy: 7, r: 6, ...s }),
  "round-rectangle": (s) => drawn("rect", { x: 1.5, y: 1.5, width: 11, height: 11, rx: 1.5, ...s }),
  triangle: (s) => drawn("polygon", { points: "7,1 13,13 1,13", ...s }),
  diamond: (s) => drawn("polygon", { points: "7,0 14,7 7,14 0,7", ...s }),
  pentagon: (s) => drawn("polygon", { points: "7,0.5 13.5,5.5 11,13 3,13 0.5,5.5", ...s }),
  hexagon: (s) => drawn("polygon", { points: "3.5,1 10.5,1 14,7 10.5,13 3.5,13 0,7", ...s }),
  vee: (s) => drawn("polygon", { points: "7,14 1,1 7,4 13,1", ...s }),
};

function swatch(type) {
  const look = data.looks[type];
  const picture = drawn("svg", { class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true" });
  picture.append(SHAPES[look.shape]({ fill: look.colour }));
  return picture;
}

function evidence(said, more) {
  const list = said.map((one) =>
    make(
      "div",
      { class: "said" },
      one.sentence === null ? null : make("blockquote", { dir: "auto" }, one.sentence),
      make("p", {}, link(one.url, one.title || one.paper)),
      make("small", {}, [one.relationship, one.confidence === null ? null : `confidence ${one.confidence.toFixed(2)}`, one.paper].filter((part) => part).join(" · ")),
    ),
  );
  if (more > 0) list.push(make("p", { class: "hint" }, `and ${more} more ${more > 1 ? "papers" : "paper"}`));
  return list;
}

function describe(node) {
  const facts = node.details.flatMap(([name, value]) => [make("dt", {}, name), make("dd", { dir: "auto" }, value)]);
  return [
    make("h2", { dir: "auto", tabindex: "-1" }, node.name),
    make("p", { class: "key" }, swatch(node.type), node.type),
    node.url ? make("p", {}, link(node.url, node.url)) : null,
    make("dl", {}, make("dt", {}, "id"), make("dd", {}, node.id), ...facts),
  ];
}

function panel(...children) {
  byId("panel").replaceChildren(...children.filter((child) => child !== null));
  byId("panel").scrollTop = 0;
}

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const fits = (node, wanted) => folded([node.name, node.id, ...node.details.map((fact) => fact[1])].join("\n")).includes(wanted);
