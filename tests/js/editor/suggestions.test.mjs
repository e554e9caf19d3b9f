import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../../static/editor/commands/index.js";
import { at, atWork, box, only, suggestion } from "./cast.mjs";

const ids = (editor) => editor.suggestions.shown().map(({ id }) => id);

test("the floor hides what lies below and lets go of it", () => {
  const editor = atWork();
  const [sure, unsure] = [suggestion(0, 0, 0.9), suggestion(100, 0, 0.5)];
  editor.suggestions.load([sure, unsure]);
  editor.selection.set([sure.id, unsure.id]);
  editor.suggestions.floor = 0.6;
  assert.deepEqual(ids(editor), [sure.id]);
  assert.deepEqual(editor.selection.ids(), [sure.id]);
  assert.equal(editor.suggestions.open().length, 2);
});

test("committing makes an annotation that names its prediction; undo brings the suggestion back", () => {
  const editor = atWork();
  const hint = suggestion(100, 100, 0.8);
  editor.suggestions.load([hint]);
  editor.selection.set([hint.id]);
  run(editor, "commit-selected");
  const shape = only(editor);
  assert.notEqual(shape.id, hint.id);
  assert.deepEqual(shape.source, { kind: "model", model_version: "v1", prediction: hint.id, action: "accepted" });
  assert.deepEqual(shape.attributes, { occluded: "no" });
  assert.deepEqual(ids(editor), []);
  run(editor, "undo");
  assert.deepEqual(ids(editor), [hint.id]);
});

test("commit all takes what is shown and leaves what is below", () => {
  const editor = atWork();
  editor.suggestions.load([suggestion(0, 0, 0.9), suggestion(100, 0, 0.9), suggestion(200, 0, 0.1)]);
  run(editor, "commit-all");
  assert.equal(editor.store.size, 2);
  run(editor, "undo");
  assert.equal(editor.store.size, 0);
  assert.equal(editor.suggestions.shown().length, 2);
});

test("reject hides a suggestion and can be undone", () => {
  const editor = atWork();
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  editor.selection.set([hint.id]);
  run(editor, "remove");
  assert.deepEqual([...editor.store.rejected()], [hint.id]);
  assert.deepEqual(ids(editor), []);
  run(editor, "undo");
  assert.deepEqual(ids(editor), [hint.id]);
});

test("what was rejected is not offered again by a later reading, until the rejection is undone", () => {
  const editor = atWork();
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  editor.selection.set([hint.id]);
  run(editor, "remove");
  const [again, other] = [suggestion(101, 100), suggestion(300, 100)];
  editor.suggestions.settle("second", [again, other]);
  assert.deepEqual(ids(editor), [other.id]);
  run(editor, "undo");
  assert.deepEqual(new Set(ids(editor)), new Set([again.id, other.id]));
});

test("a deleted object does not leave its suggestion behind", () => {
  const editor = atWork();
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  run(editor, "commit-all");
  editor.selection.set([only(editor).id]);
  run(editor, "remove");
  assert.deepEqual(ids(editor), []);
  run(editor, "undo");
  assert.equal(editor.store.size, 1);
  assert.ok(!editor.store.isRejected(hint.id));
});

test("a number key on a selected suggestion names and commits it", () => {
  const editor = atWork();
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  editor.selection.set([hint.id]);
  run(editor, "label-2");
  assert.equal(only(editor).label, "van");
  assert.equal(only(editor).source.action, "edited");
  assert.deepEqual(editor.selection.ids(), [only(editor).id]);
});

test("walking goes in reading order and round again", () => {
  const editor = atWork();
  const [low, right, left] = [suggestion(10, 500), suggestion(400, 10), suggestion(10, 10)];
  editor.suggestions.load([low, right, left]);
  const seen = [1, 2, 3, 4].map(() => {
    run(editor, "walk-next");
    return editor.selection.only;
  });
  assert.deepEqual(seen, [left.id, right.id, low.id, left.id]);
  run(editor, "walk-back");
  assert.equal(editor.selection.only, low.id);
});

