import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../../static/editor/sync/api.js";
import { ask } from "../../../static/editor/sync/ask.js";
import { Lease } from "../../../static/editor/sync/lease.js";
import { box, task } from "./cast.mjs";
import { closing, passing, session } from "./desk.mjs";

test("a task opens with its draft on top of the unit's annotations", async (context) => {
  const [kept, changed] = [box(0, 0, 9, 9), box(50, 0, 9, 9)];
  const draft = { revision: 3, values: { [changed.id]: { ...changed, x: 70 } }, rejected: ["p"] };
  const one = session({ "GET draft": () => draft });
  closing(context, one);
  await one.made.open(task({ annotations: [kept, changed] }));
  assert.deepEqual([...one.editor.store.shapes()].map(({ x }) => x), [0, 70]);
  assert.ok(one.editor.store.isRejected("p"));
  assert.equal(one.autosave.revision, 3);
});

test("submit saves, hands in with token and key, forgets the journal and opens the next task", async (context) => {
  const next = task({ id: "task-2" });
  const one = session({ "POST claims": () => ({ tasks: [next] }) });
  closing(context, one);
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  await one.made.submit();
  const [{ body, headers }] = one.to("submission");
  assert.deepEqual(body, { draft_revision: 1 });
  assert.equal(headers["Lease-Token"], "token");
  assert.ok(headers["Idempotency-Key"]);
  assert.deepEqual(one.to("claims")[0].body, { stage: "stage-1", limit: 1 });
  assert.equal(one.editor.task.id, "task-2");
  assert.deepEqual((await one.log.read("task-1")).entries, []);
});

test("the same submission is repeated under the same key when no answer comes", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let tries = 0;
  const one = session({
    "POST submission": () => {
      if (++tries < 3) throw new ApiError(0, { code: "offline" });
      return {};
    },
  });
  closing(context, one);
  await one.made.open(task());
  const done = one.made.submit();
  await passing(context);
  await done;
  const keys = one.to("submission").map(({ headers }) => headers["Idempotency-Key"]);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
});

test("skipping hands the unsent work over first, as the dialog promises", async (context) => {
  let sent = 0;
  const one = session({ "POST skip": () => void (sent = one.autosave.revision) });
  closing(context, one);
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  await one.made.skip("unclear", "manager");
  assert.equal(sent, 1);
});

test("a second press of submit while the first is under way does nothing", async (context) => {
  const one = session();
  closing(context, one);
  await one.made.open(task());
  await Promise.all([one.made.submit(), one.made.submit()]);
  assert.equal(one.to("submission").length, 1);
});

test("when nothing is left the page says so, and nothing can be handed in twice", async (context) => {
  const one = session();
  closing(context, one);
  await one.made.open(task());
  await one.made.submit();
  assert.deepEqual(one.told.at(-1), ["nothing", undefined]);
  assert.equal(one.editor.task.lease, null);
  assert.ok(one.editor.readOnly);
});

test("handed in, but the next task does not come: the work is safe and the page says so", async (context) => {
  const refused = new ApiError(409, { code: "too_many_held", message: "You hold as many tasks as you may." });
  const one = session({ "POST claims": () => Promise.reject(refused) });
  closing(context, one);
  await one.made.open(task());
  await one.made.submit();
  assert.deepEqual(one.told.at(-1), ["adrift", refused]);
});

test("a lost lease makes the task one to look at and keeps the journal", async (context) => {
  const one = session({ "POST submission": () => Promise.reject(new ApiError(409, { code: "lease_lost" })) });
  closing(context, one);
  const lost = [];
  one.lease.on("lost", (code) => lost.push(code));
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  await one.made.submit();
  assert.deepEqual(lost, ["lease_lost"]);
  assert.ok(one.editor.readOnly);
  assert.equal((await one.log.read("task-1")).entries.length, 1);
});

test("a lost task can be taken again by name", async (context) => {
  const one = session({ "POST claims": () => ({ tasks: [task()] }) });
  closing(context, one);
  await one.made.open(task({ lease: null }));
  assert.ok(one.editor.readOnly);
  await one.made.retake();
  assert.deepEqual(one.to("claims")[0].body, { task: "task-1" });
  assert.ok(!one.editor.readOnly);
});

