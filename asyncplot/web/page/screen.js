// @ts-check
/*
 * The pixels of one figure: pictures are decoded, and painted in their order. In: pictures. Out: what was painted,
 * which is the server's credit to send more, and the wish for a whole picture where one is missing.
 *
 * Two pictures may be under way. All boxes of one are painted in one animation frame, so no half picture is ever seen.
 */

import { decode } from "./pictures.js";

/** @typedef {import("./pictures.js").Picture} Picture */
/** @typedef {{picture: Picture, bitmaps: ImageBitmap[] | null, took: number}} Entry */

export class Screen {
  /** @type {Entry[]} in the order of painting */
  #queue = [];
  /** @type {Picture | null} the one that was painted or queued last; null: the next must be a whole one */
  #newest = null;
  #asked = false; // for a whole picture
  #frame = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(picture: Picture, decode: number, paint: number) => void} painted ms
   * @param {() => void} askWhole
   */
  constructor(canvas, painted, askWhole) {
    this.canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    this.#painted = painted;
    this.#askWhole = askWhole;
  }

  #context;
  #painted;
  #askWhole;

  /** @param {Picture} picture */
  async take(picture) {
    if (picture.base !== 0 && !fits(picture, this.#newest)) return this.#miss();
    if (picture.base === 0) this.#asked = false;
    this.#newest = picture;
    /** @type {Entry} */
    const entry = { picture, bitmaps: null, took: 0 };
    this.#queue.push(entry);
    const start = performance.now();
    try {
      const bitmaps = await decode(picture);
      if (!this.#queue.includes(entry)) return bitmaps.forEach((bitmap) => bitmap.close()); // forgotten meanwhile
      entry.bitmaps = bitmaps;
      entry.took = performance.now() - start;
      this.#frame ||= requestAnimationFrame(() => this.#paint());
    } catch {
      if (this.#queue.includes(entry)) this.#miss();
    }
  }

  /** Forget what is under way: the next picture must be a whole one. What was painted stays. */
  restart() {
    for (const { bitmaps } of this.#queue) bitmaps?.forEach((bitmap) => bitmap.close());
    this.#queue = [];
    this.#newest = null;
    this.#asked = false;
  }

  #miss() {
    if (this.#asked) return;
    this.restart();
    this.#asked = true;
    this.#askWhole();
  }

  #paint() {
    this.#frame = 0;
    while (this.#queue[0]?.bitmaps) {
      const { picture, bitmaps, took } = /** @type {Entry} */ (this.#queue.shift());
      const start = performance.now();
      this.#lay(picture, bitmaps ?? []);
      this.#painted(picture, took, performance.now() - start);
    }
  }

  /** @param {Picture} picture @param {ImageBitmap[]} bitmaps */
  #lay({ base, width, height, boxes }, bitmaps) {
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else if (base === 0) this.#context.clearRect(0, 0, width, height);
    bitmaps.forEach((bitmap, index) => {
      const { x, y, w, h, over } = boxes[index];
      if (!over) this.#context.clearRect(x, y, w, h); // a figure may be transparent
      this.#context.drawImage(bitmap, x, y);
      bitmap.close();
    });
  }
}

/** @param {Picture} picture @param {Picture | null} below @returns {boolean} whether it can be laid over that one */
function fits({ base, width, height }, below) {
  return base === below?.number && width === below.width && height === below.height;
}
