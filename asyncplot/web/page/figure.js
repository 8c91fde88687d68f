// @ts-check
/*
 * One figure of the page: its card with tools, pixels, and the line of coordinates.
 * In: messages about this figure. Out: tools, downloads, sizes. The pixels are in screen.js, the mouse and keys in input.js.
 */

import { Input } from "./input.js";
import { Screen } from "./screen.js";

/**
 * What a figure may ask of the page.
 * @typedef {object} Desk
 * @property {(message: import("./connection.js").Message) => boolean} send
 * @property {() => boolean} drives whether what is done here reaches the figure
 * @property {() => string} token
 * @property {() => string} run the name of the run
 * @property {(drawnAt: number) => void} shown a picture was painted that was drawn at this time
 */
/** @typedef {{figure: number, title: string, width: number, height: number, ratio: number}} Description */

const NUDGE = 20; // CSS pixels that an arrow key adds to a figure's size
const SMALLEST = 120; // CSS pixels

export class Figure {
  mode = ""; // the active tool: "", "PAN" or "ZOOM"
  /** @type {{width: number, height: number} | null} the size to ask for when the server has answered the last one */
  #wanted = null;
  #asked = false;
  #history = { back: false, forward: false };

  /** @param {Description} description @param {Desk} desk */
  constructor(description, desk) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("figure"));
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.card = /** @type {HTMLElement} */ (copy.firstElementChild);
    this.desk = desk;
    this.description = description;
    this.id = description.figure;
    this.picture = this.#part(".picture");
    const canvas = /** @type {HTMLCanvasElement} */ (this.#part("canvas"));
    this.screen = new Screen(canvas, this.#painted.bind(this), () => this.say("key"));
    this.input = new Input(this);
    this.describe(description);
    this.#wireTools();
    this.#wireGrip();
  }

  /** @param {string} type @param {object} fields @returns {boolean} */
  say(type, fields = {}) {
    return this.desk.send({ type, figure: this.id, ...fields });
  }

  /** A new title or size. @param {Description} description */
  describe(description) {
    this.description = description;
    const { title, width, height, ratio } = description;
    this.#part("h2").textContent = title;
    this.picture.setAttribute("aria-label", `${title}: mouse and keys go to the figure, Escape leaves it`);
    this.card.style.setProperty("--width", String(width / ratio));
    this.card.style.setProperty("--height", String(height / ratio));
    this.#asked = false;
    this.#resize();
  }

  /** @param {{back: boolean, forward: boolean, mode: string}} tools */
  setTools({ back, forward, mode }) {
    this.#history = { back, forward };
    this.mode = mode;
    this.picture.classList.toggle("tool", mode !== "");
    this.refresh();
  }

  /** Tell by the buttons what can be done now. */
  refresh() {
    const drives = this.desk.drives();
    for (const button of this.#buttons("[data-tool]")) {
      const name = button.dataset.tool ?? "";
      button.disabled = !drives || this.#history[/** @type {"back"} */ (name)] === false;
      if (button.hasAttribute("aria-pressed")) {
        button.setAttribute("aria-pressed", String(this.mode === name.toUpperCase()));
      }
    }
    this.#buttons(".grip")[0].disabled = !drives;
    this.picture.classList.toggle("active", drives);
    if (!drives) this.input.reset();
  }

  /** @param {string} text */
  setMessage(text) {
    this.#part(".coordinates").textContent = text;
  }

  /** @param {[number, number, number, number] | null} box in canvas pixels; null: none */
  setBand(box) {
    const band = this.#part(".band");
    band.hidden = !box;
    if (!box) return;
    const { width, height } = this.description;
    const [left, top, w, h] = [box[0] / width, box[1] / height, box[2] / width, box[3] / height];
    Object.assign(band.style, { left: percent(left), top: percent(top), width: percent(w), height: percent(h) });
  }

  /** @param {string} cursor a CSS name */
  setCursor(cursor) {
    this.picture.style.cursor = cursor;
  }

  /** The figure is closed. */
  remove() {
    this.input.reset();
    this.screen.restart();
    this.card.remove();
  }

  toggleFull() {
    const full = this.card.classList.toggle("full");
    this.#part("button.full").setAttribute("aria-pressed", String(full));
  }

  /** @param {string} format png, svg or pdf */
  async download(format) {
    this.setMessage(`${format.toUpperCase()} is made …`);
    try {
      save(await this.#file(format), `${this.desk.run()} - ${this.description.title}.${format}`);
      this.setMessage("");
    } catch (error) {
      this.setMessage(`no ${format.toUpperCase()}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** @param {string} format @returns {Promise<Blob>} */
  async #file(format) {
    const headers = { Authorization: `Bearer ${this.desk.token()}` };
    const answer = await fetch(`figure/${this.id}.${format}`, { headers }).catch(() => null);
    if (answer?.ok) return answer.blob();
    // The viewer is gone or busy: the pixels are here.
    const { canvas } = this.screen;
    const pixels = format === "png" && (await new Promise((done) => canvas.toBlob(done)));
    if (pixels) return pixels;
    throw new Error(answer ? `the viewer says ${answer.status} ${answer.statusText}` : "the viewer does not answer");
  }

  /** @param {import("./pictures.js").Picture} picture @param {number} decode @param {number} paint */
  #painted({ number, drawnAt }, decode, paint) {
    this.say("painted", { number, decode, paint });
    this.desk.shown(drawnAt);
  }

  #wireTools() {
    for (const button of this.#buttons("[data-tool]")) {
      button.addEventListener("click", () => this.say("tool", { name: button.dataset.tool }));
    }
    this.#part("button.full").addEventListener("click", () => this.toggleFull());
    const menu = /** @type {HTMLDetailsElement} */ (this.#part(".download"));
    const close = () => menu.removeAttribute("open");
    for (const button of this.#buttons("[data-format]")) {
      button.addEventListener("click", () => (close(), this.download(button.dataset.format ?? "")));
    }
    menu.addEventListener("focusout", ({ relatedTarget }) => {
      if (!menu.contains(/** @type {Node | null} */ (relatedTarget))) close();
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation(); // it closes the menu, not the full view
      close();
      menu.querySelector("summary")?.focus();
    });
    this.card.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.card.classList.contains("full")) this.toggleFull();
    });
  }

  #wireGrip() {
    const grip = this.#part(".grip");
    /** @type {{x: number, y: number, width: number, height: number} | null} */
    let held = null;
    grip.addEventListener("pointerdown", ({ pointerId, clientX, clientY }) => {
      grip.setPointerCapture(pointerId);
      held = { x: clientX, y: clientY, ...this.#size() };
    });
    grip.addEventListener("lostpointercapture", () => (held = null));
    grip.addEventListener("pointermove", ({ clientX, clientY }) => {
      if (held) this.#want(held.width + clientX - held.x, held.height + clientY - held.y);
    });
    grip.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const { width, height } = this.#wanted ?? this.#size();
      this.#want(width + NUDGE * step[0], height + NUDGE * step[1]);
    });
  }

  /** The size in CSS pixels, as the figure has it. */
  #size() {
    const { width, height, ratio } = this.description;
    return { width: width / ratio, height: height / ratio };
  }

  /** @param {number} width @param {number} height CSS pixels */
  #want(width, height) {
    this.#wanted = { width: Math.max(SMALLEST, Math.round(width)), height: Math.max(SMALLEST, Math.round(height)) };
    this.#resize();
  }

  /** Ask for the same size on a screen of another pixel ratio. */
  askAgain() {
    const { width, height } = this.#size();
    this.#want(width, height);
  }

  /** Ask for the newest size; the next one waits until the server has answered. */
  #resize() {
    if (!this.#wanted || this.#asked || !this.desk.drives()) return;
    this.#asked = this.say("resize", { ...this.#wanted, ratio: devicePixelRatio });
    this.#wanted = null;
  }

  /** @param {string} selector @returns {HTMLElement} */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.card.querySelector(selector));
  }

  /** @param {string} selector @returns {NodeListOf<HTMLButtonElement>} */
  #buttons(selector) {
    return this.card.querySelectorAll(`button${selector}`);
  }
}

/** @param {number} fraction */
function percent(fraction) {
  return `${100 * fraction}%`;
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[/\\:]/g, "_");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // some browsers read it after the click
}
