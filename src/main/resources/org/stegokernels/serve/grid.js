// The grid of photographs. Only tiles near the screen hold pictures and overlays; the rest are empty boxes of the right shape.

import { api } from "./api.js";
import { board } from "./board.js";
import { $, icon, make, percent, count } from "./dom.js";
import { paintHeat } from "./heat.js";
import { labelAt, labelsHere, labelsOf, outdate, paintLabels, sharesOf } from "./labels.js";
import { similarities, vectorsHere } from "./vectors.js";

const NAMED = 3;
const FILLERS = 16;

const tiles = new Map();
let ranking = null;
let observer;
let hovered = () => {};
// Empty boxes after the last tile, so that the last row has columns as wide as the others.
const fillers = Array.from({ length: FILLERS }, () => make("li", { class: "filler", role: "presentation" }));

/** One photograph of the grid. */
class Tile {
  constructor(photograph, open) {
    this.id = photograph.id;
    this.near = false;
    this.picture = make("img", { alt: "", draggable: false, decoding: "async", onload: () => this.shape() });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.shares = make("i", { class: "shares" });
    this.name = make("b");
    this.said = make("small");
    this.button = make(
      "button",
      { type: "button", class: "tile", tabIndex: -1, onclick: () => open(this.id) },
      this.picture,
      this.canvas,
      make("span", { class: "caption" }, this.name, this.said),
      this.shares,
    );
    this.item = make("li", {}, this.button);
    this.item.dataset.id = this.id;
    this.update();
  }

  get photograph() {
    return board.photographs.get(this.id);
  }

  /** Takes over what the server says of the photograph. */
  update() {
    const { name, state, error } = this.photograph;
    this.shape();
    this.item.dataset.state = state;
    this.name.textContent = name;
    this.said.textContent = state === "failed" ? error || "could not be read" : state === "waiting" ? "waiting" : "";
    this.describe();
    if (this.near) this.show();
  }

  /** Gives the tile the shape of its photograph, as soon as that is known. */
  shape() {
    const { width, height } = this.photograph ?? {};
    const { naturalWidth, naturalHeight } = this.picture;
    const ratio = width > 0 ? width / height : naturalWidth > 0 ? naturalWidth / naturalHeight : 4 / 3;
    this.item.style.setProperty("--ratio", Math.min(4, Math.max(0.3, ratio)));
  }

  show() {
    this.near = true;
    if (this.photograph.state === "failed") {
      if (!this.sign) this.button.prepend((this.sign = icon("close")));
      return;
    }
    if (!this.picture.hasAttribute("src")) {
      this.picture.src = api.image(this.id, sideFor(this.button));
      this.picture.onerror = () => this.picture.removeAttribute("src");
    }
    this.paint();
  }

  /** Gives memory back once the tile is far from the screen. */
  hide() {
    this.near = false;
    this.picture.removeAttribute("src");
    this.canvas.width = this.canvas.height = 0;
    this.item.classList.remove("painted", "heat");
  }

  async paint() {
    if (this.photograph.state !== "ready" || document.body.classList.contains("one")) return;
    if (ranking) return this.paintMatches();
    try {
      const here = labelsHere(this.id);
      const labels = here && !here.stale ? here : await labelsOf(this.id);
      if (labels && this.near && !ranking && labels.generation === board.generation) soon(this, () => this.paintLabels(labels));
    } catch (error) {
      this.said.textContent = error.detail || error.message;
    }
  }

  paintLabels(labels) {
    if (!this.near || ranking || labels.generation !== board.generation) return;
    paintLabels(this.canvas, labels);
    this.item.classList.remove("heat");
    this.item.classList.add("painted");
    const shares = sharesOf(labels);
    let at = 0;
    const parts = shares.map(([id, share]) => `${board.byId(id).color} ${at * 100}% ${(at += share) * 100}%`);
    this.shares.style.background = `linear-gradient(90deg, ${parts.join(", ")})`;
    this.most = shares.slice(0, NAMED).map(([id, share]) => `${board.name(id)} ${percent(share)}`);
    this.describe();
  }

  paintMatches() {
    const vectors = vectorsHere(this.id, ranking.of);
    if (!vectors) return;
    soon(this, () => {
      if (!this.near || !ranking) return;
      const values = similarities(vectors, ranking.query, new Float32Array(vectors.rows * vectors.columns));
      paintHeat(this.canvas, values, vectors.rows, vectors.columns);
      this.item.classList.add("heat", "painted");
    });
  }

  describe() {
    const { name, state, error } = this.photograph;
    const what =
      state === "failed" ? `failed: ${error}` : state === "waiting" ? "waiting" : this.score ? `best match ${this.score}` : (this.most ?? []).join(", ");
    this.button.setAttribute("aria-label", what ? `${name}, ${what}` : name);
  }
}

/** Returns a length in pixels that is sharp on this screen, of few values so that pictures are seldom made anew. */
function sideFor(box) {
  const wanted = Math.max(box.clientWidth, box.clientHeight) * Math.min(2, devicePixelRatio);
  return wanted <= 320 ? 320 : wanted <= 640 ? 640 : 1024;
}

const pending = new Map();

/** Paints tiles within the frames to come, a few milliseconds each, so that nothing stutters. */
function soon(tile, paint) {
  if (pending.size === 0) requestAnimationFrame(paintSome);
  pending.set(tile, paint);
}

