/** Numbers and times as the pages write them. */

const NO_BREAK = "\u00a0";
const lang = globalThis.document?.documentElement.lang || "en";

/** @param {number} value */
export function count(value) {
  return Math.round(value).toLocaleString(lang);
}

/** @param {number} bytes */
export function size(bytes) {
  const steps = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let step = 0;
  while (value >= 999.5 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${value.toLocaleString(lang, { maximumFractionDigits: value < 10 ? 1 : 0 })}${NO_BREAK}${steps[step]}`;
}

/** How long something still takes, rounded as one would say it. @param {number} seconds */
export function duration(seconds) {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))}${NO_BREAK}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}${NO_BREAK}min`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}${NO_BREAK}h`;
}
