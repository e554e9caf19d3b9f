import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWERS, COMMANDS, commandFor, run } from "../../../static/editor/commands/index.js";
import { takes } from "../../../static/editor/input/keyboard.js";
import { keyName, printed } from "../../../static/editor/input/key_name.js";
import { missingAttribute } from "../../../static/editor/provenance.js";
import { at, atWork, box, only, polygon } from "./cast.mjs";

const press = (key, more = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });

test("no key is bound twice", () => {
  for (const table of [COMMANDS, ANSWERS]) {
    const keys = table.flatMap(({ keys }) => keys);
    assert.deepEqual(keys.filter((key, k) => keys.indexOf(key) !== k), []);
  }
});

test("every command has an id of its own", () => {
  const all = new Set([...COMMANDS, ...ANSWERS]);
  assert.equal(new Set([...all].map(({ id }) => id)).size, all.size);
});

test("the keys of the design are bound", () => {
  const table = { N: "walk-next", "Shift+N": "walk-back", Space: "commit-selected", Enter: "commit-selected", "Shift+Enter": "commit-all", Delete: "remove", M: "ask", V: "tool-select", H: "tool-pan", B: "tool-box", P: "tool-polygon", 9: "label-9", "Shift+ArrowUp": "resize-ArrowUp", ArrowUp: "move-ArrowUp", "Ctrl+D": "duplicate", Z: "undo", "Ctrl+Z": "undo", "Shift+Z": "redo", 0: "fit", "Ctrl+Enter": "submit", A: "accept", F: "fix", R: "return", "?": "keys", Escape: "cancel" };
  for (const [key, id] of Object.entries(table)) assert.equal(commandFor(key)?.id, id, key);
});

test("a key has one name on every keyboard", () => {
  assert.equal(keyName(press("z", { ctrlKey: true, shiftKey: true })), "Ctrl+Shift+Z");
  assert.equal(keyName(press("Z", { metaKey: true })), "Ctrl+Z");
  assert.equal(keyName(press("?", { shiftKey: true })), "?");
  assert.equal(keyName(press(" ")), "Space");
  assert.equal(keyName(press("Enter", { shiftKey: true })), "Shift+Enter");
  assert.equal(keyName(press("т", { code: "KeyN" })), "N");
  assert.equal(printed("Shift+Enter"), "⇧ ⏎");
  assert.equal(printed("Ctrl+D"), "Ctrl D");
});

test("the tool hears a key before the commands do", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  editor.use("polygon");
  editor.tool.pointerDown({ x: 300, y: 300, shift: false, ctrl: false, alt: false, reach: 6 });
  editor.selection.set([one.id]);
  assert.ok(takes(editor, "Backspace"));
  assert.equal(editor.store.size, 1);
  assert.ok(takes(editor, "Backspace"));
  assert.equal(editor.store.size, 0);
});

test("escape cancels first, then lets go, then takes the select tool", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  editor.use("box");
  editor.selection.set([one.id]);
  editor.tool.pointerDown({ x: 300, y: 300, shift: false, ctrl: false, alt: false, reach: 6 });
  editor.selection.set([one.id]);
  run(editor, "cancel");
  assert.deepEqual([editor.selection.size, editor.tool.id], [1, "box"]);
  run(editor, "cancel");
  assert.deepEqual([editor.selection.size, editor.tool.id], [0, "box"]);
  run(editor, "cancel");
  assert.equal(editor.tool.id, "select");
});

test("arrows move what is selected and pan when nothing is", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  const before = editor.viewport.x;
  run(editor, "move-ArrowRight");
  assert.notEqual(editor.viewport.x, before);
  editor.selection.set([one.id]);
  run(editor, "move-ArrowRight");
  run(editor, "resize-ArrowDown");
  const { x, height } = only(editor);
  assert.deepEqual([x, height], [11, 51]);
});

test("a new label keeps the answers that it has too and asks for its own", () => {
  const one = box(10, 10, 50, 50, { attributes: { occluded: "yes" } });
  const editor = atWork([one]);
  editor.selection.set([one.id]);
  run(editor, "label-2");
  const van = only(editor);
  assert.deepEqual([van.label, van.attributes], ["van", {}]);
  assert.equal(missingAttribute(van, editor.labels.get("van"))?.name, "doors");
  assert.equal(editor.activeLabel, "van");
});

