import assert from "node:assert/strict";
import { test } from "node:test";
import { isEnabled, run } from "../../../static/editor/commands/index.js";
import { takes } from "../../../static/editor/input/keyboard.js";
import { answerSeen, answerWords, isGuess, lacksAnswer, matching, questionOf } from "../../../static/editor/question.js";
import { regionOf } from "../../../static/editor/unit.js";
import { asking, at, atWork, box, drag, only, polygon, task } from "./cast.mjs";

const MODEL = { attribute: "model", label: false };
const CAR = {
  id: "l1",
  name: "car",
  title: "Car",
  color: 1,
  attributes: [
    { name: "model", title: "Model", type: "select", options: ["aster", { name: "borel", title: "Borel Estate" }], required: true },
    { name: "parked", title: "Parked?", type: "checkbox" },
    { name: "doors", title: "Doors", type: "number" },
  ],
};
const RECIPE = { recipe: { version_id: "r", number: 1, instructions: "", labels: [CAR] } };
const titles = ({ choices }) => choices.map(({ key, title, value }) => [key, title, value]);

test("the crop is the object with what stands around it, and ends at the picture's edge", () => {
  const of = (shape, unit = {}) => regionOf(task({ annotations: [shape], unit: { kind: "object", subject: shape.id, ...unit } }));
  assert.deepEqual(of(box(400, 300, 100, 50)), { x: 360, y: 260, width: 180, height: 130 });
  assert.deepEqual(of(box(400, 300, 4, 4)), { x: 376, y: 276, width: 52, height: 52 }, "a few pixels still show where they are");
  assert.deepEqual(of(box(0, 0, 100, 100)), { x: 0, y: 0, width: 140, height: 140 });
  assert.deepEqual(of(box(400, 300, 100, 50), { region: { x: 0, y: 0, width: 9, height: 9 } }).x, 360, "it was moved since its task was made");
});

test("an object that is gone leaves its place, and nothing to ask", () => {
  const at = (region) => atWork([], { unit: { kind: "object", subject: "gone", region } });
  assert.deepEqual(at({ x: 400, y: 300, width: 100, height: 50 }).region, { x: 360, y: 260, width: 180, height: 130 });
  const editor = at(null);
  assert.deepEqual(editor.region, { x: 0, y: 0, width: 1000, height: 800 });
  assert.equal(editor.question, null);
  assert.ok(!takes(editor, "1"));
  assert.ok(!takes(editor, "Enter"));
});

test("without an attribute the label is asked for, by the recipe's own keys", () => {
  const editor = asking(box(10, 10, 30, 30), null);
  assert.deepEqual(titles(editor.question), [["1", "Car", "car"], ["2", "Van", "van"]]);
  assert.equal(editor.question.title, "What is this?");
});

test("a label that the object's type does not take is no answer, nor one that the stage leaves out", () => {
  const labels = [{ ...CAR, geometry: ["polygon"] }, { ...CAR, name: "van", title: "Van" }, { ...CAR, name: "bus", title: "Bus" }];
  const editor = asking(box(10, 10, 30, 30, { label: "bus" }), null, { recipe: { labels }, stage: { labels: ["car", "van"] } });
  assert.deepEqual(titles(editor.question), [["1", "Van", "van"]]);
});

test("an attribute is asked with its options, a checkbox with yes and no, a number with a field", () => {
  const shape = box(10, 10, 30, 30);
  const ask = (attribute) => asking(shape, { attribute, label: false }, RECIPE).question;
  assert.deepEqual([ask("model").title, titles(ask("model"))], ["Model?", [["1", "aster", "aster"], ["2", "Borel Estate", "borel"]]]);
  assert.deepEqual([ask("parked").title, titles(ask("parked"))], ["Parked?", [["1", "Yes", true], ["2", "No", false]]]);
  assert.deepEqual([ask("doors").kind, ask("doors").choices], ["number", []]);
  assert.equal(ask("colour"), null, "the label has no such attribute");
});

test("own keys of the recipe keep their place from others", () => {
  const labels = [{ ...CAR, name: "a", title: "A", key: "2" }, { ...CAR, name: "b", title: "B" }, { ...CAR, name: "c", title: "C" }];
  const question = questionOf(task({ recipe: { labels } }), box(0, 0, 9, 9), labels);
  assert.deepEqual(question.choices.map(({ key }) => key), ["2", "", "3"]);
});

test("a digit answers and hands in, as one step", () => {
  const editor = asking(box(10, 10, 30, 30), MODEL, RECIPE);
  assert.ok(takes(editor, "2"));
  assert.deepEqual(only(editor).attributes, { model: "borel" });
  assert.deepEqual(editor.said, ["submit"]);
  assert.equal(answerWords(editor), "Borel Estate");
  editor.history.undo();
  assert.deepEqual(only(editor).attributes, {});
});

