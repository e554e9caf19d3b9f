/** Settings as values at paths such as `question.attribute`, and how a field's text becomes one. */

/** @param {Record<string, any>} settings @param {string} path */
export function valueAt(settings, path) {
  return path.split(".").reduce((value, name) => value?.[name], /** @type {any} */ (settings));
}

/**
 * The settings with a value at a path; undefined takes it away, and with it what it leaves empty.
 * @param {Record<string, any>} settings
 * @param {string} path
 * @param {any} value
 * @returns {Record<string, any>}
 */
export function withValue(settings, path, value) {
  const [name, ...rest] = path.split(".");
  const inner = rest.length ? withValue(settings[name] ?? {}, rest.join("."), value) : value;
  const kept = { ...settings };
  const isEmpty = inner === undefined || (rest.length > 0 && Object.keys(inner).length === 0);
  if (isEmpty) delete kept[name];
  else kept[name] = inner;
  return kept;
}

/** How values of each kind are written into a field. @type {Record<string, (value: any) => string>} */
const WRITE = {
  percent: (value) => String(round(100 * value)),
  minutes: (value) => String(round(value / 60)),
  pairs: (value) => Object.entries(value).map(([from, to]) => `${from} = ${to ?? ""}`.trim()).join("\n"),
};

/** How they are read back; undefined: nothing is set. @type {Record<string, (text: string) => any>} */
const READ = {
  number: (text) => numberIn(text),
  percent: (text) => scaled(text, 1 / 100),
  minutes: (text) => scaled(text, 60),
  pairs: (text) => pairsIn(text),
  any: (text) => anyIn(text),
};

/** @param {string} type @param {any} value */
export function written(type, value) {
  if (value === undefined || value === null) return "";
  return (WRITE[type] ?? String)(value);
}

/** @param {string} type @param {string} text */
export function readAs(type, text) {
  const trimmed = text.trim();
  if (!trimmed) return undefined;
  return READ[type] ? READ[type](trimmed) : type === "lines" ? text : trimmed;
}

/** What is no number stays as it was typed, and the check says so. @param {string} text */
function numberIn(text) {
  const number = Number(text.replace(",", "."));
  return Number.isFinite(number) ? number : text;
}

/** @param {string} text @param {number} by */
function scaled(text, by) {
  const number = numberIn(text);
  return typeof number === "number" ? round(number * by) : number;
}

/** @param {number} value */
function round(value) {
  return Number(value.toFixed(6));
}

/** Lines of `from = to`; nothing behind the sign leaves the class out. @param {string} text */
function pairsIn(text) {
  const lines = text.split("\n").map((line) => line.split("=").map((word) => word.trim()));
  return Object.fromEntries(lines.filter(([from]) => from).map(([from, to]) => [from, to || null]));
}

/** A value of metadata: yes and no, a number, or a text. @param {string} text */
function anyIn(text) {
  if (text === "true" || text === "false") return text === "true";
  return numberIn(text);
}
