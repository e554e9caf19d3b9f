import assert from "node:assert/strict";
import { test } from "node:test";

import { changes, freeKeys, nameFrom, nextColor, normalised, problems } from "../../static/js/recipe_draft.js";

const label = (fields) => normalised({ name: nameFrom(fields.title ?? ""), ...fields });

test("a lasting name is made of a title's letters and digits", () => {
  assert.equal(nameFrom("  Pick-up, cabin closed "), "pick_up_cabin_closed");
  assert.equal(nameFrom("Kühlwagen 2"), "kuhlwagen_2");
  assert.equal(nameFrom("???"), "");
});

test("keys and colours are handed out in order and never twice", () => {
  const labels = [label({ title: "Car", key: "1", color: 1 }), label({ title: "Van", key: "3", color: 2 })];
  assert.deepEqual(freeKeys(labels).slice(0, 2), ["2", "4"]);
  assert.equal(nextColor(labels), 3);
});

test("a sound draft has no problems", () => {
  assert.deepEqual(problems([label({ title: "Car", key: "1" }), label({ title: "Van", key: "" })]), []);
});

test("the second label with a key is told which keys are free", () => {
  const [problem, ...more] = problems([label({ title: "Van", key: "2" }), label({ title: "Minibus", key: "2" })]);
  assert.deepEqual(more, []);
  assert.deepEqual([problem.index, problem.field], [1, "key"]);
  assert.equal(problem.message, "Van has the key 2 too. Free keys: 1, 3, 4.");
});

test("nameless labels, twins, labels without shapes and poor attributes are found", () => {
  const shapeless = { ...label({ title: "Lorry" }), geometry: [] };
  const asking = label({
    title: "Bus",
    attributes: [
      { name: "size", type: "select", options: ["one"] },
      { name: "size", type: "text" },
      { name: "", type: "text" },
    ],
  });
  const found = problems([label({ title: "" }), label({ title: "Car" }), label({ title: "car" }), shapeless, asking]);
  assert.deepEqual(
    found.map((one) => [one.index, one.field]),
    [[0, "title"], [2, "title"], [3, "geometry"], [4, "attributes.0"], [4, "attributes.1"], [4, "attributes.2"]],
  );
});

test("what publishing changes is said in one line each", () => {
  const before = [label({ title: "Car", key: "1" }), label({ title: "Van", key: "2" })];
  const roof = { name: "roof_rack", title: "Roof rack", type: "checkbox" };
  const after = [label({ title: "Car", key: "4", attributes: [roof] }), label({ title: "Minibus", key: "3" })];
  assert.deepEqual(changes(before, after), [
    { sign: "−", text: "Van" },
    { sign: "·", text: "Car: key 4" },
    { sign: "+", text: "Car: Roof rack" },
    { sign: "+", text: "Minibus" },
  ]);
});

test("an untouched draft changes nothing", () => {
  const labels = [label({ title: "Car", key: "1", attributes: [{ name: "far", type: "checkbox" }] })];
  assert.deepEqual(changes(labels, structuredClone(labels)), []);
});
