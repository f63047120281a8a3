// The panel of classes: names and colours in place, merge, split, number of clusters, undo and redo.

import { showAtlas } from "./atlas.js";
import { board } from "./board.js";
import { $, count, icon, make, percent } from "./dom.js";
import { announce, attempt, note } from "./notes.js";
import { view } from "./picture.js";

const HOVER = "under";

const rows = new Map();
const selected = new Set();
let parts = 2;
let wantedClusters = null;

/** One class of the panel. */
class Row {
  constructor(id) {
    this.id = id;
    this.select = make("input", { type: "checkbox", onchange: () => this.toggle() });
    this.color = make("input", { type: "color", onchange: () => this.recolor() });
    this.name = make("input", {
      type: "text",
      class: "name",
      maxLength: 60,
      spellcheck: false,
      autocomplete: "off",
      onkeydown: (event) => this.key(event),
      onchange: () => this.rename(),
      onfocus: () => this.write(),
    });
    this.name.setAttribute("list", "names");
    this.share = make("span", { class: "share" });
    this.eye = make("button", { type: "button", class: "bare", "aria-expanded": "false", onclick: () => this.look() }, icon("eye"));
    this.bar = make("i", { class: "bar" });
    this.atlas = make("div", { class: "atlas", hidden: true });
    this.item = make("li", { class: "class" }, this.select, this.color, this.name, this.share, this.eye, this.bar, this.atlas);
    this.item.dataset.id = id;
  }

  /** Takes over what the board says; a name that is just being written stays. */
  update(one, index) {
    const { name, color } = one;
    if (document.activeElement !== this.name || this.name.value === this.shown) this.name.value = name;
    this.shown = name;
    this.color.value = color;
    this.bar.style.background = color;
    this.select.checked = selected.has(this.id);
    this.select.setAttribute("aria-label", `Select ${name}`);
    this.color.setAttribute("aria-label", `Colour of ${name}`);
    this.name.setAttribute("aria-label", `Name of class ${index + 1}`);
    this.eye.setAttribute("aria-label", `Look at ${name} alone`);
    this.eye.title = index < 9 ? `Look at it alone (${index + 1})` : "Look at it alone";
    this.showShare(one);
    this.showFocus();
  }

  showShare(one) {
    const share = view.shares ? view.shares.get(this.id) ?? 0 : one.share;
    this.share.textContent = percent(share);
    this.bar.style.width = `${share * 100}%`;
    this.item.classList.toggle("absent", share === 0);
  }

  showFocus() {
    const here = board.focus === this.id;
    this.item.classList.toggle("looked", here);
    this.eye.setAttribute("aria-expanded", String(here));
    this.atlas.hidden = !here;
    if (here) showAtlas(this.atlas, this.id);
    else this.atlas.replaceChildren();
  }

  toggle() {
    if (this.select.checked) selected.add(this.id);
    else selected.delete(this.id);
    showActions();
  }

  look() {
    board.look(board.focus === this.id ? null : this.id);
  }

  /** Starts writing; if one class is looked at alone, it is this one from now on. */
  write() {
    this.name.select();
    if (board.focus !== null) board.look(this.id);
  }

  key(event) {
    if (event.key === "Escape") {
      this.name.value = this.shown;
      this.name.blur();
      event.stopPropagation();
    } else if (event.key === "Enter" || event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const items = [...$("class-list").children];
      const to = items[items.indexOf(this.item) + (event.key === "ArrowUp" ? -1 : 1)];
      if (to) to.querySelector(".name").focus();
      else this.name.blur();
    }
  }

  async rename() {
    const name = this.name.value.trim();
    if (name === "" || name === this.shown) {
      this.name.value = this.shown;
      return;
    }
    const twins = board.classes.filter((one) => one.name === name && one.id !== this.id);
    if (twins.length > 0) {
      // To give two classes one name is the quickest way to merge them, and easily undone.
      this.name.value = this.shown;
      await merge([...twins.map((one) => one.id), this.id], name);
      return;
    }
    this.shown = name;
    const answer = await attempt(() => board.act({ do: "rename", class: this.id, name }));
    if (answer) announce(`Renamed to ${name}`);
    else showBoard();
  }

  async recolor() {
    await attempt(() => board.act({ do: "recolor", class: this.id, color: this.color.value }));
  }
}

/** Starts the panel. */
export function startClasses() {
  board.on("board", showBoard);
  board.on("shares", showShares);
  board.on("focus", () => rows.forEach((row) => row.showFocus()));
  $("undo").addEventListener("click", undo);
  $("redo").addEventListener("click", redo);
  $("fewer").addEventListener("click", () => clustersBy(-1));
  $("more").addEventListener("click", () => clustersBy(1));
  $("clusters").addEventListener("change", () => setClusters($("clusters").valueAsNumber));
  // Enter counts without a change, too: as many clusters as the model has, found in these photographs.
  $("clusters").addEventListener("keydown", (event) => event.key === "Enter" && setClusters($("clusters").valueAsNumber));
  $("show-classes").addEventListener("click", () => {
    const open = document.body.classList.toggle("classes-open");
    $("show-classes").setAttribute("aria-expanded", String(open));
  });
}

/** Shows the shares of the open photograph, or of all. */
export function showShares() {
  $("classes-of").textContent = view.shares ? "shares in this photograph" : "shares in all photographs";
  for (const one of board.classes) rows.get(one.id)?.showShare(one);
}

/** Marks the class that is under the pointer in the grid. */
export function markUnder(id) {
  for (const row of rows.values()) row.item.classList.toggle(HOVER, row.id === id);
}

