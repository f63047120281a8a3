// The state that the page shows: photographs, classes and which candidate belongs to which class. The server's word is
// taken as it comes; what only this page knows (the class looked at, the overlay's strength) stands here, too.

import { api } from "./api.js";

/** Returns the later of two words about one photograph: it waits first and never again. */
const newer = (known, said) => (said.state === "waiting" && known) || said;

const NO_BOARD = { generation: -1, revision: -1, classes: [], classOf: [], strokes: [] };

/**
 * Events: "photographs" (one came or went), "photograph" (detail: it), "progress", "board" (classes, names, colours), "shares",
 * "generation" (labels must be asked for anew), "labels" (detail: {id, generation}), "focus" (the class looked at).
 */
class Board extends EventTarget {
  model = null;
  out = "";
  formats = [];
  photographs = new Map();
  progress = { done: 0, total: 0, failed: 0 };
  focus = null;
  #board = NO_BOARD;
  #byId = new Map();
  #last = Promise.resolve();
  #busy = 0;

  get generation() {
    return this.#board.generation;
  }

  get now() {
    return this.#board;
  }

  get classes() {
    return this.#board.classes;
  }

  get busy() {
    return this.#busy > 0;
  }

  classOf(candidate) {
    return this.#byId.get(this.#board.classOf[candidate]);
  }

  byId(id) {
    return this.#byId.get(id);
  }

  name(id) {
    return this.#byId.get(id)?.name ?? "";
  }

  /**
   * Takes the whole state, at the start and after a lost connection. What events said meanwhile of a photograph is newer,
   * unless the server is another one, which counts its changes from 0.
   */
  takeState(state) {
    const isOther = state.board.revision < this.#board.revision;
    if (isOther) this.#board = NO_BOARD;
    const before = isOther ? new Map() : this.photographs;
    this.model = state.model;
    this.out = state.out;
    this.formats = state.formats;
    this.photographs = new Map(state.photographs.map((photograph) => [photograph.id, newer(before.get(photograph.id), photograph)]));
    this.countProgress();
    this.takeBoard(state.board);
    this.#tell("photographs");
    this.#tell("progress");
  }

  takeBoard(board) {
    const before = this.#board;
    if (board.revision < before.revision) return;
    this.#board = board;
    this.#byId = new Map(board.classes.map((one) => [one.id, one]));
    if (board.revision === before.revision && board.generation === before.generation) return this.#tell("shares");
    if (this.focus !== null && !this.#byId.has(this.focus)) this.look(null);
    if (board.generation !== before.generation) this.#tell("generation");
    this.#tell("board");
  }

  /** Takes one photograph, from an event or as the answer to a request; the answer may come after later events. */
  takePhotograph(photograph) {
    const known = this.photographs.get(photograph.id);
    const now = newer(known, photograph);
    this.photographs.set(now.id, now);
    this.#tell(known ? "photograph" : "photographs", now);
  }

  takeProgress(progress) {
    this.progress = progress;
    this.#tell("progress");
  }

  takeLabels(news) {
    this.#tell("labels", news);
  }

  countProgress() {
    const all = [...this.photographs.values()];
    const failed = all.filter((one) => one.state === "failed").length;
    this.progress = { done: all.filter((one) => one.state === "ready").length + failed, total: all.length, failed };
  }

  async remove(id) {
    await api.remove(id);
    this.photographs.delete(id);
    this.countProgress();
    this.#tell("photographs");
    this.#tell("progress");
  }

  /** Sends an action; actions are answered in the order in which they were asked for. */
  act(action) {
    this.#busy++;
    this.#tell("busy");
    const answer = this.#last.then(() => api.act(action)).then((board) => (this.takeBoard(board), board));
    this.#last = answer.catch(() => {}).then(() => {
      this.#busy--;
      this.#tell("busy");
    });
    return answer;
  }

  /** Shows one class alone, or all of them (null). */
  look(id) {
    if (this.focus === id) return;
    this.focus = id;
    this.#tell("focus");
  }

  on(names, listener) {
    for (const name of names.split(" ")) this.addEventListener(name, (event) => listener(event.detail));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

export const board = new Board();
