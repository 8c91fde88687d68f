// @ts-check
/*
 * The cards of all runs. In: what has changed, and small pictures. Out: which cards are in sight, and which run is to be opened.
 *
 * Some cards are laid out at once, and the others soon, some at a time: the first are seen at once, however many there are.
 * A run that has ended stays until the user dismisses it. Its row is kept in localStorage, so it is there after a reload, too.
 */

import { amount, moment, span, write } from "./words.js";

/** @typedef {{key: string, name: string, host: string, place: string, state: string, since: number, rate: number,
 *   overhead: number, viewers: number, drawn: number, called: number, shown: number | null, open?: boolean}} Row */

const FIRST = 40; // cards that are laid out at once
const MORE = 80; // and each time after that
const KEPT = 200; // ended runs in localStorage
const RUNS = "asyncplot-hub-ended";
const DISMISSED = "asyncplot-hub-dismissed";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const template = /** @type {HTMLTemplateElement} */ (part("card"));

/** What is laid out of a run. */
class Face {
  /** @param {string} key */
  constructor(key) {
    const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    this.element = /** @type {HTMLElement} */ (copy.firstElementChild);
    this.element.dataset.key = key;
    const find = (/** @type {string} */ what) => /** @type {HTMLElement} */ (this.element.querySelector(what));
    this.image = /** @type {HTMLImageElement} */ (find("img"));
    this.none = find(".none");
    this.name = find("h2");
    this.host = find(".host");
    this.open = find(".open");
    this.beside = find(".beside");
    this.dismiss = find(".dismiss");
    const amounts = /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll("[data-of]"));
    this.amounts = Object.fromEntries([...amounts].map((each) => [each.dataset.of, each]));
  }
}

class Card {
  /** @type {Face | null} null: it is not laid out yet */
  #face = null;

  /** @param {Row} row @param {(element: HTMLElement) => void} observe called when it is laid out */
  constructor(row, observe) {
    this.row = row;
    this.#observe = observe;
  }

  #observe;

  get element() {
    if (!this.#face) {
      this.#face = new Face(this.row.key);
      this.#write(this.#face);
      this.#observe(this.#face.element);
    }
    return this.#face.element;
  }

  remove() {
    this.#face?.element.remove();
  }

  get running() {
    return this.row.state === "running" || this.row.state === "elsewhere";
  }

  /** What the filter looks at. */
  get text() {
    return `${this.row.name} ${this.row.host} ${this.row.place} ${this.state}`.toLowerCase();
  }

  get state() {
    return ["dead", "gone"].includes(this.row.state) ? "ended" : this.row.state;
  }

  /** @param {Row} row */
  set(row) {
    this.row = row;
    if (this.#face) this.#write(this.#face);
  }

  /** @param {Face} face */
  #write(face) {
    const { row, running } = this;
    const joinable = running || row.state === "ended";
    face.element.dataset.state = running ? "running" : "ended";
    write(face.name, row.name);
    face.name.title = row.name;
    write(face.host, `${this.state} on ${row.host}${row.since ? `, since ${moment(row.since)}` : ""}`);
    write(face.amounts.rate, row.rate ? amount(row.rate) : "–");
    write(face.amounts.overhead, row.called ? `${amount(100 * row.overhead)} %` : "–");
    write(face.amounts.viewers, String(row.viewers));
    write(face.none, joinable ? "Open to see its picture" : "It has ended");
    face.open.setAttribute("aria-label", `Open ${row.name}`);
    face.beside.setAttribute("aria-label", `Open ${row.name} beside another run`);
    face.beside.title = "Open beside another run";
    face.dismiss.setAttribute("aria-label", `Dismiss ${row.name}`);
    face.dismiss.title = "Take it off this list";
    /** @type {HTMLButtonElement} */ (face.open).disabled = !joinable;
    face.beside.hidden = !joinable;
    face.dismiss.hidden = running;
    this.tick();
  }

