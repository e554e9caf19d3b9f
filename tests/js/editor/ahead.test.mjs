import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../static/editor/sync/api.js";
import { box, task } from "./cast.mjs";
import { session } from "./desk.mjs";

const settled = async () => {
  for (let k = 0; k < 20; k++) await new Promise((resolve) => setImmediate(resolve));
};

/** An object to ask about; `answers` is what the person sees. */
function object(number, more = {}) {
  const shape = box(10 * number, 10, 30, 30, { id: `shape-of-${number}` });
  return task({ id: `task-${number}`, unit: { kind: "object", subject: shape.id }, annotations: [shape], suggestions_shown: false, lease: { token: `token-${number}`, expires_at: "2099-01-01T00:00:00Z" }, ...more });
}

/** A session that is given these tasks, one a claim. */
function given(context, tasks, answers = {}) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const queue = [...tasks];
  const one = session({ "POST claims": () => (queue.length ? { tasks: [queue.shift()] } : null), ...answers });
  one.editor.flow.submit = () => one.made.submit();
  context.after(async () => {
    one.lease.drop();
    await one.made.parting.settle();
  });
  return Object.assign(one, { queue, ids: () => one.editor.task.id });
}

const relabelled = (one) => one.editor.put({ ...one.editor.subject, label: "van" });

test("while one object is looked at, the next is taken with its draft", async (context) => {
  const draft = { revision: 4, values: { "shape-of-2": { ...object(2).annotations[0], label: "van" } }, rejected: [] };
  const one = given(context, [object(2)], { "GET draft": () => draft });
  const ahead = [];
  one.made.claims.on("ahead", ({ id }) => ahead.push(id));
  await one.made.open(object(1));
  await settled();
  assert.deepEqual(ahead, ["task-2"]);
  assert.deepEqual(one.to("claims").map(({ body }) => body), [{ stage: "stage-1", limit: 1 }]);
  const drafts = one.to("draft").length;
  await one.made.submit();
  assert.equal(one.editor.task.id, "task-2");
  assert.equal(one.editor.subject.label, "van");
  assert.equal(one.to("draft").length, drafts, "its draft was there already");
});

test("of pictures and tiles nothing is taken ahead, nor by who only looks", async (context) => {
  const one = given(context, [object(2)]);
  for (const other of [task(), task({ unit: { kind: "tile", region: { x: 0, y: 0, width: 9, height: 9 } } }), object(1, { lease: null })]) await one.made.open(other);
  await settled();
  assert.equal(one.to("claims").length, 0);
});

test("an answer opens the next object at once and is handed in a moment later, as it was saved", async (context) => {
  const one = given(context, [object(2), object(3)]);
  await one.made.open(object(1));
  await settled();
  relabelled(one);
  await one.made.submit();
  assert.equal(one.ids(), "task-2");
  assert.deepEqual(one.told.at(-1), ["passed", "Van"]);
  assert.equal(one.to("submission").length, 0);
  context.mock.timers.tick(6000);
  await settled();
  const [{ url, body, headers }] = one.to("submission");
  assert.deepEqual([url, body], ["/submission/task-1", { draft_revision: 1 }]);
  assert.equal(headers["Lease-Token"], "token-1");
  assert.ok(headers["Idempotency-Key"]);
  assert.deepEqual((await one.log.read("task-1")).entries, []);
  assert.equal(one.ids(), "task-2");
});

test("the answer before the last one is handed in with the next answer", async (context) => {
  const one = given(context, [object(2), object(3), object(4)]);
  await one.made.open(object(1));
  for (let k = 0; k < 2; k++) {
    await settled();
    relabelled(one);
    await one.made.submit();
  }
  await settled();
  assert.equal(one.ids(), "task-3");
  assert.deepEqual(one.to("submission").map(({ url }) => url), ["/submission/task-1"]);
  const keys = new Set(one.to("submission").map(({ headers }) => headers["Idempotency-Key"]));
  assert.equal(keys.size, 1);
});

