import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, Api } from "../../../static/editor/sync/api.js";
import { Autosave } from "../../../static/editor/sync/autosave.js";
import { MemoryLog } from "../../../static/editor/sync/draft_log.js";
import { differenceFrom, documentOf } from "../../../static/editor/sync/operations.js";
import { box } from "./cast.mjs";

const gesture = (...shapes) => ({ kind: "do", before: { shapes: new Map(shapes.map(({ id }) => [id, null])), rejected: new Map() }, after: { shapes: new Map(shapes.map((shape) => [shape.id, shape])), rejected: new Map() } });
const settled = () => new Promise((resolve) => setImmediate(resolve));
const offline = () => new ApiError(0, { code: "offline" });

/** A server that keeps a draft as the contract says: idempotent by operation, in conflict when the base is stale. */
function server() {
  const known = new Map();
  const draft = { revision: 0, asked: [], lose: 0 };
  draft.send = async (task, { base_revision, ops }) => {
    draft.asked.push({ task, base_revision, ops: ops.map(({ op_id }) => op_id) });
    if (draft.offline) throw offline();
    const fresh = ops.filter(({ op_id }) => !known.has(op_id));
    if (fresh.length && base_revision !== draft.revision) throw new ApiError(409, { code: "draft_conflict", details: { revision: draft.revision } });
    for (const one of fresh) known.set(one.op_id, one);
    if (fresh.length) draft.revision++;
    if (draft.lose-- > 0) throw offline();
    return { revision: draft.revision };
  };
  draft.known = known;
  return draft;
}

async function opened(context, draft = server(), log = new MemoryLog()) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const autosave = new Autosave(log, draft.send);
  autosave.open("task-1", draft.revision, []);
  const states = [];
  autosave.on("state", (state) => states.push(state));
  const tick = async (ms) => {
    context.mock.timers.tick(ms);
    for (let k = 0; k < 8; k++) await settled();
  };
  return { autosave, draft, log, states, tick };
}

test("gestures are sent together within two seconds and marked as sent", async (context) => {
  const { autosave, draft, log, states, tick } = await opened(context);
  autosave.add(gesture(box(0, 0, 1, 1)));
  autosave.add(gesture(box(1, 0, 1, 1)));
  await tick(1999);
  assert.equal(draft.asked.length, 1);
  assert.equal(draft.asked[0].ops.length, 2);
  assert.deepEqual(states.at(-1), "saved");
  const { entries, revision } = await log.read("task-1");
  assert.ok(entries.every(({ isSent }) => isSent));
  assert.equal(revision, 1);
});

test("a lost answer is repeated exactly, and what came meanwhile waits its turn", async (context) => {
  const draft = server();
  draft.lose = 1;
  const { autosave, tick } = await opened(context, draft);
  autosave.add(gesture(box(0, 0, 1, 1)));
  await tick(1000);
  assert.equal(autosave.state, "kept");
  autosave.add(gesture(box(1, 0, 1, 1)));
  await tick(1100);
  await tick(1100);
  const [first, again, then] = draft.asked;
  assert.deepEqual(again, first);
  assert.equal(then.base_revision, 1);
  assert.equal(autosave.state, "saved");
  assert.equal(draft.known.size, 2);
});

test("offline work is kept, tried with growing pauses, and sent when the connection is back", async (context) => {
  const draft = server();
  draft.offline = true;
  const { autosave, log, tick } = await opened(context, draft);
  autosave.add(gesture(box(0, 0, 1, 1)));
  await tick(1000);
  await tick(1000);
  await tick(1000);
  assert.equal(draft.asked.length, 2);
  await tick(1000);
  assert.equal(draft.asked.length, 3);
  assert.equal(await autosave.flush(), false);
  assert.equal((await log.read("task-1")).entries.length, 1);
  draft.offline = false;
  autosave.wake();
  await tick(0);
  assert.equal(autosave.state, "saved");
  assert.equal(draft.known.size, 1);
});

test("what an earlier visit left unsent is sent first", async (context) => {
  const draft = server();
  draft.offline = true;
  const first = await opened(context, draft);
  first.autosave.add(gesture(box(0, 0, 1, 1)));
  await first.tick(1000);
  const { entries } = await first.log.read("task-1");
  draft.offline = false;
  const second = new Autosave(first.log, draft.send);
  second.open("task-1", 0, entries.filter(({ isSent }) => !isSent));
  await first.tick(0);
  assert.equal(second.state, "saved");
  assert.equal(draft.known.size, 1);
});

