import assert from "node:assert/strict";
import { test } from "node:test";

/** @type {(() => void)[]} */
const looks = [];
Object.assign(globalThis, {
  addEventListener: () => {},
  setInterval: () => 0,
  document: { visibilityState: "visible", hasFocus: () => true, addEventListener: (/** @type {string} */ _name, /** @type {() => void} */ act) => looks.push(act) },
});
const { Pulses } = await import("../../../static/editor/sync/pulses.js");

/** @param {(body: any) => Promise<unknown>} send */
function at(send) {
  /** @type {any} */
  const none = { shown: () => [] };
  const pulses = new Pulses(none, (_task, body) => send(body));
  looks.length = 0;
  pulses.start();
  pulses.follow("t1");
  return { pulses, pulse: () => { pulses.worked(); looks[0]?.(); return new Promise((done) => setTimeout(done)); } };
}

test("what a bad line kept back goes out before the task is handed in", async () => {
  let online = false;
  /** @type {any[]} */
  const received = [];
  const { pulses, pulse } = at(async (body) => {
    if (!online) throw new Error("offline");
    received.push(...body.pulses);
  });
  await pulse();
  await pulse();
  online = true;
  await pulses.settle();
  pulses.follow("");
  assert.deepEqual(received.map(({ kind, seq }) => [kind, seq]), [["work", 1], ["work", 2]]);
});

test("handing in waits for signs that are on their way, and sends nothing twice", async () => {
  /** @type {(() => void)[]} */
  const answers = [];
  let sent = 0;
  const { pulses, pulse } = at(() => { sent += 1; return new Promise((done) => answers.push(() => done(null))); });
  await pulse();
  let settled = false;
  const settling = pulses.settle().then(() => (settled = true));
  await new Promise((done) => setTimeout(done));
  assert.equal(settled, false);
  answers[0]?.();
  await settling;
  assert.equal(sent, 1);
});

test("nothing is sent where nothing was kept back", async () => {
  let sent = 0;
  const { pulses } = at(async () => { sent += 1; });
  await pulses.settle();
  assert.equal(sent, 0);
});