test("without a connection nothing is handed in, and that is said apart from a refusal", async (context) => {
  const one = session();
  closing(context, one);
  await one.made.open(task());
  one.autosave.flush = async () => false;
  one.autosave.state = "kept";
  await one.made.submit();
  assert.equal(one.told.at(-1)[0], "unsent");
  assert.equal(one.to("submission").length, 0);
});

test("a refused shape keeps the task open, with a new key for the next try", async (context) => {
  const refusal = new ApiError(422, { code: "invalid_geometry", message: "No.", details: { index: 0 } });
  const one = session({ "POST submission": () => Promise.reject(refusal) });
  closing(context, one);
  await one.made.open(task());
  await one.made.submit();
  await one.made.submit();
  const keys = one.to("submission").map(({ headers }) => headers["Idempotency-Key"]);
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(one.told.at(-1), ["refused", refusal]);
  assert.ok(!one.editor.readOnly);
});

test("a reviewer who changes nothing accepts; one who fixes sends the draft; a return carries its comment", async (context) => {
  const review = task({ stage: { kind: "review" }, annotations: [box(0, 0, 9, 9)] });
  for (const [act, body] of [
    [(made) => made.accept(), { verdict: "accept" }],
    [(made) => (made.fix(), made.parts.editor.put(box(1, 1, 9, 9)), made.accept()), { verdict: "fix", draft_revision: 1, reason: "" }],
    [(made) => (made.fix(), made.accept("shape")), { verdict: "fix", draft_revision: 0, reason: "shape" }],
    [(made) => made.giveBack("Too loose."), { verdict: "reject", comment: "Too loose.", reason: "" }],
    [(made) => made.giveBack("Too loose.", "shape"), { verdict: "reject", comment: "Too loose.", reason: "shape" }],
  ]) {
    const one = session();
    closing(context, one);
    await one.made.open(review);
    assert.ok(one.editor.readOnly);
    await act(one.made);
    assert.deepEqual(one.to("verdict")[0].body, body);
  }
});

test("of two versions the person keeps theirs, against the revision that they saw", async (context) => {
  const base = box(0, 0, 9, 9);
  const theirs = { revision: 7, values: { [base.id]: null }, rejected: [] };
  const one = session({ "PUT draft": () => ({ revision: 8 }) });
  closing(context, one);
  await one.made.open(task({ annotations: [base] }));
  one.editor.put({ ...base, x: 5 });
  one.made.parts.api.get = async () => theirs;
  one.autosave.contest();
  await new Promise((resolve) => setImmediate(resolve));
  const [, { theirs: other, mine }] = one.told.find(([name]) => name === "conflict");
  assert.deepEqual([other.length, mine.length], [0, 1]);
  await one.made.settle("mine");
  const [{ body, headers }] = one.to("draft").filter(({ method }) => method === "PUT");
  assert.equal(headers["If-Match"], '"r7"');
  assert.equal(body.values[base.id].x, 5);
  assert.deepEqual([one.autosave.revision, one.autosave.waiting], [8, 0]);
  one.editor.put({ ...base, x: 6 });
  assert.equal(one.autosave.state, "saving", "what follows a settled conflict is sent again");
});

test("what is drawn while the kept version is under way is sent after it", async (context) => {
  const base = box(0, 0, 9, 9);
  const one = session({ "PUT draft": () => (one.editor.put({ ...base, x: 7 }), { revision: 8 }) });
  closing(context, one);
  await one.made.open(task({ annotations: [base] }));
  one.editor.put({ ...base, x: 5 });
  one.made.parts.api.get = async () => ({ revision: 7, values: {}, rejected: [] });
  one.autosave.contest();
  await new Promise((resolve) => setImmediate(resolve));
  await one.made.settle("mine");
  assert.deepEqual([one.autosave.waiting, one.autosave.state], [1, "saving"]);
});

