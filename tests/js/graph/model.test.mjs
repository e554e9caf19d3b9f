import assert from "node:assert/strict";
import { test } from "node:test";

import { beginningOf } from "../../../static/js/graph/beginnings.js";
import { add, before, connect, edit, isFreeKey, outcomesOf, plain, remove, rename, same, targetOf } from "../../../static/js/graph/model.js";

const stage = (key, kind = key, settings = {}) => ({ key, kind, title: key, settings });
const edge = (from, to, outcome = "done") => ({ from, to, outcome });
const line = () => ({
  stages: [stage("dataset"), stage("label"), stage("review"), stage("done")],
  edges: [edge("dataset", "label"), edge("label", "review"), edge("review", "done"), edge("review", "label", "rework")],
});
const made = (kind, settings) => ({ kind, title: kind, settings });

test("a stage that is added takes over where the one before it led", () => {
  const { graph, key } = add(line(), made("predict"), "dataset");
  assert.equal(key, "predict");
  assert.deepEqual(graph.stages.map((one) => one.key), ["dataset", "predict", "label", "review", "done"]);
  assert.equal(targetOf(graph, "dataset", "done"), "predict");
  assert.equal(targetOf(graph, "predict", "done"), "label");
  assert.equal(graph.edges.length, 5);
});

test("what is added leaves the graph it was added to as it was", () => {
  const graph = Object.freeze({ stages: Object.freeze(line().stages), edges: Object.freeze(line().edges) });
  add(graph, made("label"), "dataset");
  remove(graph, "label");
  assert.ok(same(graph, line()));
});

test("a second stage of a kind gets a key of its own", () => {
  assert.equal(add(line(), made("label"), "label").key, "label-2");
});

test("a review that is added returns work to the stage before it where people label", () => {
  const { graph, key } = add({ stages: line().stages, edges: line().edges.slice(0, 2) }, made("review"), "label");
  assert.equal(targetOf(graph, key, "rework"), "label");
});

test("a route leads on by its default, and what hangs loose is taken first", () => {
  const { rules } = beginningOf("route", line(), "label", []);
  const { graph, key } = add(line(), made("route", { rules }), "label");
  assert.equal(targetOf(graph, key, "default"), "review");
  const more = add(graph, made("done"), key);
  assert.equal(targetOf(more.graph, key, rules[0].key), more.key);
});

test("nothing hangs on an end that is added where every way leads somewhere", () => {
  const { graph, key } = add(line(), made("done"), "label");
  assert.equal(graph.edges.some((one) => one.to === key), false);
  assert.equal(targetOf(graph, "label", "done"), "review");
});

test("of one outcome there is one edge, and nowhere takes it away", () => {
  const graph = connect(line(), "label", "done", "done");
  assert.equal(graph.edges.filter((one) => one.from === "label").length, 1);
  assert.equal(targetOf(graph, "label", "done"), "done");
  assert.equal(targetOf(connect(graph, "label", "done", null), "label", "done"), null);
});

test("who led to a stage that is taken out leads to where it led", () => {
  const graph = remove(line(), "review");
  assert.deepEqual(graph.edges, [edge("dataset", "label"), edge("label", "done")]);
  assert.deepEqual(remove(line(), "label").edges, [edge("dataset", "review"), edge("review", "done")]);
  assert.ok(same(remove(line(), "moon"), line()));
});

test("a key changes wherever it is named", () => {
  const graph = { stages: [stage("dataset"), stage("predict"), stage("compare", "compare", { with: "predict" })], edges: [edge("predict", "compare")] };
  const renamed = rename(graph, "predict", "read");
  assert.equal(renamed.stages[2].settings.with, "read");
  assert.deepEqual(renamed.edges, [edge("read", "compare")]);
});

test("keys are what the server takes, and each is one stage's", () => {
  assert.ok(isFreeKey(line(), "find-2_x"));
  for (const key of ["", "label", "Label", "a b", "-", "é", "x".repeat(61)]) assert.equal(isFreeKey(line(), key), false, key);
});

test("outcomes are those of the kind, of the rules, and of what a transform does", () => {
  const names = (one) => outcomesOf(one).map(({ outcome }) => outcome).join();
  assert.equal(names(stage("label")), "done");
  assert.equal(names(stage("review")), "done,rework");
  assert.equal(names(stage("done")), "");
  assert.equal(names(stage("predict")), "done,failed");
  assert.equal(names(stage("route", "route", { rules: [{ key: "sure" }] })), "sure,default,failed");
  assert.equal(names(stage("transform", "transform", { does: "near_duplicates" })), "done,dropped,failed");
  assert.equal(names(stage("transform", "transform", { does: "crop" })), "done,failed");
});

test("a rule that is taken out leaves no edge behind", () => {
  const graph = { stages: [stage("route", "route", { rules: [{ key: "sure" }] }), stage("done")], edges: [edge("route", "done", "sure"), edge("route", "done", "default")] };
  assert.deepEqual(edit(graph, "route", { settings: { rules: [] } }).edges, [edge("route", "done", "default")]);
});

test("before a stage comes what leads to it, not what it sends back", () => {
  assert.deepEqual([...before(line(), "review")], ["label", "dataset"]);
  assert.deepEqual([...before(line(), "label")], ["dataset"]);
});

test("a stage begins with what it cannot do without, as far as the project has it", () => {
  const graph = add(line(), made("predict"), "dataset").graph;
  assert.deepEqual(beginningOf("predict", graph, null, [{ value: "d1", title: "nanodet" }]), { deployment: "d1" });
  assert.deepEqual(beginningOf("predict", graph, null, []), {});
  assert.deepEqual(beginningOf("compare", graph, "label", []), { with: "predict" });
});

test("what is sent is what the API knows, in its order", () => {
  const graph = plain({ stages: [{ ...stage("a"), x: 1 }], edges: [{ outcome: "done", to: "a", from: "a", old: true }] });
  assert.equal(JSON.stringify(graph), '{"stages":[{"key":"a","kind":"a","title":"a","settings":{}}],"edges":[{"from":"a","to":"a","outcome":"done"}]}');
});
