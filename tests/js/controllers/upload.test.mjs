import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { upload } from "../../../static/js/controllers/upload.js";
import { element, openPage, pass, serve } from "./page.mjs";

const running = [200, { id: "1", state: "running", progress: { done: 1, total: 4 } }];
const done = [200, { id: "1", state: "done", progress: { done: 4, total: 4 } }];
let sent;

beforeEach(() => {
  openPage();
  sent = [];
  globalThis.addEventListener = () => {};
  globalThis.removeEventListener = () => {};
  globalThis.FormData = class extends Array {
    append(_name, file) {
      this.push(file.name);
    }
  };
  globalThis.XMLHttpRequest = class extends EventTarget {
    upload = new EventTarget();
    status = 202;
    response = { job: { id: "1" } };
    open() {}
    setRequestHeader() {}
    send(body) {
      sent.push([...body]);
      queueMicrotask(() => this.dispatchEvent(new Event("load")));
    }
  };
});

function dropzone() {
  const parts = { "input[type=file]": element(), "[data-part=text]": element(), "[data-part=error]": element() };
  const zone = element(parts);
  Object.assign(zone.dataset, { url: "/uploads", jobs: "/jobs" });
  const told = [];
  zone.addEventListener("uploaded", () => told.push("uploaded"));
  const choose = (...files) => {
    parts["input[type=file]"].files = files;
    parts["input[type=file]"].dispatchEvent(new Event("change"));
  };
  return { zone, error: parts["[data-part=error]"], told, choose, end: upload(zone) };
}

const many = Array.from({ length: 60 }, (_, index) => ({ name: `${index}.jpg`, size: 1 }));

test("an upload whose job may not be seen any more ends and says so", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  serve(running, [404, null]);
  const { zone, error, told, choose } = dropzone();
  choose(...many);
  for (let second = 0; second < 4; second += 1) await pass(t.mock.timers, 1000);
  assert.ok(!("sending" in zone.dataset));
  assert.match(error.textContent, /Load the page again.*Not sent: 10 of 60 files/);
  assert.deepEqual(told, ["uploaded"]);
  assert.equal(sent.length, 1);
});

test("one who was signed out keeps the sentence: nothing is asked that would lead to the sign-in page", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  serve([401, null]);
  const { zone, error, told, choose } = dropzone();
  choose(...many);
  await pass(t.mock.timers, 1000);
  assert.ok(!("sending" in zone.dataset));
  assert.match(error.textContent, /signed out/);
  assert.deepEqual(told, []);
});

test("a dropzone that is taken away follows no more and sends no more", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = serve(running);
  const { choose, end } = dropzone();
  choose(...many);
  await pass(t.mock.timers);
  assert.equal(asked.length, 1);
  end();
  for (let second = 0; second < 4; second += 1) await pass(t.mock.timers, 1000);
  assert.equal(asked.length, 1);
  assert.equal(sent.length, 1);
});

test("files that come while others are sent are refused with a sentence", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  serve(done);
  const { error, choose } = dropzone();
  choose(many[0]);
  choose(many[1], many[2]);
  assert.match(error.textContent, /again/);
  await pass(t.mock.timers, 1000);
  assert.deepEqual(sent, [["0.jpg"]]);
});

test("a drop that cannot be read says so", async () => {
  const { zone, error } = dropzone();
  const unreadable = { isFile: true, file: (_take, fail) => fail(new DOMException("gone", "NotFoundError")) };
  const items = [{ webkitGetAsEntry: () => unreadable }];
  zone.dispatchEvent(Object.assign(new Event("drop"), { dataTransfer: { items, files: [] } }));
  await new Promise((resolve) => setTimeout(resolve));
  assert.match(error.textContent, /could not be read/);
});