test("another label keeps the answers that both have, and the geometry", () => {
  const shape = box(10, 10, 30, 30, { attributes: { occluded: "yes" } });
  const editor = asking(shape, null);
  takes(editor, "2");
  const { id, label, attributes, x, y, width, height } = only(editor);
  assert.deepEqual({ id, label, attributes, x, y, width, height }, { id: shape.id, label: "van", attributes: {}, x: 10, y: 10, width: 30, height: 30 });
});

test("the answer that is there is kept by enter, and changes nothing", () => {
  const shape = box(10, 10, 30, 30);
  const editor = asking(shape, null);
  assert.ok(takes(editor, "Enter"));
  assert.deepEqual(editor.said, ["submit"]);
  assert.equal(only(editor), shape);
  const open = asking(shape, MODEL, RECIPE);
  assert.ok(!takes(open, "Enter"), "there is none yet");
});

test("a model's label is a guess until a person keeps or changes it; the held-out arm does not see it", () => {
  const guess = { score: 0.7, source: { kind: "model", model_version: "v1", prediction: "p", action: "accepted" } };
  const shown = asking(box(10, 10, 30, 30, guess), null);
  assert.deepEqual([isGuess(shown), answerSeen(shown), lacksAnswer(shown)], [true, "car", false]);
  const hidden = asking(box(10, 10, 30, 30, guess), null, { suggestions_shown: false });
  assert.deepEqual([isGuess(hidden), answerSeen(hidden), lacksAnswer(hidden)], [true, null, true]);
  assert.ok(!takes(hidden, "Enter"));
  assert.ok(takes(hidden, "1"), "whoever finds the same says so");
  assert.deepEqual(hidden.said, ["submit"]);
  const review = asking(box(10, 10, 30, 30, guess), null, { stage: { kind: "review" }, suggestions_shown: false });
  assert.deepEqual([isGuess(review), answerSeen(review)], [false, "car"]);
});

test("an answer lacks where the recipe needs one", () => {
  const of = (attribute) => lacksAnswer(asking(box(10, 10, 30, 30), { attribute, label: false }, RECIPE));
  assert.deepEqual(["model", "parked", "doors"].map(of), [true, false, false]);
});

test("suggestions are neither loaded nor shown beside a question", () => {
  const editor = asking(box(10, 10, 30, 30), null);
  assert.ok(!editor.suggestionsVisible);
  editor.showSuggestions(true);
  assert.ok(!editor.suggestionsVisible);
});

test("while one answer is handed in, a key means nothing: it was meant for the next object", () => {
  const shape = box(10, 10, 30, 30);
  const editor = asking(shape, null);
  editor.flow.isFree = () => false;
  for (const key of ["2", "Enter"]) assert.ok(!takes(editor, key));
  assert.equal(only(editor), shape);
  assert.deepEqual(editor.said, []);
});

test("nothing is drawn, moved, named or deleted", () => {
  const shape = polygon([[100, 100], [200, 100], [200, 200]]);
  const editor = asking(shape, null);
  for (const tool of ["box", "polygon", "select"]) editor.use(tool);
  assert.equal(editor.tool.id, "pan");
  const { x } = editor.viewport;
  drag(editor, [150, 120], [180, 150]);
  assert.notEqual(editor.viewport.x, x);
  editor.selection.set([shape.id]);
  for (const key of ["Delete", "Ctrl+D", "ArrowLeft", "Shift+ArrowLeft", "B", "P", "Space", "Shift+Enter", "N", "M"]) takes(editor, key);
  for (const id of ["remove", "duplicate", "label-2", "tool-box", "ask", "undo"]) assert.ok(!isEnabled(editor, id), id);
  assert.deepEqual([only(editor), editor.store.size], [shape, 1]);
  assert.deepEqual(editor.said, []);
});

test("the next task of pictures is drawn in again", () => {
  const editor = asking(box(10, 10, 30, 30), null);
  editor.open(task(), [], []);
  assert.deepEqual([editor.tool.id, editor.isObject, isEnabled(editor, "answer-1"), isEnabled(editor, "tool-box")], ["select", false, false, true]);
});

test("a reviewer looks, and answers only with the pen in hand; the verdict is theirs to give", () => {
  const shape = box(10, 10, 30, 30);
  const editor = asking(shape, null, { stage: { kind: "review" } });
  assert.ok(!takes(editor, "2"));
  for (const [key, said] of [["A", "accept"], ["F", "fix"], ["R", "return"]]) {
    assert.ok(takes(editor, key));
    assert.equal(editor.said.at(-1), said);
  }
  editor.setReadOnly(false);
  assert.equal(editor.tool.id, "pan");
  assert.ok(takes(editor, "2"));
  assert.equal(only(editor).label, "van");
  assert.ok(!editor.said.includes("submit"));
  assert.ok(!takes(editor, "Enter"));
  assert.ok(takes(editor, "Z"));
  assert.equal(only(editor), shape);
});

