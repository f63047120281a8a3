// The keys, and the dialog that lists them.

import { board } from "./board.js";
import { clustersBy, lookAt, mergeSelected, redo, selectNone, undo } from "./classes.js";
import { forgetQuery } from "./correspondence.js";
import { $, isWriting, make } from "./dom.js";
import { close, modeName, setMode, step, zoomBy, zoomFit } from "./picture.js";
import { openExport, openSave } from "./save.js";
import { brushBy, choose, isTeaching, switchIs } from "./teach.js";

const ZOOM = 1.4;
const TILE = 30;

const LIST = [
  ["Arrows", "move among photographs; in a photograph, move the pointer"],
  ["Enter", "opens a photograph; in it, clicks"],
  ["Esc", "goes back, one step at a time"],
  ["N, P", "next, previous photograph"],
  ["+, -, 0", "zoom in, out, fit; in the grid, size of the photographs"],
  ["Shift + arrows, Shift + drag", "move the picture"],
  ["Space", "hides and shows the overlay"],
  ["V, C, T", "look, correspondence, teach"],
  ["1 to 9", "look at a class alone; in Teach, choose it"],
  ["X", "this is, this isn't"],
  ["[, ]", "smaller, larger brush"],
  ["M", "merges the ticked classes"],
  ["comma, full stop", "one cluster fewer, one more"],
  ["Ctrl+Z, Ctrl+Shift+Z", "undo, redo"],
  ["S, E", "save, export"],
  ["?", "these keys"],
];

const isOpen = () => modeName() !== undefined && document.body.classList.contains("one");

const ACTIONS = {
  Escape: back,
  " ": () => document.body.classList.toggle("bare-pictures"),
  "+": () => larger(1),
  "=": () => larger(1),
  "-": () => larger(-1),
  0: () => isOpen() && zoomFit(),
  n: () => isOpen() && step(1),
  p: () => isOpen() && step(-1),
  v: () => isOpen() && setMode("look"),
  c: () => isOpen() && setMode("correspondence"),
  t: () => isOpen() && setMode("teach"),
  x: () => isTeaching() && switchIs(),
  "[": () => isTeaching() && brushBy(-1),
  "]": () => isTeaching() && brushBy(1),
  m: mergeSelected,
  ",": () => clustersBy(-1),
  ".": () => clustersBy(1),
  s: openSave,
  e: openExport,
  "?": openKeys,
};

/** Starts the keys. */
export function startKeys() {
  $("key-list").append(...LIST.flatMap(([keys, what]) => [make("dt", {}, keys), make("dd", {}, what)]));
  $("keys").addEventListener("click", openKeys);
  addEventListener("keydown", pressed);
}

function openKeys() {
  $("keys-dialog").showModal();
}

function pressed(event) {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const isWritten = isWriting(event.target);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !isWritten) {
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isWritten) return;
  if (event.key === " " && event.target.closest?.("button, input, summary, a") && !event.target.closest(".tile")) return;
  const action = ACTIONS[event.key] ?? ACTIONS[event.key.toLowerCase()];
  if (/^[1-9]$/.test(event.key)) chooseClass(Number(event.key) - 1);
  else if (action) action();
  else return;
  event.preventDefault();
}

function chooseClass(index) {
  if (isTeaching() && isOpen()) choose(board.classes[index]?.id ?? null);
  else lookAt(index);
}

function larger(by) {
  if (isOpen()) zoomBy(by > 0 ? ZOOM : 1 / ZOOM);
  else {
    $("tile").valueAsNumber += by * TILE;
    $("tile").dispatchEvent(new Event("input"));
  }
}

/** Takes back one thing: the class looked at, the open photograph, the ranking, the ticks. */
function back() {
  if (document.body.classList.contains("classes-open")) $("show-classes").click();
  else if (board.focus !== null) board.look(null);
  else if (isOpen()) close();
  else if (!forgetQuery()) selectNone();
}
