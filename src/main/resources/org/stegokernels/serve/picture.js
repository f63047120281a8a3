// One photograph, large: zoom, pan, overlay, and the mode that says what the pointer does.

import { api } from "./api.js";
import { board } from "./board.js";
import { $, draw } from "./dom.js";
import { paintHeat } from "./heat.js";
import { labelAt, labelsHere, labelsOf, outdate, paintLabels, sharesOf } from "./labels.js";
import { announce, complain } from "./notes.js";
import { showLabel, showTag } from "./tag.js";
import { Zoom } from "./zoom.js";

const SHARPEST = 2048;
const PAN = 60;
const KEPT_MEASURES = 300;

const after = new MessageChannel();
let zoom;
let modes;
let mode;
let moved;
let last;
let measured = 0;
let frameStart = 0;
let pressed = false;
let tools = { closed() {}, order: () => [] };

/** The open photograph, as the modes see it. */
export const view = {
  id: null,
  marks: draw("svg", { id: "marks", preserveAspectRatio: "none", "aria-hidden": "true" }),
  shares: null,
  cursor: null,

  get photograph() {
    return board.photographs.get(view.id);
  },

  /** Returns the patch at a place given from 0 to 1 each way, kept inside. */
  patchAt(u, v) {
    const { rows, columns } = view.photograph;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(u * columns)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor(v * rows)));
    return { row, column, patch: row * columns + column };
  },

  /** Paints the classes, now if their labels are here. */
  showLabels() {
    const labels = labelsHere(view.id);
    if (labels) {
      paintLabels($("overlay"), labels);
      $("sheet").classList.remove("heat");
    }
  },

  showHeat(values, rows, columns) {
    paintHeat($("overlay"), values, rows, columns);
    $("sheet").classList.add("heat");
  },

  /** Paints the picture anew and answers the last move of the pointer or the keyboard once more, since there is more to say. */
  repaint() {
    mode.repaint();
    if (view.cursor) point();
    else if (last && !pressed) hover(last);
  },

  /** Puts the pin on a patch; null takes it away. */
  pin(at) {
    view.pinned = at;
    place();
  },
};

/** The mode that only shows what is under the pointer. */
const look = {
  start: () => view.showLabels(),
  stop() {},
  repaint: () => view.showLabels(),
  hover: (at) => showLabel(at, labelAt(view.id, at.u, at.v)),
  away() {},
  tap: (at) => look.hover(at),
  drags: () => true,
};

/** Starts the view with its other modes; closed() is called on the way back, order() gives the ids for next and previous. */
export function startPicture(others, callbacks) {
  modes = { look, ...others };
  tools = callbacks;
  $("sheet").append(view.marks);
  const stage = $("stage");
  zoom = new Zoom(stage, $("sheet"), {
    drags: (event) => event.buttons !== 1 || event.shiftKey || mode.drags(event),
    tapped: (event) => isReady() && mode.tap(locate(event)),
    changed: place,
  });
  stage.addEventListener("pointermove", hover);
  stage.addEventListener("pointerdown", press);
  stage.addEventListener("pointerup", release);
  stage.addEventListener("pointercancel", release);
  stage.addEventListener("pointerleave", (event) => {
    // A finger leaves with each touch; what it showed stays to be read.
    if (pressed || event.pointerType === "touch") return;
    moved = last = undefined;
    showTag();
    if (view.id !== null) mode.away();
  });
  stage.addEventListener("keydown", key);
  after.port1.onmessage = measure;
  for (const input of document.querySelectorAll("input[name=mode]")) input.addEventListener("change", () => setMode(input.value));
  $("back").addEventListener("click", close);
  $("next").addEventListener("click", () => step(1));
  $("previous").addEventListener("click", () => step(-1));
  $("zoom-in").addEventListener("click", () => zoom.by(1.4));
  $("zoom-out").addEventListener("click", () => zoom.by(1 / 1.4));
  $("zoom-fit").addEventListener("click", () => zoom.fit());
  $("photograph").addEventListener("error", () => view.id !== null && showState());
  mode = look;
  board.on("board focus", () => isReady() && (view.repaint(), countShares()));
  board.on("generation", refresh);
  board.on("labels", ({ id, generation }) => {
    if (generation === board.generation) outdate(id);
    if (id === view.id) refresh();
  });
  board.on("photograph", (photograph) => photograph.id === view.id && (showState(), refresh()));
  board.on("photographs", () => view.id !== null && !view.photograph && close());
}

/** Opens a photograph; at (u, v from 0 to 1) is shown by the pointer of the keyboard. */
export function open(id, at) {
  const photograph = board.photographs.get(id);
  if (!photograph) return;
  const wasClosed = view.id === null;
  view.id = id;
  view.shares = null;
  view.cursor = null;
  view.pinned = null;
  $("picture").hidden = false;
  document.body.classList.add("one");
  $("picture-name").textContent = photograph.name;
  $("picture-name").title = photograph.name;
  const picture = $("photograph");
  picture.src = api.image(id, SHARPEST);
  picture.alt = photograph.name;
  $("overlay").width = $("overlay").height = 0;
  $("sheet").classList.remove("heat");
  const width = photograph.workingWidth || photograph.width || 640;
  const height = photograph.workingHeight || photograph.height || 480;
  view.marks.setAttribute("viewBox", `0 0 ${photograph.columns || 1} ${photograph.rows || 1}`);
  zoom.show(width, height);
  const order = tools.order();
  const place = order.indexOf(id);
  $("previous").disabled = place <= 0;
  $("next").disabled = place < 0 || place >= order.length - 1;
  showState();
  if (isReady()) mode.start();
  refresh();
  if (at) {
    view.cursor = at;
    point();
  }
  if (wasClosed) $("stage").focus({ preventScroll: true });
  announce(`${photograph.name} is open`);
}

