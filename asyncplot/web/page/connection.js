// @ts-check
/*
 * The one websocket of the page. In: the server's messages. Out: ours, and how the connection is.
 * It opens itself again after a loss; it does not where that is useless (a wrong token, a viewer that has said goodbye).
 *
 * Connection states: "connecting", "connected", "slow" (open, but nothing comes), "lost" (opens again by itself),
 * "refused" (wrong token), "over" (the viewer has said goodbye).
 */

/** @typedef {{type: string, [field: string]: any}} Message */
/** @typedef {"connecting" | "connected" | "slow" | "lost" | "refused" | "over"} Link */

const PING = 5; // s
const SLOW = 8; // s without a word: the viewer sends one each 5 s, even to a hidden page
const DEAD = 30; // s; long, because a plotter that computes keeps its viewer from answering
const OPENING = 10; // s
const FIRST_PAUSE = 0.25; // s before the first try after a loss; doubled until
const LONGEST_PAUSE = 15; // s

const seconds = () => performance.now() / 1000;

export class Connection {
  /** @type {Link} */
  link = "connecting";
  why = "";
  roundTrip = 0; // s
  token = "";
  #session = "";
  #offset = 0; // the server's clock less ours, s
  /** @type {WebSocket | null} */
  #socket = null;
  #openedAt = 0;
  #heardAt = 0;
  #pingedAt = 0;
  #pause = FIRST_PAUSE;
  #againAt = 0;

  /**
   * @param {(message: Message) => void} receive gets each message, "welcome" first after each (re)connection
   * @param {(picture: ArrayBuffer) => void} paint gets each picture
   * @param {() => void} changed called when `link` has changed
   */
  constructor(receive, paint, changed) {
    this.#receive = receive;
    this.#paint = paint;
    this.#changed = changed;
    setInterval(() => this.#look(), 1000);
    addEventListener("online", () => this.tryNow());
    addEventListener("pageshow", () => this.tryNow());
    addEventListener("hashchange", () => this.start()); // the address of another viewer on the same port
    document.addEventListener("visibilitychange", () => document.hidden || this.tryNow());
  }

  #receive;
  #paint;
  #changed;

  /** Take the token of the address, and connect. */
  start() {
    // The fragment is never sent to a server. sessionStorage keeps both for a reload, in this tab only.
    const place = `asyncplot ${location.pathname}`;
    this.token = location.hash.slice(1) || stored(`${place} token`);
    this.#session = stored(`${place} session`) || randomHex();
    store(`${place} token`, this.token);
    store(`${place} session`, this.#session);
    this.#pause = FIRST_PAUSE;
    if (this.token) this.#open();
    else this.#set("refused", "The address has no token.");
  }

  /** @param {Message} message @returns {boolean} whether it could be sent */
  send(message) {
    if (this.link !== "connected" && this.link !== "slow") return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  /** Try again at once, if the connection is lost. */
  tryNow() {
    if (this.link === "lost") this.#open();
  }

  /** Seconds until the next try. */
  get again() {
    return Math.max(0, this.#againAt - seconds());
  }

  /** The server's clock, unix seconds. */
  get now() {
    return (performance.timeOrigin + performance.now()) / 1000 + this.#offset;
  }

  #open() {
    this.#drop();
    this.#set("connecting");
    const address = new URL("socket", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#openedAt = this.#heardAt = seconds();
    socket.onopen = () => {
      const { token } = this;
      const ratio = devicePixelRatio;
      socket.send(JSON.stringify({ type: "hello", token, version: 1, session: this.#session, ratio }));
    };
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = ({ code }) => {
      if (code === 4401) this.#set("refused", "The token of the address is not that of this viewer.");
      else if (this.link !== "over") this.#lose();
    };
  }

  /** Forget the socket, without waiting for the other side: a dead line would answer only after minutes. */
  #drop() {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = null;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lose() {
    this.#drop();
    if (this.link !== "connecting" && seconds() - this.#openedAt > PING) this.#pause = FIRST_PAUSE;
    const pause = this.#pause * (0.75 + 0.5 * Math.random()); // else all pages come back at once
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    this.#againAt = seconds() + pause;
    setTimeout(() => this.again === 0 && this.tryNow(), 1000 * pause + 5);
    this.#set("lost");
  }

  /** @param {string | ArrayBuffer} data */
  #heard(data) {
    this.#heardAt = seconds();
    if (this.link === "slow") this.#set("connected");
    // Also here: a browser delays the timers of a hidden page, up to a minute, but not its messages.
    this.#ping();
    if (typeof data !== "string") return this.#paint(data);
    const message = JSON.parse(data);
    if (message.type === "welcome") {
      this.#offset += message.now - this.now;
      this.#set("connected");
    } else if (message.type === "pong") {
      this.roundTrip = seconds() - message.at / 1000;
      this.#offset += message.now + this.roundTrip / 2 - this.now;
    } else if (message.type === "bye") {
      this.#set("over", message.why);
    }
    return this.#receive(message);
  }

  #ping() {
    if (seconds() - this.#pingedAt < PING) return;
    if (this.send({ type: "ping", at: performance.now() })) this.#pingedAt = seconds();
  }

  #look() {
    const silent = seconds() - this.#heardAt;
    if (this.link === "lost" && this.again === 0) this.tryNow(); // a timer of a page that slept
    else if (this.link === "connecting" && silent > OPENING) this.#lose();
    else if (this.link === "slow" && silent > DEAD) this.#lose();
    else if (this.link === "connected" && silent > SLOW) this.#set("slow");
    this.#ping();
  }

  /** @param {Link} link @param {string} why */
  #set(link, why = "") {
    this.link = link;
    this.why = why;
    this.#changed();
  }
}

/** @param {string} key */
function stored(key) {
  try { return sessionStorage.getItem(key) ?? ""; } catch { return ""; }
}

/** @param {string} key @param {string} value */
function store(key, value) {
  try { sessionStorage.setItem(key, value); } catch { /* storage is forbidden: a reload is then a new page */ }
}

function randomHex() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
