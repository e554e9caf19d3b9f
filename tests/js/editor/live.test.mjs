import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSocket } from "../../../static/editor/sync/live_socket.js";
import { reportOf } from "../../../static/editor/panels/model_panel.js";
import { PredictionFeed } from "../../../static/editor/sync/prediction_feed.js";
import { atWork, suggestion } from "./cast.mjs";

const settled = async () => {
  for (let k = 0; k < 6; k++) await new Promise((resolve) => setImmediate(resolve));
};

/** Hands out sockets that the test opens, feeds and closes. */
function line(context) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sockets = [];
  const connect = () => {
    const socket = { sent: [], send: (text) => socket.sent.push(JSON.parse(text)), close() {}, onopen: null, onmessage: null, onclose: null };
    sockets.push(socket);
    return socket;
  };
  const live = new LiveSocket(connect);
  live.open();
  const tell = (frame) => sockets.at(-1).onmessage({ data: JSON.stringify(frame) });
  return { live, sockets, tell, open: () => sockets.at(-1).onopen({}), close: (code) => sockets.at(-1).onclose({ code }) };
}

const frame = (seq, more = {}) => ({ type: "overlay.partial", topic: "item", id: "i", seq, ...more });

test("frames come in order, each once", (context) => {
  const { live, tell, open } = line(context);
  const seen = [];
  live.subscribe("item", "i", 5, ({ seq }) => seen.push(seq), async () => 0);
  open();
  for (const seq of [4, 5, 6, 6, 7]) tell(frame(seq));
  assert.deepEqual(seen, [6, 7]);
});

test("a missing frame makes the reader read again, and then go on", async (context) => {
  const { live, sockets, tell, open } = line(context);
  const seen = [];
  let read = 0;
  live.subscribe("item", "i", 5, ({ seq }) => seen.push(seq), async () => (read++, 9));
  open();
  tell(frame(8));
  tell(frame(9));
  await settled();
  tell(frame(10));
  assert.equal(read, 1);
  assert.deepEqual(seen, [10]);
  assert.deepEqual(sockets[0].sent.at(-1), { type: "subscribe", topic: "item", id: "i", after: 9 });
});

test("a resync reads again", async (context) => {
  const { live, tell, open } = line(context);
  let read = 0;
  live.subscribe("item", "i", 5, () => undefined, async () => (read++, 50));
  open();
  tell({ type: "resync", topic: "item", id: "i" });
  await settled();
  assert.equal(read, 1);
});

test("a newer tab has the channel only until the task that both followed is left", (context) => {
  const { live, sockets, open, close } = line(context);
  live.subscribe("task", "one", null, () => undefined, async () => null);
  live.subscribe("item", "i", 5, () => undefined, async () => 0);
  open();
  close(4409);
  live.unsubscribe("item", "i");
  assert.equal(sockets.length, 1);
  live.unsubscribe("task", "one");
  live.subscribe("task", "two", null, () => undefined, async () => null);
  assert.equal(sockets.length, 2);
  open();
  assert.deepEqual(sockets[1].sent, [{ type: "subscribe", topic: "task", id: "two" }]);
});

test("a lost connection comes back and resumes after the last frame seen", (context) => {
  const { live, sockets, tell, open, close } = line(context);
  live.subscribe("item", "i", 5, () => undefined, async () => 0);
  open();
  tell(frame(6));
  close(1006);
  assert.equal(live.state, "lost");
  context.mock.timers.tick(1000);
  open();
  assert.equal(sockets.length, 2);
  assert.deepEqual(sockets[1].sent, [{ type: "subscribe", topic: "item", id: "i", after: 6 }]);
});

test("a silent connection is given up", (context) => {
  const { sockets, open } = line(context);
  open();
  context.mock.timers.tick(80000);
  assert.equal(sockets.length, 2);
});

test("a ping is answered, and shows a gap at the end of a topic", async (context) => {
  const { live, sockets, tell, open } = line(context);
  let read = 0;
  live.subscribe("item", "i", 5, () => undefined, async () => (read++, 7));
  open();
  tell({ type: "ping", seq: 1 });
  assert.deepEqual(sockets[0].sent.at(-1), { type: "pong", seq: 1 });
  tell({ type: "ping", topic: "item", id: "i", seq: 5 });
  await settled();
  assert.equal(read, 0);
  tell({ type: "ping", topic: "item", id: "i", seq: 7 });
  await settled();
  assert.equal(read, 1);
});

test("a newer tab keeps the channel until this one takes it back", (context) => {
  const { live, sockets, open, close } = line(context);
  open();
  close(4409);
  context.mock.timers.tick(60000);
  assert.deepEqual([live.state, sockets.length], ["newer_tab", 1]);
  live.open();
  open();
  assert.equal(live.state, "open");
});

test("after a sign-out the channel waits for the next sign-in", (context) => {
  const { live, sockets, open, close } = line(context);
  open();
  close(4401);
  assert.equal(live.state, "signed_out");
  context.mock.timers.tick(10000);
  assert.equal(sockets.length, 1);
  context.mock.timers.tick(20000);
  assert.equal(sockets.length, 2);
});

