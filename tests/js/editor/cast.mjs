/** What every test of the editor needs: a task, shapes, an editor without a page. */
import { Editor } from "../../../static/editor/editor.js";

let made = 0;

export function box(x, y, width, height, more = {}) {
  return { id: `shape-${++made}`, label: "car", type: "box", x, y, width, height, attributes: {}, source: { kind: "human", action: "drawn" }, ...more };
}

export function polygon(points, more = {}) {
  return { id: `shape-${++made}`, label: "car", type: "polygon", parts: [[points]], attributes: {}, source: { kind: "human", action: "drawn" }, ...more };
}

export function suggestion(x, y, score = 0.9, more = {}) {
  return box(x, y, 20, 20, { id: `prediction-${++made}`, score, source: { kind: "model", model_version: "v1" }, ...more });
}

export function task(more = {}) {
  return {
    id: "task-1",
    state: "leased",
    round: 1,
    stage: { id: "stage-1", key: "label", kind: "label", title: "Find", instructions: "", tools: ["box", "polygon"], labels: null, question: null, skip: ["others", "later", "manager"], ...more.stage },
    unit: { id: "unit-1", kind: "item", region: null, subject: null, ...more.unit },
    project: { id: "project-1", name: "Cars" },
    item: { id: "item-1", name: "lot.jpg", width: 1000, height: 800, thumb: "", preview: "", full: "", tiles: { url: "", size: 512, levels: 1 } },
    recipe: {
      version_id: "recipe-1",
      number: 1,
      instructions: "",
      labels: [
        { id: "l1", name: "car", title: "Car", color: 1, key: "1", attributes: [{ name: "occluded", title: "Occluded", type: "select", options: ["no", "yes"], required: false, default: "no" }] },
        { id: "l2", name: "van", title: "Van", color: 2, key: "2", attributes: [{ name: "doors", title: "Doors", type: "number", required: true, default: null }] },
      ],
    },
    suggestions_shown: true,
    deployments: [{ id: "d1", model: "lotnet", version: "3", state: "ready", default: true }],
    returned: null,
    annotations: [],
    lease: { token: "token", expires_at: "2099-01-01T00:00:00Z" },
    ...without(more, ["stage", "unit"]),
  };
}

/** An editor at work on a task; `editor.said` and `editor.asked` hold what it told the page. */
export function atWork(shapes = [], more = {}) {
  const said = [];
  const note = (name) => () => said.push(name);
  const flow = { submit: note("submit"), skip: note("skip"), ask: note("ask"), accept: note("accept"), fix: note("fix"), giveBack: note("return"), keys: note("keys"), takeBack: note("take back"), search: note("search"), isFree: () => true, mayTakeBack: () => false, say: (text) => said.push(text) };
  const editor = new Editor(flow);
  editor.viewport.size = { width: 1000, height: 800 };
  editor.open(task({ annotations: shapes, ...more }), shapes, []);
  editor.viewport.fit(editor.region, 0);
  return Object.assign(editor, { said });
}

/** An editor that asks one thing about one object. */
export function asking(shape, question, more = {}) {
  return atWork([shape], { ...more, unit: { kind: "object", subject: shape.id, ...more.unit }, stage: { question, ...more.stage } });
}

/** A pointer event at a place on the picture. */
export function at(x, y, more = {}) {
  return { x, y, shift: false, ctrl: false, alt: false, reach: 6, ...more };
}

/** Presses, moves through the places and lets go. */
export function drag(editor, ...places) {
  const [first, ...rest] = places.map((place) => (Array.isArray(place) ? at(...place) : place));
  editor.tool.pointerDown(first);
  for (const place of rest) editor.tool.pointerMove(place);
  editor.tool.pointerUp(rest.at(-1) ?? first);
}

export function only(editor) {
  const [shape] = editor.store.shapes();
  return shape;
}

function without(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
