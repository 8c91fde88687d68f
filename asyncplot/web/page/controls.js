// @ts-check
/*
 * The computation's knobs as HTML: sliders, buttons and read-outs. In: their list, and their values.
 * Out: `set` and `press` messages, for the page that drives.
 */

/** @typedef {{name: string, kind: "slider" | "button" | "readout", low: number, high: number, value: any, unit: string}} Knob */

export class Controls {
  /** @type {Map<string, (value: any) => void>} what shows a value, by name */
  #shows = new Map();
  #form = /** @type {HTMLFormElement} */ (document.getElementById("controls"));

  /** @param {(message: import("./connection.js").Message) => boolean} send */
  constructor(send) {
    this.#send = send;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
  }

  #send;

  /** @param {Knob[]} knobs */
  set(knobs) {
    this.#shows.clear();
    this.#form.hidden = knobs.length === 0;
    const buttons = made("div", { className: "buttons" });
    this.#form.replaceChildren();
    for (const knob of knobs) {
      if (knob.kind === "button") buttons.append(this.#button(knob.name));
      else this.#form.append(knob.kind === "slider" ? this.#slider(knob) : this.#readout(knob));
    }
    if (buttons.hasChildNodes()) this.#form.append(buttons);
  }

  /** @param {Record<string, any>} values by name */
  show(values) {
    for (const [name, value] of Object.entries(values)) this.#shows.get(name)?.(value);
  }

  /** @param {boolean} may whether this page drives */
  allow(may) {
    for (const each of this.#form.querySelectorAll("input, button")) {
      /** @type {HTMLInputElement} */ (each).disabled = !may;
    }
  }

  /** @param {Knob} knob */
  #slider({ name, low, high, value, unit }) {
    const id = `slider-${name}`;
    const label = made("label", { htmlFor: id, textContent: name });
    const [min, max] = [String(low), String(high)];
    const input = made("input", { id, type: "range", min, max, step: "any", name });
    const output = made("output", {});
    output.setAttribute("for", id);
    const tell = () => (output.textContent = withUnit(input.valueAsNumber, unit));
    let frame = 0; // at most one message an animation frame, with the newest value
    input.addEventListener("input", () => {
      tell();
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        this.#send({ type: "set", name, value: input.valueAsNumber });
      });
    });
    const show = (/** @type {number} */ newer) => {
      if (input.matches(":active")) return; // what is dragged is newer
      input.value = String(newer);
      tell();
    };
    this.#shows.set(name, show);
    show(value);
    return row("knob", label, input, output);
  }

  /** @param {Knob} knob */
  #readout({ name, value, unit }) {
    const output = made("output", {});
    this.#shows.set(name, (newer) => (output.textContent = withUnit(newer, unit)));
    this.#shows.get(name)?.(value);
    return row("knob readout", made("span", { textContent: name }), output);
  }

  /** @param {string} name */
  #button(name) {
    const button = made("button", { type: "button", textContent: name });
    button.addEventListener("click", () => this.#send({ type: "press", name }));
    return button;
  }
}

/** @param {string} className @param {HTMLElement[]} children */
function row(className, ...children) {
  const line = made("div", { className });
  line.append(...children);
  return line;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Partial<HTMLElementTagNameMap[K]>} properties
 * @returns {HTMLElementTagNameMap[K]}
 */
function made(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

/** @param {number | string | null} value @param {string} unit */
function withUnit(value, unit) {
  const text = typeof value === "number" ? String(Number(value.toPrecision(4))) : value ?? "–";
  return unit && value !== null ? `${text} ${unit}` : text;
}
