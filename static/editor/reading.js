import { Emitter } from "./emitter.js";

/** What a model is doing with the picture: its place in the queue, the parts read so far, how it ended. */
export class Reading extends Emitter {
  /** @type {ReadingState} */
  state = "none";
  inference = "";
  modelVersion = "";
  position = 0;
  /** @type {number | null} */
  eta = null;
  done = 0;
  total = 0;
  message = "";
  /** @type {Map<number, ReadTile>} */
  tiles = new Map();
  /** Deployments that had read the whole picture before. @type {Set<string>} */
  readers = new Set();
  /** The part read last. */
  current = -1;

  /** The parts without the pass over the whole picture, which is number 0 and lies under all others. */
  parts() {
    const all = [...this.tiles.values()];
    return all.length > 1 ? all.filter(({ index }) => index !== 0) : all;
  }

  get isRunning() {
    return this.state === "queued" || this.state === "warming" || this.state === "reading";
  }

  /** Whether a deployment has read the whole picture, found something or not. @param {string | undefined} deployment */
  wasReadBy(deployment) {
    return deployment !== undefined && this.readers.has(deployment);
  }

  /** @param {Iterable<string>} deployments */
  knowReaders(deployments) {
    this.readers = new Set(deployments);
    this.emit("change");
  }

  restart() {
    this.#set({ state: "none", inference: "", modelVersion: "", done: 0, total: 0, message: "", position: 0, eta: null });
    this.tiles = new Map();
    this.current = -1;
    this.emit("change");
  }

  /** @param {{inference: string, position?: number, eta_s?: number | null, model_version?: string, state?: string}} asked */
  queued({ inference, position = 0, eta_s = null, model_version = "", state = "queued" }) {
    if (inference !== this.inference) this.restart();
    this.#set({
      state: state === "warming" ? "warming" : "queued",
      inference,
      position,
      eta: eta_s,
      modelVersion: model_version || this.modelVersion,
    });
    this.emit("change");
  }

  /** What the server knows of a run that is under way. @param {Running} running */
  resume(running) {
    this.queued({ ...running, position: 0 });
    for (const tile of running.tiles) this.tiles.set(tile.index, tile);
    this.#set({ done: running.done, total: running.total });
    if (running.done) this.#set({ state: "reading" });
    this.emit("change");
  }

  /** The parts that are going to be read. What frames have told meanwhile holds. @param {Running} running */
  plan({ tiles, total, model_version }) {
    for (const tile of tiles) this.tiles.set(tile.index, { ...tile, done: tile.done || this.tiles.get(tile.index)?.done });
    this.#set({ total, modelVersion: model_version });
    this.emit("change");
  }

  /** @param {string} inference @param {ReadTile | null} tile @param {number} done @param {number} total */
  partRead(inference, tile, done, total) {
    if (inference !== this.inference) this.queued({ inference });
    if (tile) this.tiles.set(tile.index, { ...tile, done: true });
    if (tile) this.current = tile.index;
    this.#set({ state: "reading", done: Math.max(done, this.done), total: total || this.total });
    this.emit("change");
  }

  /** @param {string} inference */
  finished(inference) {
    for (const tile of this.tiles.values()) tile.done = true;
    this.#set({ state: "done", inference, done: this.total, current: -1 });
    this.emit("change");
  }

  /** @param {string} message */
  failed(message) {
    this.#set({ state: "failed", message });
    this.emit("change");
  }

  /** @param {Partial<Reading>} fields */
  #set(fields) {
    Object.assign(this, fields);
  }
}
