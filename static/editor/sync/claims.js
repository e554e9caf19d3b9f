import { Emitter } from "../emitter.js";
import { newId } from "../ids.js";
import { findings } from "./findings.js";
import { patiently } from "./patience.js";

const ENOUGH = 40000; // ms of a lease that a task needs to be opened with

/** @typedef {{task: Task, found: Promise<Findings | null>}} Ready */

/**
 * Takes tasks. Of objects the next one is taken while one is looked at, with its draft, so that it opens at once: an
 * answer takes seconds, less than the way to the server and back may. Emits "ahead" `Task`.
 */
export class Claims extends Emitter {
  /** @type {Ready[]} */
  #ready = [];
  /** @type {Promise<void> | null} */
  #asking = null;

  /** @param {Pick<Parts, "editor" | "api" | "paths" | "log">} parts */
  constructor(parts) {
    super();
    this.parts = parts;
  }

  /** @param {string} project @param {object} wish @returns {Promise<Task | undefined>} */
  claim(project, wish) {
    const headers = { "Idempotency-Key": newId() };
    return patiently(() => this.#ask(project, wish, headers));
  }

  /** A task that can be opened at once. */
  get isReady() {
    return this.#ready.some(({ task }) => this.#isFresh(task));
  }

  /** Makes the next object ready; what is ready for another stage is given back. @param {Task} task the one that is open */
  lookAhead({ unit, lease, stage, project }) {
    for (const { task } of this.#ready.filter((one) => one.task.stage.id !== stage.id)) this.#giveBack(task);
    this.#ready = this.#ready.filter(({ task }) => task.stage.id === stage.id && this.#isFresh(task));
    if (unit.kind !== "object" || !lease || this.#asking || this.#ready.length) return;
    const asking = this.#ask(project.id, { stage: stage.id, limit: 1 }, { "Idempotency-Key": newId() });
    // A refusal is said when the task is needed and claimed again.
    this.#asking = asking.then((task) => task && this.putBack(task)).catch(() => undefined).finally(() => (this.#asking = null));
  }

  /** A task of this person's that comes next. @param {Task} task */
  putBack(task) {
    this.#ready.unshift({ task, found: findings(this.parts, task).catch(() => null) });
    this.emit("ahead", task);
  }

  /** The next task of a stage, if one is ready or on its way. @param {string} stage @returns {Promise<Ready | undefined>} */
  async next(stage) {
    await this.#asking;
    const place = this.#ready.findIndex(({ task }) => task.stage.id === stage && this.#isFresh(task));
    return place < 0 ? undefined : this.#ready.splice(place, 1)[0];
  }

  /** The page is left: others may have what nobody looks at. */
  release() {
    for (const { task } of this.#ready.splice(0)) this.#giveBack(task);
  }

  /** @param {string} project @param {object} wish @param {Record<string, string>} headers @returns {Promise<Task | undefined>} */
  async #ask(project, wish, headers) {
    const { api, paths } = this.parts;
    const answer = await api.request("POST", paths.claims(project), wish, headers);
    return answer?.tasks[0];
  }

  /** One that is not given back returns by itself when its lease ends. @param {Task} task */
  #giveBack({ id, lease }) {
    const { api, paths } = this.parts;
    api.request("DELETE", paths.lease(id), undefined, { "Lease-Token": lease?.token ?? "" }).catch(() => undefined);
  }

  /** @param {Task} task */
  #isFresh({ lease }) {
    return lease !== null && Date.parse(lease.expires_at) - this.parts.api.now() > ENOUGH;
  }
}
