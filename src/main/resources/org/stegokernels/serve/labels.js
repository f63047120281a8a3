// The labels of photographs: asked for once a generation, kept for the photographs looked at last, painted as an overlay.

import { api } from "./api.js";
import { board } from "./board.js";

const KEPT = 150;
const INSIDE = 205;
const DIMMED = 0xa0000000;
const none = new Uint32Array(256);

const held = new Map();
const asked = new Map();
let fills = none;
let borders = none;

/** Returns the labels that are here and of the present generation, or undefined. */
export function labelsHere(id) {
  const labels = held.get(id);
  return labels && labels.generation === board.generation ? labels : undefined;
}

/** Fetches the labels of a ready photograph; undefined if the board has moved on meanwhile. */
export async function labelsOf(id) {
  const here = labelsHere(id);
  if (here && !here.stale) return here;
  const { generation } = board;
  const running = asked.get(id);
  if (running && running.generation === generation) return running.answer;
  const answer = fetchLabels(id, generation);
  asked.set(id, { generation, answer });
  try {
    return await answer;
  } finally {
    if (asked.get(id)?.answer === answer) asked.delete(id);
  }
}

async function fetchLabels(id, generation) {
  let labels;
  try {
    labels = await api.labels(id, generation);
  } catch (error) {
    if (error.status === 409) return undefined;
    throw error;
  }
  if (labels.generation !== board.generation) return undefined;
  held.delete(id);
  held.set(id, labels);
  if (held.size > KEPT) held.delete(held.keys().next().value);
  return labels;
}

/** Marks labels as replaced by better ones of the same generation. */
export function outdate(id) {
  const labels = held.get(id);
  if (labels) labels.stale = true;
}

/** Returns {candidate, confidence} at a place, u and v from 0 to 1, or undefined. */
export function labelAt(id, u, v) {
  const labels = labelsHere(id);
  if (!labels || u < 0 || v < 0 || u >= 1 || v >= 1) return undefined;
  const at = Math.floor(v * labels.height) * labels.width + Math.floor(u * labels.width);
  return { candidate: labels.candidates[at], confidence: labels.confidence[at] / 255 };
}

/** Returns the share of each class in a photograph, by class id, the largest first. */
export function sharesOf(labels) {
  const pixels = new Uint32Array(256);
  for (const candidate of labels.candidates) pixels[candidate]++;
  const shares = new Map();
  for (let candidate = 0; candidate < 256; candidate++) {
    const one = pixels[candidate] ? board.classOf(candidate) : undefined;
    if (one) shares.set(one.id, (shares.get(one.id) ?? 0) + pixels[candidate] / labels.candidates.length);
  }
  return [...shares].sort((a, b) => b[1] - a[1]);
}

/** Makes the tables from candidate to colour anew; called when classes, colours or the class looked at change. */
export function mixColours() {
  fills = new Uint32Array(256);
  borders = new Uint32Array(256);
  for (let candidate = 0; candidate < 256; candidate++) {
    const one = board.classOf(candidate);
    if (!one) continue;
    const [red, green, blue] = rgb(one.color);
    const bgr = (blue << 16) | (green << 8) | red;
    const dimmed = board.focus !== null && board.focus !== one.id;
    fills[candidate] = dimmed ? DIMMED : ((INSIDE << 24) | bgr) >>> 0;
    borders[candidate] = dimmed ? DIMMED : ((255 << 24) | bgr) >>> 0;
  }
}

/** Paints labels in the colours of their classes, with firm borders, onto a canvas of their size. */
export function paintLabels(canvas, labels) {
  const { width, height, candidates } = labels;
  const classOf = new Int32Array(256).fill(-1);
  for (let candidate = 0; candidate < 256; candidate++) classOf[candidate] = board.classOf(candidate)?.id ?? -1;
  const pixels = new Uint32Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const candidate = candidates[at];
      const own = classOf[candidate];
      const isBorder =
        (x + 1 < width && classOf[candidates[at + 1]] !== own) || (y + 1 < height && classOf[candidates[at + width]] !== own);
      pixels[at] = isBorder ? borders[candidate] : fills[candidate];
    }
  }
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), width, height), 0, 0);
}

/** Returns red, green and blue of "#rrggbb". */
export function rgb(color) {
  const value = parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** Returns black or white, whichever reads better on a colour. */
export function inkOn(color) {
  const [red, green, blue] = rgb(color);
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "#000000" : "#ffffff";
}
