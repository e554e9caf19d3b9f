import { Emitter } from "../emitter.js";
import { byId, el } from "./dom.js";

const STATES = new Map([
  ["ready", ["Ready", "pill-good"]],
  ["warming", ["Warming", "pill-idle"]],
  ["stopped", ["Stopped", "pill-idle"]],
]);

/** Model settings: the deployments of the project, and which one this person works with. Emits "change". */
export class ModelChoice extends Emitter {
  /** Deployment by project, as long as the page is open. @type {Map<string, string>} */
  #chosen = new Map();

  /** @param {Editor} editor */
  constructor(editor) {
    super();
    this.editor = editor;
    this.dialog = /** @type {HTMLDialogElement} */ (byId("model-dialog"));
    byId("model-settings").addEventListener("click", () => this.#show());
    editor.on("task", () => this.#narrow());
  }

  /** @returns {Deployment | undefined} */
  current() {
    const { task } = this.editor;
    const wanted = this.#chosen.get(task?.project.id ?? "");
    const all = task?.deployments ?? [];
    return all.find(({ id }) => id === wanted) ?? all.find((one) => one.default) ?? all[0];
  }

  /** What the request for suggestions says about the model: nothing when it is the project's own choice. */
  asked() {
    const deployment = this.current();
    if (!deployment?.model_version || deployment.default) return {};
    return { model_version: deployment.model_version };
  }

  #show() {
    const rows = (this.editor.task?.deployments ?? []).map((deployment) => this.#row(deployment));
    byId("model-list").replaceChildren(...rows);
    this.dialog.showModal();
  }

  /** @param {Deployment} deployment */
  #row(deployment) {
    const [word, kind] = STATES.get(deployment.state) ?? [deployment.state, ""];
    const pick = el("input", { type: "radio", name: "deployment", checked: deployment.id === this.current()?.id });
    pick.addEventListener("change", () => {
      this.#chosen.set(this.editor.task?.project.id ?? "", deployment.id);
      this.#narrow();
    });
    const name = el("span", {}, `${deployment.model} ${deployment.version}`, deployment.default ? " " : null, deployment.default ? el("span", { class: "meta" }, "the project's choice") : null);
    return el("li", { class: "row row-between" }, el("label", { class: "check" }, pick, name), el("span", { class: `pill ${kind}` }, word));
  }

  /** Shows the suggestions of the chosen model alone, if it has any; and only labels that this stage uses. */
  #narrow() {
    const { labels, suggestions, task } = this.editor;
    const deployment = this.current();
    const versions = new Set((task?.deployments ?? []).map((one) => one.model_version).filter(Boolean));
    suggestions.only((shape) => {
      if (!labels.has(shape.label)) return false;
      const version = shape.source?.model_version;
      if (!deployment?.model_version || !version || !versions.has(version)) return true;
      return version === deployment.model_version;
    });
    this.emit("change");
  }
}
