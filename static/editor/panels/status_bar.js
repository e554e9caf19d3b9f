import { byId, clock, counted, duration } from "./dom.js";

const SOON = 120000;

/** @type {Record<SaveState, string>} */
const SAVED = {
  saved: "Saved",
  saving: "Saving",
  kept: "Kept in this browser",
  conflict: "Two versions",
  refused: "Not saved",
};

/**
 * Where I am, what is saved, how long the task is mine, whether time counts.
 * @param {Editor} editor
 * @param {Parts} parts
 */
export function bindStatusBar(editor, { autosave, lease, pulses }) {
  const saved = byId("saved");
  const mine = byId("lease");
  autosave.on("state", (state) => {
    saved.dataset.state = state;
    textOf(saved).textContent = SAVED[/** @type {keyof typeof SAVED} */ (state)];
  });
  lease.on("tick", (left) => {
    mine.hidden = left === null;
    mine.dataset.state = left !== null && left < SOON ? "soon" : "";
    if (left !== null) textOf(mine).textContent = `Yours for ${clock(left)}`;
  });
  pulses.on("state", ({ counting, ms }) => {
    byId("time-dot").className = counting ? "dot dot-good" : "dot dot-idle";
    byId("time-text").textContent = counting ? `Active ${duration(ms)}` : "Not counting";
  });
  editor.on("task", (task) => name(task));
}

/** @param {Task} task */
function name(task) {
  const place = task.unit.kind === "item" ? task.item.name : `${task.item.name}, ${task.unit.kind}`;
  const project = /** @type {HTMLAnchorElement} */ (byId("crumb-project"));
  project.textContent = task.project.name;
  project.href = `${byId("editor").dataset.projects}${task.project.id}/`;
  byId("crumb-stage").textContent = task.stage.title;
  byId("crumb-item").textContent = place;
  document.title = `${place} · Tessera`;
  instruct(task);
}

/** One line over the picture, all of it in the panel. The recipe tells how to draw, which is not asked of one object. */
/** @param {Task} task */
function instruct({ stage, recipe, unit }) {
  const words = [...new Set([stage.instructions, recipe.instructions].map((text) => (text ?? "").trim()))].filter(Boolean);
  const line = unit.kind === "object" ? stage.instructions.trim() : (words[0] ?? "");
  byId("stage-note").hidden = !line;
  byId("stage-note").textContent = line.split("\n")[0];
  byId("instructions").hidden = !words.length;
  byId("instructions-text").textContent = words.join("\n\n");
}

/** @param {HTMLElement} status */
function textOf(status) {
  return /** @type {HTMLElement} */ (status.lastElementChild);
}

/** @param {number} waiting */
export function offlineText(waiting) {
  if (!waiting) return "Go on: what you do is kept here and sent when the connection is back.";
  return `${counted(waiting, "change")} ${waiting === 1 ? "is" : "are"} kept here and sent when the connection is back.`;
}
