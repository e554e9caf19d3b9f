import { answerWords } from "../question.js";
import { Claims } from "./claims.js";
import { Conflict } from "./conflict.js";
import { findings } from "./findings.js";
import { Parting } from "./parting.js";
import { patiently } from "./patience.js";
import { Turns } from "./turns.js";

/**
 * A person's way through their tasks: open, work, hand in, next. Emits "opened" `Task`, "stopped" `ApiError` (the task
 * cannot be opened), "refused" `ApiError` (an act was refused), "unsent" (no connection to hand in by), "nothing" (no
 * more tasks), "adrift" (handed in, but the next task did not come), "passed" `string` (an answer was given, the next
 * object is open), "conflict" `{theirs, mine}` and "undecided" `ApiError` (another version cannot be read).
 */
export class Session extends Turns {
  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.parts = parts;
    this.conflict = new Conflict(parts);
    this.claims = new Claims(parts);
    this.parting = new Parting(parts.log);
    this.parting.on("settled", () => this.claims.lookAhead(this.task));
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
    return this.alone(() => this.#start(id));
  }

  /** The person went back or forth to a task. What is being handed in stays the task it was begun with. @param {string} id */
  visit(id) {
    if (this.busy) return void (this.after = () => this.visit(id));
    if (id === this.parting.task?.id) return this.takeBack();
    return this.alone(async () => {
      void this.parting.settle();
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

  /** @param {Task} task @param {Findings | null} [found] what was looked up before */
  async open(task, found = null) {
    const { editor, autosave, lease, pulses, feed, socket } = this.parts;
    const { shapes, rejected, revision, unsent, steps } = found ?? (await findings(this.parts, task));
    this.key = "";
    editor.open(task, shapes, rejected);
    editor.history.restart(steps);
    autosave.open(task.id, revision, unsent);
    lease.hold(task.id, task.lease);
    pulses.follow(task.lease ? task.id : "");
    lease.follow(socket, task);
    void feed.open(task);
    if (editor.isReview && task.lease && (revision > 0 || unsent.length)) this.fix();
    this.emit("opened", task);
    this.claims.lookAhead(task);
  }

  /** An object makes room for the next one that is ready; all else is handed in first. */
  submit() {
    const { editor, paths, autosave } = this.parts;
    if (editor.isObject && this.claims.isReady) return this.#passOn();
    return this.#handIn(paths.submission, () => ({ draft_revision: autosave.revision }));
  }

  /** The dialog promised that the objects stay as a draft. @param {string} reason @param {string} mode who gets it next */
  skip(reason, mode) {
    return this.#handIn(this.parts.paths.skip, () => ({ reason, mode }));
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

  /** The last answer, to be given again; the object that was open comes after it. */
  takeBack() {
    return this.#act(async () => {
      const { parting, claims, task: left } = this;
      const found = parting.task && (await findings(this.parts, parting.task));
      const task = parting.take();
      if (!task) return; // handed in meanwhile
      if (left.lease) claims.putBack({ ...left, lease: this.parts.lease.held() });
      await this.open(task, found);
    });
  }

  /** The next task of the same stage. */
  next() {
    return this.alone(() => this.#next());
  }

  /** The task that is open, for me again. */
  retake() {
    return this.#act(async () => {
      const task = await this.claims.claim(this.task.project.id, { task: this.task.id });
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
    return this.alone(async () => {
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

  /** The answer is saved, and handed in when it cannot be taken back any more; the next object is open meanwhile. */
  #passOn() {
    const { editor, api, paths, autosave, lease, pulses } = this.parts;
    const { task, parting } = this;
    return this.#act(async (headers) => {
      if (!(await this.#saved())) return;
      await pulses.settle();
      const body = { draft_revision: autosave.revision };
      const sent = { ...headers, "Lease-Token": lease.token };
      const words = answerWords(editor);
      parting.hold({ ...task, lease: lease.held() }, () => api.request("POST", paths.submission(task.id), body, sent));
      await this.#next();
      if (this.task !== task) return void this.emit("passed", words);
      this.#letGo(task);
      await parting.settle();
    });
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

  /** @param {(headers: Record<string, string>) => Promise<void>} work */
  #act(work) {
    return this.act(work, (refusal) => this.#refused(refusal));
  }

  /** @param {ApiError} refusal */
  #refused(refusal) {
    const { lease, autosave } = this.parts;
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
  async #onward(done) {
    this.#letGo(done);
    await this.parts.log.forget(done.id);
    await this.#next();
  }

  /** @param {Task} done */
  #letGo({ id }) {
    const { editor, lease, pulses, socket } = this.parts;
    editor.release();
    lease.drop();
    pulses.follow("");
    socket.unsubscribe("task", id);
  }

  async #next() {
    try {
      const { stage, project } = this.task;
      const ready = await this.claims.next(stage.id);
      const task = ready?.task ?? (await this.claims.claim(project.id, { stage: stage.id, limit: 1 }));
      if (task) await this.open(task, await ready?.found);
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
}
