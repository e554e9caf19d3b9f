import assert from "node:assert/strict";
import { test } from "node:test";
import { AttributePanel } from "../../../static/editor/panels/attribute_panel.js";
import { keptText } from "../../../static/editor/panels/notes.js";
import { press } from "../../../static/editor/panels/controls.js";
import { bindDialogs, showReturn } from "../../../static/editor/panels/dialogs.js";
import { Emitter } from "../../../static/editor/emitter.js";
import { ShapeList } from "../../../static/editor/panels/shape_list.js";
import { atWork, box, task } from "./cast.mjs";
import { Part, page } from "./page.mjs";

test("the sentence of a return is kept until another task is open", () => {
  const { byId } = page();
  const editor = atWork([], { stage: { kind: "review" } });
  const sent = [];
  const session = Object.assign(new Emitter(), { giveBack: (words) => sent.push(words) });
  bindDialogs(editor, session);
  const comment = byId("return-comment");
  comment.value = "The wheels are missing.";
  comment.dispatchEvent(new Event("input"));
  showReturn();
  byId("return-dialog").close("return");
  assert.deepEqual(sent, ["The wheels are missing."]);
  assert.equal(comment.value, "The wheels are missing.");
  editor.open(task({ stage: { kind: "review" } }), [], []);
  assert.equal(comment.value, "The wheels are missing.");
  editor.open(task({ id: "task-2", stage: { kind: "review" } }), [], []);
  assert.deepEqual([comment.value, byId("return-send").disabled], ["", true]);
});

test("a return says its reason: a digit chooses it and goes on to the sentence, a letter begins the sentence", () => {
  const { byId } = page();
  const editor = atWork([], { stage: { kind: "review" } });
  const sent = [];
  bindDialogs(editor, Object.assign(new Emitter(), { giveBack: (...said) => sent.push(said) }));
  const reasons = ["missed", "extra"].map((value, at) => Object.assign(new Part("input"), { value, checked: false, dataset: { key: String(at + 1) } }));
  byId("return-reasons").append(...reasons);
  const press = (key, more = {}) => byId("return-reasons").dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key, ...more }));
  assert.equal(press("2"), false);
  assert.deepEqual([reasons[1].checked, document.activeElement], [true, byId("return-comment")]);
  document.activeElement = null;
  assert.ok(press("Tab"));
  assert.equal(document.activeElement, null);
  assert.ok(press("w"));
  assert.equal(document.activeElement, byId("return-comment"));
  byId("return-comment").value = "Who is this?";
  showReturn();
  byId("return-dialog").close("return");
  assert.deepEqual(sent, [["Who is this?", "extra"]]);
  editor.open(task({ id: "task-2", stage: { kind: "review" } }), [], []);
  assert.ok(reasons.every(({ checked }) => !checked));
});

test("whoever chooses between two versions has to mean it: no button has the focus when the question comes", () => {
  const { byId } = page();
  const session = new Emitter();
  bindDialogs(atWork(), session);
  session.emit("conflict", { theirs: [], mine: [] });
  assert.ok(byId("conflict-dialog").open);
  assert.equal(document.activeElement, byId("conflict-title"));
});

test("the list of objects keeps the focus on the object that was pressed", () => {
  const { byId, frame } = page();
  const [one, other] = [box(0, 0, 9, 9), box(20, 0, 9, 9)];
  const editor = atWork([one, other]);
  new ShapeList(editor);
  editor.store.emit("load");
  frame();
  const rows = () => byId("objects").querySelectorAll("button");
  rows()[1].focus();
  editor.selection.set([one.id]);
  frame();
  assert.equal(document.activeElement, rows()[1]);
});

test("an answer that is typed while the lease ends changes nothing", () => {
  const { byId, frame } = page();
  const one = box(0, 0, 9, 9, { label: "van" });
  const editor = atWork([one]);
  new AttributePanel(editor);
  editor.selection.set([one.id]);
  frame();
  const [field] = byId("attribute-rows").querySelectorAll("input");
  editor.release();
  field.value = "4";
  field.dispatchEvent(new Event("change"));
  assert.equal(editor.store.get(one.id), one);
});

test("the second click of a double click hands in nothing, and undoes once more", () => {
  const editor = atWork([]);
  press(editor, "submit", 1);
  press(editor, "submit", 2);
  assert.deepEqual(editor.said, ["submit"]);
  for (let k = 0; k < 3; k++) {
    const one = box(10 * k, 0, 5, 5);
    editor.history.change({ shapes: new Map([[one.id, one]]) });
  }
  for (const clicks of [1, 2]) press(editor, "undo", clicks);
  assert.equal(editor.store.size, 1);
});

test("who loses a review is not told that the annotator's objects are a draft of theirs", () => {
  const review = atWork([box(0, 0, 9, 9)], { stage: { kind: "review" } });
  assert.equal(keptText(review, 0), "The submission stays as it is.");
  assert.equal(keptText(review, 2), "Your changes are kept as a draft.");
  assert.equal(keptText(atWork([box(0, 0, 9, 9)]), 2), "Your 1 object is kept as a draft.");
});
