// @ts-check
/*
 * The mouse, fingers and keys over one figure. In: events of the browser. Out: `mouse`, `key_event` and `tool` messages.
 *
 * Motions: the newest only, and one at a time is unanswered, so a slow viewer never gets a backlog. Presses, releases,
 * keys and wheel steps are all sent, in order. A press is always followed by its release, whatever happens to the page.
 * A figure takes the wheel and the fingers only when it has the focus or an active tool; else they scroll the page.
 */

/** @typedef {{x: number, y: number}} Point in canvas pixels, from the upper left */

/** The bit of `event.buttons`, and the number of the button. @type {[number, number][]} */
const BUTTONS = [[1, 0], [4, 1], [2, 2]];
const PIXELS_A_STEP = [100, 3, 1]; // of the wheel, by event.deltaMode: pixels, lines, pages
const STEP = Math.log(1 / 0.85); // what one wheel step zooms by, in matplotlib
const STILL = 10; // CSS pixels that a finger may move in a tap; fingers decide after that between zoom and pan
const ALONE = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "ScrollLock"]);

export class Input {
  #buttons = 0; // those that the server knows as pressed, as in event.buttons
  /** @type {Map<number, {x: number, y: number}>} fingers, in CSS pixels */
  #fingers = new Map();
  /** @type {{x: number, y: number} | null} where a finger came down that may become a tap */
  #tap = null;
  /** @type {Gesture | null} */
  #gesture = null;
  /** @type {object | null} the newest motion that was not sent yet */
  #motion = null;
  static #serial = 0; // of the page's last motion, whatever the figure
  #unanswered = 0; // the serial of the motion that the server has not answered; 0: none
  #steps = 0; // of the wheel, to be sent
  #keys = new Set(); // held down
  /** @type {Point} */
  #last = { x: 0, y: 0 };

