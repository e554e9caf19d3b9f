import { byId, onceAFrame } from "./dom.js";

/** What a reviewer sees of a submission at a glance, and whether the model's view lies over it. */
/** @param {Editor} editor */
export function bindReviewPanel(editor) {
  const toggle = byId("show-model");
  toggle.addEventListener("click", () => editor.showSuggestions(!editor.suggestionsVisible));
  const update = onceAFrame(() => {
    byId("review").hidden = !editor.isReview;
    if (!editor.isReview) return;
    toggle.hidden = !editor.task?.suggestions_shown;
    toggle.setAttribute("aria-pressed", String(editor.suggestionsVisible));
    byId("review-summary").textContent = summary([...editor.store.shapes()]);
    byId("fix-reason-field").hidden = editor.readOnly;
    byId("accept-text").textContent = editor.readOnly ? "Accept" : "Accept with fixes";
  });
  for (const name of ["task", "mode"]) editor.on(name, update);
  editor.history.on("gesture", update);
  editor.store.on("load", update);
}

/** "47 objects: 36 committed, 4 edited, 7 drawn". @param {Shape[]} shapes */
function summary(shapes) {
  const committed = shapes.filter(({ source }) => source?.kind === "model" && source.action !== "edited").length;
  const edited = shapes.filter(({ source }) => source?.action === "edited").length;
  const drawn = shapes.length - committed - edited;
  const all = `${shapes.length.toLocaleString("en")} ${shapes.length === 1 ? "object" : "objects"}`;
  return shapes.length ? `${all}: ${committed} committed, ${edited} edited, ${drawn} drawn.` : "The submission is empty.";
}
