/** Acts on the pictures that are chosen: asked of the API, answered by a toast; what takes long appears as a job. */
import { ask } from "./api.js";
import { toast } from "./controllers/toast.js";
import { count } from "./words.js";

/**
 * @typedef {object} Chosen
 * @property {boolean} all
 * @property {string[]} ids
 * @property {() => void} clear
 */

/**
 * Hear the bulk bar's buttons and the dialogs' forms; gives what ends it.
 * @param {HTMLElement} element
 * @param {Chosen} choice
 */
export function bulkActs(element, choice) {
  const acts = new Acts(element, choice);
  /** @param {Event} event */
  const clicked = (event) => {
    const target = /** @type {Element} */ (event.target);
    const opener = /** @type {HTMLElement | null} */ (target.closest("[data-opens]"));
    const dialog = opener && element.contains(opener) && document.getElementById(opener.dataset.opens ?? "");
    if (dialog instanceof HTMLDialogElement) return acts.open(dialog);
    if (element.contains(target) && target.closest("[data-act=delete]")) acts.remove();
  };
  /** @param {SubmitEvent} event */
  const submitted = (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.dataset.act) return;
    event.preventDefault();
    acts.submit(form, /** @type {HTMLButtonElement | null} */ (event.submitter));
  };
  document.addEventListener("click", clicked);
  document.addEventListener("submit", submitted);
  document.addEventListener("change", chooseNew);
  return () => {
    document.removeEventListener("click", clicked);
    document.removeEventListener("submit", submitted);
    document.removeEventListener("change", chooseNew);
  };
}

class Acts {
  /** @param {HTMLElement} element @param {Chosen} choice */
  constructor(element, choice) {
    this.element = element;
    this.choice = choice;
    this.api = element.dataset.api ?? "";
    this.isRemoving = false;
  }

  /** @param {HTMLDialogElement} dialog */
  open(dialog) {
    const { all, ids } = this.choice;
    const submit = dialog.querySelector("[data-part=submit]");
    if (submit) submit.textContent = all ? "Run on all that match" : `Run on ${pictures(ids.length)}`;
    complain(dialog, "");
    dialog.showModal();
  }

  async remove() {
    if (this.isRemoving) return; // pressed twice
    this.isRemoving = true;
    const act = await this.#act({ act: "delete" }).catch((error) => toast(error.message));
    this.isRemoving = false;
    if (!act) return;
    this.#renew();
    if (act.job) return toast("The pictures are being deleted. You can undo it afterwards.", this.#undo(act));
    toast(`${pictures(act.changed)} deleted`, this.#undo(act));
  }

  /** @param {HTMLFormElement} form @param {HTMLButtonElement | null} button */
  async submit(form, button) {
    const dialog = /** @type {HTMLDialogElement} */ (form.closest("dialog"));
    const fields = new FormData(form);
    const doing = { subset: this.#toSubset, metadata: this.#setMetadata, run: this.#run }[form.dataset.act ?? ""];
    if (!doing || dialog.ariaBusy === "true") return;
    dialog.ariaBusy = "true";
    try {
      const said = await doing.call(this, fields, button?.value ?? "");
      dialog.close();
      form.reset();
      this.#renew();
      toast(said);
    } catch (error) {
      complain(dialog, error instanceof Error ? error.message : String(error));
    } finally {
      dialog.ariaBusy = "false";
    }
  }

  /** @param {FormData} fields @param {string} act */
  async #toSubset(fields, act) {
    let subset = String(fields.get("subset") ?? "");
    if (!subset) {
      const made = await ask("POST", `${this.api}/projects/${this.element.dataset.project}/subsets`, { name: fields.get("name") });
      subset = made.id;
    }
    const done = await this.#act({ act: act || "add_to_subset", subset });
    if (done.job) return "The pictures are being sorted.";
    return act === "remove_from_subset" ? `${pictures(done.changed)} taken out` : `${pictures(done.changed)} put in`;
  }

  /** @param {FormData} fields @param {string} way */
  async #setMetadata(fields, way) {
    const key = String(fields.get("key"));
    const metadata = way === "unset" ? { unset: [key] } : { set: { [key]: String(fields.get("value")) } };
    const done = await this.#act({ act: "set_metadata", metadata });
    return done.job ? "The metadata is being set." : `Metadata of ${pictures(done.changed)} changed`;
  }

  /** @param {FormData} fields */
  async #run(fields) {
    const body = { deployment: fields.get("deployment"), selection: this.#selection() };
    await ask("POST", `${this.api}/projects/${this.element.dataset.project}/prediction_runs`, body);
    return "The model has been asked. Its progress is shown above the pictures.";
  }

  /** @param {object} body */
  #act(body) {
    return ask("POST", `${this.api}/projects/${this.element.dataset.project}/bulk_acts`, { ...body, selection: this.#selection() });
  }

  #selection() {
    if (!this.choice.all) return { items: this.choice.ids };
    return { filter: Object.fromEntries(new URLSearchParams(this.element.dataset.filter)), dataset: this.element.dataset.dataset };
  }

  /** @param {{id: string}} act */
  #undo(act) {
    const undo = async () => {
      const back = await ask("DELETE", `${this.api}/bulk_acts/${act.id}`).catch((error) => toast(error.message));
      if (!back) return;
      toast(back.job ? "The pictures are coming back." : "The pictures are back");
      changed();
    };
    return { label: "Undo", act: undo };
  }

  #renew() {
    this.choice.clear();
    changed();
  }
}

function changed() {
  document.body.dispatchEvent(new CustomEvent("catalogchanged", { bubbles: true }));
}

/** The name of a new subset is only asked for where one is wanted; nothing can be taken out of it. @param {Event} event */
function chooseNew(event) {
  const select = event.target;
  if (!(select instanceof HTMLSelectElement) || select.name !== "subset") return;
  select.form?.querySelector("[data-part=new-subset]")?.toggleAttribute("hidden", Boolean(select.value));
  select.form?.querySelector("[data-part=take-out]")?.toggleAttribute("hidden", !select.value);
}

/** @param {HTMLElement} dialog @param {string} words */
function complain(dialog, words) {
  const part = /** @type {HTMLElement | null} */ (dialog.querySelector("[data-part=error]"));
  if (part) Object.assign(part, { hidden: !words, textContent: words });
}

/** @param {number} number */
export function pictures(number) {
  return `${count(number)} ${number === 1 ? "picture" : "pictures"}`;
}
