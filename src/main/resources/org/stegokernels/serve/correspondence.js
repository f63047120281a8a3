// Correspondence: what is alike glows under the pointer; a click looks for it in all photographs.

import { api } from "./api.js";
import { board } from "./board.js";
import { $, count, make } from "./dom.js";
import { showRanking } from "./grid.js";
import { heatGradient, paintHeat } from "./heat.js";
import { labelAt } from "./labels.js";
import { announce, attempt } from "./notes.js";
import { view } from "./picture.js";
import { showTag } from "./tag.js";
import { forgetVectors, rank, similarities, vectorAt, vectorsHere, vectorsOf } from "./vectors.js";

const SHOWN = 24;
const AGAIN = 400;

let of = "code";
let active = false;
let query = null;
let room = new Float32Array(0);
let opened = () => {};
let later;

/** The mode of the picture. */
export const correspondence = {
  start() {
    active = true;
    $("matches").hidden = false;
    fetchAll();
    correspondence.repaint();
  },

  stop() {
    active = false;
    $("matches").hidden = true;
    view.pin(null);
  },

  repaint() {
    view.pin(query && query.id === view.id ? query.at : null);
    const vectors = query && vectorsHere(view.id, query.of);
    if (vectors) view.showHeat(compare(vectors, query.vector), vectors.rows, vectors.columns);
    else view.showLabels();
  },

  hover(at) {
    const vectors = vectorsHere(view.id, of);
    if (!vectors) {
      showTag(at, { name: "Fetching vectors ..." });
      return "Fetching vectors";
    }
    const { row, column, patch } = view.patchAt(at.u, at.v);
    const values = compare(vectors, vectorAt(vectors, patch));
    view.showHeat(values, vectors.rows, vectors.columns);
    const label = labelAt(view.id, at.u, at.v);
    const one = label && board.classOf(label.candidate);
    showTag(at, one ? { color: one.color, name: one.name } : {});
    return `row ${row + 1}, column ${column + 1}${one ? `, ${one.name}` : ""}, ${count(countAlike(values), "patch")} alike here`;
  },

  away: () => correspondence.repaint(),

  tap(at) {
    if (!at.inside) return;
    const vectors = vectorsHere(view.id, of);
    if (!vectors) return;
    const start = performance.now();
    const { row, column, patch } = view.patchAt(at.u, at.v);
    const middle = { u: (column + 0.5) / vectors.columns, v: (row + 0.5) / vectors.rows };
    query = { id: view.id, of, at: middle, vector: Float32Array.from(vectorAt(vectors, patch)) };
    rankAll();
    performance.measure("rank", { start, end: performance.now() });
    correspondence.repaint();
  },

  drags: () => true,
};

/** Starts the mode: open(id, at) opens a photograph, toGrid() shows the grid. */
export function startCorrespondence({ open, toGrid }) {
  opened = open;
  $("heat-legend").style.background = heatGradient();
  showNoMatches();
  for (const input of document.querySelectorAll("input[name=vectors]")) {
    input.addEventListener("change", () => choose(input.value));
  }
  $("matches-grid").addEventListener("click", toGrid);
  $("unrank").addEventListener("click", forgetQuery);
  board.on("photograph", (photograph) => active && photograph.state === "ready" && fetchAll());
}

/** Takes code or features, whichever the model's classes are made of, unless the person chose. */
export function offerVectors() {
  const code = document.querySelector("input[name=vectors][value=code]");
  code.disabled = board.model.vectors === "features";
  if (code.disabled) choose("features");
}

/** Shows classes again everywhere. */
export function forgetQuery() {
  if (!query) return false;
  query = null;
  showNoMatches();
  showRanking(null);
  if (active && view.id !== null) correspondence.repaint();
  return true;
}

function choose(next) {
  of = next;
  for (const input of document.querySelectorAll("input[name=vectors]")) input.checked = input.value === of;
  if (!active) return;
  const before = query;
  fetchAll().then(() => {
    const vectors = before && before === query && vectorsHere(before.id, of);
    if (!vectors) return;
    const patch = Math.floor(before.at.v * vectors.rows) * vectors.columns + Math.floor(before.at.u * vectors.columns);
    query = { ...before, of, vector: Float32Array.from(vectorAt(vectors, patch)) };
    rankAll();
    correspondence.repaint();
  });
}

/** Fetches the vectors of the open photograph first, then those of all others, and ranks anew as they come. */
async function fetchAll() {
  const { id } = view;
  const wanted = of;
  if (id === null) return;
  await attempt(() => vectorsOf(id, wanted));
  if (id === view.id && active) view.repaint();
  for (const other of board.photographs.values()) {
    if (other.state !== "ready" || vectorsHere(other.id, wanted)) continue;
    vectorsOf(other.id, wanted).then(rankSoon, () => {});
  }
}

function rankSoon() {
  if (!query || later) return;
  later = setTimeout(() => {
    later = undefined;
    if (query) rankAll();
  }, AGAIN);
}

function compare(vectors, vector) {
  const patches = vectors.rows * vectors.columns;
  if (room.length !== patches) room = new Float32Array(patches);
  return similarities(vectors, vector, room);
}

/** Ranks all other photographs, shows the best below the picture and all in the grid. */
function rankAll() {
  const others = [...board.photographs.keys()].filter((id) => id !== query.id);
  const found = rank(others, query.of, query.vector);
  const name = board.photographs.get(query.id)?.name ?? "a photograph";
  const self = { id: query.id, best: 1 };
  showRanking({ query: query.vector, of: query.of, found: [self, ...found], said: `By best match with a point in ${name}` });
  $("matches-grid").hidden = false;
  $("matches-said").textContent = `in ${count(found.length, "other photograph")}`;
  $("match-list").replaceChildren(...found.slice(0, SHOWN).map(matchItem));
  if (found.length > 0) announce(`Best match: ${board.photographs.get(found[0].id).name}, ${found[0].best.toFixed(2)}`);
}

function showNoMatches() {
  $("matches-said").textContent = "Click a point to find it in all other photographs.";
  $("matches-grid").hidden = true;
  $("match-list").replaceChildren();
}

function matchItem({ id, best, patch }) {
  const { name, width, height } = board.photographs.get(id);
  const vectors = vectorsHere(id, query.of);
  const canvas = make("canvas", { "aria-hidden": "true" });
  const at = { u: ((patch % vectors.columns) + 0.5) / vectors.columns, v: (Math.floor(patch / vectors.columns) + 0.5) / vectors.rows };
  const button = make(
    "button",
    { type: "button", class: "tile", "aria-label": `${name}, ${best.toFixed(2)}`, title: name, onclick: () => opened(id, at) },
    make("img", { src: api.image(id, 320), alt: "", loading: "lazy", draggable: false }),
    canvas,
    make("span", { class: "caption" }, make("b", {}, best.toFixed(2))),
  );
  const item = make("li", {}, button);
  item.style.setProperty("--ratio", width / height);
  const { vector } = query;
  requestAnimationFrame(() => {
    paintHeat(canvas, similarities(vectors, vector, new Float32Array(vectors.rows * vectors.columns)), vectors.rows, vectors.columns);
  });
  return item;
}

function countAlike(values) {
  let alike = 0;
  for (const value of values) if (value > 0.7) alike++;
  return alike;
}

board.on("photographs", () => {
  if (query && !board.photographs.has(query.id)) forgetQuery();
  for (const id of gone()) forgetVectors(id);
});

let known = new Set();

/** Returns the photographs that were there before and are not any more. */
function gone() {
  const before = known;
  known = new Set(board.photographs.keys());
  return [...before].filter((id) => !known.has(id));
}