test("an old answer takes nothing from a task that was opened again meanwhile", async (context) => {
  const { autosave, tick } = await opened(context);
  const answers = [];
  autosave.send = () => new Promise((resolve) => answers.push(resolve));
  autosave.add(gesture(box(0, 0, 1, 1)));
  await tick(1000);
  autosave.open("task-1", 0, []);
  autosave.add(gesture(box(1, 0, 1, 1)));
  await tick(1000);
  answers[0]({ revision: 5 });
  await tick(0);
  assert.deepEqual([answers.length, autosave.waiting, autosave.revision], [2, 1, 0]);
  answers[1]({ revision: 6 });
  await tick(0);
  assert.deepEqual([autosave.waiting, autosave.revision], [0, 6]);
});

test("a newer version somewhere else is a conflict, and a person settles it", async (context) => {
  const draft = server();
  const { autosave, tick } = await opened(context, draft);
  const conflicts = [];
  autosave.on("conflict", () => conflicts.push(autosave.state));
  draft.revision = 4;
  autosave.add(gesture(box(0, 0, 1, 1)));
  await tick(1000);
  assert.deepEqual(conflicts, ["conflict"]);
  autosave.add(gesture(box(1, 0, 1, 1)));
  await tick(60000);
  assert.equal(draft.asked.length, 1);
  assert.equal(await autosave.flush(), false);
  await autosave.settle(5);
  assert.deepEqual([autosave.state, autosave.waiting, autosave.revision], ["saved", 0, 5]);
});

test("a great many operations go in several requests, in order", async (context) => {
  const { autosave, draft } = await opened(context);
  autosave.add(gesture(...Array.from({ length: 1000 }, (_, k) => box(k, 0, 1, 1))));
  context.mock.timers.reset();
  assert.equal(await autosave.flush(), true);
  assert.deepEqual(draft.asked.map(({ ops, base_revision }) => [ops.length, base_revision]), [[400, 0], [400, 1], [200, 2]]);
});

test("a refused operation says why and does not repeat itself", async (context) => {
  const draft = server();
  draft.send = async () => {
    throw new ApiError(422, { code: "invalid_geometry", message: "A box needs a width." });
  };
  const { autosave, tick } = await opened(context, draft);
  const refusals = [];
  autosave.on("refused", ({ message }) => refusals.push(message));
  autosave.add(gesture(box(0, 0, 1, 1)));
  await tick(1000);
  await tick(60000);
  assert.deepEqual(refusals, ["A box needs a width."]);
});

test("a draft and what was not sent yet make the document", () => {
  const [kept, changed, gone] = [box(0, 0, 1, 1), box(1, 0, 1, 1), box(2, 0, 1, 1)];
  const fresh = box(3, 0, 1, 1);
  const draft = { revision: 2, values: { [changed.id]: { ...changed, x: 9 }, [gone.id]: null }, rejected: ["p"] };
  const pending = [{ op_id: "1", shape_id: fresh.id, value: fresh }, { op_id: "2", prediction: "p", rejected: false }, { op_id: "3", prediction: "q", rejected: true }];
  const { shapes, rejected } = documentOf([kept, changed, gone], draft, pending);
  assert.deepEqual(shapes.map(({ x }) => x), [0, 9, 3]);
  assert.deepEqual(rejected, ["q"]);
  const values = differenceFrom([kept, changed, gone], shapes);
  assert.deepEqual(Object.keys(values).sort(), [changed.id, fresh.id, gone.id].sort());
  assert.equal(values[gone.id], null);
});

test("an answer without a body, an error and a dead connection each have one form", async () => {
  const answer = (status, body, headers = {}) => async () => new Response(body, { status, headers });
  const ask = (fetch) => new Api({ base: "", csrf: () => "token", fetch }).request("POST", "/x", {});
  assert.equal(await ask(answer(204, null)), null);
  await assert.rejects(ask(answer(422, '{"error":{"code":"bad","message":"No.","details":{"index":3}}}')), ({ status, code, details }) => status === 422 && code === "bad" && details.index === 3);
  await assert.rejects(ask(answer(502, "<html>")), (error) => error.isPassing);
  await assert.rejects(ask(async () => { throw new TypeError("network"); }), ({ code, isPassing }) => code === "offline" && isPassing);
});

test("the token goes with every write and with no read", async () => {
  const seen = [];
  const api = new Api({ base: "/api", csrf: () => "token", fetch: async (url, init) => (seen.push([url, init.headers["X-CSRFToken"]]), new Response("{}")) });
  await api.get("/a");
  await api.request("PATCH", "/b", {});
  assert.deepEqual(seen, [["/api/a", undefined], ["/api/b", "token"]]);
});
