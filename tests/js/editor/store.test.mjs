import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../../static/editor/history.js";
import { Store } from "../../../static/editor/store.js";
import { box } from "./cast.mjs";

const patch = (...shapes) => ({ shapes: new Map(shapes.map((shape) => [shape.id, shape])) });
const removal = (shape) => ({ shapes: new Map([[shape.id, null]]) });

function started(...shapes) {
  const store = new Store();
  store.load(shapes, []);
  const history = new History(store);
  const gestures = [];
  history.on("gesture", (gesture) => gestures.push(gesture));
  return { store, history, gestures };
}

test("a patch answers the patch that undoes it", () => {
  const car = box(1, 1, 5, 5);
  const { store } = started(car);
  const inverse = store.apply({ shapes: new Map([[car.id, null]]), rejected: new Map([["p", true]]) });
  assert.equal(store.size, 0);
  assert.ok(store.isRejected("p"));
  store.apply(inverse);
  assert.equal(store.get(car.id), car);
  assert.ok(!store.isRejected("p"));
});

test("a committed prediction is known until its shape is gone", () => {
  const car = box(1, 1, 5, 5, { source: { kind: "model", prediction: "p" } });
  const { store } = started(car);
  assert.ok(store.isCommitted("p"));
  store.apply(removal(car));
  assert.ok(!store.isCommitted("p"));
});

test("a drag of many moves is one undo step", () => {
  const car = box(0, 0, 5, 5);
  const { store, history, gestures } = started(car);
  history.begin();
  for (let x = 1; x <= 30; x++) history.change(patch({ ...car, x }));
  history.commit();
  assert.equal(gestures.length, 1);
  assert.equal(store.get(car.id).x, 30);
  history.undo();
  assert.equal(store.get(car.id).x, 0);
  history.redo();
  assert.equal(store.get(car.id).x, 30);
});

test("two quick changes are two steps", () => {
  const { history, store } = started();
  history.change(patch(box(0, 0, 1, 1)));
  history.change(patch(box(0, 0, 1, 1)));
  history.undo();
  assert.equal(store.size, 1);
});

test("escape takes back the whole gesture and leaves no step", () => {
  const car = box(0, 0, 5, 5);
  const { store, history, gestures } = started(car);
  history.begin();
  history.change(patch({ ...car, x: 9 }));
  history.change(removal(car));
  history.cancel();
  assert.equal(store.get(car.id), car);
  assert.ok(!history.canUndo);
  assert.equal(gestures.length, 0);
});

test("undo of create, update and delete in one gesture is one step back and one forth", () => {
  const [old, fresh] = [box(0, 0, 5, 5), box(9, 9, 5, 5)];
  const { store, history } = started(old);
  history.begin();
  history.change(patch(fresh));
  history.change(patch({ ...fresh, x: 20 }));
  history.change(removal(old));
  history.commit();
  history.undo();
  assert.deepEqual([...store.shapes()], [old]);
  assert.ok(!history.canUndo);
  history.redo();
  assert.deepEqual([...store.shapes()].map(({ x }) => x), [20]);
});

test("remote changes never enter undo", () => {
  const { store, history } = started();
  store.apply(patch(box(0, 0, 1, 1)), "remote");
  assert.ok(!history.canUndo);
});

test("a new step forgets what was undone", () => {
  const { history } = started();
  history.change(patch(box(0, 0, 1, 1)));
  history.undo();
  history.change(patch(box(1, 1, 1, 1)));
  assert.ok(!history.canRedo);
});

test("the steps of an earlier visit can be undone after a reload", () => {
  const first = started();
  first.history.change(patch(box(1, 0, 1, 1)));
  first.history.change(patch(box(2, 0, 1, 1)));
  first.history.change(patch(box(3, 0, 1, 1)));
  first.history.undo();
  const second = started(...first.store.shapes());
  second.history.restart(structuredClone(first.gestures));
  second.history.undo();
  assert.deepEqual([...second.store.shapes()].map(({ x }) => x), [1]);
  second.history.redo();
  second.history.redo();
  assert.deepEqual([...second.store.shapes()].map(({ x }) => x), [1, 2, 3]);
});
