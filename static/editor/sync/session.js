import { Emitter } from "../emitter.js";
import { clamp } from "../geometry.js";
import { newId } from "../ids.js";
import { Conflict } from "./conflict.js";
import { documentOf } from "./operations.js";
import { patiently } from "./patience.js";

/**
 * A person's way through their tasks: open, work, hand in, next. Emits "opened" `Task`, "busy" `boolean`,
 * "stopped" `ApiError` (the task cannot be opened), "refused" `ApiError` (an act was refused), "unsent" (no connection
 * to hand in by), "nothing" (no more tasks), "adrift" (handed in, but the next task did not come) and "conflict"
 * `{theirs, mine}`.
 */
export class Session extends Emitter {
  busy = false;
  /** The key under which the server knows the act that is under way. */
  #key = "";
  #followed = ""; // the task whose lease is listened for

  /** @param {Parts} parts */
  constructor(parts) {
    super();
    this.parts = parts;
    this.conflict = new Conflict(parts);
    parts.editor.history.on("gesture", (gesture) => {
      parts.autosave.add(gesture);
      parts.pulses.worked();
    });
    parts.autosave.on("conflict", () => void this.#showConflict());
    parts.lease.on("lost", () => parts.editor.release());
  }

  get task() {
    return /** @type {Task} */ (this.parts.editor.task);
  }

  /** @param {string} id */
  async start(id) {
    try {
      await this.open(await patiently(() => this.parts.api.get(this.parts.paths.task(id))));
    } catch (error) {
      this.emit("stopped", error);
    }
  }

  /** @param {Task} task */
  async open(task) {
    const { editor, log, autosave, lease, pulses, feed } = this.parts;
    const [draft, journal] = await Promise.all([
      this.#draftOf(task),
      log.read(task.id),
    ]);
    const unsent = journal.entries.filter(({ isSent }) => !isSent);
    const operations = unsent.flatMap((entry) => entry.operations);
    const { shapes, rejected } = documentOf(task.annotations, draft, operations);
    this.#key = "";
    editor.open(task, shapes, rejected);
    // Steps of an earlier visit hold only while nobody else has changed the draft since.
    if (journal.revision === draft.revision) editor.history.restart(journal.entries);
    autosave.open(task.id, draft.revision, unsent);
    lease.hold(task.id, task.lease);
    pulses.follow(task.lease ? task.id : "");
    this.#follow(task);
    void feed.open(task);
    if (editor.isReview && task.lease && (draft.revision > 0 || operations.length)) this.fix();
    this.emit("opened", task);
  }

  async submit() {
    const { api, paths, lease, autosave } = this.parts;
    await this.#act(async (headers) => {
      if (!(await this.#saved())) return;
      const body = { draft_revision: autosave.revision };
      await patiently(() => api.request("POST", paths.submission(this.task.id), body, { ...headers, "Lease-Token": lease.token }));
      await this.#onward();
    });
  }

  /** @param {string} reason */
  async skip(reason) {
    const { api, paths, lease } = this.parts;
    await this.#act(async (headers) => {
      if (!(await this.#saved())) return; // the dialog promised that the objects stay as a draft
      await patiently(() => api.request("POST", paths.skip(this.task.id), { reason }, { ...headers, "Lease-Token": lease.token }));
      await this.#onward();
    });
  }

  /** A submission that the reviewer changed is accepted with the changes. */
  accept() {
    const fixed = !this.parts.editor.readOnly;
    return this.#judge(() => (fixed ? { verdict: "fix", draft_revision: this.parts.autosave.revision } : { verdict: "accept" }));
  }

  /** @param {string} comment */
  giveBack(comment) {
    return this.#judge(() => ({ verdict: "reject", comment }));
  }

  /** The reviewer takes the pen. */
  fix() {
    this.parts.editor.setReadOnly(false);
    this.parts.editor.showSuggestions(true);
  }

  /** @param {{model_version?: string}} choice */
  async ask(choice) {
    const { api, paths, editor, feed } = this.parts;
    try {
      const body = { ...choice, region: lookedAt(editor) };
      const { inference } = await api.request("POST", paths.assist(this.task.id), body);
      if (editor.reading.inference !== inference.id || !editor.reading.isRunning) {
        editor.reading.queued({ ...inference, inference: inference.id });
      }
      await feed.plan();
    } catch (error) {
      editor.reading.failed(/** @type {ApiError} */ (error).message);
    }
  }

  /** Who may look at a task but not work on it has no draft of it. @param {Task} task @returns {Promise<Draft>} */
  async #draftOf(task) {
    const { api, paths } = this.parts;
    try {
      return await patiently(() => api.get(paths.draft(task.id)));
    } catch (error) {
      if (task.lease || ![403, 404].includes(/** @type {ApiError} */ (error).status)) throw error;
      return { revision: 0, values: {}, rejected: [] };
    }
  }

