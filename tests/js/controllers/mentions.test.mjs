import assert from "node:assert/strict";
import { test } from "node:test";

import { Mentions } from "../../../static/js/controllers/mentions.js";
import { element, pass } from "./page.mjs";

/** A text with its list, and a server that answers when told. */
function setting(mock) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  globalThis.document = Object.assign(element(), { createElement: () => Object.assign(element(), { scrollIntoView() {} }) });
  globalThis.fetch = (url, { signal }) =>
    new Promise((answer, refuse) => {
      signal.addEventListener("abort", () => refuse(new Error("aborted")));
      asked.push({ url, reply: (...results) => answer({ ok: true, json: async () => ({ results }) }) });
    });
  const field = Object.assign(element(), { value: "", selectionEnd: 0 });
  const shown = [];
  const list = Object.assign(element(), { hidden: true, contains: () => false, replaceChildren: (...lines) => shown.push(lines.length) });
  const readers = Object.assign(element(), { dataset: { readers: "/readers" } });
  const whole = element({ "[data-part=names]": list, "[data-part=text]": field, "[data-readers]": readers });
  new Mentions(whole);
  const type = async (text) => {
    Object.assign(field, { value: text, selectionEnd: text.length });
    whole.dispatchEvent(new Event("input"));
    await pass(mock.timers, 200);
  };
  return { whole, asked, shown, list, type };
}

const RITA = { person: "1", name: "Rita" };

test("an answer that was overtaken does not take the newer question with it", async (t) => {
  const { asked, shown, list, type } = setting(t.mock);
  await type("@R");
  await type("@Ri");
  asked[1].reply(RITA);
  await pass(t.mock.timers);
  assert.deepEqual([asked.length, shown, list.hidden], [2, [1], false]);
});

test("who leaves the text before the answer gets no list over the page", async (t) => {
  const { whole, asked, shown, type } = setting(t.mock);
  await type("@R");
  whole.dispatchEvent(new Event("focusout"));
  asked[0].reply(RITA);
  await pass(t.mock.timers);
  assert.deepEqual(shown, []);
});

test("who leaves the text at once asks for nothing", async (t) => {
  const { whole, asked, type } = setting(t.mock);
  await type("");
  Object.assign(whole.querySelector("[data-part=text]"), { value: "@R", selectionEnd: 2 });
  whole.dispatchEvent(new Event("input"));
  whole.dispatchEvent(new Event("focusout"));
  await pass(t.mock.timers, 200);
  assert.deepEqual(asked, []);
});
