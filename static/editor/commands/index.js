import { commitAll, commitSelected } from "./commit_suggestion.js";
import { duplicate } from "./duplicate.js";
import { flows } from "./flow.js";
import { nudges } from "./nudge.js";
import { relabels } from "./relabel.js";
import { remove } from "./remove.js";
import { tools } from "./tools.js";
import { views } from "./view.js";
import { walks } from "./walk.js";

/** Every act of the editor, once: buttons, keys and the dialog of keys all come from this table. */
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

/** @type {Map<string, Command>} */
const BY_ID = new Map(COMMANDS.map((command) => [command.id, command]));

/** @type {Map<string, Command>} */
const BY_KEY = new Map(COMMANDS.flatMap((command) => command.keys.map((key) => [key, command])));

/** What may be done while something is in the hand: look around, take another tool, let go. */
const HANDS_FREE = new Set(["view", "tools"]);

/** @param {string} id */
export function commandOf(id) {
  return BY_ID.get(id);
}

/** @param {string} key a name as in input/key_name.js */
export function commandFor(key) {
  return BY_KEY.get(key);
}

/** Runs a command if it may run now. @param {Editor} editor @param {string | undefined} id @returns {boolean} */
export function run(editor, id) {
  const command = BY_ID.get(id ?? "");
  if (!command?.enabled(editor) || (editor.history.isOpen && !HANDS_FREE.has(command.group))) return false;
  command.run(editor);
  return true;
}
