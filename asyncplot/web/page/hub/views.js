// @ts-check
/*
 * The runs that are open: one, or two side by side. Each is a frame with the page of its viewer, which the hub passes on.
 * In: which run, and the address of its viewer. Out: the wish to open it. The browser's Back button leads back to the list.
 */

const MOST = 2;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const template = /** @type {HTMLTemplateElement} */ (part("view"));

export class Views {
  /** @type {Map<string, HTMLElement>} in the order of opening */
  #views = new Map();
  #section = part("views");

  /**
   * @param {(run: string) => void} ask
   * @param {(run: string) => string} nameOf
   * @param {() => string} token
   */
  constructor(ask, nameOf, token) {
    this.#ask = ask;
    this.#nameOf = nameOf;
    this.#token = token;
    part("back").addEventListener("click", () => this.#leave());
    addEventListener("popstate", ({ state }) => this.#be(state?.runs ?? []));
    this.#section.addEventListener("click", ({ target }) => {
      const closed = /** @type {HTMLElement} */ (target).closest(".close")?.closest(".view");
      const left = [...this.#views].filter(([, view]) => view !== closed).map(([run]) => run);
      if (closed) this.#go(left);
    });
  }

  #ask;
  #nameOf;
  #token;
  #beside = ""; // a run that waits for one beside it

  /** @param {string} run @param {boolean} beside */
  open(run, beside) {
    if (beside && !this.#beside) {
      this.#beside = run;
      part("notice").textContent = `Now choose the run to stand beside ${this.#nameOf(run)}.`;
      return;
    }
    const first = this.#beside && this.#beside !== run ? [this.#beside] : [];
    this.#beside = "";
    part("notice").textContent = "";
    this.#go([...first, run].slice(-MOST));
  }

  /** The hub is there (again): take up what this tab had open. */
  restart() {
    if (this.#views.size === 0) this.#be(history.state?.runs ?? []);
    for (const [run, view] of this.#views) if (!view.querySelector("iframe")) this.#ask(run);
  }

  /** @param {string} run @param {string} path */
  show(run, path) {
    const view = this.#views.get(run);
    if (!view) return;
    say(view, "");
    view.querySelector("iframe")?.remove();
    const frame = document.createElement("iframe");
    frame.title = this.#nameOf(run);
    frame.src = `${path}#${this.#token()}`; // a viewer's page takes the hub's token: the hub puts in the viewer's own
    view.append(frame);
  }

  /** @param {string} run @param {string} why */
  fail(run, why) {
    const view = this.#views.get(run);
    if (view) say(view, `It cannot be opened: ${why}.`);
  }

  /** @param {string[]} runs */
  #go(runs) {
    if (runs.length === 0 && history.state?.runs) return this.#leave();
    history[this.#views.size ? "replaceState" : "pushState"]({ runs }, "", location.href);
    this.#be(runs);
  }

  #leave() {
    history.back(); // `popstate` closes them
  }

  /** @param {string[]} runs */
  #be(runs) {
    for (const [run, view] of this.#views) {
      if (runs.includes(run)) continue;
      view.remove();
      this.#views.delete(run);
    }
    for (const run of runs) {
      if (this.#views.has(run)) continue;
      const copy = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
      const view = /** @type {HTMLElement} */ (copy.firstElementChild);
      const name = this.#nameOf(run);
      /** @type {HTMLElement} */ (view.querySelector("h2")).textContent = name;
      view.querySelector(".close")?.setAttribute("aria-label", `Close ${name}`);
      say(view, "Its viewer is starting.");
      this.#section.append(view);
      this.#views.set(run, view);
      this.#ask(run);
    }
    const open = this.#views.size > 0;
    this.#section.hidden = part("back").hidden = !open;
    part("runs").hidden = part("choice").hidden = part("dismiss").hidden = open;
  }
}

/** @param {HTMLElement} view @param {string} text */
function say(view, text) {
  /** @type {HTMLElement} */ (view.querySelector(".wait")).textContent = text;
}
