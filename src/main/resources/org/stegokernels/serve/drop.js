// New photographs: dropped, pasted or chosen; sent one after the other, and what fails is named with its reason.

import { api } from "./api.js";
import { board } from "./board.js";
import { $, count, isWriting } from "./dom.js";
import { note } from "./notes.js";

const NAMED = 3;

/** Starts all three ways to add photographs. */
export function startDropping() {
  for (const id of ["add", "choose"]) $(id).addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => {
    addAll([...$("files").files]);
    $("files").value = "";
  });
  let depth = 0;
  const show = (shown) => ($("drop").hidden = !shown);
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth++;
    show(true);
  });
  addEventListener("dragleave", (event) => hasFiles(event) && --depth <= 0 && show(((depth = 0), false)));
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    addAll([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0 || isWriting(event.target)) return;
    event.preventDefault();
    addAll(files);
  });
}

const hasFiles = (event) => event.dataTransfer?.types.includes("Files") ?? false;

async function addAll(files) {
  if (files.length === 0) return;
  const failed = [];
  let done = 0;
  let close = note(`Adding ${count(files.length, "photograph")} ...`, { keep: true });
  for (const file of files) {
    try {
      board.takePhotograph(await api.add(file));
      done++;
    } catch (error) {
      failed.push(`${file.name || "the pasted picture"}: ${error.detail || error.message}`);
      if (error.status === 0 || error.status === 401) break;
    }
    close();
    close = note(`Added ${done} of ${count(files.length, "photograph")} ...`, { keep: true });
  }
  close();
  board.countProgress();
  board.takeProgress(board.progress);
  if (done > 0) note(`Added ${count(done, "photograph")}`);
  if (failed.length > 0) {
    const rest = failed.length > NAMED ? `, and ${failed.length - NAMED} more` : "";
    note(`Not added: ${failed.slice(0, NAMED).join("; ")}${rest}`, { error: true });
  }
}
