import { canAsk } from "../commands/flow.js";
import { byId, counted, onceAFrame, ordinal, svg } from "./dom.js";

/** @typedef {{pill: string, kind: string, words: string}} Report */

/** Which model reads the picture, how far it is, and what to do when it is not there. */
export class ModelPanel {
  /**
   * @param {Editor} editor
   * @param {LiveSocket} socket
   * @param {ModelChoice} choice
   */
  constructor(editor, socket, choice) {
    this.editor = editor;
    this.socket = socket;
    this.choice = choice;
    const update = onceAFrame(() => this.update());
    for (const name of ["task", "mode"]) editor.on(name, update);
    editor.reading.on("change", update);
    editor.suggestions.on("change", update);
    socket.on("state", update);
    choice.on("change", update);
  }

  update() {
    const { task, reading } = this.editor;
    if (!task) return;
    const silent = this.#whySilent();
    byId("model-state").hidden = silent !== "";
    byId("model-none").hidden = silent === "";
    byId("model-none").textContent = silent;
    const deployment = this.choice.current();
    const others = task.deployments.length - 1;
    byId("ask").hidden = !canAsk(this.editor);
    byId("ask-text").textContent = reading.state === "none" && !reading.wasReadBy(deployment?.id) ? "Ask the model" : "Ask again";
    byId("model-settings").hidden = silent !== "" || !task.deployments.length;
    byId("model-settings").textContent = others > 0 ? counted(others, "other model") : "Model settings";
    if (silent) return;
    byId("model-name").textContent = deployment ? `${deployment.model} ${deployment.version}` : "Model";
    const { pill, kind, words } = reportOf(this.editor, deployment, this.socket.state);
    const tag = byId("model-pill");
    tag.className = `pill ${kind}`;
    tag.textContent = pill;
    byId("model-words").textContent = words;
    this.#map(reading.state === "done" || reading.wasReadBy(deployment?.id));
  }

  #whySilent() {
    const { task } = this.editor;
    if (!task) return "";
    if (!task.suggestions_shown) return "This task shows no suggestions: it tells what people find by themselves.";
    if (!task.deployments.length && !this.editor.suggestions.open().length) {
      return "No model serves this project yet. An engineer can start one under Models.";
    }
    return "";
  }

  /** The parts of the picture, filled as they are read. @param {boolean} isRead */
  #map(isRead) {
    const { reading, region } = this.editor;
    const tiles = reading.tiles.size ? reading.parts() : [{ ...region, index: -2, done: isRead }];
    const left = Math.min(...tiles.map(({ x }) => x));
    const top = Math.min(...tiles.map(({ y }) => y));
    const wide = Math.max(...tiles.map(({ x, width }) => x + width)) - left;
    const high = Math.max(...tiles.map(({ y, height }) => y + height)) - top;
    const gap = Math.max(wide, high) / 60;
    const map = byId("tilemap");
    map.setAttribute("viewBox", `0 0 ${wide} ${high}`);
    map.setAttribute("aria-label", reading.total ? `${reading.done} of ${reading.total} parts read` : "Parts that the model has read");
    const rects = tiles.map((tile) => {
      const place = { x: tile.x - left, y: tile.y - top, width: Math.max(gap, tile.width - gap), height: Math.max(gap, tile.height - gap) };
      const state = tile.index === reading.current && reading.state === "reading" ? "now" : tile.done ? "done" : "";
      return svg("rect", { ...place, rx: gap, class: state });
    });
    map.replaceChildren(...rects);
  }
}

/**
 * What the panel says of the model: its state in a word, and what that means for the person.
 * @param {Editor} editor
 * @param {Deployment | undefined} deployment
 * @param {string} connection
 * @returns {Report}
 */
export function reportOf({ reading, suggestions, store }, deployment, connection) {
  const name = deployment ? `${deployment.model} ${deployment.version}` : "The model";
  if (connection === "lost" && reading.isRunning) {
    return { pill: "Reconnecting", kind: "pill-warn", words: "What the model finds meanwhile is kept and comes when the connection is back." };
  }
  if (reading.state === "failed") {
    return { pill: "Failed", kind: "pill-bad", words: `${reading.message} Draw by hand, or ask again. ` };
  }
  if (reading.state === "warming") return { pill: "Warming", kind: "pill-idle", words: `${name} is being loaded. Draw on; suggestions arrive by themselves.` };
  if (reading.state === "queued") return queued(reading);
  if (reading.state === "reading") {
    const words = `${counted(suggestions.shown().length, "suggestion")} so far. Draw on; more arrive by themselves.`;
    return { pill: `Reading ${reading.done} of ${reading.total || "…"}`, kind: "pill-info", words };
  }
  if (reading.state === "none" && !reading.wasReadBy(deployment?.id)) return unasked(deployment, name);
  const found = suggestions.open().length;
  if (found || store.size) return { pill: "Up to date", kind: "pill-good", words: `${counted(found, "suggestion")} left to decide.` };
  const words = `${name} read this picture and found nothing above its floor. That can be right: a task may be empty.`;
  return { pill: "Nothing found", kind: "pill-warn", words };
}

/** @param {Deployment | undefined} deployment @param {string} name @returns {Report} */
function unasked(deployment, name) {
  if (deployment?.state === "stopped") return { pill: "Stopped", kind: "pill-idle", words: `${name} is not running. Draw by hand; an engineer can start it under Models.` };
  if (deployment?.state === "warming") return { pill: "Warming", kind: "pill-idle", words: `${name} is being loaded. You can ask already.` };
  return { pill: "Ready", kind: "pill-idle", words: "It has not read this picture yet." };
}

/** @param {Reading} reading @returns {Report} */
function queued({ position, eta }) {
  const pill = `Queued, ${ordinal(position + 1)}`;
  const wait = eta ? `About ${Math.max(1, Math.round(eta))} s. ` : "";
  return { pill, kind: "pill-idle", words: `${wait}Draw on; suggestions arrive by themselves.` };
}
