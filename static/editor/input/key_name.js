/** @typedef {{key: string, code: string, ctrlKey: boolean, metaKey: boolean, shiftKey: boolean, altKey: boolean}} KeyPress */

const NAMES = new Map([[" ", "Space"], ["Esc", "Escape"], ["Del", "Delete"]]);

/**
 * One name for a key press: "Ctrl+Shift+Z", "Shift+Enter", "M", "?". Letters come from the layout, and from the place
 * of the key where the layout has no Latin letters. Shift is part of the name unless it only makes the character.
 * @param {KeyPress} press
 */
export function keyName(press) {
  const letter = /^[a-z]$/i.test(press.key);
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(press.code);
  const foreign = press.key.length === 1 && press.key.charCodeAt(0) > 0x7f && place;
  const base = foreign ? (place[1] ?? place[2]) : letter ? press.key.toUpperCase() : (NAMES.get(press.key) ?? press.key);
  const shift = press.shiftKey && (letter || foreign || base.length > 1);
  const ctrl = press.ctrlKey || press.metaKey;
  return `${ctrl ? "Ctrl+" : ""}${press.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${base}`;
}

const SIGNS = new Map([
  ["Shift", "⇧"],
  ["Enter", "⏎"],
  ["Delete", "Del"],
  ["Escape", "Esc"],
  ["ArrowLeft", "←"],
  ["ArrowRight", "→"],
  ["ArrowUp", "↑"],
  ["ArrowDown", "↓"],
  ["-", "−"],
]);

/** How a key is printed on a control: "⇧ ⏎", "Ctrl D". @param {string} name */
export function printed(name) {
  return (name === "+" ? [name] : name.split("+")).map((part) => SIGNS.get(part) ?? part).join(" ");
}
