import assert from "node:assert/strict";
import { test } from "node:test";

import { bandOf } from "../../../static/js/controllers/filter_form.js";
import { neighbour } from "../../../static/js/controllers/selection.js";
import { pictures } from "../../../static/js/bulk.js";

test("an arrow leads to the picture beside, above or below", () => {
  assert.equal(neighbour("ArrowRight", 0, 3, 8), 1);
  assert.equal(neighbour("ArrowLeft", 4, 3, 8), 3);
  assert.equal(neighbour("ArrowDown", 1, 3, 8), 4);
  assert.equal(neighbour("ArrowUp", 4, 3, 8), 1);
});

test("an arrow beyond the edge stays", () => {
  assert.equal(neighbour("ArrowUp", 1, 3, 8), 1);
  assert.equal(neighbour("ArrowDown", 6, 3, 8), 6);
  assert.equal(neighbour("ArrowLeft", 0, 3, 8), 0);
  assert.equal(neighbour("x", 2, 3, 8), 2);
});

test("Home and End lead to the first and the last", () => {
  assert.equal(neighbour("Home", 5, 3, 8), 0);
  assert.equal(neighbour("End", 5, 3, 8), 7);
});

test("two scores are a range, in whichever order, and all scores are none", () => {
  assert.equal(bandOf("0.30", "0.60"), "0.30-0.60");
  assert.equal(bandOf("0.60", "0.30"), "0.30-0.60");
  assert.equal(bandOf("0.00", "1.00"), "");
});

test("pictures are counted in words", () => {
  assert.equal(pictures(1), "1 picture");
  assert.equal(pictures(1200), "1,200 pictures");
});
