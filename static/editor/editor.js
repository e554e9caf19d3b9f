import { Emitter } from "./emitter.js";
import { isInside } from "./geometry.js";
import { History } from "./history.js";
import { questionOf } from "./question.js";
import { Reading } from "./reading.js";
import { ShapeScene } from "./scene.js";
import { Selection } from "./selection.js";
import { middleOf, isDrawable } from "./shapes/index.js";
import { Store } from "./store.js";
import { Suggestions } from "./suggestions.js";
import { makeTools } from "./tools/index.js";
import { OBJECT_MARGIN, regionOf, subjectOf } from "./unit.js";
import { Viewport } from "./viewport.js";

/**
 * The composition root: the parts of the editor and what they ask each other. Knows no DOM and no server.
 * Emits "task" (another task is open), "tool", "label", "mode" (read-only or not) and "preview".
 */
export class Editor extends Emitter {
  store = new Store();
  history = new History(this.store);
  selection = new Selection();
  suggestions = new Suggestions(this.store);
  viewport = new Viewport();
  reading = new Reading();
  /** @type {Task | null} */
  task = null;
  /** @type {Map<string, LabelSpec>} */
  labels = new Map();
  activeLabel = "";
  readOnly = true;
  /** The part of the picture that this task is about. @type {Rect} */
  region = { x: 0, y: 0, width: 1, height: 1 };
  /** Whether suggestions are on the screen; a reviewer may look at the submission alone. */
  suggestionsVisible = true;
  /** Objects of the tasks beside this one: seen faintly, never touched. @type {Shape[]} */
  beside = [];
  /** @type {Preview | null} */
  preview = null;
  /** @type {Flow} */
  flow;
  /** @type {ShapeScene | null} */
  #scene = null;

