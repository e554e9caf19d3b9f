import assert from "node:assert/strict";
import { test } from "node:test";

import { sentence } from "../../static/js/controllers/job_progress.js";
import { batches } from "../../static/js/controllers/upload.js";
import { count, duration, size } from "../../static/js/words.js";

const files = (...sizes) => sizes.map((bytes) => ({ size: bytes }));

test("files go in portions by number and by size, in their order", () => {
  const portions = batches(files(4, 4, 4, 9, 1), { files: 2, bytes: 9 });
  assert.deepEqual(portions.map((portion) => portion.map((file) => file.size)), [[4, 4], [4], [9], [1]]);
});

test("a file that is larger than a portion goes alone", () => {
  const portions = batches(files(3, 50, 3), { files: 9, bytes: 10 });
  assert.deepEqual(portions.map((portion) => portion.length), [1, 1, 1]);
});

test("nothing makes no request", () => {
  assert.deepEqual(batches([]), []);
});

test("a job says the two numbers and the time that is left", () => {
  assert.equal(sentence({ state: "running" }, 1200, 4800, 95), "1,200 of 4,800, about 2\u00a0min left");
  assert.equal(sentence({ state: "running" }, 12, 48, null), "12 of 48");
  assert.equal(sentence({ state: "queued" }, 0, null, null), "Waiting for a worker");
});

test("a failed job says its own sentence, a cancelled one what stays", () => {
  const failed = { state: "failed", error: { code: "truncated", message: "The picture file ends early." } };
  assert.equal(sentence(failed, 0, 3, null), "The picture file ends early.");
  assert.equal(sentence({ state: "cancelled" }, 7, 9, null), "Cancelled at 7. What was done stays.");
});

test("numbers carry their unit behind a no-break space", () => {
  assert.equal(count(38910), "38,910");
  assert.equal(size(1_240_000), "1.2\u00a0MB");
  assert.equal(size(96_400_000_000), "96\u00a0GB");
  assert.equal(duration(38.2), "38\u00a0s");
  assert.equal(duration(130), "2\u00a0min");
  assert.equal(duration(11_520), "3:12\u00a0h");
});
