import assert from "node:assert/strict";
import { test } from "node:test";

import { LiveSocket } from "../../static/js/socket.js";

/** A server that one can play: keeps what was sent, opens, speaks, hangs up. */
function playedServer() {
  const wires = [];
  const waits = [];
  const dial = () => {
    const wire = { sent: [], onopen: null, onmessage: null, onclose: null, send: (text) => wire.sent.push(JSON.parse(text)), close: () => {} };
    wires.push(wire);
    return wire;
  };
  const later = (act, ms) => waits.push({ act, ms });
  const socket = new LiveSocket("ws://test/live", { dial, later });
  const say = (frame) => wires.at(-1).onmessage({ data: JSON.stringify(frame) });
  return { socket, wires, waits, say };
}

function follow(socket, after) {
  const seen = [];
  const told = [];
  const leave = socket.subscribe("item", "i1", {
    after,
    onFrame: (frame) => seen.push(frame.seq),
    onResync: () => told.push("resync"),
    onRefused: () => told.push("refused"),
  });
  return { seen, told, leave };
}

test("a subscription waits for the connection and names where to go on", () => {
  const { socket, wires } = playedServer();
  follow(socket, 7);
  assert.deepEqual(wires[0].sent, []);
  wires[0].onopen();
  assert.deepEqual(wires[0].sent, [{ type: "subscribe", topic: "item", id: "i1", after: 7 }]);
});

test("after a lost connection it asks for what came since, and drops what it has seen", () => {
  const { socket, wires, waits, say } = playedServer();
  const { seen } = follow(socket, 0);
  wires[0].onopen();
  say({ type: "overlay.partial", topic: "item", id: "i1", seq: 1 });
  say({ type: "overlay.partial", topic: "item", id: "i1", seq: 2 });
  wires[0].onclose({ code: 1006 });
  assert.equal(socket.state, "waiting");
  waits[0].act();
  wires[1].onopen();
  assert.equal(wires[1].sent[0].after, 2);
  say({ type: "overlay.partial", topic: "item", id: "i1", seq: 2 });
  say({ type: "overlay.partial", topic: "item", id: "i1", seq: 3 });
  assert.deepEqual(seen, [1, 2, 3]);
});

test("a gap is filled before anything behind it is shown", () => {
  const { socket, wires, say } = playedServer();
  const { seen } = follow(socket, 1);
  wires[0].onopen();
  say({ type: "overlay.partial", topic: "item", id: "i1", seq: 2 });
  say({ type: "overlay.partial", topic: "item", id: "i1", seq: 5 });
  assert.deepEqual(seen, [2]);
  assert.deepEqual(wires[0].sent.at(-1), { type: "subscribe", topic: "item", id: "i1", after: 2 });
  for (const seq of [3, 4, 5]) say({ type: "overlay.partial", topic: "item", id: "i1", seq });
  assert.deepEqual(seen, [2, 3, 4, 5]);
});

test("a resync forgets the place and tells the reader to read again", () => {
  const { socket, wires, say } = playedServer();
  const { told, seen } = follow(socket, 3);
  wires[0].onopen();
  say({ type: "resync", topic: "item", id: "i1", seq: 90 });
  say({ type: "overlay.final", topic: "item", id: "i1", seq: 91 });
  assert.deepEqual(told, ["resync"]);
  assert.deepEqual(seen, [91]);
});

test("a refused topic is left alone and others go on", () => {
  const { socket, wires, waits, say } = playedServer();
  const { told } = follow(socket, 0);
  socket.subscribe("project", "p1", { onFrame: () => {} });
  wires[0].onopen();
  say({ type: "refused", topic: "item", id: "i1", code: "not_found" });
  assert.deepEqual(told, ["refused"]);
  wires[0].onclose({ code: 1006 });
  waits[0].act();
  wires[1].onopen();
  assert.deepEqual(wires[1].sent.map((message) => message.topic), ["project"]);
});

test("one who signed out is not connected again", () => {
  const { socket, wires, waits } = playedServer();
  follow(socket, 0);
  const states = [];
  socket.watch((state, code) => states.push([state, code]));
  wires[0].onopen();
  wires[0].onclose({ code: 4401 });
  assert.deepEqual(states.at(-1), ["closed", 4401]);
  assert.equal(waits.length, 0);
});

test("waits grow while nothing answers, and never beyond fifteen seconds", () => {
  const { socket, wires, waits } = playedServer();
  follow(socket, 0);
  for (let attempt = 0; attempt < 8; attempt += 1) {
    wires.at(-1).onclose({ code: 1006 });
    waits.at(-1).act();
  }
  assert.ok(waits[0].ms <= 500);
  assert.ok(waits[7].ms > waits[0].ms);
  assert.ok(waits.every((wait) => wait.ms <= 15_000));
});

test("the last reader who leaves ends the subscription", () => {
  const { socket, wires } = playedServer();
  const first = follow(socket, 0);
  const second = follow(socket, 0);
  wires[0].onopen();
  first.leave();
  assert.ok(!wires[0].sent.some((message) => message.type === "unsubscribe"));
  second.leave();
  assert.deepEqual(wires[0].sent.at(-1), { type: "unsubscribe", topic: "item", id: "i1" });
});

test("a ping is answered and shown to nobody", () => {
  const { socket, wires, say } = playedServer();
  const { seen } = follow(socket, 0);
  wires[0].onopen();
  say({ type: "ping", topic: "item", id: "i1", seq: 1 });
  assert.deepEqual(wires[0].sent.at(-1), { type: "pong", seq: 1 });
  assert.deepEqual(seen, []);
});
