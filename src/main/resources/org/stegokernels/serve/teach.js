// Teach: strokes say "this is X" or "this isn't X"; the server answers each with classes learnt from all strokes.

import { board } from "./board.js";
import { $, draw, make } from "./dom.js";
import { labelAt } from "./labels.js";
import { announce, attempt, note } from "./notes.js";
import { view } from "./picture.js";
import { showLabel } from "./tag.js";

const NEW = "new";

let active = false;
let stroke = null;
let chosen = null;
let sent = [];

/** The mode of the picture. */
export const teach = {
  start() {
    active = true;
    offerClasses();
    teach.repaint();
  },

  stop() {
    active = false;
    stroke = null;
    view.marks.replaceChildren();
  },

  repaint() {
    view.showLabels();
    showStrokes();
  },

  hover(at) {
    showBrush(at);
    return showLabel(at, labelAt(view.id, at.u, at.v));
  },

  away() {
    view.marks.querySelector(".brush")?.remove();
  },

  tap() {},
  drags: () => false,

  press(at) {
    stroke = { photograph: view.id, patches: new Set(), points: [], is: isOrIsnt() };
    teach.drag(at);
  },

  /** Adds all patches under the way of the brush since the last point. */
  drag(at) {
    if (!stroke) return;
    const { rows, columns } = view.photograph;
    const [x, y] = [at.u * columns, at.v * rows];
    const [fromX, fromY] = stroke.points.at(-1) ?? [x, y];
    const steps = Math.max(1, Math.ceil(Math.hypot(x - fromX, y - fromY) * 2));
    for (let i = 1; i <= steps; i++) {
      cover(stroke.patches, fromX + ((x - fromX) * i) / steps, fromY + ((y - fromY) * i) / steps, radius(), rows, columns);
    }
    stroke.points.push([x, y]);
    showStrokes();
  },

  release(isMeant) {
    const done = stroke;
    stroke = null;
    if (isMeant && done && done.patches.size > 0) send(done);
    else showStrokes();
  },
};

/** Adds the patches whose middle lies within the brush, at least the one it is on. */
function cover(patches, x, y, reach, rows, columns) {
  const within = (at, end) => Math.min(end - 1, Math.max(0, at));
  if (x >= 0 && y >= 0 && x < columns && y < rows) patches.add(Math.floor(y) * columns + Math.floor(x));
  for (let row = within(Math.floor(y - reach), rows); row <= within(Math.floor(y + reach), rows); row++) {
    for (let column = within(Math.floor(x - reach), columns); column <= within(Math.floor(x + reach), columns); column++) {
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= reach) patches.add(row * columns + column);
    }
  }
}

async function send(done) {
  const id = chosen ?? $("teach-name").value.trim();
  if (id === "") {
    showStrokes();
    $("teach-name").focus();
    note("Give the new class a name first, then draw.");
    return;
  }
  const name = chosen === null ? id : board.name(id);
  sent.push({ ...done, color: $("teach-colour").style.background });
  showStrokes();
  const start = performance.now();
  const { photograph, is } = done;
  const answer = await attempt(() => board.act({ do: "teach", strokes: [{ photograph, patches: [...done.patches], class: id, is }] }));
  sent = sent.filter((one) => one.points !== done.points);
  performance.measure("teach", { start, end: performance.now() });
  if (answer && chosen === null) chooseByName(name);
  if (active) teach.repaint();
  if (answer) announce(`${is ? "Taught" : "Taught not"} ${name}`);
}

/** Starts the mode's tools. */
export function startTeach() {
  $("teach-class").addEventListener("change", () => {
    choose($("teach-class").value === NEW ? null : Number($("teach-class").value));
    if (chosen === null) $("teach-name").focus();
  });
  $("teach-name").addEventListener("keydown", (event) => event.key === "Enter" && $("stage").focus());
  board.on("board", () => active && offerClasses());
}

/** Chooses the class that strokes are for; null is a new one. */
export function choose(id) {
  chosen = id;
  offerClasses();
}

export const isTeaching = () => active;

/** Makes the brush larger or smaller. */
export function brushBy(step) {
  $("brush").valueAsNumber += step;
}

/** Switches between "this is" and "this isn't". */
export function switchIs() {
  for (const input of document.querySelectorAll("input[name=is]")) input.checked = !input.checked;
}

const isOrIsnt = () => document.querySelector("input[name=is]:checked").value === "true";
const radius = () => $("brush").valueAsNumber / 2;

function chooseByName(name) {
  const made = board.classes.find((one) => one.name === name);
  $("teach-name").value = "";
  choose(made ? made.id : null);
}

function offerClasses() {
  if (chosen !== null && !board.byId(chosen)) chosen = null;
  const options = board.classes.map((one) => make("option", { value: String(one.id) }, one.name));
  $("teach-class").replaceChildren(...options, make("option", { value: NEW }, "New class ..."));
  $("teach-class").value = chosen === null ? NEW : String(chosen);
  $("teach-name").hidden = chosen !== null;
  $("teach-colour").style.background = chosen === null ? "" : board.byId(chosen).color;
}

/** Draws the strokes of this photograph: those the server knows as dots, those on their way as lines. */
function showStrokes() {
  if (!active || view.id === null) return;
  const { columns } = view.photograph;
  const parts = [];
  for (const one of board.now.strokes ?? []) {
    if (one.photograph !== view.id) continue;
    const color = board.byId(one.class)?.color ?? "#888888";
    const marks = draw("g", { class: one.is ? "dots" : "dots not" });
    for (const patch of one.patches) {
      const [x, y] = [(patch % columns) + 0.5, Math.floor(patch / columns) + 0.5];
      marks.append(
        one.is ? draw("circle", { cx: x, cy: y, r: 0.24, fill: color }) : draw("path", { d: `M${x - 0.2} ${y - 0.2}l.4 .4m0 -.4l-.4 .4`, stroke: color }),
      );
    }
    parts.push(marks);
  }
  for (const one of stroke ? [...sent, { ...stroke, color: $("teach-colour").style.background }] : sent) {
    if (one.photograph !== view.id) continue;
    const line = draw("polyline", { points: [...one.points, one.points.at(-1)].join(" "), class: one.is ? "stroke" : "stroke not" });
    line.style.strokeWidth = String(radius() * 2);
    line.style.stroke = one.color || "#ffffff";
    parts.push(line);
  }
  const brush = view.marks.querySelector(".brush");
  view.marks.replaceChildren(...parts, ...(brush ? [brush] : []));
}

function showBrush(at) {
  const { rows, columns } = view.photograph;
  let brush = view.marks.querySelector(".brush");
  if (!brush) view.marks.append((brush = draw("circle", { class: "brush" })));
  for (const [key, value] of Object.entries({ cx: at.u * columns, cy: at.v * rows, r: Math.max(0.5, radius()) })) {
    brush.setAttribute(key, value);
  }
}
