// @ts-check
/*
 * The page begins here. In: the server's messages, each handed to the part that it is for. Out: which figures are in sight.
 * The parts do not know each other: all that they share goes through this file.
 */

import { Connection } from "./connection.js";
import { Controls } from "./controls.js";
import { Figure } from "./figure.js";
import { parse } from "./pictures.js";
import { Status } from "./status.js";

/** @typedef {import("./connection.js").Message} Message */

/** @type {Map<number, Figure>} */
const figures = new Map();
/** @type {Set<number>} */
const inSight = new Set();
let said = ""; // what the server was told to be in sight
let mine = false;
let paused = false;

const connection = new Connection(
  (message) => handlers[message.type]?.(message),
  (buffer) => {
    const picture = parse(buffer);
    figures.get(picture.figure)?.screen.take(picture);
  },
  () => {
    status.refresh();
    refresh();
  },
);
const status = new Status(connection);
const send = connection.send.bind(connection);
const controls = new Controls(send);

/** @type {import("./figure.js").Desk} */
const desk = {
  send,
  drives: () => drives() && !paused,
  token: () => connection.token,
  run: () => status.run,
  shown: (drawnAt) => status.shown(drawnAt),
};

function drives() {
  return mine && (connection.link === "connected" || connection.link === "slow");
}

/** @type {Record<string, (message: any) => void>} */
const handlers = {
  welcome({ run, mine: drives, ends }) {
    mine = drives;
    button("close").hidden = !ends;
    status.setRun(run);
    said = "";
    for (const figure of figures.values()) figure.screen.restart();
    refresh();
    tellSight();
  },
  figures({ figures: list }) {
    for (const id of figures.keys()) if (!list.some(({ figure = 0 }) => figure === id)) drop(id);
    for (const description of list) {
      const figure = figures.get(description.figure);
      if (figure) figure.describe(description);
      else add(description);
    }
  },
  control(message) {
    mine = message.mine;
    status.setControl(message);
    refresh();
  },
  status: (message) => status.set(message),
  tools: (message) => figures.get(message.figure)?.setTools(message),
  cursor: ({ figure, cursor }) => figures.get(figure)?.setCursor(cursor),
  message: ({ figure, text }) => figures.get(figure)?.setMessage(text),
  rubberband: ({ figure, box }) => figures.get(figure)?.setBand(box),
  moved: ({ serial }) => figures.forEach(({ input }) => input.moved(serial)),
  controls({ controls: knobs }) {
    controls.set(knobs);
    controls.allow(drives());
  },
  values: ({ values }) => controls.show(values),
};

/** Buttons follow who drives. */
function refresh() {
  for (const figure of figures.values()) figure.refresh();
  controls.allow(drives());
  button("control").disabled = connection.link !== "connected";
  button("close").disabled = !drives();
  if (connection.link === "over" || connection.link === "refused") button("control").hidden = true;
}

/** @param {import("./figure.js").Description} description */
function add(description) {
  const figure = new Figure(description, desk);
  figures.set(figure.id, figure);
  figure.card.dataset.figure = String(figure.id);
  /** @type {HTMLElement} */ (document.getElementById("figures")).append(figure.card);
  sight.observe(figure.card);
  figure.refresh();
}

/** @param {number} id */
function drop(id) {
  const figure = figures.get(id);
  if (!figure) return;
  sight.unobserve(figure.card);
  figure.remove();
  figures.delete(id);
  inSight.delete(id);
  tellSight();
}

const sight = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const id = Number(/** @type {HTMLElement} */ (target).dataset.figure);
    if (isIntersecting) inSight.add(id);
    else inSight.delete(id);
  }
  tellSight();
});

/** Tell the server which figures are seen. It sends pictures of no others. */
function tellSight() {
  const seen = document.hidden || paused ? [] : [...inSight].sort((a, b) => a - b);
  const words = JSON.stringify(seen);
  if (words !== said && send({ type: "seen", figures: seen })) said = words;
}

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (document.getElementById(id));
}

function togglePause() {
  paused = !paused;
  const pause = button("paused");
  pause.setAttribute("aria-pressed", String(paused));
  pause.querySelector("use")?.setAttribute("href", paused ? "#icon-resume" : "#icon-pause");
  /** @type {HTMLElement} */ (pause.querySelector("span")).textContent = paused ? "Resume" : "Pause";
  document.body.toggleAttribute("data-paused", paused);
  refresh();
  tellSight();
}

/** Ask again for the figures' size when the page comes to a screen with another pixel ratio. */
function watchRatio() {
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
    "change",
    () => {
      for (const figure of figures.values()) figure.askAgain();
      watchRatio();
    },
    { once: true },
  );
}

const ending = /** @type {HTMLDialogElement} */ (document.getElementById("ending"));
button("paused").addEventListener("click", togglePause);
button("control").addEventListener("click", () => send({ type: "control" }));
button("close").addEventListener("click", () => ending.showModal());
ending.addEventListener("close", () => {
  if (ending.returnValue === "end") send({ type: "end" });
  ending.returnValue = "";
});
document.addEventListener("visibilitychange", tellSight);
watchRatio();
connection.start();
