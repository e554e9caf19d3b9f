import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../../static/editor/emitter.js";
import { bindAnnouncer } from "../../../static/editor/panels/announcer.js";
import { QuestionPanel } from "../../../static/editor/panels/question_panel.js";
import { asking, atWork, box, only, task } from "./cast.mjs";
import { page } from "./page.mjs";

const OPTIONS = Array.from({ length: 12 }, (_, k) => `Aster ${k + 1}`);
const LABEL = { id: "l1", name: "car", title: "Car", color: 1, attributes: [{ name: "model", title: "Model", type: "select", options: OPTIONS }, { name: "doors", title: "Doors", type: "number" }] };
const RECIPE = { recipe: { version_id: "r", number: 1, instructions: "", labels: [LABEL] } };
const GUESS = { score: 0.7, source: { kind: "model", model_version: "v1", prediction: "p", action: "accepted" } };

/** A panel over an editor that asks; `words` are the texts of what it shows. */
function shown(editor) {
  const { byId, frame } = page();
  new QuestionPanel(editor, new Emitter());
  const again = () => {
    editor.emit("task", editor.task);
    frame();
  };
  again();
  const buttons = () => byId("choices").children;
  const words = () => buttons().map((one) => one.children.flatMap((child) => (child.attributes.get("class") === "choice-name" ? child.children : [])).join(""));
  const key = (target, name, more = {}) => target.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key: name, ...more }));
  const press = (button, detail = 1) => button.dispatchEvent(Object.assign(new Event("click"), { detail }));
  return { byId, frame, again, buttons, words, key, press };
}

const asks = (attribute) => asking(box(10, 10, 30, 30), { attribute, label: false }, RECIPE);

test("a press answers; the second click of a double click does not answer for the next object", () => {
  const editor = asks("model");
  const { buttons, press } = shown(editor);
  press(buttons()[2]);
  assert.equal(only(editor).attributes.model, "Aster 3");
  press(buttons()[3], 2);
  assert.equal(only(editor).attributes.model, "Aster 3");
  assert.deepEqual(editor.said, ["submit"]);
});

test("a search narrows the answers, arrows walk them and enter takes one", () => {
  const editor = asks("model");
  const { byId, words, key, buttons } = shown(editor);
  assert.equal(words().length, 12);
  const search = byId("question-search");
  search.value = "1";
  search.dispatchEvent(new Event("input"));
  assert.deepEqual(words(), ["Aster 1", "Aster 10", "Aster 11", "Aster 12"]);
  key(search, "ArrowDown");
  assert.ok(buttons()[1].attributes.has("data-marked"));
  key(search, "Enter", { repeat: true });
  assert.deepEqual(editor.said, [], "a key that is held down is no answer");
  key(search, "Enter");
  assert.equal(only(editor).attributes.model, "Aster 10");
  assert.deepEqual(editor.said, ["submit"]);
});

test("the next object begins without the search and without the answer that was typed", () => {
  const editor = asks("doors");
  const { byId, key, again } = shown(editor);
  const field = byId("question-field");
  field.select();
  field.value = "4";
  key(field, "Enter");
  assert.equal(only(editor).attributes.doors, 4);
  byId("question-search").value = "ast";
  const next = box(50, 10, 30, 30);
  editor.open(task({ ...RECIPE, id: "task-2", unit: { kind: "object", subject: next.id }, stage: { question: { attribute: "doors", label: false } }, annotations: [next] }), [next], []);
  again();
  assert.deepEqual([field.value, byId("question-search").value], ["", ""]);
});

test("an answer that is not a number is not sent as one", () => {
  const editor = asks("doors");
  const { byId, key } = shown(editor);
  key(byId("question-field"), "Enter");
  assert.deepEqual([only(editor).attributes, editor.said], [{}, ["submit"]], "the recipe does not need it");
});

test("a model's guess is dashed and not pressed, and stays hidden in the held-out arm, also to those who listen", () => {
  const looks = (more) => {
    const editor = asking(box(10, 10, 30, 30, GUESS), null, more);
    const { buttons, byId, frame } = shown(editor);
    bindAnnouncer(editor);
    editor.emit("task", editor.task);
    frame();
    return [...["class", "aria-pressed"].map((name) => buttons()[0].attributes.get(name)), byId("announcer").textContent];
  };
  assert.deepEqual(looks({}), ["choice is-suggested", "false", "What is this?"]);
  assert.deepEqual(looks({ suggestions_shown: false }), ["choice", "false", "What is this?"]);
  assert.deepEqual(looks({ stage: { kind: "review" } }), ["choice", "true", "What is this?"]);
});

test("without an object or without its question the panel says what to do", () => {
  const gone = atWork([], { unit: { kind: "object", subject: "gone" } });
  const { byId } = shown(gone);
  assert.match(byId("question-help").textContent, /not there any more/);
  const other = shown(asks("colour"));
  assert.match(other.byId("question-help").textContent, /does not ask this/);
  assert.equal(other.buttons().length, 0);
});
