/** A button that opens the dialog it names (`data-dialog="id"`); inside a dialog, `[data-close]` and the backdrop close. */

/** @type {Controller} */
export function dialog(element) {
  if (element instanceof HTMLDialogElement) return closesItself(element);
  element.addEventListener("click", () => {
    const target = document.getElementById(element.dataset.dialog ?? "");
    if (target instanceof HTMLDialogElement && !target.open) target.showModal();
  });
}

/** @param {HTMLDialogElement} element */
function closesItself(element) {
  if ("openAtOnce" in element.dataset) element.showModal();
  element.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target === element || target.closest("[data-close]")) element.close();
  });
}
