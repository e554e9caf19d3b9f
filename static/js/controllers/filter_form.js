/** A filter's form: what is left empty is left out of the address, and two scores become one range. */

/** @type {Controller} */
export function filterForm(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  form.addEventListener("submit", () => {
    const [low, high] = ["low", "high"].map((name) => /** @type {HTMLSelectElement} */ (form.querySelector(`[data-part=${name}]`)).value);
    const range = /** @type {HTMLInputElement} */ (form.elements.namedItem("confidence"));
    range.value = bandOf(low ?? "", high ?? "");
    const ofBest = /** @type {HTMLSelectElement} */ (form.elements.namedItem("confidence_of"));
    if (!range.value) ofBest.value = "";
    for (const field of form.elements) {
      if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.disabled ||= !field.value;
    }
    addEventListener("pageshow", () => location.reload(), { once: true });
  });
}

/** All scores are no filter; two in the wrong order are turned round. @param {string} low @param {string} high */
export function bandOf(low, high) {
  const [from, to] = [low, high].sort();
  return from === "0.00" && to === "1.00" ? "" : `${from}-${to}`;
}
