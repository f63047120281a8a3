// The vectors of patches, sent once as float16, and all that is computed from them in the page. Vectors have length 1, so
// that a dot product is the cosine similarity.

import { api } from "./api.js";

const held = { code: new Map(), features: new Map() };
const asked = { code: new Map(), features: new Map() };
let singles;

/** Returns the vectors of a photograph that are here, or undefined. */
export const vectorsHere = (id, of) => held[of].get(id);

/** Fetches {rows, columns, width, values: Float32Array} of a ready photograph, once. */
export function vectorsOf(id, of) {
  const here = held[of].get(id);
  if (here) return Promise.resolve(here);
  if (!asked[of].has(id)) {
    const answer = api.vectors(id, of).then(({ rows, columns, width, halves }) => {
      const vectors = { rows, columns, width, values: decode(halves) };
      held[of].set(id, vectors);
      return vectors;
    });
    asked[of].set(id, answer.finally(() => asked[of].delete(id)));
  }
  return asked[of].get(id);
}

/** Forgets the vectors of a photograph that was taken off the board. */
export function forgetVectors(id) {
  held.code.delete(id);
  held.features.delete(id);
}

/** Decodes float16 by a table of all 65,536 values. */
export function decode(halves) {
  singles ??= tableOfHalves();
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = singles[halves[i]];
  return values;
}

function tableOfHalves() {
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size =
      exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * 2 ** (exponent - 15);
    table[bits] = bits >> 15 ? -size : size;
  }
  return table;
}

/** Returns the vector of one patch. */
export function vectorAt(vectors, patch) {
  return vectors.values.subarray(patch * vectors.width, (patch + 1) * vectors.width);
}

/** Writes the similarity of each patch to the query into a Float32Array of rows * columns; four sums keep the core busy. */
export function similarities(vectors, query, out) {
  const { values, width } = vectors;
  const patches = vectors.rows * vectors.columns;
  const whole = width - (width % 4);
  for (let patch = 0, at = 0; patch < patches; patch++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < whole; i += 4, at += 4) {
      a += values[at] * query[i];
      b += values[at + 1] * query[i + 1];
      c += values[at + 2] * query[i + 2];
      d += values[at + 3] * query[i + 3];
    }
    for (; i < width; i++, at++) a += values[at] * query[i];
    out[patch] = a + b + (c + d);
  }
  return out;
}

/** Finds the best match in each of these photographs: [{id, best, patch}], the best first. Those without vectors are left out. */
export function rank(ids, of, query) {
  const found = [];
  let room = new Float32Array(0);
  for (const id of ids) {
    const vectors = held[of].get(id);
    if (!vectors) continue;
    const patches = vectors.rows * vectors.columns;
    if (room.length < patches) room = new Float32Array(patches);
    similarities(vectors, query, room);
    let patch = 0;
    for (let i = 1; i < patches; i++) if (room[i] > room[patch]) patch = i;
    found.push({ id, best: room[patch], patch });
  }
  return found.sort((a, b) => b.best - a.best || a.id - b.id);
}
