/** What a stage of each kind is told when it is added: only what it cannot do without, as far as the project has it. */
import { before, stageOf } from "./model.js";

/**
 * @param {string} kind
 * @param {GraphValue} graph
 * @param {string | null} after the stage behind which it comes
 * @param {Offer[]} deployments
 * @returns {Record<string, any>}
 */
export function beginningOf(kind, graph, after, deployments) {
  switch (kind) {
    case "predict": return deployments.length ? { deployment: deployments[0].value } : {};
    case "transform": return { does: "near_duplicates" };
    case "convert": return { to: "box" };
    case "route": return { rules: [{ key: "rule-1", title: "Sure", when: [{ test: "confidence", of: "lowest", at_least: 0.9 }] }] };
    case "compare": return { with: nearestPredict(graph, after) };
    default: return {};
  }
}

/** @param {GraphValue} graph @param {string | null} after */
function nearestPredict(graph, after) {
  if (!after) return "";
  return [after, ...before(graph, after)].find((key) => stageOf(graph, key)?.kind === "predict") ?? "";
}
