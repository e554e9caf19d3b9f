import assert from "node:assert/strict";
import { test } from "node:test";

import { History } from "../../../static/js/graph/history.js";
import { KeptGraph } from "../../../static/js/graph/kept.js";
import { readAs, valueAt, withValue, written } from "../../../static/js/graph/settings.js";
import { neighbour } from "../../../static/js/graph/walk.js";

test("what is done is undone and done again, and another deed ends what was undone", () => {
  const history = new History("a");
  history.change("b");
  history.change("c");
  history.undo();
  assert.equal(history.present, "b");
  history.redo();
  assert.equal(history.present, "c");
  history.undo();
  history.change("d");
  assert.equal(history.canRedo, false);
  history.undo();
  history.undo();
  history.undo();
  assert.equal(history.present, "a");
  assert.equal(history.canUndo, false);
});

test("letters typed into one field are one step; a pause or another field begins the next", () => {
  const history = new History("");
  history.change("h", "title");
  history.change("hi", "title");
  history.change("hi!", "note");
  history.pause();
  history.change("hi!!", "note");
  history.undo();
  assert.equal(history.present, "hi!");
  history.undo();
  assert.equal(history.present, "hi");
  history.undo();
  assert.equal(history.present, "");
});

const store = () => {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
};

test("a graph is kept by its pipeline until it is forgotten, and what is no graph is none", () => {
  const storage = store();
  const graph = { stages: [], edges: [] };
  const kept = new KeptGraph("p1", storage);
  kept.keep(3, graph);
  assert.deepEqual(new KeptGraph("p1", storage).found(), { on: 3, graph });
  assert.equal(new KeptGraph("p2", storage).found(), null);
  kept.forget();
  assert.equal(kept.found(), null);
  for (const text of ["{", "[]", '{"graph": {}}', "null"]) {
    storage.setItem("pipeline-graph:p1", text);
    assert.equal(kept.found(), null, text);
  }
});

test("a store that is full loses nothing that is on the page", () => {
  const full = { ...store(), setItem: () => { throw new Error("full"); } };
  assert.doesNotThrow(() => new KeptGraph("p", full).keep(1, { stages: [], edges: [] }));
});

test("a value lies at its path, and goes with what it leaves empty", () => {
  const settings = withValue({ unit: "object" }, "question.attribute", "model");
  assert.deepEqual(settings, { unit: "object", question: { attribute: "model" } });
  assert.equal(valueAt(settings, "question.attribute"), "model");
  assert.equal(valueAt({}, "question.attribute"), undefined);
  assert.deepEqual(withValue(settings, "question.attribute", undefined), { unit: "object" });
  assert.deepEqual(withValue({ question: null }, "question.label", true), { question: { label: true } });
});

test("fields are written and read back as they were", () => {
  for (const [type, value, text] of [
    ["percent", 0.05, "5"],
    ["minutes", 900, "15"],
    ["minutes", 90, "1.5"],
    ["number", 0.93, "0.93"],
    ["pairs", { truck: "lorry", bus: null }, "truck = lorry\nbus ="],
    ["text", "a car", "a car"],
    ["any", true, "true"],
    ["any", 4, "4"],
  ]) {
    assert.equal(written(type, value), text);
    assert.deepEqual(readAs(type, text), value);
  }
  assert.equal(written("number", null), "");
  assert.equal(readAs("number", " "), undefined);
  assert.equal(readAs("number", "0,5"), 0.5);
});

test("what is no number stays as typed, for the check to tell", () => {
  assert.equal(readAs("percent", "half"), "half");
});

test("arrows follow the edges to the sides, and go to the nearest up and down", () => {
  const graph = {
    stages: [{ key: "a", kind: "route" }, { key: "b", kind: "label" }, { key: "c", kind: "label" }, { key: "d", kind: "done" }].map((one) => ({ title: "", settings: {}, ...one })),
    edges: [{ from: "a", to: "c", outcome: "sure" }, { from: "a", to: "b", outcome: "default" }, { from: "b", to: "d", outcome: "done" }, { from: "c", to: "d", outcome: "done" }, { from: "b", to: "a", outcome: "rework" }],
  };
  const spots = new Map([["a", { x: 0, y: 0 }], ["b", { x: 200, y: 0 }], ["c", { x: 200, y: 100 }], ["d", { x: 400, y: 50 }]]);
  const to = (key, arrow) => neighbour(graph, spots, key, arrow);
  assert.equal(to("a", "ArrowRight"), "b");
  assert.equal(to("d", "ArrowLeft"), "b");
  assert.equal(to("a", "ArrowLeft"), null);
  assert.equal(to("b", "ArrowDown"), "c");
  assert.equal(to("c", "ArrowUp"), "b");
  assert.equal(to("b", "ArrowUp"), null);
  assert.equal(to("c", "Home"), "a");
  assert.equal(to("c", "End"), "d");
});
