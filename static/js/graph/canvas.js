/** Draws a graph: edges beneath, stages above them. Draws only; who points and presses is heard elsewhere. */
import { shape } from "./parts.js";

const PAD = 10;
const LINE = 16;
const ICON = 16;
const CORNER = 7;
const pen = document.createElement("canvas").getContext("2d");

/** @typedef {Pick<GraphEditor, "check" | "chosen" | "drawing" | "kindOf">} Shown what is drawn besides */

/** @param {GraphEdge} edge */
export function wayKey(edge) {
  return `${edge.from}\n${edge.outcome}\n${edge.to}`;
}

/**
 * @param {SVGSVGElement} svg
 * @param {GraphValue} graph
 * @param {Shown} shown
 * @param {string} icons address of the icons
 */
export function draw(svg, graph, shown, icons) {
  const ways = /** @type {SVGElement} */ (svg.querySelector("[data-part=ways]"));
  const stages = /** @type {SVGElement} */ (svg.querySelector("[data-part=stages]"));
  const focused = stages.contains(document.activeElement);
  ways.replaceChildren(...graph.edges.flatMap((edge) => way(edge, shown)));
  if (pen) pen.font = `600 13px ${getComputedStyle(svg).fontFamily}`;
  stages.replaceChildren(...graph.stages.map((one) => stage(one, graph, shown, icons)));
  mark(svg, shown.chosen);
  if (focused) focusOn(svg, shown.chosen);
}

/**
 * Show which stage is chosen; all else stays as it was drawn.
 * @param {SVGSVGElement} svg
 * @param {string | null} chosen
 */
export function mark(svg, chosen) {
  for (const one of svg.querySelectorAll("[data-from]")) {
    const { from, to } = /** @type {SVGElement} */ (one).dataset;
    const near = chosen !== null && (chosen === from || chosen === to);
    one.classList.toggle("is-near", near);
    one.querySelector("path")?.setAttribute("marker-end", near ? "url(#tip-near)" : "url(#tip)");
  }
  [...svg.querySelectorAll("[data-key]")].forEach((one, at) => {
    const { key } = /** @type {SVGElement} */ (one).dataset;
    one.setAttribute("aria-selected", String(key === chosen));
    // The one place at which Tab comes in.
    one.setAttribute("tabindex", key === chosen || (chosen === null && at === 0) ? "0" : "-1");
  });
}

