/**
 * Numbers of a project's stages that change while one looks. The element names the project; the numbers within are
 * `data-stage="<id>" data-count="ready"`, and `data-count` alone for sums over the project.
 */
import { liveSocket } from "../socket.js";
import { count } from "../words.js";

/** @type {Controller} */
export function liveCounts(element) {
  const project = element.dataset.project;
  if (!project) return;
  return liveSocket()?.subscribe("project", project, {
    onFrame: (frame) => {
      if (frame.type === "stage.counts") show(element, /** @type {StageCounts[]} */ (frame.stages));
    },
  });
}

/**
 * @param {HTMLElement} element
 * @param {StageCounts[]} stages
 */
function show(element, stages) {
  for (const stage of stages) {
    for (const [name, value] of Object.entries(stage)) {
      if (typeof value === "number") put(element, `[data-stage="${CSS.escape(stage.stage)}"][data-count="${name}"]`, value);
    }
  }
  element.dispatchEvent(new CustomEvent("countschanged", { bubbles: true, detail: stages }));
}

/**
 * @param {HTMLElement} element
 * @param {string} selector
 * @param {number} value
 */
function put(element, selector, value) {
  for (const place of element.querySelectorAll(selector)) {
    if (place instanceof HTMLProgressElement) place.value = value;
    else place.textContent = count(value);
  }
}