function paintSome() {
  const end = performance.now() + 8;
  for (const [tile, paint] of pending) {
    pending.delete(tile);
    paint();
    if (performance.now() > end) break;
  }
  if (pending.size > 0) requestAnimationFrame(paintSome);
}

/** Starts the grid. open(id) opens a photograph, over(label or null, event) is told what the pointer is over. */
export function startGrid({ open, over }) {
  hovered = over;
  observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const tile = tiles.get(Number(entry.target.dataset.id));
        if (tile) entry.isIntersecting ? tile.show() : tile.hide();
      }
    },
    { root: $("scroll"), rootMargin: "400px 0px" },
  );
  $("grid").append(...fillers);
  board.on("photographs", () => arrange(open));
  board.on("photograph", (photograph) => tiles.get(photograph.id)?.update());
  board.on("board focus generation", paintNear);
  board.on("labels", ({ id, generation }) => {
    if (generation !== board.generation) return;
    outdate(id);
    const tile = tiles.get(id);
    if (tile?.near) tile.paint();
  });
  $("grid").addEventListener("keydown", move);
  $("grid").addEventListener("focusin", (event) => become(event.target.closest("li")));
  $("grid").addEventListener("pointermove", pointed);
  $("grid").addEventListener("pointerleave", () => hovered(null));
}

/** Paints all tiles near the screen; while one photograph is open they wait, so that its answers come first. */
export function paintNear() {
  for (const tile of tiles.values()) if (tile.near) tile.paint();
}

/** Puts the tiles in order: as given, or by their best match. */
function arrange(open) {
  for (const [id, tile] of tiles) {
    if (board.photographs.has(id)) continue;
    observer.unobserve(tile.item);
    tile.item.remove();
    tiles.delete(id);
  }
  for (const photograph of board.photographs.values()) {
    if (tiles.has(photograph.id)) {
      tiles.get(photograph.id).update();
      continue;
    }
    const tile = new Tile(photograph, open);
    tiles.set(photograph.id, tile);
    $("grid").insertBefore(tile.item, fillers[0]);
    observer.observe(tile.item);
  }
  $("empty").hidden = tiles.size > 0;
  $("grid").hidden = tiles.size === 0;
  $("found").textContent = tiles.size > 0 ? count(tiles.size, "photograph") : "";
  const first = items()[0];
  if (first) for (const filler of fillers) filler.style.setProperty("--ratio", first.style.getPropertyValue("--ratio"));
  if (!$("grid").querySelector("[tabindex='0']")) become(first);
}

/** Shows photographs by their best match with a point: {query, of, found: [{id, best}], said}; null shows classes again. */
export function showRanking(next) {
  ranking = next;
  const order = next ? next.found.map((one) => one.id) : [...board.photographs.keys()];
  const best = new Map(next?.found.map((one) => [one.id, one.best]));
  const rest = [...board.photographs.keys()].filter((id) => next && !best.has(id));
  $("grid").prepend(...[...order, ...rest].map((id) => tiles.get(id)?.item).filter(Boolean));
  for (const tile of tiles.values()) {
    tile.score = best.has(tile.id) ? best.get(tile.id).toFixed(2) : undefined;
    tile.said.textContent = tile.score ?? "";
    tile.item.classList.toggle("ranked", tile.score !== undefined);
    if (!next) tile.update();
    else tile.describe();
  }
  $("ranked").hidden = !next;
  if (next) $("ranked").querySelector("span").textContent = next.said;
  $("grid").classList.toggle("by-match", Boolean(next));
  paintNear();
}

/** Returns ids in the order shown. */
export const shownOrder = () => items().map((item) => Number(item.dataset.id));

/** Moves the focus to a photograph. */
export function focusOn(id) {
  tiles.get(id)?.button.focus();
  tiles.get(id)?.item.scrollIntoView({ block: "nearest" });
}

/** Scrolls to the first one. */
export const toTop = () => $("scroll").scrollTo(0, 0);

const items = () => [...$("grid").querySelectorAll("li[data-id]")];

function become(item) {
  if (!item) return;
  for (const other of $("grid").querySelectorAll("[tabindex='0']")) other.tabIndex = -1;
  item.querySelector("button").tabIndex = 0;
}

function move(event) {
  const all = items();
  const at = all.indexOf(event.target.closest("li"));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key] ?? vertical(event.key, all, at);
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = all[Math.min(all.length - 1, Math.max(0, to))];
  next.querySelector("button").focus();
  next.scrollIntoView({ block: "nearest" });
}

/** Returns the tile of the next row whose middle is nearest. */
function vertical(key, all, at) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!step) return undefined;
  const middle = (item) => item.offsetLeft + item.offsetWidth / 2;
  const here = all[at];
  let i = at;
  while (all[i] && all[i].offsetTop === here.offsetTop) i += step;
  if (!all[i]) return at;
  const row = all[i].offsetTop;
  let best = i;
  for (; all[i] && all[i].offsetTop === row; i += step) {
    if (Math.abs(middle(all[i]) - middle(here)) < Math.abs(middle(all[best]) - middle(here))) best = i;
  }
  return best;
}

function pointed(event) {
  const item = event.target.closest("li[data-id]");
  if (!item || ranking || event.pointerType === "touch") return hovered(null);
  const box = item.querySelector("button").getBoundingClientRect();
  const id = Number(item.dataset.id);
  hovered(labelAt(id, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height) ?? null, event);
}
