import { byId, el } from "./dom.js";

/** Whoever opened a task looks at the picture first; whether somebody asked about it can wait so long. */
const PAUSE = 800;

/**
 * "Ask about this task": a dialog with the thread of the open task's unit. The thread itself is the server's, and behaves
 * as on its page (js/controllers/thread.js); here it is named, followed, and told of on the button.
 */
export class Questions {
  /** The task that is shown in the dialog. */
  #shown = "";
  /** The thread that is followed. */
  #thread = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Editor} editor
   * @param {LiveSocket} socket
   * @param {{page: (task: string) => string, read: (task: string) => Promise<{thread: {id: string, state: string} | null}>}} source
   */
  constructor(editor, socket, source) {
    this.editor = editor;
    this.socket = socket;
    this.source = source;
    this.dialog = /** @type {HTMLDialogElement} */ (byId("questions-dialog"));
    this.host = byId("questions-thread");
    this.mark = byId("questions-mark");
    editor.on("task", (/** @type {Task} */ { id }) => this.#opened(id));
    this.host.addEventListener("threadshown", (event) => this.#follow(/** @type {CustomEvent} */ (event).detail));
  }

  open() {
    const { task } = this.editor;
    if (!task || this.dialog.open) return;
    this.host.dataset.url = this.source.page(task.id);
    if (this.#shown !== task.id) this.host.replaceChildren(el("p", { class: "meta" }, "Reading…"));
    this.#shown = task.id;
    this.host.dispatchEvent(new Event("show"));
    this.dialog.showModal();
  }

  /** @param {string} id */
  #opened(id) {
    if (this.#shown && this.#shown !== id) this.dialog.close();
    this.#follow({});
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(id), PAUSE);
  }

  /** @param {string} id */
  async #look(id) {
    const found = await this.source.read(id).catch(() => null); // the dialog says what is wrong, if one opens it
    if (found?.thread && this.editor.task?.id === id) this.#follow(found.thread);
  }

  /** @param {{id?: string, state?: string}} thread */
  #follow({ id = "", state = "" }) {
    this.mark.hidden = state !== "open";
    if (id === this.#thread) return;
    if (this.#thread) this.socket.unsubscribe("thread", this.#thread);
    this.#thread = id;
    const changed = (/** @type {Frame} */ frame) => {
      if (frame.type !== "thread.changed") return;
      this.mark.hidden = frame.state !== "open";
      if (this.dialog.open) this.host.dispatchEvent(new Event("threadchanged"));
    };
    if (id) this.socket.subscribe("thread", id, null, changed, async () => null);
  }
}
