import { byId, counted, onceAFrame } from "./dom.js";

/** Says what is selected, or asked, to those who do not see the picture. @param {Editor} editor */
export function bindAnnouncer(editor) {
  const update = onceAFrame(() => {
    const { selection } = editor;
    const shape = selection.only ? editor.find(selection.only) : undefined;
    byId("announcer").textContent = editor.isObject ? (editor.question?.title ?? "") : shape ? sentence(editor, shape) : selection.size ? `${counted(selection.size, "object")} selected` : "";
  });
  editor.on("task", update);
  editor.selection.on("change", update);
  editor.history.on("gesture", update);
}

/** "Car suggested, 0.96" or "Car, 120 by 80 pixels". @param {Editor} editor @param {Shape} shape */
function sentence(editor, shape) {
  const title = editor.labels.get(shape.label)?.title ?? shape.label;
  if (!editor.store.has(shape.id)) return `${title} suggested, ${(shape.score ?? 0).toFixed(2)}`;
  return shape.type === "box" ? `${title}, ${Math.round(shape.width)} by ${Math.round(shape.height)} pixels` : title;
}
