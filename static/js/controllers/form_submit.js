/** A form that can be sent once: its buttons rest until the answer comes, so that a double click makes one project. */

/** @type {Controller} */
export function formSubmit(element) {
  const form = /** @type {HTMLFormElement} */ (element);
  form.addEventListener("submit", (event) => {
    // The pressed button's own value is read after this event, so resting has to wait a turn.
    setTimeout(() => {
      if (!event.defaultPrevented) rest(form, true);
    });
  });
  const wake = () => rest(form, false);
  addEventListener("pageshow", wake);
  return () => removeEventListener("pageshow", wake);
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} resting
 */
function rest(form, resting) {
  form.toggleAttribute("aria-busy", resting);
  for (const button of form.querySelectorAll('button:not([type="button"])')) {
    /** @type {HTMLButtonElement} */ (button).disabled = resting;
  }
}
