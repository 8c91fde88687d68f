// @ts-check
/*
 * Pictures as they come over the websocket: a head of 28 bytes, 16 bytes a box, then the boxes' PNG or JPEG.
 * In: bytes. Out: what they say, and decoded boxes. Little endian; lengths in canvas pixels.
 */

/**
 * @typedef {{x: number, y: number, w: number, h: number, over: boolean, blob: Blob}} Box
 * over: its transparent pixels have not changed; else it takes the place of what was there
 */
/**
 * @typedef {object} Picture
 * @property {number} figure
 * @property {number} number
 * @property {number} base 0: a whole picture; else the number of the picture over which the boxes are laid
 * @property {number} width of the canvas
 * @property {number} height of the canvas
 * @property {number} drawnAt unix seconds, by the server's clock
 * @property {Box[]} boxes
 */

const HEAD = 28;
const BOX = 16;
const CODECS = ["image/png", "image/jpeg", "image/png"];
const OVER = 2;

/** @param {ArrayBuffer} buffer @returns {Picture} */
export function parse(buffer) {
  const view = new DataView(buffer);
  const count = view.getUint16(16, true);
  let start = HEAD + BOX * count;
  const boxes = Array.from({ length: count }, (_, index) => {
    const at = HEAD + BOX * index;
    const [x, y, w, h] = [0, 2, 4, 6].map((offset) => view.getUint16(at + offset, true));
    const bytes = new Uint8Array(buffer, start, view.getUint32(at + 12, true));
    start += bytes.length;
    const codec = view.getUint8(at + 8);
    return { x, y, w, h, over: codec === OVER, blob: new Blob([bytes], { type: CODECS[codec] }) };
  });
  return {
    figure: view.getUint32(0, true),
    number: view.getUint32(4, true),
    base: view.getUint32(8, true),
    width: view.getUint16(12, true),
    height: view.getUint16(14, true),
    drawnAt: view.getFloat64(20, true),
    boxes,
  };
}

/**
 * Decode all boxes, off the page's thread. Rejects if one cannot be decoded or has another size than it says.
 * @param {Picture} picture
 */
export async function decode({ boxes }) {
  // The colours as they are: a colour space of the screen would change the pixels.
  const options = /** @type {const} */ ({ colorSpaceConversion: "none" });
  const bitmaps = await Promise.all(boxes.map(({ blob }) => createImageBitmap(blob, options)));
  if (bitmaps.some(({ width, height }, index) => width !== boxes[index].w || height !== boxes[index].h)) {
    throw new RangeError("a box has another size than it says");
  }
  return bitmaps;
}
