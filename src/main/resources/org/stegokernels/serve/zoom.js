// Zoom and pan of one element inside another, by wheel, drag, pinch and keys.

const MOST = 24;
const STILL = 4;

/**
 * Moves "sheet" (of a given size) inside "stage". Options: drags(event) says whether this pointer pans (else it is the
 * caller's own), tapped(event) is called for a press without a move, changed() after each move.
 */
export class Zoom {
  #stage;
  #sheet;
  #options;
  #size = [1, 1];
  #at = { x: 0, y: 0, scale: 1 };
  #fitted = true;
  #pointers = new Map();
  #moved = false;

  constructor(stage, sheet, options) {
    this.#stage = stage;
    this.#sheet = sheet;
    this.#options = options;
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", (event) => this.#pointers.delete(event.pointerId));
    stage.addEventListener("contextmenu", (event) => event.preventDefault());
    new ResizeObserver(() => (this.#fitted ? this.fit() : this.#place())).observe(stage);
  }

  /** Shows a sheet of another size, all of it. */
  show(width, height) {
    this.#size = [width, height];
    this.#sheet.style.width = `${width}px`;
    this.#sheet.style.height = `${height}px`;
    this.fit();
  }

  fit() {
    this.#fitted = true;
    this.#at.scale = this.#least();
    this.#place();
  }

  /** Returns how much larger than fitting. */
  get factor() {
    return this.#at.scale / this.#least();
  }

  /** Returns screen pixels per pixel of the sheet. */
  get scale() {
    return this.#at.scale;
  }

  /** Zooms about a place on the screen, or about the middle. */
  by(factor, clientX, clientY) {
    const box = this.#stage.getBoundingClientRect();
    const x = (clientX ?? box.left + box.width / 2) - box.left;
    const y = (clientY ?? box.top + box.height / 2) - box.top;
    const least = this.#least();
    const scale = Math.min(least * MOST, Math.max(least, this.#at.scale * factor));
    const ratio = scale / this.#at.scale;
    this.#at = { scale, x: x - (x - this.#at.x) * ratio, y: y - (y - this.#at.y) * ratio };
    this.#fitted = scale === least;
    this.#place();
  }

  pan(dx, dy) {
    this.#at.x += dx;
    this.#at.y += dy;
    this.#place();
  }

  /** Returns where on the sheet a place on the screen is, from 0 to 1 each way (outside: less or more). */
  locate(clientX, clientY) {
    const box = this.#stage.getBoundingClientRect();
    const { x, y, scale } = this.#at;
    return [(clientX - box.left - x) / scale / this.#size[0], (clientY - box.top - y) / scale / this.#size[1]];
  }

  /** Returns the place inside the stage of a place on the sheet. */
  place(u, v) {
    const { x, y, scale } = this.#at;
    return [x + u * this.#size[0] * scale, y + v * this.#size[1] * scale];
  }

  #least() {
    const { clientWidth, clientHeight } = this.#stage;
    return Math.max(0.01, Math.min(clientWidth / this.#size[0], clientHeight / this.#size[1]));
  }

  #place() {
    const { clientWidth, clientHeight } = this.#stage;
    const at = this.#at;
    at.x = inside(at.x, clientWidth, this.#size[0] * at.scale);
    at.y = inside(at.y, clientHeight, this.#size[1] * at.scale);
    this.#sheet.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
    this.#options.changed();
  }

  #wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    this.by(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX, event.clientY);
  }

  #down(event) {
    const isFirst = this.#pointers.size === 0;
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY, startX: event.clientX, startY: event.clientY });
    this.#moved = !isFirst;
    if (this.#pointers.size > 1 || this.#options.drags(event)) this.#stage.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (!pointer) return;
    const before = this.#spread();
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    if (Math.hypot(event.clientX - pointer.startX, event.clientY - pointer.startY) > STILL) this.#moved = true;
    pointer.x = event.clientX;
    pointer.y = event.clientY;
    if (this.#pointers.size === 2) {
      const after = this.#spread();
      this.pan((after.x - before.x), (after.y - before.y));
      this.by(after.length / Math.max(1, before.length), after.x, after.y);
    } else if (this.#moved && this.#options.drags(event)) {
      this.pan(dx, dy);
    }
  }

  #spread() {
    const [a, b] = [...this.#pointers.values()];
    return b && { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #up(event) {
    if (this.#pointers.delete(event.pointerId) && !this.#moved && event.button === 0) this.#options.tapped(event);
  }

  /** Returns whether two fingers are down. */
  get pinching() {
    return this.#pointers.size > 1;
  }
}

/** Keeps a side within its room: centred where it fits, without a gap where it doesn't. */
function inside(at, room, side) {
  return side <= room ? (room - side) / 2 : Math.min(0, Math.max(room - side, at));
}
