/** A button that copies the text of the field it names (`data-copies="id"`), and says so. */
import { toast } from "./toast.js";

/** @type {Controller} */
export function copy(element) {
  element.addEventListener("click", async () => {
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById(element.dataset.copies ?? ""));
    if (!field) return;
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      toast("The link is copied");
    } catch {
      // Without HTTPS there is no clipboard; the text is marked, so that Ctrl C takes it.
      toast("Press Ctrl C to copy the marked link");
    }
  });
}
