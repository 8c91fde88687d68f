// Runs before any script of a page. In: what the page does. Out: `counted`, which the benchmark reads.
(() => {
  const counted = {
    frames: 0, // animation frames
    painted: 0, // animation frames since the last of which a picture was drawn on a canvas
    at: [], // when each was drawn, unix ms
    bytes: 0, pictures: 0, // binary messages
    encoded: new Set(), // asyncplot's boxes: figure, number, base, place and codec
    ages: [], // asyncplot's pictures, when they were painted: [unix ms, age ms, age of the one before ms]
    drawn: new Map(), // their times of drawing that were not painted yet: number -> unix ms
    shown: 0, // when the picture was drawn that is seen now, unix ms
    after: () => {}, // called when a picture was drawn
  };
  window.counted = counted;
  const now = () => performance.timeOrigin + performance.now();

  let drawn = 0;
  const drawImage = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    if (!drawn) queueMicrotask(() => counted.after()); // when all of its boxes are drawn
    drawn ||= now();
    return drawImage.apply(this, given);
  };
  const tick = () => {
    requestAnimationFrame(tick);
    counted.frames += 1;
    if (drawn) {
      counted.painted += 1;
      counted.at.push(drawn);
      drawn = 0;
    }
  };
  requestAnimationFrame(tick);

  const read = (buffer) => {
    const view = new DataView(buffer);
    const [figure, number, base, boxes] = [0, 4, 8].map((at) => view.getUint32(at, true)).concat(view.getUint16(16, true));
    counted.drawn.set(number, 1000 * view.getFloat64(20, true));
    for (let at = 28; at < 28 + 16 * boxes; at += 16) {
      const place = [0, 2, 4, 6].map((more) => view.getUint16(at + more, true));
      const codec = view.getUint8(at + 8);
      counted.encoded.add([figure, number, codec === 2 ? base : 0, codec, ...place].join());
    }
  };
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        if (typeof data === "string") return;
        counted.pictures += 1;
        counted.bytes += data.byteLength ?? data.size;
        if (data instanceof ArrayBuffer && data.byteLength >= 28 && location.pathname === "/") read(data);
      });
    }

    send(data) {
      super.send(data);
      if (!data.includes('"painted"')) return;
      const { number } = JSON.parse(data);
      if (counted.shown) counted.ages.push([now(), now() - counted.drawn.get(number), now() - counted.shown]);
      counted.shown = counted.drawn.get(number);
      for (const each of counted.drawn.keys()) if (each <= number) counted.drawn.delete(each);
    }
  };
})();
