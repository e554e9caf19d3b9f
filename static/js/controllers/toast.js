/** Short answers at the foot of the page: those that the server sent with it, and those that scripts add. */

const SHOWN_FOR = 7000;

/** @type {Controller} */
export function toasts(element) {
  element.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    if (button) button.closest(".toast")?.remove();
  });
  for (const line of element.querySelectorAll(".toast")) leaveSoon(line);
}

/**
 * Say what was done, with a way back where there is one.
 * @param {string} text
 * @param {{label: string, act: () => void}} [undo]
 */
export function toast(text, undo) {
  const line = document.createElement("div");
  line.className = "toast";
  line.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: undo.label });
    button.addEventListener("click", undo.act);
    line.append(button);
  }
  document.querySelector(".toasts")?.replaceChildren(line);
  leaveSoon(line);
}

/** A person who points at a toast or has focus in it is still reading. @param {Element} line */
function leaveSoon(line) {
  setTimeout(() => {
    if (line.matches(":hover, :focus-within")) leaveSoon(line);
    else line.remove();
  }, SHOWN_FOR);
}
