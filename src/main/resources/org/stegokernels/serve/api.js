// The requests to the workbench. Each fails with a Problem that says what the server said.

/** An answer that is no success: title, detail and status of its problem+json, or words of ours; 0 if there was none. */
export class Problem extends Error {
  constructor(title, detail, status) {
    super(title);
    this.detail = detail;
    this.status = status;
  }
}

const AT_ONCE = 4;
const waiting = [];
let running = 0;

/** Fetches; at most four at a time, so that the events' connection and the person's own actions find one free. */
async function inTurn(path, options) {
  if (running >= AT_ONCE) await new Promise((go) => waiting.push(go));
  running++;
  try {
    return await ask(path, options);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("Not reached", "The workbench doesn't answer. Is stego-kernels serve still running?", 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) {
    throw new Problem("Key", "This page's key isn't valid any more. Open the address that stego-kernels serve printed.", 401);
  }
  const said = await answer.json().catch(() => ({}));
  throw new Problem(said.title || `The workbench answered ${answer.status}`, said.detail, answer.status);
}

async function post(path, body) {
  const answer = await ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

const photograph = (id) => `workbench/photographs/${id}`;

export const api = {
  state: async () => (await ask("workbench/state")).json(),

  /** Returns the address of a photograph whose longer side is at most this long. */
  image: (id, side) => `${photograph(id)}/image?side=${side}`,

  /** Returns {rows, columns, width, halves: Uint16Array} of a photograph. */
  async vectors(id, of) {
    const answer = await inTurn(`${photograph(id)}/vectors?of=${of}`);
    const size = (name) => Number(answer.headers.get(name));
    const halves = new Uint16Array(await answer.arrayBuffer());
    return { rows: size("X-Rows"), columns: size("X-Columns"), width: size("X-Width"), halves };
  },

  /** Returns {width, height, generation, refined, candidates, confidence} of a photograph. */
  async labels(id, generation) {
    const answer = await inTurn(`${photograph(id)}/labels?generation=${generation}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const width = Number(answer.headers.get("X-Width"));
    const height = Number(answer.headers.get("X-Height"));
    return {
      width,
      height,
      generation: Number(answer.headers.get("X-Generation")),
      refined: answer.headers.get("X-Refined") === "true",
      candidates: bytes.subarray(0, width * height),
      confidence: bytes.subarray(width * height, 2 * width * height),
    };
  },

  /** Adds a photograph; returns it. */
  async add(file) {
    const answer = await ask(`workbench/photographs?name=${encodeURIComponent(file.name || "pasted.png")}`, {
      method: "POST",
      headers: { "Content-Type": file.type || "application/octet-stream" },
      body: file,
    });
    return answer.json();
  },

  remove: (id) => ask(photograph(id), { method: "DELETE" }),
  atlas: async (id, wanted) => (await ask(`workbench/atlas?class=${id}&count=${wanted}`)).json(),
  act: (action) => post("workbench/board", action),
  save: (name) => post("workbench/save", { name }),
  exportAs: (formats) => post("workbench/export", { formats }),
  events: () => new EventSource("workbench/events"),
};
