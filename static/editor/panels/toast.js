import { byId, el } from "./dom.js";

const SHOWN = 6000;

/** The answer to what one just did. Its Undo is good until the next step: it must not undo something else. */
export class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Editor} editor */
  constructor(editor) {
    this.host = byId("toasts");
    editor.history.on("gesture", () => this.host.replaceChildren());
    editor.on("task", () => this.host.replaceChildren());
  }

  /** @param {string} text @param {() => void} [undo] */
  say(text, undo) {
    clearTimeout(this.#timer);
    const line = el("div", { class: "toast" }, el("span", {}, text));
    if (undo) {
      const back = el("button", { type: "button" }, "Undo");
      back.addEventListener("click", undo);
      line.append(back);
    }
    this.host.replaceChildren(line);
    this.#timer = setTimeout(() => line.remove(), SHOWN);
  }
}