test("of two versions the person takes the other, and their own unsent steps are dropped", async (context) => {
  const [base, other] = [box(0, 0, 9, 9), box(30, 30, 9, 9)];
  const theirs = { revision: 7, values: { [other.id]: other }, rejected: [] };
  const one = session();
  closing(context, one);
  await one.made.open(task({ annotations: [base] }));
  one.editor.put({ ...base, x: 5 });
  one.made.parts.api.get = async () => theirs;
  one.autosave.contest();
  await new Promise((resolve) => setImmediate(resolve));
  await one.made.settle("theirs");
  assert.deepEqual([...one.editor.store.shapes()].map(({ x }) => x), [0, 30]);
  assert.equal(one.autosave.waiting, 0);
  assert.ok(!one.editor.history.canUndo);
});

test("a version that cannot be read is said, and compared when the connection is back", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const lost = new ApiError(503, { message: "No." });
  const one = session();
  closing(context, one);
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  one.made.parts.api.get = async () => Promise.reject(lost);
  one.autosave.contest();
  await passing(context);
  assert.deepEqual(one.told.at(-1), ["undecided", lost]);
  one.made.parts.api.get = async () => ({ revision: 7, values: {}, rejected: [] });
  one.made.wake();
  await passing(context);
  assert.equal(one.told.at(-1)[0], "conflict");
});

test("a choice that the server refuses is asked again", async (context) => {
  const refusal = new ApiError(422, { code: "invalid_geometry", message: "No." });
  const one = session({ "PUT draft": () => Promise.reject(refusal) });
  closing(context, one);
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  one.autosave.contest();
  await new Promise((resolve) => setImmediate(resolve));
  await one.made.settle("mine");
  assert.deepEqual(one.told.slice(-2).map(([name]) => name), ["refused", "conflict"]);
  assert.deepEqual([one.autosave.state, one.autosave.waiting], ["conflict", 1]);
});

test("handing in while two versions wait asks for the choice first", async (context) => {
  const one = session();
  closing(context, one);
  await one.made.open(task());
  one.autosave.contest();
  await new Promise((resolve) => setImmediate(resolve));
  const asked = one.told.filter(([name]) => name === "conflict").length;
  await one.made.submit();
  assert.equal(one.told.filter(([name]) => name === "conflict").length, asked + 1);
  assert.equal(one.to("submission").length, 0);
});

test("going back while a task is handed in waits, and the task handed in is the one that was open", async (context) => {
  const other = task({ id: "task-0" });
  const one = session({
    "GET task": () => other,
    "POST submission": () => void one.made.visit("task-0"),
    "POST claims": () => ({ tasks: [task({ id: "task-2" })] }),
  });
  closing(context, one);
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  await one.made.submit();
  assert.deepEqual(one.to("submission").map(({ url }) => url), ["/submission/task-1"]);
  assert.deepEqual(one.told.map(([name, detail]) => [name, detail?.id]), [["opened", "task-1"], ["opened", "task-2"], ["opened", "task-0"]]);
});

test("going back sends what was drawn before it opens the other task", async (context) => {
  let sent = 0;
  const one = session({ "GET task": () => ((sent = one.autosave.revision), task({ id: "task-0" })) });
  closing(context, one);
  await one.made.open(task());
  one.editor.put(box(10, 10, 30, 30));
  await one.made.visit("task-0");
  assert.deepEqual([sent, one.editor.task.id], [1, "task-0"]);
});

test("the model is asked for what is on the screen, and a refusal is said", async (context) => {
  const one = session({ "POST assist": () => ({ inference: { id: "run", state: "queued", position: 0, eta_s: 3 } }) });
  closing(context, one);
  await one.made.open(task());
  one.editor.viewport.fit({ x: 100, y: 100, width: 200, height: 160 }, 0);
  await ask(one.made.parts, {});
  assert.deepEqual(one.to("assist")[0].body.region, { x: 100, y: 100, width: 200, height: 160 });
  assert.equal(one.editor.reading.state, "queued");

  const other = session({ "POST assist": () => Promise.reject(new ApiError(409, { code: "no_deployment", message: "No model serves." })) });
  closing(context, other);
  await other.made.open(task());
  await ask(other.made.parts, {});
  assert.deepEqual([other.editor.reading.state, other.editor.reading.message], ["failed", "No model serves."]);
});

