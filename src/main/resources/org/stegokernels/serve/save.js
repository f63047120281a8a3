// The dialogs that write files: the model with its names and colours, and the labels in formats of other tools.

import { api } from "./api.js";
import { board } from "./board.js";
import { $, count, icon, make } from "./dom.js";
import { announce } from "./notes.js";

const FORMATS = {
  png: "class ids as palette PNG",
  ids: "class ids as grey PNG: OpenCV, scikit-image",
  npy: "class ids as array: NumPy",
  color: "the colours of the classes",
  instances: "numbers of objects, 16-bit grey: Fiji",
  objects: "area, box and centroid of each object, CSV and JSON",
  confidence: "probability of each label, 16-bit grey",
  cutout: "one class on transparent ground",
  coco: "objects as exact masks: pycocotools, FiftyOne, CVAT",
  "coco-polygons": "objects as polygons",
  yolo: "polygons and data.yaml: Ultralytics",
  geojson: "polygons that share borders: QGIS, QuPath",
  labelstudio: "tasks.json to import: Label Studio",
  cvat: "Segmentation mask 1.1: CVAT",
  cityscapes: "ids of Cityscapes",
};

/** Starts the buttons and their dialogs. */
export function startSaving() {
  $("save").addEventListener("click", openSave);
  $("export").addEventListener("click", openExport);
  for (const button of document.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }
  $("save-dialog").querySelector("form").addEventListener("submit", (event) => (event.preventDefault(), save()));
  $("export-dialog").querySelector("form").addEventListener("submit", (event) => (event.preventDefault(), exportNow()));
}

export function openSave() {
  $("save-written").replaceChildren();
  $("save-wrong").textContent = "";
  $("save-folder").textContent = `Goes into ${board.out}.`;
  $("save-dialog").showModal();
  $("save-name").select();
}

export function openExport() {
  $("export-written").replaceChildren();
  $("export-wrong").textContent = "";
  if ($("format-list").childElementCount === 0) {
    $("format-list").append(
      ...board.formats.map((name) =>
        make(
          "label",
          { class: "format" },
          make("input", { type: "checkbox", name: "format", value: name, checked: name === "png" }),
          make("b", {}, name),
          make("span", {}, FORMATS[name] ?? ""),
        ),
      ),
    );
  }
  $("export-dialog").showModal();
}

async function save() {
  let name = $("save-name").value.trim();
  if (!name.endsWith(".safetensors")) name += ".safetensors";
  $("save-name").value = name;
  await write($("save-now"), "save", async () => {
    const { path, command } = await api.save(name);
    return [copied("Written to", path), copied("Use it", command)];
  });
}

async function exportNow() {
  const formats = [...document.querySelectorAll("input[name=format]:checked")].map((input) => input.value);
  if (formats.length === 0) {
    $("export-wrong").textContent = "Choose a format first.";
    return;
  }
  await write($("export-now"), "export", async () => {
    const { path, files, failures = [] } = await api.exportAs(formats);
    const later = `stego-kernels segment PHOTOS -m MODEL -o masks/ --format ${formats.join(",")}`;
    $("export-wrong").textContent = failures.join("; ");
    return [copied(`${count(files, "file")} written to`, path), copied("The same for more photographs, with the saved model", later)];
  });
}

/** Runs what writes; shows its paths, or why it failed. */
async function write(button, which, run) {
  const before = button.textContent;
  $(`${which}-wrong`).textContent = "";
  $(`${which}-written`).replaceChildren();
  button.disabled = true;
  button.textContent = "Writing ...";
  try {
    $(`${which}-written`).replaceChildren(...(await run()));
  } catch (error) {
    $(`${which}-wrong`).textContent = error.detail || error.message;
  } finally {
    button.disabled = false;
    button.textContent = before;
  }
}

/** Makes a line with a text to copy. */
function copied(title, text) {
  const button = make("button", { type: "button", "aria-label": `Copy: ${text}`, title: "Copy" }, icon("copy"));
  const code = make("code", {}, text);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    button.replaceChildren(icon("check"));
    announce("Copied");
    setTimeout(() => button.replaceChildren(icon("copy")), 1500);
  });
  return make("div", { class: "copied" }, make("span", {}, title), make("div", {}, code, button));
}
