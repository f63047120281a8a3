// The atlas of a class: its most typical patches, cut out of the photographs with some of what is around them.

import { api } from "./api.js";
import { board } from "./board.js";
import { make } from "./dom.js";

const WANTED = 12;
const SIDE = 640;
const CUT = 112;
const AROUND = 3;

let opened = () => {};
const pictures = new Map();
const KEPT = 24;

/** Sets what opens a photograph: open(id, {u, v}). */
export function startAtlas(open) {
  opened = open;
}

/** Fills a box with the patches of a class, unless it shows them already. */
export async function showAtlas(box, id) {
  const shown = `${id} ${board.generation} ${board.now.classOf.join()}`;
  if (box.dataset.shown === shown && box.childElementCount > 0) return;
  box.dataset.shown = shown;
  if (box.childElementCount === 0) box.append(make("p", { class: "hint" }, "Looking for its most typical patches ..."));
  let patches;
  try {
    ({ patches } = await api.atlas(id, WANTED));
  } catch (error) {
    if (box.dataset.shown === shown) box.replaceChildren(make("p", { class: "hint" }, error.detail || error.message));
    return;
  }
  if (box.dataset.shown !== shown || box.hidden) return;
  const cuts = patches.filter((patch) => board.photographs.has(patch.photograph)).map(cutting);
  box.replaceChildren(...(cuts.length > 0 ? cuts : [make("p", { class: "hint" }, "No photograph has it.")]));
}

function cutting({ photograph, row, column, similarity }) {
  const { name, rows, columns } = board.photographs.get(photograph);
  const canvas = make("canvas", { width: CUT, height: CUT, "aria-hidden": "true" });
  const at = { u: (column + 0.5) / columns, v: (row + 0.5) / rows };
  pictureOf(photograph).then((picture) => cut(canvas, picture, at, rows, columns), () => {});
  const said = `${name}, similarity ${similarity.toFixed(2)}`;
  return make("button", { type: "button", title: said, "aria-label": said, onclick: () => opened(photograph, at) }, canvas);
}

/** Draws a patch with its surroundings, kept inside the photograph, and a frame around the patch itself. */
function cut(canvas, picture, { u, v }, rows, columns) {
  const { naturalWidth: width, naturalHeight: height } = picture;
  const patch = Math.max(width / columns, height / rows);
  const side = Math.min(width, height, patch * (2 * AROUND + 1));
  const left = Math.min(width - side, Math.max(0, u * width - side / 2));
  const top = Math.min(height - side, Math.max(0, v * height - side / 2));
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, left, top, side, side, 0, 0, CUT, CUT);
  const scale = CUT / side;
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 2;
  pen.shadowColor = "#000000";
  pen.shadowBlur = 3;
  pen.strokeRect((u * width - patch / 2 - left) * scale, (v * height - patch / 2 - top) * scale, patch * scale, patch * scale);
}

/** Loads a photograph once for all its patches. */
function pictureOf(id) {
  if (!pictures.has(id)) {
    const picture = new Image();
    picture.src = api.image(id, SIDE);
    pictures.set(id, picture.decode().then(() => picture));
    if (pictures.size > KEPT) pictures.delete(pictures.keys().next().value);
  }
  return pictures.get(id);
}
