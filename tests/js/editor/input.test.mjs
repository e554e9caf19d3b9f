import assert from "node:assert/strict";
import { test } from "node:test";
import { Pinch } from "../../../static/editor/input/pinch.js";
import { PointerInput } from "../../../static/editor/input/pointer.js";
import { Viewport } from "../../../static/editor/viewport.js";
import { atWork, box } from "./cast.mjs";

/** A stage without a page: `send` gives it an event, `frame` runs what waits for the next one. */
function staged(editor) {
  const listeners = new Map();
  const waiting = [];
  globalThis.requestAnimationFrame = (act) => waiting.push(act);
  const stage = { style: {}, focus() {}, setPointerCapture() {}, addEventListener: (name, listener) => listeners.set(name, listener) };
  new PointerInput(editor, stage).place({ left: 0, top: 0 });
  const send = (name, x, y, more = {}) =>
    listeners.get(name)({ clientX: x, clientY: y, pointerId: 1, pointerType: "mouse", button: 0, timeStamp: 0, preventDefault() {}, ...more });
  const frame = () => waiting.splice(0).forEach((act) => act());
  return { send, frame };
}

test("nothing stays hovered when the pointer leaves before the next frame", () => {
  const one = box(10, 10, 50, 50);
  const editor = atWork([one]);
  const { send, frame } = staged(editor);
  send("pointermove", 20, 20);
  frame();
  assert.equal(editor.selection.hover, one.id);
  send("pointermove", 21, 20);
  send("pointerleave", -1, 20);
  frame();
  assert.equal(editor.selection.hover, null);
});

test("two fingers leave an outline as it was", () => {
  const editor = atWork();
  editor.use("polygon");
  const { send, frame } = staged(editor);
  const finger = (pointerId) => ({ pointerType: "touch", pointerId });
  for (const [x, y, timeStamp] of [[100, 100, 1000], [300, 100, 2000]]) {
    send("pointerdown", x, y, { ...finger(1), timeStamp });
    send("pointerup", x, y, finger(1));
  }
  send("pointerdown", 500, 500, { ...finger(1), timeStamp: 3000 });
  send("pointerdown", 600, 600, { ...finger(2), timeStamp: 3001 });
  send("pointermove", 700, 700, finger(2));
  frame();
  send("pointerup", 700, 700, finger(2));
  send("pointerup", 500, 500, finger(1));
  assert.deepEqual(editor.preview.points.slice(0, 2), [{ x: 100, y: 100 }, { x: 300, y: 100 }]);
  assert.equal(editor.preview.points.length, 3);
});

test("a third finger draws nothing", () => {
  const pinch = new Pinch(new Viewport());
  assert.deepEqual([1, 2, 3].map((finger) => pinch.down({ x: finger, y: 0 }, finger)), [false, true, true]);
});
