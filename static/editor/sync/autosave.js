import { Emitter } from "../emitter.js";
import { operationsOf } from "./operations.js";

const DELAY = 900;
const BATCH = 400;
const WAITS = [1000, 2000, 4000, 8000, 16000, 30000];

/** @typedef {{key: Promise<number>, left: number}} Written one gesture in the journal and its unsent operations */

/**
 * Sends the draft as operations, in order, within two seconds of a gesture. A gesture is in the journal of this browser
 * before it is sent. What got no answer is sent again exactly as it was: the server knows an operation by its id.
 * Emits "state", "conflict" and "refused" `ApiError`.
 */
export class Autosave extends Emitter {
  /** @type {SaveState} */
  state = "saved";
  revision = 0;
  /** Whether work is kept here because the session ended. */
  isSignedOut = false;
  #task = "";
  /** @type {{operation: Operation, from: Written}[]} */
  #queue = [];
  /** How many of the queue make up the request that has no answer yet. */
  #flight = 0;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Promise<void> | null} */
  #sending = null;

  /**
   * @param {Log} log
   * @param {(task: string, body: {base_revision: number, ops: Operation[]}) => Promise<{revision: number}>} send
   */
  constructor(log, send) {
    super();
    this.log = log;
    this.send = send;
  }

  /** Operations that the server does not have yet. */
  get waiting() {
    return this.#queue.length;
  }

  /** @param {string} task @param {number} revision @param {LogEntry[]} unsent */
  open(task, revision, unsent) {
    clearTimeout(this.#timer);
    this.#task = task;
    this.#queue = [];
    this.#flight = this.#failures = 0;
    this.#sending = null;
    this.revision = revision;
    for (const entry of unsent) this.#enqueue(entry.operations, Promise.resolve(entry.key ?? 0));
    this.#become(this.#queue.length ? "saving" : "saved");
    if (this.#queue.length) this.#plan(0);
  }

  /** @param {Gesture} gesture */
  add(gesture) {
    const operations = operationsOf(gesture);
    const entry = { task: this.#task, kind: gesture.kind, before: gesture.before, operations };
    this.#enqueue(operations, this.log.append(entry).catch(() => 0));
    if (this.state === "conflict") return;
    this.#become(this.#failures ? "kept" : "saving");
    if (!this.#failures) this.#plan(DELAY);
  }

  /** Sends everything now. @returns {Promise<boolean>} whether the server has it all */
  async flush() {
    clearTimeout(this.#timer);
    while (this.#queue.length && this.state !== "conflict") {
      const before = this.#failures;
      await this.#pass();
      if (this.#failures > before || this.state === "refused") return false;
    }
    return !this.#queue.length;
  }

  /** The connection is back: no need to wait out the pause. */
  wake() {
    if (this.#queue.length && this.state !== "conflict") this.#plan(0);
  }

  /** The server has a version that was not made here: nothing is sent until the person has chosen. */
  contest() {
    clearTimeout(this.#timer);
    this.#become("conflict");
    this.emit("conflict");
  }

  /** The first `count` of what was waiting are settled by other means; what came since is sent. @param {number} revision */
  async settle(revision, count = this.#queue.length) {
    await this.#acknowledge(this.#queue.splice(0, count), revision);
    this.#flight = 0;
    this.#failures = 0; // the conflict counted as one, and would keep all that follows from being sent
    this.#become(this.#queue.length ? "saving" : "saved");
    if (this.#queue.length) this.#plan(0);
  }

  /** @param {Operation[]} operations @param {Promise<number>} key */
  #enqueue(operations, key) {
    const from = { key, left: operations.length };
    for (const operation of operations) this.#queue.push({ operation, from });
  }

  /** @param {number} delay */
  #plan(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#pass(), delay);
  }

  /** One request, shared by all who wait for it. */
  #pass() {
    if (this.#sending) return this.#sending;
    const sending = this.#post().finally(() => {
      if (this.#sending === sending) this.#sending = null;
    });
    return (this.#sending = sending);
  }

  async #post() {
    const [task, queue] = [this.#task, this.#queue]; // opening a task, the same one too, makes a new queue
    this.#flight ||= Math.min(BATCH, this.#queue.length);
    const batch = this.#queue.slice(0, this.#flight);
    if (!batch.length) return;
    try {
      const ops = batch.map(({ operation }) => operation);
      const { revision } = await this.send(task, { base_revision: this.revision, ops });
      if (queue !== this.#queue) return;
      this.#queue.splice(0, batch.length);
      this.#flight = this.#failures = 0;
      this.isSignedOut = false;
      await this.#acknowledge(batch, revision);
      this.#become(this.#queue.length ? "saving" : "saved");
      if (this.#queue.length) this.#plan(0);
    } catch (error) {
      if (queue === this.#queue) this.#fail(/** @type {ApiError} */ (error));
    }
  }

  /** @param {{from: Written}[]} batch @param {number} revision */
  async #acknowledge(batch, revision) {
    this.revision = revision;
    for (const { from } of batch) from.left--;
    const done = new Set(batch.map(({ from }) => from).filter(({ left }) => left === 0));
    const keys = await Promise.all([...done].map(({ key }) => key));
    await this.log.markSent(this.#task, keys, revision).catch(() => undefined);
  }

  /** @param {ApiError} error */
  #fail(error) {
    this.#failures++;
    if (error.code === "draft_conflict") {
      return this.contest();
    }
    this.isSignedOut = error.isSignedOut;
    if (error.isPassing || error.isSignedOut) {
      this.#become("kept");
      return this.#plan(WAITS[Math.min(this.#failures, WAITS.length) - 1]);
    }
    this.#flight = 0;
    this.#failures = 0;
    this.#become("refused");
    this.emit("refused", error);
  }

  /** @param {SaveState} state */
  #become(state) {
    this.state = state;
    this.emit("state", state);
  }
}