test("a lease counts down by the server's clock and ends by itself", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: 0 });
  const lease = new Lease({ now: () => Date.now() + 5000 }, async () => null, () => 1e9);
  const lost = [];
  lease.on("lost", (code) => lost.push(code));
  lease.hold("task-1", { token: "t", expires_at: new Date(65000).toISOString() });
  assert.equal(lease.left(), 60000);
  context.mock.timers.tick(30000);
  assert.equal(lease.left(), 30000);
  context.mock.timers.tick(31000);
  assert.deepEqual(lost, ["lease_expired"]);
  assert.equal(lease.left(), null);
});

test("a lease is extended while somebody works, and only then", (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: 0 });
  let beats = 0;
  let idle = 0;
  const pass = (seconds) => {
    for (let k = 0; k < seconds; k++) context.mock.timers.tick(1000);
  };
  const lease = new Lease({ now: () => Date.now() }, async () => (beats++, { expires_at: new Date(9e6).toISOString() }), () => idle);
  lease.hold("task-1", { token: "t", expires_at: new Date(9e6).toISOString() });
  pass(65);
  assert.equal(beats, 2);
  idle = 200000;
  pass(65);
  assert.equal(beats, 2);
  lease.drop();
});

test("a beat that crosses the handing in does not end the lease; the answer to it decides", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: Date.parse("2026-11-21T12:00:00Z") });
  let beats = 0;
  const held = { token: "token", expires_at: "2026-11-21T13:00:00Z" };
  const one = session({
    "POST submission": async () => {
      context.mock.timers.tick(40_000);
      await new Promise((resolve) => setImmediate(resolve));
      return {};
    },
  });
  closing(context, one);
  one.lease.extend = async () => {
    beats += 1;
    throw new ApiError(409, { code: "lease_lost" });
  };
  const lost = [];
  one.lease.on("lost", (code) => lost.push(code));
  await one.made.open(task({ lease: held }));
  await one.made.submit();
  assert.deepEqual([beats, lost], [0, []]);
  assert.deepEqual(one.told.map(([name]) => name), ["opened", "nothing"]);
});

test("a beat that was under way when the handing in began does not end the lease either", async (context) => {
  context.mock.timers.enable({ apis: ["setInterval", "Date"], now: Date.parse("2026-11-21T12:00:00Z") });
  let refuse = () => undefined;
  const one = session({
    "POST submission": async () => {
      refuse(new ApiError(409, { code: "lease_lost" }));
      await new Promise((resolve) => setImmediate(resolve));
      return {};
    },
  });
  closing(context, one);
  one.lease.extend = () => new Promise((_, reject) => (refuse = reject));
  const lost = [];
  one.lease.on("lost", (code) => lost.push(code));
  await one.made.open(task({ lease: { token: "token", expires_at: "2026-11-21T13:00:00Z" } }));
  context.mock.timers.tick(40_000);
  await one.made.submit();
  assert.deepEqual(lost, []);
});

test("who is signed out is not told that there is no connection", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] }); // a real one would try again after the test
  const one = session();
  closing(context, one);
  await one.made.open(task());
  one.autosave.send = () => Promise.reject(new ApiError(401, { code: "not_signed_in" }));
  one.editor.put(box(10, 10, 30, 30));
  await one.made.submit();
  assert.equal(one.autosave.isSignedOut, true);
  assert.deepEqual(one.told.map(([name]) => name), ["opened"]);
});

test("a task that another tab submitted is let go with the first change that comes too late", async (context) => {
  const one = session();
  await one.made.open(task());
  const lost = [];
  one.lease.on("lost", (code) => lost.push(code));
  one.autosave.send = () => Promise.reject(new ApiError(409, { code: "draft_closed", message: "Closed." }));
  one.editor.put(box(10, 10, 30, 30));
  await one.autosave.flush();
  assert.deepEqual(lost, ["draft_closed"]);
  assert.equal(one.editor.task.lease, null);
});