  /** @param {import("./figure.js").Figure} figure */
  constructor(figure) {
    this.figure = figure;
    const { picture } = figure;
    /** @param {string} type @param {(event: any) => void} handler */
    const on = (type, handler, options = {}) =>
      picture.addEventListener(type, (event) => figure.desk.drives() && handler(event), options);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#up(event, true));
    on("pointercancel", (event) => this.#up(event, false));
    on("lostpointercapture", () => this.#release());
    on("pointerenter", (event) => event.pointerType === "touch" || this.#mouse("enter", event));
    on("pointerleave", (event) => event.pointerType === "touch" || this.#mouse("leave", event));
    on("dblclick", (event) => this.#mouse("double", event, { button: 0, buttons: 0 }));
    on("contextmenu", (event) => event.preventDefault()); // the right button is the figure's
    on("mousedown", (event) => event.button === 1 && event.preventDefault()); // else it scrolls
    on("wheel", (event) => this.#wheel(event), { passive: false });
    picture.addEventListener("keydown", (event) => this.#keyDown(event));
    on("keyup", (event) => this.#keyUp(event.key, event));
    picture.addEventListener("blur", () => this.#releaseKeys());
    addEventListener("pagehide", () => (this.#release(), this.#releaseKeys()));
  }

  /** Whether the figure takes what would else scroll the page. */
  get #engaged() {
    return this.figure.mode !== "" || document.activeElement === this.figure.picture;
  }

  /** The server has handled a motion. @param {number} serial */
  moved(serial) {
    if (serial !== this.#unanswered) return;
    this.#unanswered = 0;
    this.#sendMotion();
  }

  /** The server has forgotten what is held, or never gets to know. */
  reset() {
    this.#buttons = 0;
    this.#unanswered = 0;
    this.#motion = this.#gesture = this.#tap = null;
    this.#keys.clear();
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const { picture } = this.figure;
    if (event.pointerType !== "touch") {
      picture.setPointerCapture(event.pointerId); // a drag may leave the figure
      this.#sync(event);
      return;
    }
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#fingers.size === 2 && this.#engaged) {
      this.#release();
      this.#tap = null;
      this.#gesture = new Gesture([...this.#fingers.values()]);
    } else if (this.#fingers.size > 1) {
      this.#tap = null;
    } else if (this.#engaged) {
      this.#sync(event);
    } else {
      this.#tap = { x: event.clientX, y: event.clientY };
    }
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerType !== "touch") {
      this.#sync(event); // further buttons come as moves
      this.#moveTo(event);
    } else if (this.#fingers.has(event.pointerId)) {
      this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (this.#tap && distance(this.#tap, { x: event.clientX, y: event.clientY }) > STILL) this.#tap = null;
      if (this.#gesture && this.#fingers.size === 2) this.#twoFingers(event, this.#gesture);
      else if (this.#buttons) this.#moveTo(event);
    }
  }

  /** @param {PointerEvent} event @param {boolean} counts false: the browser took the finger to scroll */
  #up(event, counts) {
    if (event.pointerType !== "touch") return this.#sync(event);
    this.#fingers.delete(event.pointerId);
    if (this.#tap && counts) {
      this.figure.picture.focus({ preventScroll: true });
      this.#mouse("press", event, { button: 0, buttons: 1 });
      this.#mouse("release", event, { button: 0, buttons: 0 });
    } else if (this.#gesture) {
      if (this.#gesture.panning) this.#endPan(event, this.#gesture);
    } else {
      this.#sync(event, 0);
    }
    this.#tap = null;
    this.#gesture = null;
  }

  /** Two fingers zoom by wheel steps, or pan by the tool, as matplotlib cannot do both at a time. */
  #twoFingers(/** @type {PointerEvent} */ event, /** @type {Gesture} */ gesture) {
    const { centre, ratio } = gesture.follow([...this.#fingers.values()]);
    if (gesture.zooming) {
      this.#steps += Math.log(ratio) / STEP;
      this.#sendWheel(event, centre, true);
    } else if (gesture.panning && !this.#buttons) {
      gesture.before = this.figure.mode;
      if (gesture.before !== "PAN") this.figure.say("tool", { name: "pan" });
      this.#mouse("press", event, { button: 0, buttons: 1 }, gesture.start);
      this.#buttons = 1;
    } else if (gesture.panning) {
      this.#moveTo(event, centre);
    }
  }

  /** @param {PointerEvent} event @param {Gesture} gesture */
  #endPan(event, { before, centre }) {
    this.#mouse("release", event, { button: 0, buttons: 0 }, centre);
    this.#buttons = 0;
    if (before !== "PAN") this.figure.say("tool", { name: before === "ZOOM" ? "zoom" : "pan" });
  }

  /** Tell which buttons have changed since the server was told last. */
  #sync(/** @type {PointerEvent} */ event, buttons = event.buttons) {
    for (const [bit, button] of BUTTONS) {
      if ((buttons ^ this.#buttons) & bit) {
        this.#buttons ^= bit;
        this.#mouse(buttons & bit ? "press" : "release", event, { button, buttons: this.#buttons });
      }
    }
  }

  #release() {
    for (const [bit, button] of BUTTONS) {
      if (!(this.#buttons & bit)) continue;
      this.#buttons ^= bit;
      const rest = { button, buttons: this.#buttons, step: 0, modifiers: [] };
      this.figure.say("mouse", { kind: "release", ...this.#last, ...rest });
    }
  }

  /** @param {PointerEvent} event @param {{x: number, y: number}} at CSS pixels */
  #moveTo(event, at = { x: event.clientX, y: event.clientY }) {
    this.#last = this.#point(at);
    const rest = { button: 0, buttons: this.#buttons, step: 0, modifiers: modifiers(event) };
    this.#motion = { kind: "motion", ...this.#last, ...rest };
    this.#sendMotion();
  }

  #sendMotion() {
    if (!this.#motion || this.#unanswered) return;
    this.#unanswered = ++Input.#serial;
    this.figure.say("mouse", { ...this.#motion, serial: this.#unanswered });
    this.#motion = null;
  }

  /** @param {string} kind @param {MouseEvent} event @param {object} more @param {{x: number, y: number}} at */
  #mouse(kind, event, more = {}, at = { x: event.clientX, y: event.clientY }) {
    this.#last = this.#point(at);
    this.#motion = null; // it is older than this
    const rest = { button: 0, buttons: this.#buttons, step: 0, modifiers: modifiers(event), ...more };
    this.figure.say("mouse", { kind, ...this.#last, ...rest });
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    if (!this.#engaged || !event.deltaY) return;
    event.preventDefault();
    this.#steps -= event.deltaY / PIXELS_A_STEP[event.deltaMode];
    this.#sendWheel(event, { x: event.clientX, y: event.clientY }, this.figure.mode !== "");
  }

  #wheelFrame = 0;

  /** Send the sum of a frame's steps. With a tool, or two fingers, they zoom: that is Ctrl and the wheel in matplotlib. */
  #sendWheel(/** @type {MouseEvent} */ event, /** @type {{x: number, y: number}} */ at, zooms = false) {
    this.#wheelFrame ||= requestAnimationFrame(() => {
      this.#wheelFrame = 0;
      const { figure } = this;
      // matplotlib looks at the key that it knows as held, not at the modifiers.
      const control = (zooms || event.ctrlKey) && !this.#keys.has("Control");
      if (control) figure.say("key_event", { kind: "press", key: "Control", modifiers: [] });
      this.#mouse("wheel", event, { step: this.#steps }, at);
      if (control) figure.say("key_event", { kind: "release", key: "Control", modifiers: [] });
      this.#steps = 0;
    });
  }

  /** @param {KeyboardEvent} event */
  #keyDown(event) {
    const { figure } = this;
    const { key } = event;
    const combined = event.ctrlKey || event.metaKey || event.altKey;
    if (event.isComposing || key === "Tab" || /^F\d/.test(key)) return; // the browser's
    if (combined && !ALONE.has(key) && !event.getModifierState("AltGraph")) return; // the browser's, too
    if (figure.desk.drives()) {
      this.#keys.add(key);
      figure.say("key_event", { kind: "press", key, modifiers: modifiers(event) });
      if (!ALONE.has(key)) event.preventDefault(); // else it scrolls the page
    }
    // What these keys do in matplotlib's windows.
    if (key === "f" && !event.repeat) figure.toggleFull();
    if (key === "s" && !event.repeat) figure.download("png");
    if (key === "Escape" && !figure.card.classList.contains("full")) figure.picture.blur();
  }

  /** @param {string} key @param {KeyboardEvent | null} event */
  #keyUp(key, event = null) {
    if (!this.#keys.delete(key)) return;
    this.figure.say("key_event", { kind: "release", key, modifiers: event ? modifiers(event) : [] });
  }

  #releaseKeys() {
    for (const key of this.#keys) this.#keyUp(key);
  }

  /** @param {{x: number, y: number}} at CSS pixels in the window @returns {Point} */
  #point({ x, y }) {
    const { left, top, width, height } = this.figure.picture.getBoundingClientRect();
    const { description } = this.figure;
    const tenth = (/** @type {number} */ value) => Math.round(10 * value) / 10;
    return { x: tenth(((x - left) * description.width) / width), y: tenth(((y - top) * description.height) / height) };
  }
}

/** Two fingers: whichever they do first, moving apart or moving along, is what they do until one is lifted. */
class Gesture {
  zooming = false;
  panning = false;
  before = ""; // the tool that was active

  /** @param {{x: number, y: number}[]} fingers */
  constructor([a, b]) {
    this.start = this.centre = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    this.#spread = this.#firstSpread = distance(a, b);
  }

  #spread;
  #firstSpread;

  /** @param {{x: number, y: number}[]} fingers @returns where they are, and by what factor they moved apart since the last time */
  follow([a, b]) {
    this.centre = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const spread = Math.max(1, distance(a, b));
    if (!this.zooming && !this.panning) {
      this.zooming = Math.abs(spread - this.#firstSpread) > 2 * STILL;
      this.panning = !this.zooming && distance(this.start, this.centre) > STILL;
    }
    const ratio = spread / this.#spread;
    this.#spread = spread;
    return { centre: this.centre, ratio };
  }
}

/** @param {{x: number, y: number}} a @param {{x: number, y: number}} b */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** @param {MouseEvent | KeyboardEvent} event */
function modifiers(event) {
  const held = { shift: event.shiftKey, ctrl: event.ctrlKey, alt: event.altKey, meta: event.metaKey };
  return Object.entries(held).flatMap(([name, is]) => (is ? [name] : []));
}