test("Z goes back to the last answer as long as that can be taken back", () => {
  const editor = asking(box(10, 10, 30, 30), null);
  assert.ok(!takes(editor, "Z"));
  editor.flow.mayTakeBack = () => true;
  assert.ok(takes(editor, "Z"));
  assert.deepEqual(editor.said, ["take back"]);
});

test("without the lease one looks and answers nothing", () => {
  const editor = asking(box(10, 10, 30, 30), null, { lease: null });
  assert.ok(!takes(editor, "1"));
  assert.ok(!takes(editor, "Enter"));
});

test("more than nine answers are searched, by all the words", () => {
  const options = Array.from({ length: 12 }, (_, k) => ({ name: `m${k}`, title: k % 2 ? `Aster ${k}` : `Borel Estate ${k}` }));
  const label = { ...CAR, attributes: [{ name: "model", title: "Model", type: "select", options }] };
  const editor = asking(box(10, 10, 30, 30), MODEL, { recipe: { labels: [label] } });
  const { choices } = editor.question;
  assert.deepEqual(choices.map(({ key }) => key), ["1", "2", "3", "4", "5", "6", "7", "8", "9", "", "", ""]);
  assert.deepEqual(matching(choices, "est 1").map(({ title }) => title), ["Borel Estate 10"]);
  assert.equal(matching(choices, "  ").length, 12);
  assert.ok(takes(editor, "/"));
  assert.deepEqual(editor.said, ["search"]);
  assert.ok(!isEnabled(asking(box(0, 0, 9, 9), MODEL, RECIPE), "search-answers"));
});

test("a tile opens at its region, and the fit key comes back to it", () => {
  const region = { x: 500, y: 400, width: 200, height: 200 };
  const editor = atWork([], { unit: { kind: "tile", region } });
  editor.fit();
  const seen = () => editor.viewport.visible();
  const near = (a, b) => assert.ok(Math.abs(a - b) < 0.01, `${a} ${b}`);
  near(seen().x + seen().width / 2, 600);
  near(seen().y, 400 - 48 / editor.viewport.scale);
  editor.viewport.pan(500, 500);
  run(editor, "fit");
  near(seen().x + seen().width / 2, 600);
});

test("what lies beside the tile is seen, but neither selected nor counted nor handed in", () => {
  const region = { x: 100, y: 100, width: 200, height: 200 };
  const [own, other] = [box(150, 150, 40, 40), box(290, 290, 40, 40)];
  const editor = atWork([own, other], { unit: { kind: "tile", region } });
  assert.deepEqual([...editor.store.shapes()], [own]);
  assert.deepEqual(editor.beside, [other]);
  drag(editor, [310, 310]);
  assert.equal(editor.selection.size, 0);
  drag(editor, [90, 90], [300, 300], [400, 400]);
  assert.deepEqual(editor.selection.ids(), [own.id]);
});

test("what a draft put beside the tile stays in reach: it has to be mended", () => {
  const editor = atWork([], {});
  const stray = box(500, 500, 40, 40);
  editor.open(task({ unit: { kind: "tile", region: { x: 0, y: 0, width: 200, height: 200 } } }), [stray], []);
  assert.equal(only(editor), stray);
});

test("arrows and copies that would leave the tile are refused in a sentence", () => {
  const region = { x: 100, y: 100, width: 200, height: 200 };
  const shape = box(260, 260, 79, 79);
  const editor = atWork([shape], { unit: { kind: "tile", region } });
  editor.selection.set([shape.id]);
  run(editor, "move-ArrowRight");
  run(editor, "duplicate");
  assert.equal(only(editor), shape);
  assert.equal(editor.said.filter((text) => /inside your tile/.test(text)).length, 2);
});

test("suggestions beside the tile are not offered, shown or committed with all", () => {
  const region = { x: 100, y: 100, width: 200, height: 200 };
  const editor = atWork([], { unit: { kind: "tile", region } });
  const hint = (x) => ({ ...box(x, 150, 20, 20), id: `p${x}`, score: 0.9, source: { kind: "model", model_version: "v" } });
  editor.suggestions.load([hint(150), hint(285), hint(291), hint(700)]);
  assert.deepEqual(editor.suggestions.open().map(({ x }) => x), [150, 285]);
  assert.equal(editor.hit(at(308, 160)), null);
  run(editor, "commit-all");
  assert.deepEqual([...editor.store.shapes()].map(({ x }) => x), [150, 285]);
});
