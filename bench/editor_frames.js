/** The page of bench/editor_frames.py: fills an editor with seeded shapes and runs scripted gestures over it. */
import { Editor } from "/static/editor/editor.js";
import { Renderer } from "/static/editor/render/renderer.js";

const PICTURE = { width: 8000, height: 6000 };
const FRAMES = 75;
const silent = () => undefined;
const flow = { submit: silent, skip: silent, ask: silent, accept: silent, fix: silent, giveBack: silent, keys: silent, say: silent };
const canvases = Object.fromEntries(["picture", "shapes", "suggestions", "live"].map((id) => [id, document.getElementById(id)]));
const editor = new Editor(flow);
const renderer = new Renderer(editor, canvases);
const middle = { x: innerWidth / 2, y: innerHeight / 2 };

/** Sixty in a hundred boxes, thirty polygons of 20 points, ten of 100; sides of 14 to 280 pixels. */
function shapes(count, random, more) {
  return Array.from({ length: count }, (_, k) => {
    const [kind, side] = [random(), 14 + random() ** 3 * 266];
    const [x, y] = [random() * (PICTURE.width - side), random() * (PICTURE.height - side)];
    const common = { id: `${more.kind}-${k}`, label: `label-${1 + Math.floor(random() * 12)}`, attributes: {}, score: random(), source: { kind: more.kind } };
    if (kind < 0.6 || more.kind === "model") return { ...common, type: "box", x, y, width: side, height: side * (0.5 + random() / 2) };
    const points = kind < 0.9 ? 20 : 100;
    const ring = Array.from({ length: points }, (_, at) => {
      const reach = (side / 2) * (0.7 + 0.3 * random());
      return [x + side / 2 + reach * Math.cos((at / points) * 2 * Math.PI), y + side / 2 + reach * Math.sin((at / points) * 2 * Math.PI)];
    });
    return { ...common, type: "polygon", parts: [[ring]] };
  });
}

function seeded(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function task() {
  const labels = Array.from({ length: 12 }, (_, k) => ({ id: `${k}`, name: `label-${k + 1}`, title: `Label ${k + 1}`, color: k + 1, attributes: [] }));
  const item = { id: "item", name: "", ...PICTURE, thumb: "", preview: "/picture", full: "/picture", tiles: null };
  const stage = { id: "", key: "", kind: "label", title: "", instructions: "", tools: ["box"], labels: null };
  return { id: "task", stage, unit: { id: "", kind: "item", region: null }, project: { id: "", name: "" }, item, recipe: { labels }, suggestions_shown: true, deployments: [], annotations: [], lease: { token: "" } };
}

/** Calls `step` once a frame; answers how long frames were apart and how much work each held. */
async function frames(count, step) {
  const [apart, work] = [[], []];
  let last = 0;
  for (let k = 0; k < count; k++) {
    await new Promise((resolve) => {
      const channel = new MessageChannel();
      let started = 0;
      channel.port1.onmessage = () => {
        work.push(performance.now() - started);
        resolve(undefined);
      };
      requestAnimationFrame((time) => {
        if (last) apart.push(time - last);
        last = time;
        started = time;
        channel.port2.postMessage(0);
      });
      step(k / count, k);
    });
  }
  return { apart, work };
}

const gestures = {
  pan_fit: () => (editor.viewport.fit(editor.region), (at) => editor.viewport.pan(at < 0.5 ? 6 : -6, at < 0.5 ? 3 : -3)),
  pan_full: () => (editor.viewport.zoom(1 / editor.viewport.scale, middle), (at) => editor.viewport.pan(at < 0.5 ? -25 : 25, at < 0.5 ? -12 : 12)),
  zoom: () => (editor.viewport.fit(editor.region), () => editor.viewport.zoom(4 ** (1 / 60), middle)),
  hover: () => (editor.viewport.fit(editor.region), (at) => editor.tool.pointerMove(point(at))),
  drag: () => {
    editor.viewport.fit(editor.region);
    const shape = editor.scene().at(editor.scene().size >> 1);
    const from = { x: shape.x ?? shape.parts[0][0][0][0], y: shape.y ?? shape.parts[0][0][0][1] };
    editor.history.begin();
    return (at) => editor.put(shape.type === "box" ? { ...shape, x: from.x + at * 900, y: from.y + at * 500 } : shape);
  },
  slider: () => (editor.viewport.fit(editor.region), (at) => (editor.suggestions.floor = 0.1 + 0.8 * at)),
};

function point(at) {
  const place = editor.viewport.toPicture({ x: 100 + at * (innerWidth - 200), y: innerHeight * (0.5 + 0.3 * Math.sin(at * 20)) });
  return { ...place, shift: false, ctrl: false, alt: false, reach: 6 / editor.viewport.scale };
}

function share(values, part) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
}

globalThis.bench = {
  fill(count, hints) {
    const random = seeded(7);
    renderer.resize({ width: innerWidth, height: innerHeight });
    editor.open(task(), shapes(count, random, { kind: "human" }), []);
    editor.suggestions.load(shapes(hints, random, { kind: "model" }));
    editor.viewport.fit(editor.region);
  },
  async run(name) {
    const step = gestures[name]();
    await frames(40, () => undefined);
    const { apart, work } = await frames(FRAMES, step);
    editor.history.cancel();
    return { frame_median: share(apart, 0.5), frame_p95: share(apart, 0.95), work_median: share(work, 0.5), work_p95: share(work, 0.95), work_max: share(work, 1) };
  },
  notes() {
    const started = performance.now();
    editor.store.apply({ shapes: new Map() });
    editor.scene();
    const scene = performance.now() - started;
    const now = performance.now();
    for (let k = 0; k < 1000; k++) editor.hit({ ...point(k / 1000), reach: 0 });
    return { scene_ms: Math.round(scene * 10) / 10, hit_us: Math.round(performance.now() - now), ratio: devicePixelRatio };
  },
};