  /** What changes with time alone. */
  tick() {
    if (!this.#face) return;
    const { shown } = this.row;
    const age = shown === null ? 0 : Date.now() / 1000 - shown;
    write(this.#face.amounts.age, shown === null ? "–" : age < 3 ? "live" : `${span(age)} old`);
  }

  /** @param {Blob} blob */
  show(blob) {
    if (!this.#face) return;
    const { image, none } = this.#face;
    const old = image.src;
    image.src = URL.createObjectURL(blob);
    if (old) URL.revokeObjectURL(old);
    image.hidden = false;
    none.hidden = true;
  }

  forget() {
    if (this.#face?.image.src) URL.revokeObjectURL(this.#face.image.src);
  }
}

export class Runs {
  /** @type {Map<string, Card>} */
  #cards = new Map();
  /** @type {Set<string>} */
  #seen = new Set();
  #dismissed = new Set(stored(DISMISSED));
  #telling = 0;
  #room = FIRST; // so many cards are laid out
  #laying = 0;
  #list = part("runs");
  #filter = /** @type {HTMLInputElement} */ (part("filter"));
  #order = /** @type {HTMLSelectElement} */ (part("order"));
  #observer = new IntersectionObserver((entries) => this.#sight(entries), { rootMargin: "100px" });

  /**
   * @param {(seen: string[]) => void} tellSeen
   * @param {(run: string, beside: boolean) => void} open
   */
  constructor(tellSeen, open) {
    this.#tellSeen = tellSeen;
    this.#list.addEventListener("click", ({ target }) => {
      const button = /** @type {HTMLElement} */ (target).closest("button");
      const key = /** @type {HTMLElement | null} */ (button?.closest(".one"))?.dataset.key ?? "";
      if (!button) return;
      if (button.matches(".dismiss")) this.#dismiss([key]);
      else open(key, button.matches(".beside"));
    });
    part("choice").addEventListener("submit", (event) => event.preventDefault());
    this.#filter.addEventListener("input", () => this.#arrange());
    this.#order.addEventListener("change", () => this.#arrange());
    part("dismiss").addEventListener("click", () => {
      this.#dismiss([...this.#cards.values()].filter((card) => !card.running).map((card) => card.row.key));
    });
    document.addEventListener("visibilitychange", () => this.tellSeen());
    setInterval(() => document.hidden || this.#seen.forEach((key) => this.#cards.get(key)?.tick()), 1000);
    for (const row of stored(RUNS)) this.#put({ ...row, state: "ended", rate: 0 });
    this.#arrange();
  }

  #tellSeen;

  /** @param {string} key */
  nameOf(key) {
    const row = this.#cards.get(key)?.row;
    return row ? `${row.name} on ${row.host}` : "a run that has ended";
  }

  /** @param {Row[]} rows @param {string[] | undefined} there the keys of all runs there are */
  change(rows, there) {
    for (const row of rows) this.#put(row);
    if (there) {
      const all = new Set(there);
      this.#end([...this.#cards.keys()].filter((key) => !all.has(key)));
      const known = [...this.#dismissed].filter((key) => all.has(key));
      if (known.length < this.#dismissed.size) this.#setDismissed(known);
    }
    this.#arrange();
    this.#keep();
  }

  /** These runs are gone; their cards stay. @param {string[]} keys */
  end(keys) {
    this.#end(keys);
    this.#arrange();
    this.#keep();
  }

  /** @param {string} key @param {Blob} blob */
  picture(key, blob) {
    this.#cards.get(key)?.show(blob);
  }

  /** Say which cards are in sight; soon, once for all that has changed. */
  tellSeen() {
    this.#telling ||= window.setTimeout(() => {
      this.#telling = 0;
      this.#tellSeen(document.hidden ? [] : [...this.#seen]);
    }, 50);
  }

  /** @param {Row} row */
  #put(row) {
    if (this.#dismissed.has(row.key)) return;
    const card = this.#cards.get(row.key);
    if (card) return card.set(row);
    this.#cards.set(row.key, new Card(row, (element) => this.#observer.observe(element)));
  }

  /** @param {string[]} keys */
  #end(keys) {
    for (const key of keys) {
      const card = this.#cards.get(key);
      if (card && card.row.state !== "gone") card.set({ ...card.row, state: "gone", rate: 0, viewers: 0 });
    }
  }

  /** @param {string[]} keys */
  #dismiss(keys) {
    for (const key of keys) {
      const card = this.#cards.get(key);
      if (!card) continue;
      this.#observer.unobserve(card.element);
      card.remove();
      card.forget();
      this.#cards.delete(key);
      this.#seen.delete(key);
    }
    this.#setDismissed([...this.#dismissed, ...keys]);
    this.#arrange();
    this.#keep();
    this.tellSeen();
  }

  /** @param {string[]} keys */
  #setDismissed(keys) {
    this.#dismissed = new Set(keys.slice(-2000));
    store(DISMISSED, [...this.#dismissed]);
  }

  /** Keep the rows of runs that are gone for a reload. */
  #keep() {
    const gone = [...this.#cards.values()].filter((card) => card.row.state === "gone").map((card) => card.row);
    store(RUNS, gone.sort((one, other) => other.since - one.since).slice(0, KEPT));
  }

  /** Put the cards in order, without those that the filter leaves out. Moves only what has another place now. */
  #arrange() {
    const words = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const compare = ORDERS[this.#order.value];
    const cards = [...this.#cards.values()];
    const shown = cards.filter(({ text }) => words.every((word) => text.includes(word)));
    shown.sort((one, other) => Number(other.running) - Number(one.running) || compare(one.row, other.row));
    const laid = shown.slice(0, this.#room);
    const wanted = new Set(laid);
    for (const card of cards) if (!wanted.has(card)) card.remove();
    let next = this.#list.firstElementChild;
    for (const { element } of laid) {
      if (element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(element, next);
    }
    if (laid.length < shown.length) this.#layMore();
    const running = cards.filter((card) => card.running).length;
    const of = shown.length < cards.length ? `${shown.length} of ` : "";
    write(part("count"), `${of}${cards.length}, ${running} running`);
    /** @type {HTMLButtonElement} */ (part("dismiss")).disabled = running === cards.length;
  }

  /** Lay more cards out, when what is there is painted. */
  #layMore() {
    this.#laying ||= requestAnimationFrame(() => {
      setTimeout(() => {
        this.#laying = 0;
        this.#room += MORE;
        this.#arrange();
      });
    });
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #sight(entries) {
    for (const { target, isIntersecting } of entries) {
      const key = /** @type {HTMLElement} */ (target).dataset.key ?? "";
      if (isIntersecting && this.#cards.has(key)) this.#seen.add(key);
      else this.#seen.delete(key);
    }
    this.tellSeen();
  }
}

/** @type {Record<string, (one: Row, other: Row) => number>} */
const ORDERS = {
  since: (one, other) => other.since - one.since || ORDERS.name(one, other),
  name: (one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : one.since - other.since),
  host: (one, other) => (one.host < other.host ? -1 : one.host > other.host ? 1 : ORDERS.name(one, other)),
  rate: (one, other) => other.rate - one.rate || ORDERS.name(one, other),
  overhead: (one, other) => other.overhead - one.overhead || ORDERS.name(one, other),
  shown: (one, other) => (other.shown ?? 0) - (one.shown ?? 0) || ORDERS.name(one, other),
};

/** @param {string} key @returns {any[]} */
function stored(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch { return []; }
}

/** @param {string} key @param {any[]} list */
function store(key, list) {
  const text = JSON.stringify(list);
  try { if (localStorage.getItem(key) !== text) localStorage.setItem(key, text); } catch { /* storage is forbidden */ }
}
