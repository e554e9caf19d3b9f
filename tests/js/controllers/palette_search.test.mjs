import assert from "node:assert/strict";
import { test } from "node:test";

import { Finding } from "../../../static/js/controllers/palette_search.js";

/** A clock that one winds, a server that answers when told, and what was shown. */
function setting() {
  const waiting = new Map();
  const asked = [];
  const shown = [];
  let number = 0;
  globalThis.document = { querySelector: () => null };
  globalThis.fetch = (url, { signal }) =>
    new Promise((answer, refuse) => {
      signal.addEventListener("abort", () => refuse(new Error("aborted")));
      asked.push({ url, reply: (results) => answer({ ok: true, json: async () => ({ results }) }), lose: refuse });
    });
  const clock = { wait: (act) => (waiting.set((number += 1), act), number), stop: (timer) => waiting.delete(timer) };
  const finding = new Finding("/search", (found, words) => shown.push([words, found.length]), clock);
  const wind = () => {
    const due = [...waiting.values()];
    waiting.clear();
    due.forEach((act) => act());
  };
  const turn = () => new Promise((go) => setImmediate(go));
  return { finding, asked, shown, wind, turn };
}

test("only the last words that were typed are asked for", () => {
  const { finding, asked, wind } = setting();
  for (const words of ["l", "lo", "lot", "lot 7"]) finding.ask(words);
  wind();
  assert.deepEqual(asked.map(({ url }) => url), ["/search?q=lot%207"]);
});

test("one letter asks for nothing and shows nothing", () => {
  const { finding, asked, shown, wind } = setting();
  finding.ask("l");
  wind();
  assert.equal(asked.length, 0);
  assert.deepEqual(shown, [["l", 0]]);
  assert.equal(finding.isAsking, false);
});

test("an answer that was overtaken is not shown", async () => {
  const { finding, asked, shown, wind, turn } = setting();
  finding.ask("lot");
  wind();
  finding.ask("lots");
  asked[0].reply([{}, {}]);
  await turn();
  assert.deepEqual(shown, []);
  wind();
  asked[1].reply([{}]);
  await turn();
  assert.deepEqual(shown, [["lots", 1]]);
});

test("without a connection the page's own lines are all there is", async () => {
  const { finding, asked, shown, wind, turn } = setting();
  finding.ask("lot");
  wind();
  assert.equal(finding.isAsking, true);
  asked[0].lose(new Error("offline"));
  await turn();
  assert.deepEqual([shown, finding.isAsking], [[["lot", 0]], false]);
});
