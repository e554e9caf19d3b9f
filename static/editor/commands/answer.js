import { answered, answerSeen } from "../question.js";

/** @param {Editor} editor */
function isFree(editor) {
  return editor.mayAnswer && editor.flow.isFree();
}

/**
 * Gives the object this answer and hands it in; a reviewer's answer waits for the verdict.
 * @param {Editor} editor @param {Value} value
 */
export function answer(editor, value) {
  const { question, subject } = editor;
  if (!question || !subject || !isFree(editor)) return;
  const label = editor.labels.get(String(value));
  const shape = answered(question, subject, value, label);
  if (shape !== subject) editor.put(shape);
  if (!editor.isReview) editor.flow.submit();
}

/** @param {Editor} editor @param {number} digit */
function choiceOf({ question }, digit) {
  return question?.choices.find(({ key }) => key === String(digit));
}

/** What is done with a question, in the place of the commands that draw. @type {Command[]} */
export const answers = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => /** @type {Command} */ ({
    id: `answer-${digit}`,
    group: "question",
    label: "Answer",
    family: "Answer",
    keys: [String(digit)],
    enabled: (editor) => isFree(editor) && choiceOf(editor, digit) !== undefined,
    run: (editor) => answer(editor, choiceOf(editor, digit)?.value ?? null),
  })),
  {
    id: "keep-answer",
    group: "question",
    label: "Keep the answer that is there",
    keys: ["Enter"],
    enabled: (editor) => isFree(editor) && !editor.isReview && answerSeen(editor) !== null,
    run: ({ flow }) => flow.submit(),
  },
  {
    id: "take-back",
    group: "question",
    label: "Back to the last answer",
    keys: ["Z", "Ctrl+Z"],
    enabled: (editor) => editor.flow.mayTakeBack() || (editor.mayAnswer && editor.history.canUndo),
    run: ({ flow, history }) => (flow.mayTakeBack() ? flow.takeBack() : history.undo()),
  },
  {
    id: "search-answers",
    group: "question",
    label: "Search the answers",
    keys: ["/"],
    enabled: (editor) => editor.mayAnswer && (editor.question?.choices.length ?? 0) > 9,
    run: ({ flow }) => flow.search(),
  },
];
