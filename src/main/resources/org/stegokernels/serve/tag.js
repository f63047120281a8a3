// The small tag beside the pointer: which class, how sure.

import { board } from "./board.js";
import { $, percent } from "./dom.js";

const AWAY = 14;

/** Shows a colour, a name and a figure beside the pointer; without a name the tag goes. */
export function showTag(place, { color, name, figure } = {}) {
  const tag = $("tag");
  tag.hidden = !name;
  if (!name) return;
  const [sign, title, said] = tag.children;
  sign.style.background = color ?? "";
  sign.hidden = !color;
  title.textContent = name;
  said.textContent = figure ?? "";
  const { offsetWidth, offsetHeight } = tag;
  const x = place.clientX + AWAY + offsetWidth > innerWidth ? place.clientX - AWAY - offsetWidth : place.clientX + AWAY;
  const y = place.clientY + AWAY + offsetHeight > innerHeight ? place.clientY - AWAY - offsetHeight : place.clientY + AWAY;
  tag.style.transform = `translate(${Math.max(0, x)}px, ${Math.max(0, y)}px)`;
}

/** Shows what labelAt found; returns the words for it. */
export function showLabel(place, label) {
  const one = label && board.classOf(label.candidate);
  if (!one) {
    showTag(place);
    return "";
  }
  showTag(place, { color: one.color, name: one.name, figure: percent(label.confidence) });
  return `${one.name}, ${percent(label.confidence)} sure`;
}
