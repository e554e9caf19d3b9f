import { answer } from "../commands/answer.js";
import { answerOf, answerSeen, isGuess, matching } from "../question.js";
import { boundsOf, isDrawable } from "../shapes/index.js";
import { byId, counted, el, onceAFrame } from "./dom.js";
import { swatch } from "./label_list.js";

const DIGITS = 9;

/** The one question of a task about one object: its choices with their keys, or a field; nine or more can be searched. */
export class QuestionPanel {
  /** The choice that Enter takes while one searches. */
  #marked = 0;

  /** @param {Editor} editor @param {Session} session */
  constructor(editor, session) {
    this.editor = editor;
    this.search = /** @type {HTMLInputElement} */ (byId("question-search"));
    this.field = /** @type {HTMLInputElement} */ (byId("question-field"));
    const update = onceAFrame(() => this.#update());
    for (const name of ["task", "mode"]) editor.on(name, update);
    editor.on("task", () => this.#begin());
    editor.history.on("gesture", update);
    editor.store.on("load", update);
    session.on("busy", update);
    this.search.addEventListener("input", () => this.#seek());
    this.search.addEventListener("keydown", (event) => this.#searchKey(event));
    this.field.addEventListener("keydown", (event) => this.#fieldKey(event));
    byId("question-send").addEventListener("click", () => this.#send());
  }

  /** The field is where the next answer is typed, so that a text is given for one object after the other. */
  #begin() {
    this.search.value = this.field.value = "";
    this.#marked = 0;
    const { question, mayAnswer } = this.editor;
    if (mayAnswer && question && question.kind !== "choice") requestAnimationFrame(() => this.field.select());
  }

  #update() {
    const { editor } = this;
    byId("question").hidden = !editor.isObject;
    if (!editor.isObject) return;
    const { question, subject } = editor;
    const many = (question?.choices.length ?? 0) > DIGITS;
    byId("question-title").textContent = question?.title ?? "Nothing to ask";
    byId("question-help").textContent = helpOf(editor);
    byId("question-size").textContent = subject && isDrawable(subject) ? sizeOf(boundsOf(subject)) : "";
    byId("question-search-field").hidden = !many || !editor.mayAnswer;
    byId("question-write").hidden = !question || question.kind === "choice";
    if (question && subject && question.kind !== "choice") this.#fill(question, subject);
    this.#list();
  }

  /** @param {Question} question @param {Shape} subject */
  #fill(question, subject) {
    const { field } = this;
    field.type = question.kind;
    field.disabled = !this.editor.mayAnswer;
    byId("question-field-name").textContent = question.attribute?.title ?? "";
    field.value ||= String(answerOf(question, subject) ?? ""); // who is typing keeps what is typed
  }

  #list() {
    const { question, subject, mayAnswer } = this.editor;
    const sought = this.search.value.trim();
    const all = question?.choices ?? [];
    const found = matching(all, sought);
    this.#marked = Math.min(this.#marked, Math.max(0, found.length - 1));
    byId("question-found").textContent = sought ? `${found.length.toLocaleString("en")} of ${counted(all.length, "answer")}` : "";
    const buttons = found.map((choice, k) => {
      const made = this.#button(choice, /** @type {Shape} */ (subject), sought !== "" && k === this.#marked, sought === "");
      made.disabled = !mayAnswer;
      return made;
    });
    byId("choices").replaceChildren(...buttons);
    if (sought) buttons[this.#marked]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Choice} choice @param {Shape} subject @param {boolean} marked @param {boolean} keyed */
  #button(choice, subject, marked, keyed) {
    const { editor } = this;
    const isThere = answerSeen(editor) === choice.value;
    const suggested = isThere && isGuess(editor);
    const key = marked ? "⏎" : keyed ? choice.key : "";
    const label = choice.color === undefined ? null : swatch(editor.labels.get(String(choice.value)));
    const score = suggested && subject.score !== undefined ? ` ${subject.score.toFixed(2)}` : "";
    const end = suggested ? el("span", { class: "end meta num" }, `model${score}`, " ", el("kbd", {}, "⏎")) : null;
    const made = el(
      "button",
      { type: "button", class: `choice${suggested ? " is-suggested" : ""}`, "aria-pressed": String(isThere && !suggested), "data-marked": marked },
      key ? el("kbd", {}, key) : el("span", { class: "no-key" }),
      label,
      el("span", { class: "choice-name" }, choice.title),
      end,
    );
    // The second click of a double click would answer for the next object, which nobody has seen.
    made.addEventListener("click", ({ detail }) => detail > 1 || answer(editor, choice.value));
    return made;
  }

  #seek() {
    this.#marked = 0;
    this.#list();
  }

  /** @param {KeyboardEvent} event */
  #searchKey(event) {
    const found = matching(this.editor.question?.choices ?? [], this.search.value.trim());
    if (event.key === "Enter" && this.search.value.trim() && found.length) {
      event.preventDefault();
      if (event.repeat) return;
      const { value } = found[this.#marked];
      byId("canvas").focus({ preventScroll: true });
      answer(this.editor, value);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.#marked = Math.max(0, Math.min(found.length - 1, this.#marked + (event.key === "ArrowDown" ? 1 : -1)));
      this.#list();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.search.value = "";
      this.#seek();
      byId("canvas").focus({ preventScroll: true });
    }
  }

  /** @param {KeyboardEvent} event */
  #fieldKey(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat) this.#send();
  }

  #send() {
    const { question } = this.editor;
    const written = this.field.value.trim();
    if (!question) return;
    if (!written && question.attribute?.required) return this.editor.flow.say("An answer is needed. Skip the task when it cannot be told.");
    answer(this.editor, written === "" ? null : question.kind === "number" ? Number(written) : written);
  }
}

/** @param {Editor} editor */
function helpOf(editor) {
  const { question, subject, isReview, mayAnswer, task } = editor;
  if (!subject) return "This object is not there any more. Skip the task and say so.";
  if (!question) return `The recipe does not ask this of “${subject.label}”. Skip the task and say so.`;
  if (!mayAnswer) return isReview && task?.lease ? "This was answered. Accept it, fix it, or return it." : "You are looking, not working.";
  if (isReview) return "Choose the right answer, then accept.";
  if (question.kind !== "choice") return "Enter hands the answer in and opens the next object.";
  return answerSeen(editor) !== null ? "A number answers and opens the next object. Enter keeps the answer that is there." : "A number answers and opens the next object.";
}

/** @param {Rect} bounds */
function sizeOf({ width, height }) {
  return `${Math.round(width).toLocaleString("en")} × ${Math.round(height).toLocaleString("en")} px in the picture`;
}
