/** The label palette for canvas code. A test keeps the colours equal to css/tokens.css. */

/** @typedef {"solid" | "slash" | "backslash" | "dots" | "bars"} Pattern */

/** @type {[string, Pattern][]} */
export const LABEL_COLORS = [
  ["#4baeed", "solid"],
  ["#e2333c", "solid"],
  ["#b5f745", "dots"],
  ["#a344f5", "bars"],
  ["#42e5e0", "slash"],
  ["#d4ce88", "backslash"],
  ["#ec74bf", "slash"],
  ["#d21fb7", "backslash"],
  ["#4da490", "bars"],
  ["#94bb82", "slash"],
  ["#a0fcef", "solid"],
  ["#b5bbfb", "bars"],
  ["#e5a0bd", "dots"],
  ["#a66a8d", "solid"],
  ["#e0f1ad", "bars"],
  ["#9886fd", "backslash"],
  ["#c37d6f", "backslash"],
  ["#a09520", "dots"],
  ["#ecc914", "slash"],
  ["#7275cc", "dots"],
];

/** The swatch's pattern is the outline's dash, so that a label is known without its colour. */
/** @type {Record<Pattern, number[]>} */
const DASHES = { solid: [], slash: [9, 4], backslash: [4, 3], dots: [1.5, 4], bars: [14, 3, 3, 3] };

/** Drawn when a shape's label is not in the recipe. @type {Ink} */
const UNKNOWN = { color: "#b4b7bd", dash: [2, 2] };

const INKS = LABEL_COLORS.map(([color, pattern]) => ({ color, dash: DASHES[pattern] }));

/** @param {LabelSpec | undefined} label @returns {Ink} */
export function inkOf(label) {
  return INKS[((label?.color ?? 0) - 1) % INKS.length] ?? UNKNOWN;
}
