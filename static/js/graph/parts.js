/** Pieces of the graph page: what its templates hold, and elements of drawings. */

const SVG = "http://www.w3.org/2000/svg";

/** A copy of a template's one element. @param {string} name @returns {HTMLElement} */
export function copy(name) {
  const template = /** @type {HTMLTemplateElement | null} */ (document.querySelector(`template[data-name="${name}"]`));
  return /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true) ?? document.createElement("div"));
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...(Element | string)} children
 * @returns {SVGElement}
 */
export function shape(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}
