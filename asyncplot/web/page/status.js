// @ts-check
/*
 * What the page says about the run: its head, the status line, notices and the plotter's errors.
 * In: the messages welcome, status and control, and how the connection is. Out: text. It changes only what is new,
 * so that a screen reader is not called again and again, and a selection of the user's stays.
 */

import { amount, moment, span, write } from "./words.js";

/** @typedef {import("./connection.js").Connection} Connection */

const LIVE = 2; // s; a younger picture is called live, because a number that flickers cannot be read

export class Status {
  #run = { name: "asyncplot", host: "", started: 0 };
  /** @type {Record<string, any>} the newest status message */
  #status = { state: "starting" };
  #drawnAt = 0; // of the newest picture on this page, unix seconds

  /** @param {Connection} connection */
  constructor(connection) {
    this.#connection = connection;
    setInterval(() => document.hidden || this.#tick(), 1000);
  }

  #connection;

  get run() {
    return this.#run.name;
  }

  /** A picture of that time was painted. @param {number} drawnAt */
  shown(drawnAt) {
    this.#drawnAt = Math.max(drawnAt, this.#drawnAt);
  }

  /** @param {{name: string, host: string, started: number}} run */
  setRun(run) {
    this.#run = run;
    document.title = `${run.name} - ${run.host}`;
    say("name", run.name);
    say("origin", `on ${run.host}, since ${moment(run.started)}`);
  }

  /** @param {Record<string, any>} status */
  set(status) {
    this.#status = status;
    document.body.dataset.state = status.state;
    say("state", status.state);
    say("rate", amount(status.rate));
    say("fps", amount(status.fps));
    say("overhead", status.overhead === null ? "–" : `${amount(100 * status.overhead)} %`);
    say("foot", status.foot);
    this.#setFailure(status.failure);
    part("trouble").hidden = !status.foot && !status.failure;
    this.refresh();
  }

  /** @param {{mine: boolean, clients: number}} control */
  setControl({ mine, clients }) {
    const others = clients > 2 ? `${clients - 1} others look on` : "1 other looks on";
    say("who", mine ? `You control${clients > 1 ? `, ${others}` : ""}` : "Looking on");
    part("control").hidden = mine;
  }

  /** The connection or the run has changed. */
  refresh() {
    const { link } = this.#connection;
    document.body.dataset.link = link;
    const live = link === "connected" || link === "slow";
    const icon = this.#ended || link === "over" ? "ended" : live ? "running" : "disconnected";
    const favicon = /** @type {HTMLLinkElement} */ (part("favicon"));
    if (favicon.dataset.tells !== icon) Object.assign(favicon, { href: iconOf(icon) }).dataset.tells = icon;
    say("notice", this.#notice());
    this.#tick();
  }

  get #ended() {
    return this.#status.state === "ended";
  }

  #notice() {
    const { link, why } = this.#connection;
    const ended = this.#ended ? sentence("The run has ended", this.#status.ended) : "";
    const kept = this.#drawnAt ? " The last picture stays." : "";
    if (link === "refused") return `${why} Open the whole address that the run has printed, with what follows the #.`;
    if (link === "over") return `${ended || sentence("The viewer has ended", why)}${kept}`;
    if (link === "lost" && this.#ended) return `${ended} Its viewer is gone.${kept}`;
    if (link === "lost") return `The connection is lost.${kept} This page comes back by itself.`;
    return ended && `${ended}${kept}`;
  }

  /** @param {{count: number, text: string} | null} failure */
  #setFailure(failure) {
    const details = /** @type {HTMLDetailsElement} */ (part("failure"));
    details.hidden = !failure;
    if (!failure) return;
    const times = failure.count === 1 ? "once" : `${failure.count} times`;
    write(/** @type {HTMLElement} */ (details.querySelector("summary")), `The plotter failed ${times}`);
    write(/** @type {HTMLElement} */ (details.querySelector("pre")), failure.text);
  }

  /** What changes with time alone. */
  #tick() {
    const { link, now, again, roundTrip } = this.#connection;
    // Data cannot be younger than the picture of it here, and a picture drawn again may show old data.
    const times = [this.#drawnAt, this.#status.taken_at ?? this.#drawnAt];
    const age = now - Math.min(...times);
    say("age", this.#drawnAt ? (age < LIVE ? "live" : `${span(age)} old`) : "–");
    const late = roundTrip >= 0.05 ? `, ${Math.round(1000 * roundTrip)} ms` : "";
    const lost = again >= 1 ? `lost, again in ${Math.round(again)} s` : "lost, trying again";
    const words = { connecting: "connecting", connected: `connected${late}`, slow: "no answer now", lost };
    say("link", { ...words, refused: "refused", over: "closed" }[link]);
  }
}

/** The favicon, as a data: address, because the viewer may be gone. @type {Record<string, [string, string]>} */
const ICONS = {
  running: ["2f9e6e", "M4 17c4 0 4-9 7-9s3 12 6 12 3-9 11-9"],
  ended: ["7a828c", "M7 16h18"],
  disconnected: ["c58a1a", "M5 16h6m3.5 0h3m3.5 0h6"],
};

/** @param {string} tells "running", "ended" or "disconnected" */
function iconOf(tells) {
  const [colour, path] = ICONS[tells];
  const line = `fill='none' stroke='white' stroke-width='3.5' stroke-linecap='round'`;
  const parts = `<rect width='32' height='32' rx='8' fill='%23${colour}'/><path d='${path}' ${line}/>`;
  return `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>${parts}</svg>`;
}

/** @param {string} what @param {string | undefined} why */
function sentence(what, why) {
  return why ? `${what}: ${why.replace(/\.$/, "")}.` : `${what}.`;
}

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id @param {string} text */
function say(id, text) {
  write(part(id), text);
}
