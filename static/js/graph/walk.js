/** Where the arrow keys lead on a graph: along its edges to the sides, to neighbours up and down. */
import { forward, stageOf } from "./model.js";

/**
 * The stage that an arrow leads to, or null.
 * @param {GraphValue} graph
 * @param {Map<string, Spot>} spots
 * @param {string} key
 * @param {string} arrow the key as the browser names it
 * @returns {string | null}
 */
export function neighbour(graph, spots, key, arrow) {
  if (arrow === "Home" || arrow === "End") return outermost(spots, arrow);
  if (arrow === "ArrowRight") return following(graph, key);
  if (arrow === "ArrowLeft") return preceding(graph, key);
  return beside(spots, key, arrow === "ArrowUp" ? -1 : 1);
}

/** @param {GraphValue} graph @param {string} key */
function following(graph, key) {
  const stage = stageOf(graph, key);
  const edges = graph.edges.filter((edge) => edge.from === key && edge.outcome !== "rework");
  return (edges.find((edge) => stage && edge.outcome === forward(stage)) ?? edges[0])?.to ?? null;
}

/** @param {GraphValue} graph @param {string} key */
function preceding(graph, key) {
  return graph.edges.find((edge) => edge.to === key && edge.outcome !== "rework")?.from ?? null;
}

/**
 * The nearest above or below; sideways distance counts double, so that a column is walked before its neighbours.
 * @param {Map<string, Spot>} spots
 * @param {string} key
 * @param {number} side
 */
function beside(spots, key, side) {
  const here = spots.get(key);
  if (!here) return null;
  /** @param {Spot} spot */
  const reach = (spot) => Math.abs(spot.y - here.y) + 2 * Math.abs(spot.x - here.x);
  const found = [...spots].filter(([, spot]) => (spot.y - here.y) * side > 1).sort(([, a], [, b]) => reach(a) - reach(b));
  return found[0]?.[0] ?? null;
}

/**
 * @param {Map<string, Spot>} spots
 * @param {string} end
 */
function outermost(spots, end) {
  const side = end === "Home" ? 1 : -1;
  return [...spots].sort(([, a], [, b]) => (a.x - b.x) * side)[0]?.[0] ?? null;
}
