import assert from "node:assert/strict";
import { test } from "node:test";

import { KeptDraft } from "../../static/js/kept_draft.js";
import { normalised } from "../../static/js/recipe_draft.js";

const car = normalised({ name: "car", title: "Car" });
const van = normalised({ name: "van", title: "Van" });

function storage() {
  const rows = new Map();
  return {
    getItem: (key) => rows.get(key) ?? null,
    setItem: (key, value) => rows.set(key, value),
    removeItem: (key) => rows.delete(key),
    rows,
  };
}

const at = (version, rows) => new KeptDraft({ recipe: "p1", version }, rows);

test("a draft is found again on the version that it was begun on", () => {
  const rows = storage();
  at("3", rows).keep([car, van], "Draw all.");
  const found = at("3", rows).found([car], "");
  assert.deepEqual(found, { labels: [car, van], instructions: "Draw all.", overtaken: false });
});

test("a draft is found again, and said to be overtaken, when somebody published meanwhile", () => {
  const rows = storage();
  at("3", rows).keep([car, van], "Draw all.");
  const found = at("4", rows).found([normalised({ ...car, title: "Passenger car" })], "Draw all.");
  assert.deepEqual(found, { labels: [car, van], instructions: "Draw all.", overtaken: true });
});

test("a draft that became the published version is forgotten", () => {
  const rows = storage();
  at("3", rows).keep([car, van], "Draw all.\n");
  const published = [{ id: "1", ...car }, { id: "2", ...van }];
  assert.equal(at("4", rows).found(published, "Draw all."), null);
  assert.equal(rows.rows.size, 0);
});

test("what cannot be read is no draft", () => {
  const rows = storage();
  rows.setItem("recipe-draft:p1", "{");
  assert.equal(at("3", rows).found([car], ""), null);
});

test("a draft of which nothing is left is forgotten", () => {
  const rows = storage();
  at("3", rows).keep([car, van], "");
  at("3", rows).forget();
  assert.equal(at("3", rows).found([car], ""), null);
});
