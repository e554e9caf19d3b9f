import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../../static/editor/commands/index.js";
import { at, atWork, box, drag, only, polygon, suggestion } from "./cast.mjs";

test("a dragged box is one object and one step, with the label's defaults", () => {
  const editor = atWork();
  editor.use("box");
  drag(editor, [10, 10], [30, 20], [60, 50]);
  const { x, y, width, height, label, attributes, source } = only(editor);
  assert.deepEqual({ x, y, width, height, label }, { x: 10, y: 10, width: 50, height: 40, label: "car" });
  assert.deepEqual(attributes, { occluded: "no" });
  assert.deepEqual(source, { kind: "human", action: "drawn" });
  editor.history.undo();
  assert.equal(editor.store.size, 0);
});

test("a click with the box tool draws nothing", () => {
  const editor = atWork();
  editor.use("box");
  drag(editor, [10, 10]);
  drag(editor, [10, 10], [11, 300]);
  assert.equal(editor.store.size, 0);
  assert.ok(!editor.history.canUndo);
});

test("escape abandons a box, and another tool does too", () => {
  for (const abandon of [(editor) => editor.tool.cancel(), (editor) => editor.use("pan")]) {
    const editor = atWork();
    editor.use("box");
    editor.tool.pointerDown(at(10, 10));
    editor.tool.pointerMove(at(60, 60));
    assert.equal(editor.store.size, 1);
    abandon(editor);
    assert.equal(editor.store.size, 0);
  }
});

test("a box ends at the picture's edge", () => {
  const editor = atWork();
  editor.use("box");
  drag(editor, [900, 700], [1400, 1200]);
  const { width, height } = only(editor);
  assert.deepEqual([width, height], [100, 100]);
});

test("an object whose middle is outside the tile is refused in a sentence", () => {
  const editor = atWork([], { unit: { kind: "tile", region: { x: 100, y: 100, width: 200, height: 200 } } });
  editor.use("box");
  drag(editor, [280, 280], [400, 400]);
  assert.equal(editor.store.size, 0);
  assert.match(editor.said[0], /inside your tile/);
  drag(editor, [250, 250], [320, 320]);
  assert.equal(editor.store.size, 1);
});

test("a polygon closes at its first corner, by enter and by double click", () => {
  const ends = [(tool) => tool.pointerDown(at(101, 101)), (tool) => tool.key("Enter"), (tool) => tool.doubleClick(at(100, 300))];
  for (const end of ends) {
    const editor = atWork();
    editor.use("polygon");
    for (const [x, y] of [[100, 100], [300, 100], [300, 300]]) drag(editor, [x, y]);
    end(editor.tool);
    assert.deepEqual(only(editor).parts, [[[[100, 100], [300, 100], [300, 300]]]]);
    assert.equal(editor.preview, null);
  }
});

test("backspace takes back the last corner of an outline", () => {
  const editor = atWork();
  editor.use("polygon");
  for (const [x, y] of [[100, 100], [300, 100], [300, 300], [500, 500]]) drag(editor, [x, y]);
  assert.ok(editor.tool.key("Backspace"));
  editor.tool.key("Enter");
  assert.equal(only(editor).parts[0][0].length, 3);
});

test("a click selects, shift adds, a click beside lets go", () => {
  const [one, other] = [box(10, 10, 50, 50), box(200, 10, 50, 50)];
  const editor = atWork([one, other]);
  drag(editor, [20, 20]);
  drag(editor, at(210, 20, { shift: true }));
  assert.deepEqual(editor.selection.ids(), [one.id, other.id]);
  drag(editor, [500, 500]);
  assert.equal(editor.selection.size, 0);
});

test("a drag moves all selected shapes and nothing else", () => {
  const [one, other, third] = [box(10, 10, 50, 50), box(200, 10, 50, 50), box(400, 10, 50, 50)];
  const editor = atWork([one, other, third]);
  editor.selection.set([one.id, other.id]);
  drag(editor, [35, 35], [45, 40], [55, 55]);
  assert.deepEqual([one, other, third].map(({ id }) => editor.store.get(id).x), [30, 220, 400]);
  editor.history.undo();
  assert.deepEqual([...editor.store.shapes()], [one, other, third]);
});

test("escape in the middle of a move puts everything back", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  editor.tool.pointerDown(at(20, 20));
  editor.tool.pointerMove(at(120, 120));
  assert.ok(editor.tool.cancel());
  assert.equal(editor.store.get(one.id), one);
});

test("a handle resizes, a corner of a polygon moves", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  editor.selection.set([one.id]);
  drag(editor, [60, 60], [70, 90]);
  assert.equal(editor.store.get(one.id).height, 80);

  const square = polygon([[100, 100], [200, 100], [200, 200], [100, 200]]);
  const drawing = atWork([square]);
  drawing.selection.set([square.id]);
  drag(drawing, [200, 100], [230, 80]);
  assert.deepEqual(drawing.store.get(square.id).parts[0][0][1], [230, 80]);
});

test("a rectangle over free ground selects what lies wholly inside", () => {
  const [one, other] = [box(10, 10, 50, 50), box(200, 10, 50, 50)];
  const editor = atWork([one, other]);
  const hint = suggestion(100, 20);
  editor.suggestions.load([hint]);
  drag(editor, [2, 2], [100, 90], [230, 90]);
  assert.deepEqual(new Set(editor.selection.ids()), new Set([one.id, hint.id]));
});

