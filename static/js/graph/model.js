/** A pipeline's graph as a value: each function takes one and returns another. No page, no server. */

const FAILED = { outcome: "failed", needed: false };
const LONGEST_KEY = 60;

/** By which outcomes units leave a stage, in the order in which a page lists them. @param {GraphStage} stage */
export function outcomesOf(stage) {
  /** @type {(...outcomes: string[]) => {outcome: string, needed: boolean}[]} */
  const needs = (...outcomes) => outcomes.map((outcome) => ({ outcome, needed: true }));
  switch (stage.kind) {
    case "done": return [];
    case "dataset": case "label": return needs("done");
    case "review": return needs("done", "rework");
    case "compare": return [...needs("agree", "disagree"), FAILED];
    case "route": return [...needs(...rulesOf(stage).map((rule) => rule.key), "default"), FAILED];
    case "transform": return [...needs(...(stage.settings.does === "near_duplicates" ? ["done", "dropped"] : ["done"])), FAILED];
    default: return [...needs("done"), FAILED];
  }
}

/** The outcome that leads straight on; none at an end. @param {GraphStage} stage */
export function forward(stage) {
  if (stage.kind === "done") return null;
  return { route: "default", compare: "agree" }[stage.kind] ?? "done";
}

/** @param {GraphStage} stage @returns {{key: string, title: string, when: object[]}[]} */
export function rulesOf(stage) {
  return stage.settings.rules ?? [];
}

/** @param {GraphValue} graph @param {string | null} key */
export function stageOf(graph, key) {
  return graph.stages.find((stage) => stage.key === key) ?? null;
}

/** @param {GraphValue} graph @param {string} key @param {string | null} outcome */
export function targetOf(graph, key, outcome) {
  return graph.edges.find((edge) => edge.from === key && edge.outcome === outcome)?.to ?? null;
}

/** Every stage from which units come to this one, without the ways back. @param {GraphValue} graph @param {string} key */
export function before(graph, key) {
  const found = new Set([key]);
  for (const here of found) {
    for (const edge of graph.edges) if (edge.to === here && edge.outcome !== "rework") found.add(edge.from);
  }
  found.delete(key);
  return found;
}

/**
 * Draw an edge, or take it away (`to` null). Of one outcome there is one edge.
 * @param {GraphValue} graph
 * @param {string} from
 * @param {string} outcome
 * @param {string | null} to
 * @returns {GraphValue}
 */
export function connect(graph, from, outcome, to) {
  const at = graph.edges.findIndex((edge) => edge.from === from && edge.outcome === outcome);
  const edges = graph.edges.filter((_, index) => index !== at);
  if (to !== null) edges.splice(at < 0 ? edges.length : at, 0, { from, to, outcome });
  return { ...graph, edges };
}

/**
 * A new stage behind another: it takes over where that one led. Nothing follows an end that is added.
 * @param {GraphValue} graph
 * @param {{kind: string, title: string, settings?: Record<string, any>}} made
 * @param {string | null} after
 * @returns {{graph: GraphValue, key: string}}
 */
export function add(graph, made, after) {
  const key = freeKey(graph, made.kind.replaceAll("_", "-"));
  const stage = { key, kind: made.kind, title: made.title, settings: made.settings ?? {} };
  const former = stageOf(graph, after);
  const place = former ? graph.stages.indexOf(former) + 1 : graph.stages.length;
  let next = { ...graph, stages: graph.stages.toSpliced(place, 0, stage) };
  if (!former || made.kind === "dataset") return { graph: next, key };
  const way = freeOutcome(next, former) ?? (made.kind === "done" ? null : forward(former));
  if (way) {
    const onward = targetOf(graph, former.key, way);
    next = connect(next, former.key, way, key);
    const on = forward(stage);
    if (on && onward) next = connect(next, key, on, onward);
  }
  return { graph: withWayBack(next, stage), key };
}

/** The first outcome that must lead somewhere and does not. @param {GraphValue} graph @param {GraphStage} stage */
export function freeOutcome(graph, stage) {
  const free = outcomesOf(stage).filter(({ outcome }) => outcome !== "rework" && targetOf(graph, stage.key, outcome) === null);
  return free.find(({ needed }) => needed)?.outcome ?? null;
}

/** A review returns work to the nearest stage before it where people label. @param {GraphValue} graph @param {GraphStage} stage */
function withWayBack(graph, stage) {
  if (stage.kind !== "review") return graph;
  const label = [...before(graph, stage.key)].find((key) => stageOf(graph, key)?.kind === "label");
  return label ? connect(graph, stage.key, "rework", label) : graph;
}

/**
 * Take a stage out; who led to it leads to where it led.
 * @param {GraphValue} graph
 * @param {string} key
 * @returns {GraphValue}
 */
export function remove(graph, key) {
  const gone = stageOf(graph, key);
  if (!gone) return graph;
  const onward = targetOf(graph, key, forward(gone));
  const edges = graph.edges
    .filter((edge) => edge.from !== key)
    .map((edge) => (edge.to === key && edge.outcome !== "rework" && onward ? { ...edge, to: onward } : edge))
    .filter((edge) => edge.to !== key && (edge.from !== edge.to));
  return { stages: graph.stages.filter((stage) => stage !== gone), edges };
}

/**
 * @param {GraphValue} graph
 * @param {string} key
 * @param {Partial<GraphStage>} fields not the key
 * @returns {GraphValue}
 */
export function edit(graph, key, fields) {
  const stages = graph.stages.map((stage) => (stage.key === key ? { ...stage, ...fields } : stage));
  const stage = stageOf({ ...graph, stages }, key);
  const known = new Set(stage ? outcomesOf(stage).map(({ outcome }) => outcome) : []);
  // A rule that is gone leaves no edge behind.
  return { stages, edges: graph.edges.filter((edge) => edge.from !== key || known.has(edge.outcome)) };
}

/**
 * Call a stage by another key, wherever it is named.
 * @param {GraphValue} graph
 * @param {string} from
 * @param {string} to
 * @returns {GraphValue}
 */
export function rename(graph, from, to) {
  const named = (/** @type {string} */ key) => (key === from ? to : key);
  return {
    stages: graph.stages.map((stage) => ({
      ...stage,
      key: named(stage.key),
      settings: stage.settings.with === from ? { ...stage.settings, with: to } : stage.settings,
    })),
    edges: graph.edges.map((edge) => ({ ...edge, from: named(edge.from), to: named(edge.to) })),
  };
}

/** Whether a stage may be called so: as the server asks, and no other is. @param {GraphValue} graph @param {string} key */
export function isFreeKey(graph, key) {
  return key.length <= LONGEST_KEY && /^(?=.*[a-z0-9])[a-z0-9_-]+$/.test(key) && !stageOf(graph, key);
}

/** @param {GraphValue} graph @param {string} wish */
function freeKey(graph, wish) {
  let key = wish;
  for (let number = 2; stageOf(graph, key); number += 1) key = `${wish}-${number}`;
  return key;
}

/** @param {GraphValue} one @param {GraphValue} other */
export function same(one, other) {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

/** The graph as it is sent and kept: nothing but what the API knows, in its order. @param {GraphValue} graph */
export function plain(graph) {
  return {
    stages: graph.stages.map(({ key, kind, title, settings }) => ({ key, kind, title, settings })),
    edges: graph.edges.map(({ from, to, outcome }) => ({ from, to, outcome })),
  };
}
