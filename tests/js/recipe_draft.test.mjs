import assert from "node:assert/strict";
import { test } from "node:test";

import {
  changes,
  fittingDefault,
  freeKeys,
  nameFrom,
  nextColor,
  normalised,
  optionsFrom,
  problems,
  withTitles,
} from "../../static/js/recipe_draft.js";

const label = (fields) => normalised({ name: nameFrom(fields.title ?? ""), ...fields });

test("a lasting name is made of a title's letters and digits", () => {
  assert.equal(nameFrom("  Pick-up, cabin closed "), "pick_up_cabin_closed");
  assert.equal(nameFrom("Kühlwagen 2"), "kuhlwagen_2");
  assert.equal(nameFrom("???"), "");
});

test("a lasting name keeps what tells words of other scripts apart, composed as the server keeps it", () => {
  assert.equal(nameFrom("\u1100\u1161\u1107\u1161\u11bc"), "\uac00\ubc29");
  assert.equal(nameFrom("\u30ac\u30b9"), "\u30ac\u30b9");
  assert.notEqual(nameFrom("\u0915\u093f"), nameFrom("\u0915\u0940"));
});

test("options are the words between commas, and those that nobody touched stay as they are", () => {
  assert.deepEqual(optionsFrom(" no, partly,, no", []), ["no", "partly"]);
  assert.deepEqual(optionsFrom("red, dark, blue", ["red, dark", "blue"]), ["red, dark", "blue"]);
  assert.deepEqual(optionsFrom("red, blue", ["red, dark", "blue"]), ["red", "blue"]);
});

test("a default stays while the question still takes it", () => {
  assert.equal(fittingDefault("no", "select", ["no", "yes"]), "no");
  assert.equal(fittingDefault("no", "select", ["never", "yes"]), null);
  assert.equal(fittingDefault("no", "checkbox", []), null);
  assert.equal(fittingDefault(false, "checkbox", []), false);
  assert.equal(fittingDefault(3, "number", []), 3);
  assert.equal(fittingDefault(3, "text", []), null);
});

test("keys and colours are handed out in order and never twice", () => {
  const labels = [label({ title: "Car", key: "1", color: 1 }), label({ title: "Van", key: "3", color: 2 })];
  assert.deepEqual(freeKeys(labels).slice(0, 2), ["2", "4"]);
  assert.equal(nextColor(labels), 3);
});

test("labels that are typed take the next free key and colour, and none comes twice", () => {
  const labels = withTitles(withTitles([], [" Car ", "Van", ""]), ["car", "Lorry"]);
  assert.deepEqual(
    labels.map(({ name, title, key, color }) => [name, title, key, color]),
    [["car", "Car", "1", 1], ["van", "Van", "2", 2], ["lorry", "Lorry", "3", 3]],
  );
  assert.equal(withTitles([], "abcdefghijk".split("")).at(-1)?.key, "");
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
