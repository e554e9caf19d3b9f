import { byId, counted, onceAFrame, svg } from "./dom.js";

const BINS = 40;

/** Under the picture: how many suggestions are shown, the slider over their scores, commit and reject. */
export class AssistBar {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.slider = /** @type {HTMLInputElement} */ (byId("confidence"));
    this.slider.addEventListener("input", () => (editor.suggestions.floor = Number(this.slider.value) / 100));
    this.slider.value = String(Math.round(editor.suggestions.floor * 100));
    const update = onceAFrame(() => this.update());
    editor.suggestions.on("change", update);
    editor.selection.on("change", update);
    editor.on("task", update);
    editor.on("mode", update);
  }

  update() {
    const { suggestions, suggestionsVisible, selection } = this.editor;
    byId("assist").hidden = !suggestionsVisible;
    if (!suggestionsVisible) return;
    const shown = suggestions.shown().length;
    const open = suggestions.open();
    const below = open.length - shown;
    byId("shown").textContent = `${shown.toLocaleString("en")} shown, ${below.toLocaleString("en")} below`;
    byId("floor").textContent = `≥ ${suggestions.floor.toFixed(2)}`;
    this.slider.setAttribute("aria-valuetext", `${suggestions.floor.toFixed(2)}, ${counted(shown, "suggestion")} shown`);
    byId("commit-all-text").textContent = `Commit all ${shown.toLocaleString("en")}`;
    const reject = /** @type {HTMLButtonElement} */ (byId("reject"));
    reject.disabled = this.editor.readOnly || !selection.ids().some((id) => suggestions.isShown(id));
    this.#histogram(open, suggestions.floor);
  }

  /** @param {Suggestion[]} open @param {number} floor */
  #histogram(open, floor) {
    const bins = Array.from({ length: BINS }, () => 0);
    for (const { score } of open) bins[Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS)))]++;
    const top = Math.max(1, ...bins);
    const bars = bins.map((count, k) => {
      // By the root: a hundred sure finds beside five thousand doubtful ones can still be seen.
      const height = Math.sqrt(count / top) * 100;
      const place = { x: `${(k * 100) / BINS}%`, width: `${80 / BINS}%`, y: `${100 - height}%`, height: `${height}%` };
      return svg("rect", { ...place, class: (k + 1) / BINS <= floor + 1e-9 ? "below" : "" });
    });
    byId("histogram").replaceChildren(...bars);
  }
}
