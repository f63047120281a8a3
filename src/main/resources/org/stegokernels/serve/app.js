// Starts the page: asks for the state, listens to events, and ties the parts together.

import { api } from "./api.js";
import { startAtlas } from "./atlas.js";
import { board } from "./board.js";
import { markUnder, showShares, startClasses } from "./classes.js";
import { correspondence, offerVectors, startCorrespondence } from "./correspondence.js";
import { $, placeIcons } from "./dom.js";
import { startDropping } from "./drop.js";
import { focusOn, paintNear, shownOrder, startGrid, toTop } from "./grid.js";
import { startKeys } from "./keys.js";
import { mixColours } from "./labels.js";
import { complain, note } from "./notes.js";
import { close, open, startPicture, view } from "./picture.js";
import { startSaving } from "./save.js";
import { showLabel } from "./tag.js";
import { startTeach, teach } from "./teach.js";

const THEMES = ["", "light", "dark"];
const THEME_NAMES = { "": "as the system", light: "light", dark: "dark" };

let lost;

placeIcons(document);
board.on("board focus", mixColours);
startGrid({ open, over });
startPicture(
  { correspondence, teach },
  {
    order: shownOrder,
    counted: showShares,
    closed(id) {
      showShares();
      paintNear();
      focusOn(id);
    },
  },
);
startClasses();
startCorrespondence({
  open,
  toGrid() {
    close();
    toTop();
  },
});
startTeach();
startAtlas(open);
startSaving();
startDropping();
startKeys();
startTheme();
startRanges();
board.on("progress", showProgress);
board.on("busy", () => document.body.classList.toggle("busy", board.busy));
$("remove").addEventListener("click", remove);
load();
listen();

async function load() {
  try {
    board.takeState(await api.state());
    $("model").textContent = board.model.name;
    $("model").title = `Model ${board.model.name}`;
    offerVectors();
    document.body.classList.add("loaded");
  } catch (error) {
    complain(error);
  }
}

/** Listens to the server; whenever it begins to tell its news, the whole state is asked for, since some may have been missed. */
function listen() {
  const events = api.events();
  const hear = (name, take) => events.addEventListener(name, (event) => take(JSON.parse(event.data)));
  hear("photograph", (photograph) => board.takePhotograph(photograph));
  hear("labels", (labels) => board.takeLabels(labels));
  hear("board", (news) => board.takeBoard(news));
  hear("progress", (progress) => board.takeProgress(progress));
  events.onerror = () => {
    lost ??= note("The workbench doesn't answer. Is stego-kernels serve still running?", { error: true });
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
  };
  events.onopen = () => {
    lost?.();
    lost = undefined;
    load();
  };
}

function over(label, event) {
  markUnder(label ? board.classOf(label.candidate)?.id : undefined);
  showLabel(event, label);
}

function showProgress() {
  const { done, total, failed } = board.progress;
  const bar = $("progress");
  bar.hidden = total === 0;
  bar.classList.toggle("complete", done >= total);
  bar.setAttribute("aria-valuemax", total);
  bar.setAttribute("aria-valuenow", done);
  bar.querySelector("i").style.width = `${total ? (done / total) * 100 : 0}%`;
  const ready = done - failed;
  $("done").value = (done < total ? `${ready} of ${total} ready` : `${ready} ready`) + (failed > 0 ? `, ${failed} failed` : "");
}

async function remove() {
  const order = shownOrder();
  const { id } = view;
  const at = order.indexOf(id);
  try {
    const next = order[at + 1] ?? order[at - 1];
    if (next !== undefined) open(next);
    else close();
    await board.remove(id);
  } catch (error) {
    complain(error);
  }
}

function startTheme() {
  const root = document.documentElement;
  const show = () => {
    const said = `Theme: ${THEME_NAMES[root.dataset.theme ?? ""]}`;
    $("theme").title = said;
    $("theme").setAttribute("aria-label", said);
  };
  $("theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "") + 1) % THEMES.length];
    if (next) root.dataset.theme = next;
    else delete root.dataset.theme;
    try {
      localStorage.setItem("stego-theme", next);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    show();
  });
  show();
}

/** Ties the sliders to what they change. */
function startRanges() {
  const root = document.documentElement;
  const overlay = (input) => {
    root.style.setProperty("--overlay", input.valueAsNumber / 100);
    $("opacity").value = $("grid-opacity").value = input.value;
    document.body.classList.remove("bare-pictures");
  };
  for (const id of ["opacity", "grid-opacity"]) $(id).addEventListener("input", () => overlay($(id)));
  $("tile").addEventListener("input", () => root.style.setProperty("--tile", `${$("tile").value}px`));
  if (innerWidth < 600) $("tile").value = "150";
  else if (innerWidth > 2400) $("tile").value = "300";
  $("tile").dispatchEvent(new Event("input"));
}