  /** @param {Flow} flow */
  constructor(flow) {
    super();
    this.flow = flow;
    this.tools = makeTools(this);
    this.tool = /** @type {Tool} */ (this.tools.get("select"));
    this.store.on("change", () => (this.#scene = null));
    this.store.on("load", () => (this.#scene = null));
    this.suggestions.on("change", () => this.#letGo());
  }

  get isReview() {
    return this.task?.stage.kind === "review";
  }

  get picture() {
    return this.task?.item ?? { width: 1, height: 1 };
  }

  /** Whether the task is about one object and asks one thing: nothing is drawn, moved or named besides. */
  get isObject() {
    return this.task?.unit.kind === "object";
  }

  /** Whether the task is about less than the picture; the rest is dimmed. */
  get isPart() {
    return this.isObject || this.task?.unit.region != null;
  }

  /** The object that the task is about. */
  get subject() {
    return this.task ? subjectOf(this.task, this.store.shapes()) : undefined;
  }

  /** What is asked of the object; null when the task draws, or when its label has no such question. */
  get question() {
    const { task, subject } = this;
    if (!task || !subject) return null;
    return questionOf(task, subject, [...this.labels.values()].filter(({ name }) => this.takes(name, subject.type)));
  }

  get mayAnswer() {
    return this.isObject && !this.readOnly;
  }

  /** Brings all that the task is about on the screen. An object's crop has its margin within it. */
  fit() {
    this.viewport.fit(this.region, this.isObject ? OBJECT_MARGIN : undefined);
  }

  /** Opens a task with the document as the draft has it. */
  /** @param {Task} task @param {Iterable<Shape>} shapes @param {Iterable<string>} rejected */
  open(task, shapes, rejected) {
    this.tool.cancel();
    this.task = task;
    const allowed = task.stage.labels;
    const labels = task.recipe.labels.filter(({ name }) => !allowed || allowed.includes(name));
    this.labels = new Map(labels.map((label) => [label.name, label]));
    if (!this.labels.has(this.activeLabel)) this.activeLabel = labels[0]?.name ?? "";
    this.readOnly = task.stage.kind === "review" || !task.lease;
    this.suggestionsVisible = task.suggestions_shown && task.stage.kind === "label" && !this.isObject;
    this.region = regionOf(task);
    this.selection.clear();
    this.suggestions.restart(task.unit.region);
    this.reading.restart();
    this.#load(task, [...shapes], rejected);
    this.history.restart();
    this.viewport.picture = { width: task.item.width, height: task.item.height };
    this.use("select");
    this.emit("task", task);
  }

  /** What lies beside the unit and was not changed here is no part of the document. */
  /** @param {Task} task @param {Shape[]} shapes @param {Iterable<string>} rejected */
  #load({ annotations }, shapes, rejected) {
    const given = new Set(annotations);
    this.beside = shapes.filter((shape) => given.has(shape) && !this.owns(shape));
    const beside = new Set(this.beside);
    this.store.load(shapes.filter((shape) => !beside.has(shape)), rejected);
  }

  /** The task is no longer this person's: it may be looked at, nothing more. */
  release() {
    if (this.task) this.task = { ...this.task, lease: null };
    this.setReadOnly(true);
  }

  /** @param {boolean} readOnly */
  setReadOnly(readOnly) {
    if (readOnly) this.tool.cancel();
    this.readOnly = readOnly;
    this.use(readOnly ? "select" : this.tool.id);
    this.emit("mode");
  }

  /** @param {boolean} visible */
  showSuggestions(visible) {
    this.suggestionsVisible = visible && this.task?.suggestions_shown === true && !this.isObject;
    this.#letGo();
    this.emit("mode");
  }

  /** The shapes of the document in drawing order, with their index. */
  scene() {
    this.#scene ??= new ShapeScene(this.store.shapes());
    return this.#scene;
  }

  /** @param {string} id @returns {Shape | undefined} a shape, or a suggestion that is shown */
  find(id) {
    return this.store.get(id) ?? (this.suggestionsVisible && this.suggestions.isShown(id) ? this.suggestions.get(id) : undefined);
  }

  /** Keys must not act on what nobody sees any more. */
  #letGo() {
    this.selection.prune((id) => this.find(id) !== undefined);
  }

  /** What lies topmost at a point: the smaller one of a shape and a suggestion. @param {PointerInfo} event */
  hit(event) {
    const shape = this.scene().hit(event, event.reach);
    const suggestion = this.suggestionsVisible ? this.suggestions.scene().hit(event, event.reach) : null;
    if (!shape || !suggestion) return shape ?? suggestion;
    return new ShapeScene([shape, suggestion]).at(1);
  }

  /** @param {Shape} shape */
  put(shape) {
    this.history.change({ shapes: new Map([[shape.id, shape]]) });
  }

  /** Whether a shape belongs to this task: it is the object, or its middle lies in the tile. @param {Shape} shape */
  owns(shape) {
    if (this.isObject) return shape.id === (this.task?.unit.subject ?? shape.id);
    return !this.task?.unit.region || !isDrawable(shape) || isInside(this.region, middleOf(shape));
  }

  /** @param {string} id */
  use(id) {
    if (this.isObject) id = "pan";
    const tool = this.tools.get(id);
    if (!tool) return;
    if (tool !== this.tool) this.tool.cancel();
    this.tool = tool;
    this.emit("tool");
  }

  /** Whether this stage lets people draw with a tool. @param {string} id */
  offers(id) {
    return !this.readOnly && this.task !== null && this.task.stage.tools.includes(id) && this.labels.size > 0;
  }

  /** Whether a label may be drawn as this type; a recipe that says nothing allows all. @param {string} label @param {string} type */
  takes(label, type) {
    const types = this.labels.get(label)?.geometry ?? [];
    return !types.length || types.includes(type);
  }

  /** @param {string} name */
  pickLabel(name) {
    this.activeLabel = name;
    this.emit("label");
  }

  /** @param {Preview | null} preview */
  showPreview(preview) {
    this.preview = preview;
    this.emit("preview");
  }
}
