import assert from "node:assert/strict";
import { test } from "node:test";

import { thread } from "../../../static/js/controllers/thread.js";
import { element, openPage } from "./page.mjs";

/** A thread on a page whose session has ended: the server leads every request to the sign-in page. */
function setting() {
  openPage();
  globalThis.FormData = class {};
  globalThis.fetch = async () => ({ ok: true, redirected: true, status: 200, text: async () => "<h1>Sign in</h1>" });
  const field = Object.assign(element(), { value: "Does a cup count?" });
  const said = [];
  const form = Object.assign(element(), { action: "/thread", hasAttribute: () => false, prepend: (note) => said.push(note.textContent) });
  const whole = Object.assign(element({ "[data-part=text]": field, "[data-part=say]": form }), { innerHTML: "the thread" });
  const turn = () => new Promise((go) => setImmediate(go));
  thread(whole);
  return { whole, form, field, said, turn };
}

test("the sign-in page does not take the place of the thread", async () => {
  const { whole, said, turn } = setting();
  whole.dispatchEvent(new Event("threadchanged"));
  await turn();
  assert.equal(whole.innerHTML, "the thread");
  assert.match(said[0], /signed out/);
});

test("a question that was not taken, since one is signed out, is still there", async () => {
  const { whole, form, field, said, turn } = setting();
  const submitted = Object.assign(new Event("submit", { cancelable: true }), { submitter: null });
  Object.defineProperty(submitted, "target", { value: form });
  whole.dispatchEvent(submitted);
  await turn();
  assert.deepEqual([whole.innerHTML, field.value], ["the thread", "Does a cup count?"]);
  assert.match(said[0], /signed out/);
});
