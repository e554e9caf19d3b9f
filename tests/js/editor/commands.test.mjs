import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS, commandFor, run } from "../../../static/editor/commands/index.js";
import { takes } from "../../../static/editor/input/keyboard.js";
import { keyName, printed } from "../../../static/editor/input/key_name.js";
import { missingAttribute } from "../../../static/editor/provenance.js";
import { atWork, box, only } from "./cast.mjs";

const press = (key, more = {}) => ({ key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });

test("no key is bound twice", () => {
  const keys = COMMANDS.flatMap(({ keys }) => keys);
  assert.deepEqual(keys.filter((key, k) => keys.indexOf(key) !== k), []);
});

test("every command has an id of its own", () => {
  assert.equal(new Set(COMMANDS.map(({ id }) => id)).size, COMMANDS.length);
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
