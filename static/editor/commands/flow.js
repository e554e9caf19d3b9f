/** @param {Editor} editor */
const canUndo = (editor) => !editor.readOnly && editor.history.canUndo;
/** @param {Editor} editor */
const canRedo = (editor) => !editor.readOnly && editor.history.canRedo;
/** @param {Editor} editor */
const isMine = (editor) => editor.task?.lease != null && !editor.isReview;
/** @param {Editor} editor */
const isMyReview = (editor) => editor.task?.lease != null && editor.isReview;

/** With the held-out arm or without a deployment there is nothing to ask. @param {Editor} editor */
export function canAsk(editor) {
  return !editor.readOnly && editor.task?.suggestions_shown === true && editor.task.deployments.length > 0;
}

/**
 * An outline that is not closed is not in the document yet, and would be gone with the task.
 * @param {Editor} editor
 * @param {() => void} act
 */
function handIn({ preview, flow }, act) {
  if (preview?.kind === "outline") flow.say("An outline is open. Enter closes it, Escape lets it go.");
  else act();
}

/** Acts that the page carries out, and undo. @type {Command[]} */
export const flows = [
  { id: "ask", group: "suggestions", label: "Ask the model", keys: ["M"], enabled: canAsk, run: ({ flow }) => flow.ask() },
  { id: "undo", group: "objects", label: "Undo", keys: ["Z", "Ctrl+Z"], enabled: canUndo, run: ({ history }) => history.undo() },
  {
    id: "redo",
    group: "objects",
    label: "Redo",
    keys: ["Shift+Z", "Ctrl+Shift+Z", "Ctrl+Y"],
    enabled: canRedo,
    run: ({ history }) => history.redo(),
  },
  {
    id: "submit",
    group: "flow",
    label: "Submit and next",
    keys: ["Ctrl+Enter"],
    enabled: isMine,
    run: (editor) => handIn(editor, () => editor.flow.submit()),
  },
  { id: "skip", group: "flow", label: "Skip", keys: [], enabled: ({ task }) => task?.lease != null && task.stage.skip.length > 0, run: ({ flow }) => flow.skip() },
  { id: "questions", group: "flow", label: "Ask about this task", keys: ["Q"], enabled: (editor) => editor.task != null, run: ({ flow }) => flow.questions() },
  { id: "keys", group: "flow", label: "Show the keys", keys: ["?"], enabled: () => true, run: ({ flow }) => flow.keys() },
  {
    id: "accept",
    group: "review",
    label: "Accept",
    keys: ["A"],
    enabled: isMyReview,
    run: (editor) => handIn(editor, () => editor.flow.accept()),
  },
  {
    id: "fix",
    group: "review",
    label: "Fix, then accept",
    keys: ["F"],
    enabled: (editor) => isMyReview(editor) && editor.readOnly,
    run: ({ flow }) => flow.fix(),
  },
  { id: "return", group: "review", label: "Return with a comment", keys: ["R"], enabled: isMyReview, run: ({ flow }) => flow.giveBack() },
];