  /** The next task of the same stage. */
  async next() {
    this.#work(true);
    try {
      const task = await this.#claim({ stage: this.task.stage.id, limit: 1 });
      if (task) await this.open(task);
      else this.emit("nothing");
    } catch (error) {
      this.emit("adrift", error);
    } finally {
      this.#work(false);
    }
  }

  /** The task that is open, for me again. */
  retake() {
    return this.#act(async () => {
      const task = await this.#claim({ task: this.task.id });
      if (task) await this.open(task);
    });
  }

  /** @param {object} wish @returns {Promise<Task | undefined>} */
  async #claim(wish) {
    const { api, paths } = this.parts;
    const headers = { "Idempotency-Key": newId() };
    const answer = await patiently(() => api.request("POST", paths.claims(this.task.project.id), wish, headers));
    return answer?.tasks[0];
  }

  /** @param {"mine" | "theirs"} choice */
  async settle(choice) {
    try {
      if (choice === "mine") return await this.conflict.keepMine(this.task);
      await this.conflict.takeTheirs(this.task);
      await this.open(this.task);
    } catch (error) {
      if (/** @type {ApiError} */ (error).status === 412) await this.#showConflict();
      else this.emit("refused", error);
    }
  }

  /** @param {() => object} verdict read after the draft is saved */
  async #judge(verdict) {
    const { api, paths, lease } = this.parts;
    await this.#act(async (headers) => {
      if (!(await this.#saved())) return;
      const body = verdict();
      await patiently(() => api.request("POST", paths.verdict(this.task.id), body, { ...headers, "Lease-Token": lease.token }));
      await this.#onward();
    });
  }

  /** One act at a time; its key stays until the server has answered for good. @param {(headers: Record<string, string>) => Promise<void>} act */
  async #act(act) {
    if (this.busy) return;
    this.#work(true);
    this.#key ||= newId();
    try {
      await act({ "Idempotency-Key": this.#key });
    } catch (error) {
      const refusal = /** @type {ApiError} */ (error);
      if (!refusal.isPassing) this.#key = "";
      if (refusal.code === "lease_lost" || refusal.code === "lease_expired") this.parts.lease.lose(refusal.code);
      else if (refusal.code === "draft_conflict") await this.#showConflict();
      else this.emit("refused", refusal);
    } finally {
      this.#work(false);
    }
  }

  async #saved() {
    if (await this.parts.autosave.flush()) return true;
    if (this.parts.autosave.state === "kept") this.emit("unsent");
    return false;
  }

  async #onward() {
    const { editor, log, lease, pulses, socket } = this.parts;
    const { id } = this.task;
    editor.release();
    lease.drop();
    pulses.follow("");
    socket.unsubscribe("task", id);
    await log.forget(id);
    await this.next();
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

  async #showConflict() {
    this.emit("conflict", await this.conflict.look(this.task));
  }

  /** @param {boolean} busy */
  #work(busy) {
    this.busy = busy;
    this.emit("busy", busy);
  }
}

/** The part of the picture on the screen: the model reads there first. @param {Editor} editor @returns {Rect} */
function lookedAt({ viewport, picture }) {
  const seen = viewport.visible();
  const [x, y] = [clamp(seen.x, 0, picture.width), clamp(seen.y, 0, picture.height)];
  const right = clamp(seen.x + seen.width, 0, picture.width);
  const bottom = clamp(seen.y + seen.height, 0, picture.height);
  return { x, y, width: right - x, height: bottom - y };
}