/** @param {SVGSVGElement} svg @param {string | null} key */
export function focusOn(svg, key) {
  if (key) /** @type {SVGElement | null} */ (svg.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus({ preventScroll: true });
}

/**
 * @param {GraphEdge} edge
 * @param {Shown} shown
 * @returns {SVGElement[]}
 */
function way(edge, shown) {
  const known = shown.check.layout.ways[shown.check.wayAt.get(wayKey(edge)) ?? -1];
  const points = known?.points.length ? known.points : straight(edge, shown);
  if (!points) return [];
  const kind = edge.outcome === "rework" ? " is-back" : edge.outcome === "failed" ? " is-failed" : "";
  const group = shape("g", { class: `way${kind}`, "data-from": edge.from, "data-to": edge.to });
  group.append(shape("path", { d: rounded(points) }));
  if (known?.words && known.at) group.append(shape("text", { x: known.at[0], y: known.at[1] + 4 }, known.words));
  return [group];
}

/** Until the server has said how an edge runs. @param {GraphEdge} edge @param {Shown} shown @returns {[number, number][] | null} */
function straight(edge, { check: { spots, layout } }) {
  const [from, to] = [spots.get(edge.from), spots.get(edge.to)];
  if (!from || !to) return null;
  const side = to.x >= from.x ? 1 : -1;
  return [[from.x + (side * layout.width) / 2, from.y], [to.x - (side * layout.width) / 2, to.y]];
}

/** A line with round corners. @param {[number, number][]} points */
function rounded(points) {
  const parts = [`M${points[0].join(" ")}`];
  for (let at = 1; at < points.length - 1; at += 1) {
    const [here, before, after] = [points[at], points[at - 1], points[at + 1]];
    parts.push(`L${toward(here, before).join(" ")}`, `Q${here.join(" ")} ${toward(here, after).join(" ")}`);
  }
  parts.push(`L${/** @type {[number, number]} */ (points.at(-1)).join(" ")}`);
  return parts.join("");
}

/** @param {[number, number]} from @param {[number, number]} to */
function toward(from, to) {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(x, y) || 1;
  const step = Math.min(CORNER, length / 2) / length;
  return [from[0] + x * step, from[1] + y * step];
}

/**
 * @param {GraphStage} one
 * @param {GraphValue} graph
 * @param {Shown} shown
 * @param {string} icons
 */
function stage(one, graph, shown, icons) {
  const spot = shown.check.spots.get(one.key) ?? { x: 0, y: 0 };
  const kind = shown.kindOf(one.kind);
  const { width, height } = shown.check.layout;
  const faults = shown.check.faultsOf(one.key);
  const sort = kind?.human ? "is-human" : ["dataset", "done"].includes(one.kind) ? "is-end" : "is-machine";
  const [left, top] = [-width / 2, -height / 2];
  const unit = one.kind === "dataset" ? null : shown.check.unitOf(one.key);
  const lines = fitted(one.title || one.key, width - 3 * PAD - ICON);
  const meta = [kind?.title ?? one.kind, unit && `each ${unit}`].filter(Boolean).join(" · ");
  const [x, y] = [left + PAD + 4, top + PAD + 12];
  const group = shape("g", {
    class: `stage ${sort}${faults.length ? " is-wrong" : ""}`,
    transform: `translate(${spot.x} ${spot.y})`,
    role: "option",
    // What is seen comes first, word for word, so that it can be called by what is read on it.
    "aria-label": [`${lines.join(" ")} ${meta}`, ...said(one, graph, shown, lines)].join(". "),
    "data-key": one.key,
  });
  group.append(
    shape("rect", { class: "body", x: left, y: top, width, height, rx: 6 }),
    shape("path", { class: "band", d: `M${left + 4} ${top}a4 6 0 0 0 -4 6V${-top - 6}a4 6 0 0 0 4 6z` }),
    shape("use", { class: "icon", href: `${icons}#${kind?.icon ?? "box"}`, x: -left - PAD - ICON, y: top + PAD, width: ICON, height: ICON }),
    shape("text", { class: "title", x, y }, ...lines.map((line, at) => shape("tspan", { x, dy: at ? LINE : 0 }, `${line} `))),
    shape("text", { class: "meta", x, y: -top - PAD }, meta),
  );
  if (one.kind !== "done") group.append(shape("circle", { class: "port", cx: -left, cy: 0, r: 6, "data-port": one.key }));
  if (faults.length) {
    group.append(shape("circle", { class: "fault", cx: left, cy: top, r: 9 }), shape("text", { class: "fault-sign", x: left, y: top + 4 }, "!"));
  }
  return group;
}

/**
 * What a screen reader says of a stage besides: its whole title where it was cut, where it leads, what is wrong.
 * @param {GraphStage} one
 * @param {GraphValue} graph
 * @param {Shown} shown
 * @param {string[]} lines the title as it is shown
 */
function said(one, graph, shown, lines) {
  const titles = new Map(graph.stages.map((stage) => [stage.key, stage.title || stage.key]));
  const ways = graph.edges.filter((edge) => edge.from === one.key).map((edge) => {
    const words = shown.drawing.outcomes[edge.outcome] ?? shown.check.layout.ways[shown.check.wayAt.get(wayKey(edge)) ?? -1]?.words ?? edge.outcome;
    return `${words}: ${titles.get(edge.to) ?? edge.to}`;
  });
  const whole = lines.join(" ").includes("…") ? [one.title] : [];
  return [...whole, ...ways, ...shown.check.faultsOf(one.key).map((fault) => fault.message)];
}

/**
 * Words as up to two lines, cut where they would not fit.
 * @param {string} words
 * @param {number} width
 */
function fitted(words, width) {
  const lines = [""];
  for (const word of words.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (lengthOf(longer) <= width || !lines.at(-1)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return (lines.length > 2 ? [lines[0], `${lines[1]} …`] : lines).map((line) => cut(line, width));
}

/** @param {string} line @param {number} width */
function cut(line, width) {
  let kept = line;
  while (kept.length > 1 && lengthOf(kept) > width) kept = `${kept.replace(/ ?…$/, "").slice(0, -1)}…`;
  return kept;
}

/** @param {string} words */
function lengthOf(words) {
  return pen ? pen.measureText(words).width : words.length * 7;
}