test("a copy is the person's own work", () => {
  const one = box(10, 10, 50, 50, { score: 0.5, source: { kind: "model", prediction: "p", action: "accepted" } });
  const editor = atWork([one]);
  editor.selection.set([one.id]);
  run(editor, "duplicate");
  const copy = [...editor.store.shapes()][1];
  assert.deepEqual(copy.source, { kind: "human", action: "drawn" });
  assert.ok(!("score" in copy));
  assert.deepEqual(editor.selection.ids(), [copy.id]);
});

test("submit belongs to work, accept to review, neither to a task of somebody else", () => {
  assert.ok(run(atWork(), "submit"));
  assert.ok(!run(atWork(), "accept"));
  assert.ok(run(atWork([], { stage: { kind: "review" } }), "accept"));
  assert.ok(!run(atWork([], { lease: null }), "submit"));
});

test("after a task is handed in, nothing of it can be handed in again", () => {
  const editor = atWork();
  editor.release();
  assert.ok(!run(editor, "submit"));
  assert.ok(!run(editor, "tool-box"));
});

test("an outline that is still open is not handed in without a word", () => {
  for (const [id, kind] of [["submit", "label"], ["accept", "review"]]) {
    const editor = atWork([], { stage: { kind } });
    editor.setReadOnly(false);
    editor.use("polygon");
    editor.tool.pointerDown(at(100, 100));
    run(editor, id);
    assert.match(editor.said.join(), /outline/);
    assert.ok(!editor.said.includes(id));
    run(editor, "cancel");
    run(editor, id);
    assert.equal(editor.said.at(-1), id);
  }
});

test("keys change nothing while an object is in the hand, but Escape puts it back", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  editor.selection.set([one.id]);
  editor.tool.pointerDown(at(20, 20));
  editor.tool.pointerMove(at(120, 120));
  for (const key of ["Delete", "2", "Ctrl+D", "ArrowLeft", "Ctrl+Enter", "M"]) takes(editor, key);
  assert.deepEqual([editor.said, editor.store.size, editor.selection.ids()], [[], 1, [one.id]]);
  editor.tool.pointerUp(at(120, 120));
  assert.deepEqual([only(editor).x, only(editor).label], [110, "car"]);
  editor.tool.pointerDown(at(120, 120));
  editor.tool.pointerMove(at(320, 320));
  takes(editor, "Escape");
  assert.equal(only(editor).x, 110);
});

test("an object moved by keys stops at the picture's edge and keeps its size", () => {
  const [one, turned, other] = [box(0.5, 10, 50, 50), box(940, 400, 50, 20, { rotation: 45 }), polygon([[0, 700], [40, 700], [20, 799.5]])];
  const editor = atWork([one, turned, other]);
  editor.selection.set([one.id, other.id]);
  for (let k = 0; k < 3; k++) run(editor, "move-ArrowLeft");
  for (let k = 0; k < 3; k++) run(editor, "move-ArrowDown");
  assert.deepEqual([editor.store.get(one.id).x, editor.store.get(one.id).width], [0, 50]);
  assert.deepEqual(editor.store.get(other.id).parts, [[[[0, 700.5], [40, 700.5], [20, 800]]]]);
});

test("a copy stays on the picture, however far out the view is", () => {
  const one = box(950, 760, 50, 40);
  const editor = atWork([one]);
  editor.viewport.scale = 0.05;
  editor.selection.set([one.id]);
  run(editor, "duplicate");
  const { x, y, width, height } = [...editor.store.shapes()][1];
  assert.ok(x >= 0 && y >= 0 && x + width <= 1000 && y + height <= 800, `${x} ${y} ${width} ${height}`);
  assert.deepEqual([width, height], [50, 40]);
});

test("a label that a selected object cannot take says so", () => {
  const one = polygon([[0, 0], [40, 0], [20, 30]]);
  const editor = atWork([one]);
  editor.labels.set("van", { ...editor.labels.get("van"), geometry: ["box"] });
  editor.selection.set([one.id]);
  run(editor, "label-2");
  assert.equal(only(editor).label, "car");
  assert.match(editor.said[0], /Van is not drawn as a polygon/);
});
