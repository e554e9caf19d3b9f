/** A <details class="menu"> that closes on Escape and on a click elsewhere. */

/** @type {Controller} */
export function menu(element) {
  const details = /** @type {HTMLDetailsElement} */ (element);
  /** @param {Event} event */
  const elsewhere = (event) => {
    if (!details.contains(/** @type {Node} */ (event.target))) details.open = false;
  };
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.preventDefault(); // this Escape is spent, it closes no page behind the menu
    details.open = false;
    details.querySelector("summary")?.focus();
  });
  document.addEventListener("click", elsewhere);
  return () => document.removeEventListener("click", elsewhere);
}
