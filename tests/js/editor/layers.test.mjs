import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";
import { LABEL_COLORS } from "../../../static/editor/render/palette.js";

const ROOT = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "../../../static/editor");
const FILES = readdirSync(ROOT, { recursive: true }).filter((name) => name.endsWith(".js"));
const source = (name) => readFileSync(join(ROOT, name), "utf8");
const layerOf = (name) => (name.includes("/") ? name.split("/")[0] : ["editor.js", "main.js"].includes(name) ? name : "core");

/** Who may name whom. The core runs without a page, so it names neither tools nor what draws. */
const MAY = {
  core: ["core", "shapes"],
  shapes: ["core", "shapes"],
  tools: ["core", "shapes", "tools"],
  commands: ["core", "shapes", "commands"],
  "editor.js": ["core", "shapes", "tools"],
  render: ["core", "shapes", "render"],
  input: ["core", "commands", "input"],
  sync: ["core", "sync"],
  panels: ["core", "shapes", "commands", "input", "sync", "panels"],
  "main.js": ["core", "editor.js", "commands", "input", "panels", "render", "sync"],
};

function importsOf(name) {
  const lines = source(name).matchAll(/^(?:import|export)\b[^;]*?from\s+"(\.[^"]+)";/gms);
  return [...lines].map(([, path]) => relative(ROOT, resolve(ROOT, dirname(name), path)));
}

test("modules name only the layers below them", () => {
  const wrong = FILES.flatMap((name) => importsOf(name).filter((other) => !MAY[layerOf(name)].includes(layerOf(other))).map((other) => `${name} -> ${other}`));
  assert.deepEqual(wrong, []);
});

test("modules do not name each other in a circle", () => {
  const done = new Set();
  const visit = (name, path) => {
    assert.ok(!path.includes(name), [...path, name].join(" -> "));
    if (done.has(name)) return;
    for (const other of importsOf(name)) visit(other, [...path, name]);
    done.add(name);
  };
  for (const name of FILES) visit(name, []);
});

test("comments name types, not files", () => {
  // The hashing of static files follows every import(…), also in comments, and would go round in a circle.
  assert.deepEqual(FILES.filter((name) => /import\(/.test(source(name))), []);
});

test("no file is longer than 250 lines", () => {
  assert.deepEqual(FILES.filter((name) => source(name).split("\n").length > 251), []);
});

test("only main knows where the server is", () => {
  const telling = FILES.filter((name) => name !== "main.js" && /["'`]\/(?:api|ws|o|tasks|items|projects)\b/.test(source(name)));
  assert.deepEqual(telling, []);
});

test("data never reaches the page as markup", () => {
  assert.deepEqual(FILES.filter((name) => /innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(source(name))), []);
});

test("the palette of the canvas is that of the style sheet", () => {
  const css = readFileSync(join(ROOT, "../css/tokens.css"), "utf8");
  const rules = LABEL_COLORS.map((_, k) => [
    new RegExp(`--label-${k + 1}:\\s*(#[0-9a-f]{6})`).exec(css)?.[1],
    new RegExp(`\\.label-${k + 1} \\{[^}]*--pattern-(\\w+)`).exec(css)?.[1],
  ]);
  assert.deepEqual(LABEL_COLORS, rules);
});
