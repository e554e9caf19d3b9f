import { Emitter } from "../emitter.js";
import { newId } from "../ids.js";
import { Conflict } from "./conflict.js";
import { findings } from "./findings.js";
import { patiently } from "./patience.js";

/**
 * A person's way through their tasks: open, work, hand in, next. Emits "opened" `Task`, "busy" `boolean`,
 * "stopped" `ApiError` (the task cannot be opened), "refused" `ApiError` (an act was refused), "unsent" (no connection
 * to hand in by), "nothing" (no more tasks), "adrift" (handed in, but the next task did not come), "conflict"
 * `{theirs, mine}` and "undecided" `ApiError` (there is another version, but it cannot be read).
 */
export class Session extends Emitter {
  busy = false;
  /** The key under which the server knows the act that is under way. */
  #key = "";
  #followed = ""; // the task whose lease is listened for
  #wished = ""; // the task to visit when what is under way is done

  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.parts = parts;
    this.conflict = new Conflict(parts);
    parts.editor.history.on("gesture", (gesture) => parts.autosave.add(gesture));
    parts.editor.history.on("gesture", () => parts.pulses.worked());
    parts.autosave.on("conflict", () => void this.compare());
    parts.autosave.on("refused", ({ code }) => code === "draft_closed" && parts.lease.lose(code)); // submitted in another tab
    parts.lease.on("lost", () => parts.editor.release());
  }

  get task() {
    return /** @type {Task} */ (this.parts.editor.task);
  }

  /** @param {string} id */
  start(id) {
    return this.#alone(() => this.#start(id));
  }

  /** The person went back or forth to a task. What is being handed in stays the task it was begun with. @param {string} id */
  visit(id) {
    if (this.busy) return void (this.#wished = id);
    return this.#alone(async () => {
      await this.parts.autosave.flush(); // what cannot be sent waits in the journal of its task
      await this.#start(id);
    });
  }

  /** The connection is back. */
  wake() {
    const { autosave } = this.parts;
    if (autosave.state === "conflict") void this.compare();
    else autosave.wake();
  }

  /** @param {Task} task */
  async open(task) {
    const { editor, autosave, lease, pulses, feed } = this.parts;
    const { shapes, rejected, revision, unsent, steps } = await findings(this.parts, task);
    this.#key = "";
    editor.open(task, shapes, rejected);
    editor.history.restart(steps);
    autosave.open(task.id, revision, unsent);
    lease.hold(task.id, task.lease);
    pulses.follow(task.lease ? task.id : "");
    this.#follow(task);
    void feed.open(task);
    if (editor.isReview && task.lease && (revision > 0 || unsent.length)) this.fix();
    this.emit("opened", task);
  }

  submit() {
    const { paths, autosave } = this.parts;
    return this.#handIn(paths.submission, () => ({ draft_revision: autosave.revision }));
  }

  /** The dialog promised that the objects stay as a draft. @param {string} reason */
  skip(reason) {
    return this.#handIn(this.parts.paths.skip, () => ({ reason }));
  }

  /** A submission that the reviewer changed is accepted with the changes. @param {string} reason what was wrong, or "" */
  accept(reason = "") {
    const fixed = !this.parts.editor.readOnly;
    return this.#handIn(this.parts.paths.verdict, () => (fixed ? { verdict: "fix", draft_revision: this.parts.autosave.revision, reason } : { verdict: "accept" }));
  }

  /** @param {string} comment @param {string} reason what was chiefly wrong, or "" */
  giveBack(comment, reason = "") {
    return this.#handIn(this.parts.paths.verdict, () => ({ verdict: "reject", comment, reason }));
  }

  /** The reviewer takes the pen. */
  fix() {
    this.parts.editor.setReadOnly(false);
    this.parts.editor.showSuggestions(true);
  }

  /** The next task of the same stage. */
  next() {
    return this.#alone(() => this.#next());
  }

  /** The task that is open, for me again. */
  retake() {
    return this.#act(async () => {
      const task = await this.#claim({ task: this.task.id });
      if (task) await this.open(task);
    });
  }

  /** Shows both versions of the draft, as they are now. */
  async compare() {
    const { task } = this;
    try {
      const versions = await this.conflict.look(task);
      if (task === this.task) this.emit("conflict", versions);
    } catch (error) {
      if (task === this.task) this.emit("undecided", error);
    }
  }

  /** @param {"mine" | "theirs"} choice */
  settle(choice) {
    if (this.busy) return this.compare(); // the question stays open
    return this.#alone(async () => {
      try {
        if (choice === "mine") return await this.conflict.keepMine(this.task);
        await this.conflict.dropMine(this.task);
        await this.open(this.task);
      } catch (error) {
        if (/** @type {ApiError} */ (error).status !== 412) this.emit("refused", error);
        await this.compare();
      }
    });
  }

  /** @param {object} wish @returns {Promise<Task | undefined>} */
  async #claim(wish) {
    const { api, paths } = this.parts;
    const headers = { "Idempotency-Key": newId() };
    const answer = await patiently(() => api.request("POST", paths.claims(this.task.project.id), wish, headers));
    return answer?.tasks[0];
  }

  /** Saves, then sends what takes the task out of this person's hands. @param {(id: string) => string} path @param {() => object} body read when all is saved */
  #handIn(path, body) {
    const { api, lease, pulses } = this.parts;
    const [task, token] = [this.task, lease.token];
    return this.#act(async (headers) => {
      if (!(await this.#saved())) return;
      await pulses.settle();
      lease.isLeaving = true;
      try {
        await patiently(() => api.request("POST", path(task.id), body(), { ...headers, "Lease-Token": token }));
      } finally {
        lease.isLeaving = false;
      }
      await this.#onward(task);
    });
  }

  /** The act's key stays until the server has answered for good. @param {(headers: Record<string, string>) => Promise<void>} act */
  #act(act) {
    return this.#alone(async () => {
      this.#key ||= newId();
      try {
        await act({ "Idempotency-Key": this.#key });
      } catch (error) {
        this.#refused(/** @type {ApiError} */ (error));
      }
    });
  }

  /** @param {ApiError} refusal */
  #refused(refusal) {
    const { lease, autosave } = this.parts;
    if (!refusal.isPassing) this.#key = "";
    if (refusal.code === "lease_lost" || refusal.code === "lease_expired") lease.lose(refusal.code);
    else if (refusal.code === "draft_conflict") autosave.contest();
    else this.emit("refused", refusal);
  }

  async #saved() {
    const { autosave } = this.parts;
    if (autosave.state === "conflict") return void (await this.compare());
    if (await autosave.flush()) return true;
    if (autosave.state === "kept" && !autosave.isSignedOut) this.emit("unsent");
    return false;
  }

  /** @param {Task} done */
  async #onward({ id }) {
    const { editor, log, lease, pulses, socket } = this.parts;
    editor.release();
    lease.drop();
    pulses.follow("");
    socket.unsubscribe("task", id);
    await log.forget(id);
    await this.#next();
  }

  async #next() {
    try {
      const task = await this.#claim({ stage: this.task.stage.id, limit: 1 });
      if (task) await this.open(task);
      else this.emit("nothing");
    } catch (error) {
      this.emit("adrift", error);
    }
  }

  /** @param {string} id */
  async #start(id) {
    try {
      await this.open(await patiently(() => this.parts.api.get(this.parts.paths.task(id))));
    } catch (error) {
      this.emit("stopped", error);
    }
  }

  /** @param {Task} task */
  #follow(task) {
    const { socket, lease } = this.parts;
    if (this.#followed) socket.unsubscribe("task", this.#followed);
    if (!(this.#followed = task.lease ? task.id : "")) return;
    const take = (/** @type {Frame} */ { type, expires_at }) => {
      if (type === "lease.expiring") lease.moveTo(String(expires_at));
      if (type === "lease.lost") lease.lose("lease_lost");
    };
    socket.subscribe("task", task.id, null, take, async () => null);
  }

  /** One thing at a time; where the person wished to go meanwhile comes after it. @param {() => Promise<void>} work */
  async #alone(work) {
    if (this.busy) return;
    this.emit("busy", (this.busy = true));
    try {
      await work();
    } finally {
      this.emit("busy", (this.busy = false));
    }
    const id = this.#wished;
    this.#wished = "";
    if (id) await this.visit(id);
  }
}
