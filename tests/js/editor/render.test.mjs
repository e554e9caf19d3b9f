import assert from "node:assert/strict";
import { test } from "node:test";
import { Pen } from "../../../static/editor/render/pen.js";
import { Strain } from "../../../static/editor/render/strain.js";
import { TileStore } from "../../../static/editor/render/tile_store.js";
import { polygon } from "./cast.mjs";

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("a sharp corner is painted no further out than the layers clear", () => {
  const context = { lineWidth: 1, miterLimit: 10, beginPath() {}, moveTo() {}, lineTo() {}, closePath() {}, setLineDash() {}, stroke() {} };
  const pen = new Pen(context, { scale: 1, x: 0, y: 0 }, 1);
  pen.outline(polygon([[0, 0], [100, 3], [0, 6]]));
  pen.stroke("#000000", 4.5);
  assert.ok((context.miterLimit * context.lineWidth) / 2 <= 5);
});

test("a page that is zoomed or moved to another screen is drawn at its new ratio", () => {
  globalThis.devicePixelRatio = 1;
  const strain = new Strain();
  assert.equal(strain.ratio, 1);
  globalThis.devicePixelRatio = 2;
  strain.look();
  assert.deepEqual([strain.sharpest, strain.ratio], [2, 2]);
  for (let k = 0; k < 20; k++) strain.tooMuch(30);
  strain.look();
  assert.deepEqual([strain.sharpest, strain.ratio], [2, 1.5]);
  delete globalThis.devicePixelRatio;
});

test("a part that is decoded after another task was opened is let go, and the same one can be asked for again", async () => {
  const bitmaps = [];
  const decoders = [];
  globalThis.fetch = async () => ({ ok: true, blob: async () => null });
  globalThis.createImageBitmap = () => new Promise((resolve) => decoders.push(resolve));
  const bitmap = () => {
    const made = { isClosed: false, close: () => (made.isClosed = true) };
    bitmaps.push(made);
    return made;
  };
  const store = new TileStore(() => undefined);
  store.want(["a"]);
  await settled();
  store.clear();
  store.want(["a"]);
  await settled();
  assert.equal(decoders.length, 2);
  decoders[0](bitmap());
  await settled();
  assert.ok(bitmaps[0].isClosed);
  assert.equal(store.get("a"), undefined);
  decoders[1](bitmap());
  await settled();
  assert.equal(store.get("a"), bitmaps[1]);
});
