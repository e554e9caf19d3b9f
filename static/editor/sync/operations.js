import { newId } from "../ids.js";

/** What one gesture means to the server. @param {Gesture} gesture @returns {Operation[]} */
export function operationsOf({ after }) {
  /** @type {Operation[]} */
  const operations = [];
  for (const [shape_id, value] of after.shapes) operations.push({ op_id: newId(), shape_id, value });
  for (const [prediction, rejected] of after.rejected) operations.push({ op_id: newId(), prediction, rejected });
  return operations;
}

/**
 * The document that a draft means: the unit's annotations, changed by the draft, then by what was not sent yet.
 * @param {Shape[]} annotations
 * @param {Draft} draft
 * @param {Operation[]} pending
 * @returns {{shapes: Shape[], rejected: string[]}}
 */
export function documentOf(annotations, draft, pending) {
  const shapes = new Map(annotations.map((shape) => [shape.id, shape]));
  const rejected = new Set(draft.rejected);
  for (const [id, value] of Object.entries(draft.values)) put(shapes, id, value);
  for (const operation of pending) {
    if ("shape_id" in operation) put(shapes, operation.shape_id, operation.value);
    else if (operation.rejected) rejected.add(operation.prediction);
    else rejected.delete(operation.prediction);
  }
  return { shapes: [...shapes.values()], rejected: [...rejected] };
}

/**
 * A document as the difference from the unit's annotations, which is how a draft is stored.
 * @param {Shape[]} annotations
 * @param {Iterable<Shape>} shapes
 * @returns {Record<string, Shape | null>}
 */
export function differenceFrom(annotations, shapes) {
  const base = new Map(annotations.map((shape) => [shape.id, shape]));
  /** @type {Record<string, Shape | null>} */
  const values = {};
  for (const shape of shapes) {
    if (base.get(shape.id) !== shape) values[shape.id] = shape;
    base.delete(shape.id);
  }
  for (const id of base.keys()) values[id] = null;
  return values;
}

/** @param {Map<string, Shape>} shapes @param {string} id @param {Shape | null} value */
function put(shapes, id, value) {
  if (value) shapes.set(id, value);
  else shapes.delete(id);
}