test("dragging a selected suggestion accepts and edits it in one step", () => {
  const editor = atWork();
  const hint = suggestion(100, 100);
  editor.suggestions.load([hint]);
  drag(editor, [110, 110]);
  assert.deepEqual(editor.selection.ids(), [hint.id]);
  drag(editor, [110, 110], [120, 110], [140, 110]);
  const shape = only(editor);
  assert.equal(shape.x, 130);
  assert.deepEqual(shape.source, { kind: "model", model_version: "v1", prediction: hint.id, action: "edited" });
  editor.history.undo();
  assert.equal(editor.store.size, 0);
  assert.ok(editor.suggestions.isShown(hint.id));
});

test("nothing can be changed while a reviewer only looks", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one], { stage: { kind: "review" } });
  drag(editor, [20, 20], [120, 120], [130, 130]);
  editor.selection.set([one.id]);
  for (const id of ["remove", "duplicate", "move-ArrowLeft", "tool-box", "undo"]) run(editor, id);
  assert.deepEqual([...editor.store.shapes()], [one]);
  editor.setReadOnly(false);
  editor.selection.set([one.id]);
  assert.ok(run(editor, "remove"));
  assert.equal(editor.store.size, 0);
});

test("a tool that the stage does not allow cannot be taken", () => {
  const editor = atWork([], { stage: { tools: ["polygon"] } });
  assert.ok(!run(editor, "tool-box"));
  assert.ok(run(editor, "tool-polygon"));
});

const CORNERS = [[100, 100], [300, 100], [300, 300]];

function outlining(more = {}) {
  const editor = atWork([], more);
  editor.use("polygon");
  for (const [x, y] of CORNERS) drag(editor, [x, y]);
  return editor;
}

test("an outline that is refused stays open with all its corners", () => {
  const editor = outlining({ unit: { kind: "tile", region: { x: 0, y: 0, width: 150, height: 150 } } });
  editor.tool.key("Enter");
  assert.equal(editor.store.size, 0);
  assert.match(editor.said[0], /inside your tile/);
  assert.equal(editor.preview?.points.length, 4);
  editor.tool.key("Backspace");
  drag(editor, [100, 150]);
  editor.tool.key("Enter");
  assert.equal(editor.store.size, 0);
  editor.tool.key("Backspace");
  editor.tool.key("Backspace");
  for (const place of [[140, 100], [120, 140]]) drag(editor, place);
  editor.tool.key("Enter");
  assert.deepEqual(only(editor).parts, [[[[100, 100], [140, 100], [120, 140]]]]);
});

test("an outline without area stays open and says why", () => {
  const editor = atWork();
  editor.use("polygon");
  for (const x of [100, 200, 300]) drag(editor, [x, 100]);
  editor.tool.key("Enter");
  assert.equal(editor.store.size, 0);
  assert.equal(editor.preview?.points.length, 4);
  assert.match(editor.said[0], /needs an area/);
});

test("an outline is not closed for a label that is not drawn as a polygon", () => {
  const editor = outlining();
  editor.labels.set("van", { ...editor.labels.get("van"), geometry: ["box"] });
  run(editor, "label-2");
  editor.tool.key("Enter");
  assert.equal(editor.store.size, 0);
  assert.match(editor.said[0], /Van is not drawn as a polygon/);
  run(editor, "label-1");
  editor.tool.key("Enter");
  assert.equal(only(editor).label, "car");
});

test("undo in the middle of an outline takes back a corner, not the object before", () => {
  const one = box(500, 500, 50, 50);
  const editor = atWork();
  editor.put(one);
  editor.use("polygon");
  for (const [x, y] of [...CORNERS, [500, 100]]) drag(editor, [x, y]);
  for (const key of ["Z", "Ctrl+Z"]) assert.ok(editor.tool.key(key), key);
  assert.equal(editor.preview.points.length, 3);
  assert.equal(only(editor), one);
});

test("a pointer that is lost takes the corner of its press, not the outline", () => {
  const editor = outlining();
  editor.tool.pointerDown(at(500, 500));
  editor.tool.lose();
  assert.equal(editor.preview.points.length, 4);
  editor.tool.key("Enter");
  assert.deepEqual(only(editor).parts, [[CORNERS]]);
});

test("a removed corner must leave an object that counts", () => {
  const shape = polygon([[100, 100], [200, 100], [300, 100], [200, 300]]);
  const editor = atWork([shape]);
  editor.selection.set([shape.id]);
  editor.tool.doubleClick(at(200, 300));
  assert.equal(editor.store.get(shape.id), shape);
  assert.ok(!editor.history.canUndo);
  editor.tool.doubleClick(at(300, 100));
  assert.equal(only(editor).parts[0][0].length, 3);
});

test("two quick presses with the box tool are two presses", () => {
  const editor = atWork();
  editor.use("box");
  editor.tool.doubleClick(at(10, 10));
  editor.tool.pointerMove(at(60, 60));
  editor.tool.pointerUp(at(60, 60));
  assert.equal(editor.store.size, 1);
});