test("a stream of parts fills the layer while the annotator works", async (context) => {
  const { live, tell, open } = line(context);
  open();
  const editor = atWork();
  const early = suggestion(10, 10);
  const feed = new PredictionFeed(editor, live, async () => ({ results: [], seq: 3, running: [], read_by: [] }));
  await feed.open(editor.task);
  const tell2 = (type, seq, more) => tell({ type, topic: "item", id: "item-1", seq, inference: "run", ...more });
  tell2("inference.queued", 4, { position: 3, eta_s: 4 });
  assert.deepEqual([editor.reading.state, editor.reading.position], ["queued", 3]);
  tell2("overlay.partial", 5, { tile: { index: 1, x: 0, y: 0, width: 100, height: 100 }, shapes: [early], done: 1, total: 2 });
  assert.deepEqual([editor.reading.state, editor.reading.done, editor.reading.total], ["reading", 1, 2]);
  editor.selection.set([early.id]);
  tell2("overlay.final", 6, { shapes: [early, suggestion(300, 300)] });
  assert.equal(editor.reading.state, "done");
  assert.deepEqual(editor.selection.ids(), [early.id]);
  assert.equal(editor.suggestions.shown().length, 2);
});

test("a reload in the middle of a run shows the parts that are there", async (context) => {
  const { live } = line(context);
  const editor = atWork();
  const tiles = [{ index: 1, x: 0, y: 0, width: 100, height: 100, done: true }, { index: 2, x: 100, y: 0, width: 100, height: 100, done: false }];
  const page = { results: [suggestion(20, 20), suggestion(120, 20)], seq: 3, running: [{ inference: "run", model_version: "v1", done: 1, total: 2, state: "running", tiles, shapes: [suggestion(60, 60)] }], read_by: [] };
  await new PredictionFeed(editor, live, async () => page).open(editor.task);
  assert.equal(editor.suggestions.shown().length, 2);
  assert.deepEqual([editor.reading.state, editor.reading.done], ["reading", 1]);
});

test("the pass over the whole picture makes no room, and what was half seen at an edge goes", async (context) => {
  const { live, tell, open } = line(context);
  open();
  const editor = atWork();
  const [old, half] = [suggestion(300, 300), suggestion(90, 10)];
  await new PredictionFeed(editor, live, async () => ({ results: [old], seq: 3, running: [], read_by: [] })).open(editor.task);
  const part = (seq, index, more) => tell({ type: "overlay.partial", topic: "item", id: "item-1", seq, inference: "run", tile: { index, x: 0, y: 0, width: 1000, height: 800 }, done: seq, total: 9, ...more });
  part(4, 0, { shapes: [half] });
  assert.ok(editor.suggestions.isShown(old.id));
  part(5, 7, { shapes: [], gone: [half.id] });
  assert.deepEqual(editor.suggestions.shown(), []);
});

test("a run without a find clears only what its own model said before", async (context) => {
  const { live, tell, open } = line(context);
  open();
  const editor = atWork();
  const [own, other] = [suggestion(10, 10), suggestion(300, 300, 0.9, { source: { kind: "model", model_version: "v2" } })];
  const running = [{ inference: "run", model_version: "v1", done: 0, total: 1, state: "running", tiles: [], shapes: [] }];
  await new PredictionFeed(editor, live, async () => ({ results: [own, other], seq: 3, running, read_by: [] })).open(editor.task);
  tell({ type: "overlay.final", topic: "item", id: "item-1", seq: 4, inference: "run", shapes: [] });
  assert.deepEqual(editor.suggestions.shown(), [other]);
});

test("a failed run says so and leaves what was there", async (context) => {
  const { live, tell, open } = line(context);
  open();
  const editor = atWork();
  await new PredictionFeed(editor, live, async () => ({ results: [suggestion(1, 1)], seq: 3, running: [], read_by: [] })).open(editor.task);
  tell({ type: "inference.failed", topic: "item", id: "item-1", seq: 4, code: "worker_lost", message: "The worker was lost." });
  assert.deepEqual([editor.reading.state, editor.reading.message], ["failed", "The worker was lost."]);
  assert.equal(editor.suggestions.shown().length, 1);
});

test("a picture on which the model found nothing is told from one that it has not read", async (context) => {
  const { live, open } = line(context);
  const editor = atWork();
  const [deployment] = editor.task.deployments;
  open();
  const words = async (read_by) => {
    await new PredictionFeed(editor, live, async () => ({ results: [], seq: 3, running: [], read_by })).open(editor.task);
    return reportOf(editor, deployment, "open");
  };
  assert.equal((await words([])).words, "It has not read this picture yet.");
  assert.equal((await words(["d2"])).pill, "Ready");
  const { pill, words: said } = await words(["d1"]);
  assert.equal(pill, "Nothing found");
  assert.match(said, /^lotnet 3 read this picture and found nothing above its floor/);
});

test("the held-out arm asks for nothing", async (context) => {
  const { live } = line(context);
  const editor = atWork([], { suggestions_shown: false });
  await new PredictionFeed(editor, live, async () => assert.fail("it asked")).open(editor.task);
});
