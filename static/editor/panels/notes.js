import { missingAttribute } from "../provenance.js";
import { lacksAnswer } from "../question.js";
import { boundsOf, isDrawable } from "../shapes/index.js";
import { button, byId, counted, el, icon } from "./dom.js";
import { offlineText } from "./status_bar.js";

/** @typedef {"info" | "warn" | "bad"} NoteKind */

/** @type {[string, string]} */
const SIGNED_OUT = ["You are signed out.", "Sign in again in another tab, then go on here. Your work is kept in this browser."];

/** What holds whatever task is open. */
const LASTING = new Set(["socket", "untaken"]);

/** Sentences that belong to the page: what happened, what is safe, what to do. One note for each cause. */
export class Notes {
  /** @type {Map<string, HTMLElement>} */
  #notes = new Map();

  /** @param {Editor} editor @param {Session} session */
  constructor(editor, session) {
    this.editor = editor;
    this.session = session;
    this.host = byId("notes");
    const { autosave, lease, socket } = session.parts;
    session.on("opened", (task) => this.#opened(task));
    session.on("stopped", (error) => this.#stopped(error));
    session.on("refused", (error) => this.#refused(error));
    session.on("nothing", () => this.#done());
    session.parting.on("refused", ({ task, error }) => this.#untaken(task, error));
    session.on("adrift", (error) => this.#adrift(error));
    session.on("undecided", (error) => this.#undecided(error));
    session.on("conflict", () => this.remove("undecided"));
    session.on("unsent", () => this.put("unsent", "warn", "Not submitted.", "There is no connection. Your work is kept in this browser; submit it when you are back online."));
    session.on("busy", (busy) => busy && ["refused", "unsent"].forEach((cause) => this.remove(cause)));
    lease.on("lost", (code) => this.#leaseLost(code));
    autosave.on("state", () => this.#saving());
    autosave.on("refused", (error) => this.put("saving", "bad", "A change was not taken.", error.message));
    socket.on("state", (state) => this.#socket(state));
    addEventListener("offline", () => this.#saving());
    addEventListener("online", () => this.#saving());
  }

  /** @param {string} cause @param {NoteKind} kind @param {string} title @param {string} text @param {...HTMLElement} actions */
  put(cause, kind, title, text, ...actions) {
    const words = el("p", {}, el("strong", {}, title), " ", text);
    const acts = actions.length ? el("div", { class: "actions" }, ...actions) : null;
    const note = el("div", { class: `note note-${kind}`, role: kind === "bad" ? "alert" : "status" }, icon(kind === "info" ? "info" : "warn"), words, acts);
    this.remove(cause);
    this.#notes.set(cause, note);
    this.host.append(note);
  }

  /** @param {string} cause */
  remove(cause) {
    this.#notes.get(cause)?.remove();
    this.#notes.delete(cause);
  }

  /** @param {Task} task */
  #opened(task) {
    for (const cause of [...this.#notes.keys()]) if (!LASTING.has(cause)) this.remove(cause);
    byId("done").hidden = true;
    byId("editor").classList.remove("is-done");
    if (task.returned) this.put("returned", "warn", "Returned to you.", task.returned.comment, button("Close", () => this.remove("returned")));
    if (!task.lease) this.put("lease", "info", "You are looking, not working.", "This task is not leased to you, so nothing can be changed.", ...this.#offer(task));
  }

  /** @param {Error} error */
  #stopped(error) {
    this.put("stopped", "bad", "The task cannot be opened.", error.message, this.#home());
  }

  /** @param {ApiError} error */
  #refused(error) {
    const shape = shapeOf(this.editor, error);
    if (shape) this.#point(shape);
    this.put("refused", "bad", shape ? "One object is not right." : "That did not work.", error.message, button("Close", () => this.remove("refused")));
  }

  /** An answer was handed in while another object is open. @param {Task} task @param {Error} error */
  #untaken({ id, item }, error) {
    const look = button("Open it", () => (this.remove("untaken"), void this.session.visit(id)));
    this.put("untaken", "bad", `Your answer on ${item.name} was not taken.`, error.message, look, button("Close", () => this.remove("untaken")));
  }

  /** The first object that lacks an answer is selected and said. @returns {boolean} whether there is one */
  findsGap() {
    if (this.editor.isObject) return this.#asksAgain();
    for (const shape of this.editor.store.shapes()) {
      const label = this.editor.labels.get(shape.label);
      const missing = missingAttribute(shape, label);
      if (!missing) continue;
      this.#point(shape);
      const title = label?.title ?? shape.label;
      this.put("refused", "warn", "One answer is missing.", `The selected ${title.toLowerCase()} needs “${missing.title}”.`, button("Close", () => this.remove("refused")));
      return true;
    }
    return false;
  }

  /** Of one object, only what is asked has to be answered. */
  #asksAgain() {
    const lacks = lacksAnswer(this.editor);
    if (lacks) this.put("refused", "warn", "There is no answer yet.", "Give one, or skip the task when it cannot be told.", button("Close", () => this.remove("refused")));
    return lacks;
  }

  /** @param {Shape} shape */
  #point(shape) {
    this.editor.selection.set([shape.id]);
    if (isDrawable(shape)) this.editor.viewport.reveal(boundsOf(shape));
  }

  /** @param {string} code */
  #leaseLost(code) {
    const next = button("Take the next task", () => void this.session.next());
    if (code === "draft_closed") return this.put("lease", "warn", "This task is closed.", "What you did here since then is not part of it.", next, this.#home());
    const kept = keptText(this.editor, this.session.parts.autosave.revision);
    const again = button("Take it again", () => void this.session.retake());
    this.put("lease", "warn", "Your lease ended.", kept, again, next, this.#home());
  }

  /** Work that nobody holds can be taken right here. @param {Task} task */
  #offer(task) {
    return task.state === "ready" ? [button("Take it", () => void this.session.retake())] : [];
  }

  #saving() {
    const { state, waiting, isSignedOut } = this.session.parts.autosave;
    if (state === "saved") this.remove("unsent");
    if (state === "kept" && isSignedOut) return this.put("saving", "warn", ...SIGNED_OUT);
    const offline = navigator.onLine === false || (state === "kept" && waiting > 0);
    if (offline && this.editor.task) this.put("saving", "info", "You are offline.", offlineText(waiting));
    else if (state !== "refused") this.remove("saving");
  }

  /** @param {string} state */
  #socket(state) {
    if (state === "signed_out") this.put("saving", "warn", ...SIGNED_OUT);
    else if (state === "newer_tab") this.put("socket", "info", "This task is open in a newer tab.", "Live updates go there. What you do here is kept.", button("Take them here", () => this.session.parts.socket.open()));
    else if (state === "not_allowed") this.put("socket", "warn", "Your access ended.", "Ask your manager. Your work is kept.", this.#home());
    else this.remove("socket");
    if (state === "open") this.#saving();
  }

  #done() {
    byId("done").hidden = false;
    byId("editor").classList.add("is-done");
    byId("done-home").focus();
  }

  /** @param {Error} error */
  #adrift(error) {
    this.put("adrift", "warn", "Submitted.", `The next task did not come: ${error.message}`, button("Try again", () => void this.session.next()), this.#home());
  }

  /** @param {Error} error */
  #undecided(error) {
    const again = button("Compare them", () => void this.session.compare());
    this.put("undecided", "warn", "There are two versions of your work.", `Both are kept, but the other one cannot be read now: ${error.message}`, again);
  }

  #home() {
    return el("a", { class: "btn btn-sm", href: byId("editor").dataset.home }, "My work");
  }
}

/** Of a review, the objects are the annotator's; the reviewer's are only the changes. @param {Editor} editor @param {number} revision */
export function keptText({ isReview, store }, revision) {
  if (isReview) return revision ? "Your changes are kept as a draft." : "The submission stays as it is.";
  return `Your ${counted(store.size, "object")} ${store.size === 1 ? "is" : "are"} kept as a draft.`;
}

/**
 * The shape that a refused submission means. Its index counts the unit's annotations first, then the new shapes by id,
 * which is the order in which the server keeps a draft.
 * @param {Editor} editor @param {ApiError} error
 */
function shapeOf(editor, error) {
  const index = error.details?.index;
  if (error.status !== 422 || index === undefined) return undefined;
  const base = (editor.task?.annotations ?? []).map(({ id }) => id);
  const known = new Set(base);
  const fresh = [...editor.store.shapes()].map(({ id }) => id).filter((id) => !known.has(id));
  const order = [...base.filter((id) => editor.store.has(id)), ...fresh.sort()];
  return editor.store.get(order[Number(index)] ?? "");
}
