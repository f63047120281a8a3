// Small helpers for elements. Texts of names and files go in as text nodes only, so they never act.

const SVG = "http://www.w3.org/2000/svg";

/** Returns the element with this id. */
export const $ = (id) => document.getElementById(id);

/** Makes an element: attributes with "-" or "role" and "for" as such, "on..." as listeners, the rest as properties. */
export function make(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
    else element[key === "class" ? "className" : key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Makes an SVG element. */
export function draw(tag, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const ICONS = {
  add: "M12 5v14M5 12h14",
  back: "M19 12H5M11 6l-6 6 6 6",
  check: "M5 13l4 4L19 7",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M6 9l6 6 6-6",
  export: "M12 15V4M8 8l4-4 4 4M5 15v5h14v-5",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  keys: "M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8",
  minus: "M5 12h14",
  next: "M9 6l6 6-6 6",
  previous: "M15 6l-6 6 6 6",
  redo: "M15 5l5 5-5 5M20 10H9a5 5 0 0 0 0 10h3",
  save: "M12 4v11M8 11l4 4 4-4M5 15v5h14v-5",
  theme: "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  undo: "M9 5L4 10l5 5M4 10h11a5 5 0 0 1 0 10h-3",
};

/** Returns a drawn sign that screen readers pass over. */
export function icon(name) {
  const sign = draw("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" });
  sign.append(draw("path", { d: ICONS[name] }));
  return sign;
}

/** Puts a sign before the text of each element that names one by data-icon. */
export function placeIcons(root) {
  for (const element of root.querySelectorAll("[data-icon]")) element.prepend(icon(element.dataset.icon));
}

/** Says a share as people read it: "0%" and "100%" only where they are meant. */
export function percent(share) {
  if (share > 0 && share < 0.005) return "<1%";
  if (share < 1 && share >= 0.995) return ">99%";
  return `${Math.round(share * 100)}%`;
}

/** Counts with the right ending: "1 photograph", "2 classes", "3 patches". */
export const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : /(s|ch)$/.test(noun) ? "es" : "s"}`;

/** Returns whether the person is writing into a field, so that letters are no commands. */
export function isWriting(target) {
  return target instanceof HTMLElement && target.matches("input:not([type=range],[type=checkbox],[type=radio],[type=color]), textarea, select");
}
