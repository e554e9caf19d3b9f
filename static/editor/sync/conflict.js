import { differenceFrom, documentOf } from "./operations.js";
import { patiently } from "./patience.js";

/** Two versions of one draft, until the person has said which counts. */
export class Conflict {
  /** @type {Draft | null} */
  #theirs = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.parts = parts;
  }

  /** Reads the other version. @param {Task} task @returns {Promise<{theirs: Shape[], mine: Shape[]}>} */
  async look({ id, annotations }) {
    const { api, paths, editor } = this.parts;
    this.#theirs = /** @type {Draft} */ (await patiently(() => api.get(paths.draft(id))));
    return { theirs: documentOf(annotations, this.#theirs, []).shapes, mine: [...editor.store.shapes()] };
  }

  /** What is on the screen replaces the other version, if that is still the one that was seen. @param {Task} task */
  async keepMine({ id, annotations }) {
    const { api, paths, autosave, editor } = this.parts;
    const covered = autosave.waiting; // what is drawn while this is under way is not in it
    const values = differenceFrom(annotations, editor.store.shapes());
    const body = { values, rejected: [...editor.store.rejected()] };
    const headers = { "If-Match": `"r${this.#theirs?.revision}"` };
    const { revision } = await patiently(() => api.request("PUT", paths.draft(id), body, headers));
    await autosave.settle(revision, covered);
  }

  /** What was not sent from here is dropped; the task is then opened again, which reads the other version. @param {Task} task */
  async dropMine({ id }) {
    await this.parts.log.forget(id);
  }
}
