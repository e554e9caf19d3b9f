/** The graph that is being drawn: one value with its history, and every act by which a person changes it. */
import { ask } from "../api.js";
import { toast } from "../controllers/toast.js";
import { beginningOf } from "./beginnings.js";
import { draw, focusOn, mark } from "./canvas.js";
import { LastCheck } from "./checked.js";
import { History } from "./history.js";
import { KeptGraph } from "./kept.js";
import { add, connect, edit, forward, freeOutcome, outcomesOf, plain, remove, rename, same, stageOf, targetOf } from "./model.js";

const PATIENCE = 250;

/** @typedef {{drawn: () => void, chosen: () => void, checked: () => void}} Listener */

export class GraphEditor {
  /** @type {string | null} */ chosen = null;
  /** @type {Partial<Listener>[]} */ #listeners = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #waiting;
  #warned = false;

  /**
   * @param {HTMLElement} root
   * @param {GraphDrawing} drawing
   */
  constructor(root, drawing) {
    this.root = root;
    this.drawing = drawing;
    this.readonly = "readonly" in root.dataset;
    this.svg = /** @type {SVGSVGElement} */ (root.querySelector("svg[role=listbox]"));
    this.kept = new KeptGraph(root.dataset.pipeline ?? "");
    this.published = plain(drawing.graph);
    this.newest = drawing.version; // that there is
    this.on = drawing.version; // on which this graph was begun
    this.history = new History(this.published);
    this.check = new LastCheck(root.dataset.check ?? "", this.published, drawing.check);
  }

  /** With what this browser kept, if anything; it is drawn once the server has looked at it. */
  async begin() {
    const kept = this.readonly ? null : this.kept.found();
    if (!kept || same(kept.graph, this.published)) {
      if (kept) this.kept.forget();
      return this.redraw();
    }
    this.on = kept.on;
    this.history = new History(plain(kept.graph));
    this.check.place(this.graph);
    this.redraw();
    await this.recheck();
  }

  get graph() {
    return this.history.present;
  }

  get differs() {
    return !same(this.graph, this.published);
  }

  get isOvertaken() {
    return this.differs && this.on !== this.newest;
  }

  /** @param {Partial<Listener>} listener */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** @param {string} kind */
  kindOf(kind) {
    return this.drawing.kinds.find((one) => one.kind === kind);
  }

  /** @param {string | null} key @param {{focus?: boolean}} [how] */
  choose(key, { focus = false } = {}) {
    this.chosen = stageOf(this.graph, key)?.key ?? null;
    this.history.pause();
    mark(this.svg, this.chosen);
    if (focus) focusOn(this.svg, this.chosen);
    this.#tell("chosen");
  }

  /** @param {string} kind */
  addStage(kind) {
    const known = this.kindOf(kind);
    if (!known || known.reserved || this.readonly) return;
    const after = this.chosen ?? this.#openEnd();
    const settings = beginningOf(kind, this.graph, after, this.drawing.deployments);
    const made = add(this.graph, { kind, title: known.title, settings }, after);
    this.#change(made.graph);
    this.choose(made.key, { focus: true });
    const former = stageOf(this.graph, after);
    this.say(former ? `${known.title} is added after ${former.title}.` : `${known.title} is added.`);
  }

  /** @param {string} key @param {Partial<GraphStage>} fields @param {string} [going] see History */
  editStage(key, fields, going) {
    this.#change(edit(this.graph, key, fields), going);
  }

  /** @param {string} from @param {string} to */
  renameStage(from, to) {
    const spot = this.check.spots.get(from);
    if (spot) this.check.spots.set(to, spot);
    this.#change(rename(this.graph, from, to));
    this.choose(to);
  }

  /** @param {string} key */
  removeStage(key) {
    const stage = stageOf(this.graph, key);
    if (!stage || this.readonly) return;
    const beside = this.graph.edges.find((edge) => edge.to === key)?.from ?? targetOf(this.graph, key, forward(stage));
    this.#change(remove(this.graph, key));
    this.choose(beside, { focus: true });
    toast(`${stage.title || stage.key} is taken out`, { label: "Undo", act: () => this.undo() });
  }

  /** @param {string} from @param {string} outcome @param {string | null} to */
  lead(from, outcome, to) {
    this.#change(connect(this.graph, from, outcome, to));
    const [source, target] = [from, to].map((key) => stageOf(this.graph, key)?.title || key);
    this.say(to ? `${source} leads to ${target}.` : "The edge is taken away.");
  }

  /** An edge drawn by hand: of the first outcome that leads nowhere yet, else of the way on.
   * @param {string} from @param {string} to */
  drawEdge(from, to) {
    const stage = stageOf(this.graph, from);
    if (!stage || from === to || stageOf(this.graph, to)?.kind === "dataset") return;
    const outcome = freeOutcome(this.graph, stage) ?? (outcomesOf(stage).length ? forward(stage) : null);
    if (outcome) this.lead(from, outcome, to);
    this.choose(from);
  }

  undo() {
    this.#step(() => this.history.undo(), "Undone.");
  }

  redo() {
    this.#step(() => this.history.redo(), "Done again.");
  }

  discard() {
    this.#change(this.published);
    this.on = this.newest;
    this.choose(this.chosen);
    toast("The draft is discarded", { label: "Undo", act: () => this.undo() });
  }

  /** Send the graph. Where another was published meanwhile, that is said first. */
  async publish() {
    const graph = this.graph;
    await this.recheck();
    if (this.isOvertaken && !this.#warned) {
      this.#warned = true;
      return this.say("Another version was published meanwhile. Publish once more to put yours in its place.");
    }
    try {
      const { number } = await ask("POST", this.root.dataset.versions ?? "", { graph: plain(graph) });
      Object.assign(this, { published: graph, newest: number, on: number });
      this.#warned = false;
      if (!this.differs) this.kept.forget();
      toast(`Version ${number} is published`);
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
    this.redraw();
  }

  async recheck() {
    const newest = await this.check.renew(this.graph);
    if (newest === null) return;
    this.newest = Math.max(this.newest, newest);
    this.redraw();
    this.#tell("checked");
  }

  redraw() {
    draw(this.svg, this.graph, this, this.root.dataset.icons ?? "");
    this.#tell("drawn");
  }

  /** For those who do not see it. @param {string} text */
  say(text) {
    const place = this.root.querySelector("[data-part=said]");
    if (place) place.textContent = text;
  }

  /** @param {() => void} step @param {string} words */
  #step(step, words) {
    const former = this.graph;
    step();
    if (former === this.graph) return;
    this.#changed();
    this.redraw();
    this.choose(this.chosen);
    this.say(words);
  }

  /** @param {GraphValue} graph @param {string} [going] */
  #change(graph, going) {
    if (this.readonly) return;
    this.history.change(graph, going);
    this.#changed();
    this.redraw();
  }

  #changed() {
    if (this.differs) this.kept.keep(this.on, this.graph);
    else this.kept.forget();
    this.check.place(this.graph);
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => void this.recheck(), PATIENCE);
  }

  /** Where something is added while nothing is chosen: at a loose end, else before the end. */
  #openEnd() {
    const open = this.graph.stages.find((stage) => freeOutcome(this.graph, stage));
    const end = this.graph.stages.find((stage) => stage.kind === "done");
    return open?.key ?? this.graph.edges.find((edge) => edge.to === end?.key && edge.outcome !== "failed")?.from ?? null;
  }

  /** @param {keyof Listener} what */
  #tell(what) {
    for (const one of this.#listeners) one[what]?.();
  }
}
