// Short notes at the lower edge, read out by screen readers: what was done, what went wrong.

import { $, icon, make } from "./dom.js";

const SHOWN = 6000;

/** Tells a screen reader something that others see. */
export function announce(text) {
  $("live").textContent = text;
}

/** Shows a note. With an action ({label, run}) it offers it; errors stay until they are closed. */
export function note(text, { action, error = false, keep = error } = {}) {
  const close = () => item.remove();
  const item = make("div", { class: error ? "note error" : "note", role: error ? "alert" : "status" }, make("p", {}, text));
  if (action) {
    item.append(make("button", { type: "button", class: "quiet", onclick: () => (close(), action.run()) }, action.label));
  }
  item.append(make("button", { type: "button", class: "bare", "aria-label": "Close this note", onclick: close }, icon("close")));
  const notes = $("notes");
  for (const other of [...notes.children]) {
    if (!other.matches(".error") || other.querySelector("p").textContent === text) other.remove();
  }
  notes.append(item);
  if (!keep) setTimeout(close, SHOWN);
  return close;
}

/** Shows an error in the server's own words, or in ours where there are none. */
export function complain(error) {
  note(error.detail || error.message || "Something went wrong", { error: true });
}

/** Runs an action of the person; where it fails, a note says why. Returns its answer, or undefined. */
export async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    complain(error);
    return undefined;
  }
}
