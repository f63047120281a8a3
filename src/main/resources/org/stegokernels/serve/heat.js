// Similarity as colour: the less alike, the darker the photograph; the more alike, the brighter the glow.

// From 0 to 1: red, green, blue and opacity, between which colours are mixed.
const STOPS = [
  [0, 8, 8, 28, 0.66],
  [0.35, 40, 11, 84, 0.62],
  [0.6, 137, 34, 106, 0.58],
  [0.8, 227, 89, 51, 0.58],
  [0.92, 249, 170, 30, 0.62],
  [1, 252, 250, 160, 0.72],
];
const STEPS = 256;
const ramp = new Uint32Array(STEPS);
for (let step = 0; step < STEPS; step++) {
  const at = step / (STEPS - 1);
  const upper = Math.max(1, STOPS.findIndex((stop) => stop[0] >= at));
  const [from, to] = [STOPS[upper - 1], STOPS[upper]];
  const part = (at - from[0]) / (to[0] - from[0]);
  const mix = (i) => from[i] + (to[i] - from[i]) * part;
  ramp[step] = ((Math.round(mix(4) * 255) << 24) | (Math.round(mix(3)) << 16) | (Math.round(mix(2)) << 8) | Math.round(mix(1))) >>> 0;
}

/** Paints similarities (0 and less is darkest, 1 brightest) onto a canvas with one pixel a patch; CSS makes it smooth. */
export function paintHeat(canvas, values, rows, columns) {
  const pixels = new Uint32Array(rows * columns);
  for (let i = 0; i < pixels.length; i++) {
    const value = values[i];
    pixels[i] = ramp[value > 0 ? Math.min(STEPS - 1, Math.round(value * (STEPS - 1))) : 0];
  }
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
}

/** Returns the colours as a CSS gradient, for the legend. */
export const heatGradient = () =>
  `linear-gradient(90deg, ${STOPS.map(([at, r, g, b]) => `rgb(${r} ${g} ${b}) ${at * 100}%`).join(", ")})`;