test("a part makes room for itself, and the merged result keeps what has a stable id selected", () => {
  const editor = atWork();
  const old = suggestion(10, 10);
  editor.suggestions.load([old, suggestion(500, 500)]);
  const [first, second] = [suggestion(20, 20), suggestion(60, 20)];
  editor.suggestions.addPart("run-1", { x: 0, y: 0, width: 100, height: 100 }, [first, second]);
  assert.equal(editor.suggestions.shown().length, 3);
  assert.ok(!editor.suggestions.isShown(old.id));
  editor.selection.set([first.id, second.id]);
  editor.suggestions.settle("run-1", [{ ...first, score: 0.7 }]);
  assert.deepEqual(ids(editor), [first.id]);
  assert.deepEqual(editor.selection.ids(), [first.id]);
});

test("what a person already has is not offered again by another reading", () => {
  const editor = atWork([box(100, 100, 20, 20)]);
  const again = suggestion(101, 100);
  editor.suggestions.load([again, suggestion(100, 100, 0.9, { label: "van" })]);
  assert.equal(editor.suggestions.shown().length, 1);
  editor.selection.set([only(editor).id]);
  run(editor, "remove");
  assert.ok(editor.suggestions.isShown(again.id));
});

test("only what lies in the tile is suggested", () => {
  const editor = atWork([], { unit: { kind: "tile", region: { x: 0, y: 0, width: 100, height: 100 } } });
  editor.suggestions.load([suggestion(10, 10), suggestion(95, 10)]);
  assert.equal(editor.suggestions.shown().length, 1);
});

test("in the held-out arm there is nothing to see, to commit or to ask", () => {
  const editor = atWork([], { suggestions_shown: false });
  editor.suggestions.load([suggestion(10, 10)]);
  for (const id of ["ask", "commit-all", "walk-next"]) assert.ok(!run(editor, id));
  editor.showSuggestions(true);
  assert.ok(!editor.suggestionsVisible);
});

test("without a deployment the model cannot be asked", () => {
  assert.ok(!run(atWork([], { deployments: [] }), "ask"));
  assert.ok(run(atWork(), "ask"));
});

test("a suggestion that is no longer shown is let go and cannot be named", () => {
  const editor = atWork([], { stage: { kind: "review" } });
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  editor.setReadOnly(false);
  editor.showSuggestions(true);
  editor.selection.set([hint.id]);
  editor.showSuggestions(false);
  assert.equal(editor.selection.size, 0);
  assert.equal(editor.find(hint.id), undefined);
});

test("what was rejected stays rejected when the predictions are read again after a lost connection", () => {
  const editor = atWork();
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  editor.selection.set([hint.id]);
  run(editor, "remove");
  editor.suggestions.load([suggestion(101, 100)]);
  assert.deepEqual(ids(editor), []);
});

test("the undo beside a commit is not good for a task that was handed in", () => {
  const editor = atWork();
  let undo;
  editor.flow.say = (_, act) => (undo = act);
  editor.suggestions.load([suggestion(0, 0), suggestion(100, 0)]);
  run(editor, "commit-all");
  editor.release();
  undo();
  assert.equal(editor.store.size, 2);
});

test("a suggestion that a newer one replaced in mid press is not selected", () => {
  const editor = atWork();
  editor.suggestions.load([suggestion(100, 100)]);
  editor.tool.pointerDown(at(110, 110));
  editor.suggestions.load([suggestion(300, 100)]);
  editor.tool.pointerUp(at(110, 110));
  assert.equal(editor.selection.size, 0);
});

test("what was rejected at the edge of a part stays rejected when the whole of it is seen", () => {
  const editor = atWork();
  const half = suggestion(100, 100);
  editor.suggestions.addPart("run", null, [half]);
  editor.selection.set([half.id]);
  run(editor, "remove");
  editor.suggestions.addPart("run", null, [suggestion(101, 100)], [half.id]);
  assert.deepEqual(ids(editor), []);
});
