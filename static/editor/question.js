import { renamed } from "./provenance.js";

/** What a task about one object asks, the answers that may be given, and what an answer makes of the object. */

/**
 * Null when it cannot be asked of this object: its label has no such attribute.
 * @param {Task} task @param {Shape} shape @param {LabelSpec[]} labels those that may be given
 * @returns {Question | null}
 */
export function questionOf(task, shape, labels) {
  const { attribute: name = null } = task.stage.question ?? {};
  if (name === null) {
    const choices = labels.map(({ name: value, title, color, key }) => ({ value, title, color, key: key ?? "" }));
    return { title: "What is this?", attribute: null, kind: "choice", choices: keyed(choices) };
  }
  const own = task.recipe.labels.find((label) => label.name === shape.label);
  const spec = own?.attributes.find((attribute) => attribute.name === name);
  return spec ? asked(spec) : null;
}

/** @param {AttributeSpec} spec @returns {Question} */
function asked(spec) {
  const title = spec.title.endsWith("?") ? spec.title : `${spec.title}?`;
  if (spec.type === "text" || spec.type === "number") return { title, attribute: spec, kind: spec.type, choices: [] };
  const stated = spec.type === "checkbox" ? [{ value: true, title: "Yes" }, { value: false, title: "No" }] : (spec.options ?? []).map(optionOf);
  return { title, attribute: spec, kind: "choice", choices: keyed(stated.map((one) => ({ ...one, key: "" }))) };
}

/** @param {string | {name: string, title: string}} option */
function optionOf(option) {
  return typeof option === "string" ? { value: option, title: option } : { value: option.name, title: option.title };
}

/** The digit of each choice: the recipe's own, else its place where no other claims that. @param {Choice[]} choices @returns {Choice[]} */
function keyed(choices) {
  const taken = new Set(choices.map(({ key }) => key));
  return choices.map((choice, k) => {
    const place = k < 9 ? String(k + 1) : "";
    return { ...choice, key: /^[1-9]$/.test(choice.key) ? choice.key : taken.has(place) ? "" : place };
  });
}

/** @param {Question} question @param {Shape} shape @returns {Value} */
export function answerOf({ attribute }, shape) {
  return attribute ? (shape.attributes?.[attribute.name] ?? null) : shape.label;
}

/** Whether the label is what a model said, and nobody has looked at it in this task. @param {Editor} editor */
export function isGuess({ question, subject, isReview, task }) {
  if (question?.attribute !== null || isReview || subject?.source?.kind !== "model") return false;
  return subject.source.action !== "edited" && task?.annotations.includes(subject) === true;
}

/** The answer that the person sees; null when there is none. In the held-out arm a model's guess is not shown. */
/** @param {Editor} editor @returns {Value} */
export function answerSeen(editor) {
  const { question, subject, task } = editor;
  if (!question || !subject || (!task?.suggestions_shown && isGuess(editor))) return null;
  const value = answerOf(question, subject);
  return value === "" ? null : value;
}

/** Whether the task cannot go on as it stands: a label is always asked for, an attribute where the recipe needs it. */
/** @param {Editor} editor */
export function lacksAnswer(editor) {
  const { question } = editor;
  return question !== null && answerSeen(editor) === null && (question.attribute?.required ?? question.attribute === null);
}

/** The answer that is there, as it is said. @param {Editor} editor */
export function answerWords({ question, subject }) {
  const value = question && subject ? answerOf(question, subject) : null;
  return question?.choices.find((choice) => choice.value === value)?.title ?? String(value ?? "no answer");
}

/** The object with this answer; itself when it has it already. @param {Question} question @param {Shape} shape @param {Value} value @param {LabelSpec | undefined} label @returns {Shape} */
export function answered(question, shape, value, label) {
  if (answerOf(question, shape) === value) return shape;
  if (!question.attribute) return label ? renamed(shape, label) : shape;
  const attributes = { ...shape.attributes, [question.attribute.name]: value };
  if (value === null) delete attributes[question.attribute.name];
  return { ...shape, attributes };
}

/** The choices whose words hold all that is searched for. @param {Choice[]} choices @param {string} sought */
export function matching(choices, sought) {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter(({ title, value }) => words.every((word) => `${title} ${value}`.toLowerCase().includes(word)));
}
