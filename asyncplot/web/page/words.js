// @ts-check
/* Numbers, spans and moments in words, and text that is written only where it is new. For the pages of viewers and of the hub. */

const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const time = new Intl.DateTimeFormat([], { timeStyle: "short" });
const day = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });
const TODAY = 43_200; // s; what is younger needs no date

/** @param {number | null | undefined} value */
export function amount(value) {
  if (value === null || value === undefined) return "–";
  const power = value >= 1e6 ? 2 : value >= 1e4 ? 1 : 0;
  return `${threeDigits.format(value / 1000 ** power)}${["", " k", " M"][power]}`;
}

/** @param {number} seconds */
export function span(seconds) {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** @param {number} unix seconds */
export function moment(unix) {
  return (Date.now() / 1000 - unix < TODAY ? time : day).format(new Date(1000 * unix));
}

/** A selection of the user's stays, and a screen reader is not called again. @param {HTMLElement} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
