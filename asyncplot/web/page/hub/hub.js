// @ts-check
/*
 * The hub's page: it joins the connection, the list of runs, and the views. In: the hub's messages. Out: ours.
 */

import { Connection } from "./connection.js";
import { Runs } from "./runs.js";
import { Views } from "./views.js";

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

let hub = ""; // which hub has counted our cursor
let cursor = 0;

const connection = new Connection(receive, thumbnail, linkChanged);
const views = new Views(
  (run) => connection.send({ type: "open", run }),
  (run) => runs.nameOf(run),
  () => connection.token,
);
const runs = new Runs(
  (seen) => connection.send({ type: "seen", runs: seen }),
  (run, beside) => views.open(run, beside),
);

/** @param {Record<string, any>} message */
function receive(message) {
  if (message.type === "welcome") {
    if (message.hub !== hub) cursor = 0;
    hub = message.hub;
    connection.send({ type: "from", hub, cursor });
    runs.tellSeen();
    views.restart();
  } else if (message.type === "runs") {
    cursor = message.cursor;
    runs.change(message.changed, message.there);
  } else if (message.type === "gone") {
    runs.end(message.runs);
  } else if (message.type === "opened") {
    views.show(message.run, message.path);
  } else if (message.type === "failed") {
    views.fail(message.run, message.why);
  }
}

/** @param {ArrayBuffer} data the key of a run, and a JPEG */
function thumbnail(data) {
  const key = new TextDecoder().decode(new Uint8Array(data, 0, 16));
  runs.picture(key, new Blob([new Uint8Array(data, 16)], { type: "image/jpeg" }));
}

function linkChanged() {
  const { link, why } = connection;
  document.body.dataset.link = link;
  const words = {
    connecting: "connecting", connected: "connected", slow: "no answer now", lost: "lost, trying again",
    refused: "refused", over: "closed",
  };
  part("link").textContent = words[link];
  const notices = {
    refused: `${why} Open the whole address that asyncplot hub has printed, with what follows the #.`,
    over: "The hub has ended. The runs go on. Start it again: asyncplot hub",
    lost: "The connection is lost. This page comes back by itself.",
  };
  part("notice").textContent = notices[/** @type {keyof typeof notices} */ (link)] ?? "";
}

connection.start();
