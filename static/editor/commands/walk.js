import { boundsOf } from "../shapes/index.js";

/** @param {Editor} editor @param {number} step */
function walk(editor, step) {
  const list = [...editor.suggestions.shown()].sort(byPlace);
  const now = list.findIndex(({ id }) => editor.selection.has(id));
  const next = now < 0 ? (step > 0 ? 0 : list.length - 1) : (now + step + list.length) % list.length;
  editor.selection.set([list[next].id]);
  editor.viewport.reveal(boundsOf(list[next]));
}

/** Reading order: from the top, then from the left. @param {Shape} a @param {Shape} b */
function byPlace(a, b) {
  const [one, other] = [boundsOf(a), boundsOf(b)];
  return one.y - other.y || one.x - other.x;
}

/** @param {Editor} editor */
const anyShown = (editor) => editor.suggestionsVisible && editor.suggestions.shown().length > 0;

/** @type {Command[]} */
export const walks = [
  { id: "walk-next", group: "suggestions", label: "Next suggestion", keys: ["N"], enabled: anyShown, run: (editor) => walk(editor, 1) },
  { id: "walk-back", group: "suggestions", label: "Previous suggestion", keys: ["Shift+N"], enabled: anyShown, run: (editor) => walk(editor, -1) },
];
