import { documentOf } from "./operations.js";
import { patiently } from "./patience.js";

/**
 * What a person finds when they open a task: the unit's annotations, under the draft, under what this browser did not
 * send yet. `steps` can be undone.
 * @param {Pick<Parts, "api" | "paths" | "log">} parts @param {Task} task @returns {Promise<Findings>}
 */
export async function findings(parts, task) {
  const [draft, journal] = await Promise.all([draftOf(parts, task), parts.log.read(task.id)]);
  const unsent = journal.entries.filter(({ isSent }) => !isSent);
  const operations = unsent.flatMap((entry) => entry.operations);
  // Steps of an earlier visit hold only while nobody else has changed the draft since.
  const steps = journal.revision === draft.revision ? journal.entries : [];
  return { ...documentOf(task.annotations, draft, operations), revision: draft.revision, unsent, steps };
}

/** Who may look at a task but not work on it has no draft of it. @param {Pick<Parts, "api" | "paths">} parts @param {Task} task @returns {Promise<Draft>} */
async function draftOf({ api, paths }, task) {
  try {
    return await patiently(() => api.get(paths.draft(task.id)));
  } catch (error) {
    if (task.lease || ![403, 404].includes(/** @type {ApiError} */ (error).status)) throw error;
    return { revision: 0, values: {}, rejected: [] };
  }
}