/** Looks at the n-th class alone, or at all again. */
export function lookAt(index) {
  const one = board.classes[index];
  if (one) board.look(board.focus === one.id ? null : one.id);
}

export const undo = () => step("undo", board.now.canUndo);
export const redo = () => step("redo", board.now.canRedo);

async function step(what, name) {
  if (!name) return;
  const answer = await attempt(() => board.act({ do: what }));
  if (answer) note(`${what === "undo" ? "Undone" : "Done again"}: ${name}`);
}

/** Selects none; returns whether any was. */
export function selectNone() {
  if (selected.size === 0) return false;
  selected.clear();
  showBoard();
  return true;
}

/** Merges the selected classes under the name of the largest. */
export function mergeSelected() {
  const chosen = board.classes.filter((one) => selected.has(one.id));
  if (chosen.length < 2) return;
  const largest = chosen.reduce((a, b) => (b.share > a.share ? b : a));
  // The first one gives its place and colour.
  const ids = [largest, ...chosen.filter((one) => one !== largest)].map((one) => one.id);
  merge(ids, $("merge-name")?.value.trim() || largest.name);
}

async function merge(ids, name) {
  const answer = await attempt(() => board.act({ do: "merge", classes: ids, name }));
  if (!answer) return;
  ids.forEach((id) => selected.delete(id));
  showBoard();
  note(`Merged ${count(ids.length, "class")} into ${name}`, { action: { label: "Undo", run: undo } });
}

async function split(id) {
  const name = board.name(id);
  const answer = await attempt(() => board.act({ do: "split", class: id, into: parts }));
  if (!answer) return;
  selected.delete(id);
  showBoard();
  note(`Split ${name} into ${parts}`, { action: { label: "Undo", run: undo } });
}

export function clustersBy(by) {
  setClusters((wantedClusters ?? board.now.clusters ?? board.classes.length) + by);
}

/** Finds another number of clusters; while one is on its way, only the last wish counts. */
async function setClusters(wanted) {
  if (!(wanted >= 2 && wanted <= 200)) return showBoard();
  const isBusy = wantedClusters !== null;
  wantedClusters = Math.round(wanted);
  $("clusters").value = String(wantedClusters);
  if (isBusy) return;
  let asked;
  while (wantedClusters !== null && wantedClusters !== asked) {
    asked = wantedClusters;
    if (!(await attempt(() => board.act({ do: "clusters", k: asked })))) break;
  }
  wantedClusters = null;
  showBoard();
}

function showBoard() {
  const { classes, canUndo, canRedo, clusters } = board.now;
  const ids = new Set(classes.map((one) => one.id));
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    row.item.remove();
    rows.delete(id);
    selected.delete(id);
  }
  classes.forEach((one, index) => {
    const row = rows.get(one.id) ?? new Row(one.id);
    rows.set(one.id, row);
    row.update(one, index);
    if ($("class-list").children[index] !== row.item) $("class-list").insertBefore(row.item, $("class-list").children[index] ?? null);
  });
  $("classes-title").textContent = count(classes.length, "class");
  const names = new Set(classes.map((one) => one.name));
  $("names").replaceChildren(...[...names].map((name) => make("option", { value: name })));
  $("show-classes").textContent = count(classes.length, "class");
  if (wantedClusters === null) $("clusters").value = clusters ?? classes.length;
  nameStep($("undo"), "Undo", canUndo, "Ctrl+Z");
  nameStep($("redo"), "Redo", canRedo, "Ctrl+Shift+Z");
  showActions();
  showShares();
}

function nameStep(button, verb, what, keys) {
  button.disabled = !what;
  button.setAttribute("aria-label", what ? `${verb}: ${what}` : verb);
  button.title = what ? `${verb}: ${what} (${keys})` : `Nothing to ${verb.toLowerCase()}`;
}

/** Shows what can be done with the selected classes. */
function showActions() {
  const chosen = board.classes.filter((one) => selected.has(one.id));
  for (const row of rows.values()) row.item.classList.toggle("selected", selected.has(row.id));
  const key = chosen.map((one) => `${one.id} ${one.name}`).join();
  if ($("class-actions").dataset.key === key) return;
  $("class-actions").dataset.key = key;
  if (chosen.length === 0) {
    $("class-actions").replaceChildren(make("p", { class: "hint" }, "Write over a name to change it; two of one name become one. Tick classes to merge or split them."));
  } else if (chosen.length === 1) {
    const into = make("input", { type: "number", min: 2, max: 20, value: parts, "aria-label": "Parts", onchange: () => (parts = into.valueAsNumber || 2) });
    $("class-actions").replaceChildren(
      make("button", { type: "button", id: "split", onclick: () => split(chosen[0].id) }, "Split into"),
      into,
      make("p", { class: "hint" }, "Tick another to merge."),
    );
  } else {
    const largest = chosen.reduce((a, b) => (b.share > a.share ? b : a));
    const name = make("input", { type: "text", id: "merge-name", value: largest.name, maxLength: 60, "aria-label": "Name of the merged class" });
    name.addEventListener("keydown", (event) => event.key === "Enter" && mergeSelected());
    $("class-actions").replaceChildren(
      make("button", { type: "button", id: "merge", class: "primary", onclick: mergeSelected, title: "Merge (M)" }, `Merge ${chosen.length} into`),
      name,
      make("button", { type: "button", class: "bare", "aria-label": "Select none", onclick: selectNone }, icon("close")),
    );
  }
}