export function close() {
  if (view.id === null) return;
  const { id } = view;
  mode.stop();
  view.id = null;
  view.shares = null;
  showTag();
  $("picture").hidden = true;
  document.body.classList.remove("one");
  $("photograph").removeAttribute("src");
  tools.closed(id);
}

/** Opens the next photograph or the one before. */
export function step(by) {
  const order = tools.order();
  const next = order[order.indexOf(view.id) + by];
  if (next !== undefined) open(next);
}

/** Chooses what the pointer does: "look", "correspondence" or "teach". */
export function setMode(name) {
  if (modes[name] === mode) return;
  mode.stop();
  mode = modes[name];
  for (const input of document.querySelectorAll("input[name=mode]")) input.checked = input.value === name;
  $("correspondence-tools").hidden = name !== "correspondence";
  $("teach-tools").hidden = name !== "teach";
  $("stage").dataset.mode = name;
  view.marks.replaceChildren();
  if (isReady()) mode.start();
}

export const modeName = () => Object.keys(modes).find((name) => modes[name] === mode);
export const zoomBy = (factor) => zoom.by(factor);
export const zoomFit = () => zoom.fit();
const isReady = () => view.photograph?.state === "ready";

/** Asks for labels that are newer than those shown. */
async function refresh() {
  if (!isReady()) return;
  const { id } = view;
  try {
    const labels = await labelsOf(id);
    if (labels && id === view.id) {
      view.repaint();
      countShares();
    }
  } catch (error) {
    if (id === view.id) complain(error);
  }
}

function countShares() {
  const labels = labelsHere(view.id);
  view.shares = labels ? new Map(sharesOf(labels)) : null;
  tools.counted(view);
}

function showState() {
  const { state, error, columns, rows } = view.photograph;
  $("state").hidden = state === "ready";
  $("state").textContent = state === "failed" ? `This photograph could not be read: ${error}` : "Waiting for its turn ...";
  if (state !== "ready") return;
  const box = `0 0 ${columns} ${rows}`;
  if (view.marks.getAttribute("viewBox") !== box) {
    view.marks.setAttribute("viewBox", box);
    zoom.show(view.photograph.workingWidth, view.photograph.workingHeight);
    mode.start();
  }
}

function locate(event) {
  const [u, v] = zoom.locate(event.clientX, event.clientY);
  return { u, v, clientX: event.clientX, clientY: event.clientY, inside: u >= 0 && v >= 0 && u < 1 && v < 1 };
}

function hover(event) {
  if (pressed) {
    for (const one of event.getCoalescedEvents?.() ?? [event]) mode.drag(locate(one));
  }
  if (!moved) requestAnimationFrame(frame);
  moved = last = event;
}

/** Answers the last move of the pointer, once a frame, and measures what that costs. */
function frame() {
  const event = moved;
  moved = undefined;
  if (!event || !isReady()) return;
  frameStart = performance.now();
  const at = locate(event);
  if (at.inside) {
    mode.hover(at);
  } else {
    showTag();
    mode.away();
  }
  after.port2.postMessage(0);
}

/** Measures from the start of the frame to the first task after it: scripts, style and painting. */
function measure() {
  if (++measured % KEPT_MEASURES === 0) performance.clearMeasures("hover");
  performance.measure("hover", { start: frameStart, end: performance.now() });
}

function press(event) {
  if (zoom.pinching) {
    // A second finger: the first one didn't mean to draw.
    if (pressed) mode.release(false);
    pressed = false;
    return;
  }
  if (event.button !== 0 || event.shiftKey || mode.drags(event) || !isReady()) return;
  pressed = true;
  $("stage").setPointerCapture(event.pointerId);
  mode.press(locate(event));
}

function release() {
  if (!pressed) return;
  pressed = false;
  mode.release(true);
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !isReady()) return;
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
  if (dx !== undefined) {
    event.preventDefault();
    if (event.shiftKey) return zoom.pan(-dx * PAN, -dy * PAN);
    const { rows, columns } = view.photograph;
    const { row, column } = view.patchAt(view.cursor?.u ?? 0.5, view.cursor?.v ?? 0.5);
    const middle = (at, step, all) => (Math.min(all - 1, Math.max(0, at + step)) + 0.5) / all;
    view.cursor = { u: middle(column, dx, columns), v: middle(row, dy, rows) };
    point();
  } else if (event.key === "Enter" && view.cursor) {
    event.preventDefault();
    const at = onScreen(view.cursor);
    if (mode.drags(event)) mode.tap(at);
    else {
      mode.press(at);
      mode.release(true);
    }
  }
}

/** Says what is at the pointer of the keyboard, to eyes and ears. */
function point() {
  place();
  const said = isReady() && mode.hover(onScreen(view.cursor));
  if (said) announce(said);
}

function onScreen({ u, v }) {
  const box = $("stage").getBoundingClientRect();
  const [x, y] = zoom.place(u, v);
  return { u, v, clientX: box.left + x, clientY: box.top + y, inside: true };
}

/** Moves what lies over the picture but keeps its size: the pin and the keyboard's pointer. */
function place() {
  $("zoom").value = `${Math.round(zoom.factor * 100)}%`;
  $("sheet").classList.toggle("near", zoom.scale > 3);
  for (const [sign, at] of [[$("pin"), view.pinned], [$("cursor"), view.cursor]]) {
    sign.hidden = !at;
    if (!at) continue;
    const [x, y] = zoom.place(at.u, at.v);
    sign.style.transform = `translate(${x}px, ${y}px)`;
  }
}
