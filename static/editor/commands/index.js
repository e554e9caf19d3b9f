import { answers } from "./answer.js";
import { commitAll, commitSelected } from "./commit_suggestion.js";
import { duplicate } from "./duplicate.js";
import { flows } from "./flow.js";
import { nudges } from "./nudge.js";
import { relabels } from "./relabel.js";
import { remove } from "./remove.js";
import { tools } from "./tools.js";
import { views } from "./view.js";
import { walks } from "./walk.js";

/** Every act of drawing and of the task, once: buttons, keys and the dialog of keys all come from this table. */
export const COMMANDS = [
  ...walks,
  commitSelected,
  commitAll,
  remove,
  ...tools,
  ...relabels,
  ...nudges,
  duplicate,
  ...flows,
  ...views,
];

/** The acts of a task about one object: a question is answered, nothing is drawn. */
export const ANSWERS = [...answers, ...COMMANDS.filter(({ group }) => ["view", "flow", "review"].includes(group))];

const BY_ID = new Map([...answers, ...COMMANDS].map((command) => [command.id, command]));
const BY_KEY = byKey(COMMANDS);
const ANSWER_BY_KEY = byKey(ANSWERS);

/** What may be done while something is in the hand: look around, take another tool, let go. */
const HANDS_FREE = new Set(["view", "tools"]);

/** @param {readonly Command[]} commands @returns {Map<string, Command>} */
function byKey(commands) {
  return new Map(commands.flatMap((command) => command.keys.map((key) => [key, command])));
}

/** The acts of the task that is open. @param {Editor} editor @returns {readonly Command[]} */
export function commandsOf(editor) {
  return editor.isObject ? ANSWERS : COMMANDS;
}

/** @param {string} key a name as in input/key_name.js @param {boolean} [isObject] whether the task is about one object */
export function commandFor(key, isObject = false) {
  return (isObject ? ANSWER_BY_KEY : BY_KEY).get(key);
}

/** Whether a command means something now. @param {Editor} editor @param {string} id */
export function isEnabled(editor, id) {
  const command = BY_ID.get(id);
  return command !== undefined && commandsOf(editor).includes(command) && command.enabled(editor);
}

/** Runs a command if it may run now. @param {Editor} editor @param {string | undefined} id @returns {boolean} */
export function run(editor, id) {
  const command = BY_ID.get(id ?? "");
  if (!command || !isEnabled(editor, command.id) || (editor.history.isOpen && !HANDS_FREE.has(command.group))) return false;
  command.run(editor);
  return true;
}
