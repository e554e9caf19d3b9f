import { byId } from "./dom.js";

/** What was chiefly wrong, as a verdict says it beside its sentence; it may be left out. */

/** The reason chosen in the dialog of a return, or "". */
export function returnReason() {
  return choices().find(({ checked }) => checked)?.value ?? "";
}

/** The reason chosen for a fix, or "". */
export function fixReason() {
  return /** @type {HTMLSelectElement} */ (byId("fix-reason")).value;
}

/** The next task begins without a reason. */
export function clearReasons() {
  for (const choice of choices()) choice.checked = false;
  /** @type {HTMLSelectElement} */ (byId("fix-reason")).value = "";
}

/**
 * A digit chooses and goes on to the sentence; a letter begins the sentence at once.
 * @param {HTMLTextAreaElement} comment
 */
export function bindReasonKeys(comment) {
  byId("return-reasons").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === " ") return;
    const chosen = choices().find((choice) => choice.dataset.key === event.key);
    if (chosen) {
      event.preventDefault();
      chosen.checked = true;
    }
    comment.focus();
  });
}

/** @returns {HTMLInputElement[]} */
function choices() {
  return [.../** @type {NodeListOf<HTMLInputElement>} */ (byId("return-reasons").querySelectorAll("input"))];
}
