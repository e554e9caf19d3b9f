import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { follow, jobProgress } from "../../../static/js/controllers/job_progress.js";
import { element, openPage, pass, serve } from "./page.mjs";

const JOB = "/api/v1/orgs/o/jobs/1";
const running = [200, { id: "1", state: "running", progress: { done: 1, total: 4 } }];
const done = [200, { id: "1", state: "done", progress: { done: 4, total: 4 } }];
let page;

beforeEach(() => {
  page = openPage();
});

function followed() {
  const text = element();
  const cancel = element();
  const bar = element({ "[data-part=text]": text, "[data-part=cancel]": cancel });
  const ends = [];
  bar.addEventListener("jobdone", () => ends.push("jobdone"));
  return { bar, text, cancel, ends };
}

for (const [status, words] of [
  [401, /signed out.*Sign in/],
  [403, /role/],
  [404, /Load the page again/],
  [410, /Load the page again/],
]) {
  test(`a refusal that will not pass (${status}) ends the watch with a sentence`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const asked = serve(running, [status, { error: { code: "no", message: "Server's own words." } }]);
    const { bar, text, cancel, ends } = followed();
    const { ended } = follow(bar, JOB);
    const rejected = assert.rejects(ended, (error) => error.status === status && words.test(error.message));
    for (let second = 0; second < 5; second += 1) await pass(t.mock.timers, 1000);
    await rejected;
    assert.equal(asked.length, 2);
    assert.match(text.textContent, words);
    assert.equal(bar.dataset.state, "refused");
    assert.equal(cancel.hidden, true);
    assert.deepEqual(ends, []);
  });
}

test("what passes is asked again: no connection, a fault of the server, too many requests", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = serve(new TypeError("lost"), [500, null], [502, null], [429, null], done);
  const { bar, text, ends } = followed();
  const { ended } = follow(bar, JOB);
  for (let second = 0; second < 6; second += 1) await pass(t.mock.timers, 1000);
  assert.equal((await ended).state, "done");
  assert.equal(asked.length, 5);
  assert.equal(text.textContent, "Done, 4 of 4");
  assert.deepEqual(ends, ["jobdone"]);
});

test("a watch that was stopped asks no more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = serve(running);
  const { bar } = followed();
  const { ended, stop } = follow(bar, JOB);
  await pass(t.mock.timers);
  stop();
  assert.equal(await ended, null);
  assert.equal(asked.length, 1);
});

test("a refused job on a page leaves no rejection unheard", async () => {
  serve([404, null]);
  const { bar, text } = followed();
  bar.dataset.url = JOB;
  jobProgress(bar);
  await new Promise((resolve) => setTimeout(resolve));
  assert.match(text.textContent, /Load the page again/);
});

test("a cancel that was refused is said, and may be pressed again", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  serve(running, [403, { error: { code: "not_allowed", message: "Your role does not allow this." } }], running);
  const { bar, cancel } = followed();
  const { stop } = follow(bar, JOB);
  await pass(t.mock.timers);
  cancel.dispatchEvent(new Event("click"));
  assert.equal(cancel.disabled, true);
  await pass(t.mock.timers);
  assert.equal(cancel.disabled, false);
  assert.ok(page.toasts.some((line) => /Your role does not allow this/.test(line.textContent)));
  stop();
});
