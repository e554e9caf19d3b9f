/** A form that can be sent once: its buttons rest until the answer comes, so that a double click makes one project. */

/** @type {Controller} */
export function formSubmit(element) {
  /** Those that rest; a button that the page itself disabled is not among them and is never woken.
   * @type {HTMLButtonElement[]} */
  let resting = [];
  element.addEventListener("submit", (event) => {
    // The pressed button's own value is read after this event, so resting has to wait a turn.
    setTimeout(() => {
      if (event.defaultPrevented) return;
      const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (element.querySelectorAll('button:not([type="button"])'));
      const awake = [...buttons].filter((button) => !button.disabled);
      for (const button of awake) button.disabled = true;
      resting.push(...awake);
      element.setAttribute("aria-busy", "true");
    });
  });
  const wake = () => {
    for (const button of resting) button.disabled = false;
    resting = [];
    element.removeAttribute("aria-busy");
  };
  addEventListener("pageshow", wake);
  return () => removeEventListener("pageshow", wake);
}
