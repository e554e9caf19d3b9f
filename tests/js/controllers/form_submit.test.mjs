import assert from "node:assert/strict";
import { test } from "node:test";

import { formSubmit } from "../../../static/js/controllers/form_submit.js";
import { element } from "./page.mjs";

const turn = () => new Promise((resolve) => setTimeout(resolve));

function sendable(...buttons) {
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.removeEventListener = page.removeEventListener.bind(page);
  const attributes = {};
  const form = Object.assign(element(), {
    querySelectorAll: () => buttons,
    setAttribute: (name, value) => (attributes[name] = value),
    removeAttribute: (name) => delete attributes[name],
  });
  formSubmit(form);
  return { form, attributes, show: () => page.dispatchEvent(new Event("pageshow")) };
}

test("the buttons of a form that is sent rest until the page is shown again", async () => {
  const button = { disabled: false };
  const { form, attributes, show } = sendable(button);
  form.dispatchEvent(new Event("submit"));
  assert.equal(button.disabled, false, "its value is read first");
  await turn();
  assert.equal(button.disabled, true);
  assert.deepEqual(attributes, { "aria-busy": "true" });
  show();
  assert.equal(button.disabled, false);
  assert.deepEqual(attributes, {});
});

test("a button that the page disabled stays so when the page is shown", async () => {
  const [send, missing] = [{ disabled: false }, { disabled: true }];
  const { form, show } = sendable(send, missing);
  show();
  assert.equal(missing.disabled, true);
  form.dispatchEvent(new Event("submit"));
  await turn();
  show();
  assert.deepEqual([send.disabled, missing.disabled], [false, true]);
});

test("a form whose sending was refused on the page does not rest", async () => {
  const button = { disabled: false };
  const { form } = sendable(button);
  const event = new Event("submit", { cancelable: true });
  form.addEventListener("submit", () => event.preventDefault());
  form.dispatchEvent(event);
  await turn();
  assert.equal(button.disabled, false);
});