test("an answer taken back is open again, held as before, and the object that was open comes after it", async (context) => {
  const one = given(context, [object(2), object(3)]);
  await one.made.open(object(1));
  await settled();
  relabelled(one);
  await one.made.submit();
  await settled();
  await one.made.takeBack();
  assert.equal(one.ids(), "task-1");
  assert.equal(one.lease.token, "token-1");
  assert.ok(!one.editor.readOnly);
  context.mock.timers.tick(10000);
  await settled();
  assert.equal(one.to("submission").length, 0);
  await one.made.submit();
  assert.equal(one.ids(), "task-2");
});

test("going back to the answer that was given last takes it back; to another task, it is handed in", async (context) => {
  const one = given(context, [object(2), object(3)], { "GET task": () => object(9, { lease: null }) });
  await one.made.open(object(1));
  await settled();
  await one.made.submit();
  await one.made.visit("task-1");
  assert.deepEqual([one.ids(), one.editor.readOnly, one.to("submission").length], ["task-1", false, 0]);
  await one.made.submit();
  await one.made.visit("task-9");
  assert.deepEqual([one.ids(), one.to("submission").map(({ url }) => url)], ["task-9", ["/submission/task-1"]]);
});

test("the last object is handed in at once, and the page says that nothing is left", async (context) => {
  const one = given(context, [object(2)]);
  await one.made.open(object(1));
  await settled();
  await one.made.submit();
  await settled();
  await one.made.submit();
  await settled();
  context.mock.timers.tick(6000);
  await settled();
  assert.deepEqual(one.to("submission").map(({ url }) => url).sort(), ["/submission/task-1", "/submission/task-2"]);
  assert.deepEqual(one.told.at(-1), ["nothing", undefined]);
  assert.ok(one.editor.readOnly);
});

test("who may hold one task only answers without one ahead", async (context) => {
  const full = new ApiError(409, { code: "too_many_held", message: "You hold as many tasks as you may." });
  let free = false;
  const one = given(context, [], { "POST claims": () => (free ? { tasks: [object(2)] } : Promise.reject(full)), "POST submission": () => void (free = true) });
  await one.made.open(object(1));
  await settled();
  await one.made.submit();
  assert.deepEqual([one.to("submission").length, one.ids()], [1, "task-2"]);
  assert.ok(!one.told.some(([name]) => name === "refused"));
});

test("an object whose lease is nearly over is not opened from what was ready", async (context) => {
  const late = object(2, { lease: { token: "late", expires_at: new Date(Date.now() + 20000).toISOString() } });
  const one = given(context, [late, object(3)]);
  await one.made.open(object(1));
  await settled();
  assert.ok(!one.made.claims.isReady);
  await one.made.submit();
  assert.equal(one.ids(), "task-3");
});

test("an answer that the server does not take is said, with the task it was given to", async (context) => {
  const refusal = new ApiError(409, { code: "lease_expired", message: "Your time for this task ran out." });
  const one = given(context, [object(2)], { "POST submission": () => Promise.reject(refusal) });
  const refused = [];
  one.made.parting.on("refused", ({ task: { id }, error }) => refused.push([id, error]));
  await one.made.open(object(1));
  await settled();
  relabelled(one);
  await one.made.submit();
  context.mock.timers.tick(6000);
  await settled();
  assert.deepEqual(refused, [["task-1", refusal]]);
  assert.equal((await one.log.read("task-1")).entries.length, 1, "the answer is still here");
  assert.equal(one.ids(), "task-2");
  assert.ok(!one.editor.readOnly);
});

test("who leaves the page hands in what was answered and gives back what nobody looked at", async (context) => {
  const one = given(context, [object(2), object(3)]);
  await one.made.open(object(1));
  await settled();
  await one.made.submit();
  await settled();
  void one.made.parting.settle();
  one.made.claims.release();
  assert.equal(one.to("submission").length, 1, "before the page is gone");
  const [{ method, url, headers }] = one.to("lease");
  assert.deepEqual([method, url, headers["Lease-Token"]], ["DELETE", "/lease/task-3", "token-3"]);
});

test("a reviewer of objects gets the next one ahead, and gives each verdict at once", async (context) => {
  const review = (number) => object(number, { stage: { kind: "review" } });
  const one = given(context, [review(2)]);
  await one.made.open(review(1));
  await settled();
  await one.made.accept();
  assert.deepEqual(one.to("verdict")[0].body, { verdict: "accept" });
  assert.equal(one.ids(), "task-2");
});
