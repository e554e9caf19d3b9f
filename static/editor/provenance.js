import { newId } from "./ids.js";
import { edited } from "./shapes/index.js";

/** How shapes come to be: drawn by a person, accepted from a model, copied. */

/** @param {LabelSpec} label @returns {ShapeCommon} */
export function drawn(label) {
  return { id: newId(), label: label.name, attributes: defaultsOf(label), source: { kind: "human", action: "drawn" } };
}

/**
 * @param {Suggestion} suggestion
 * @param {LabelSpec | undefined} label the one to give it; its own when undefined
 * @returns {Shape}
 */
export function accepted(suggestion, label) {
  const { deployment: _, ...shape } = suggestion;
  const relabelled = label !== undefined && label.name !== suggestion.label;
  return {
    ...shape,
    id: newId(),
    label: label?.name ?? suggestion.label,
    attributes: { ...defaultsOf(label), ...suggestion.attributes },
    source: {
      kind: "model",
      model_version: suggestion.source?.model_version,
      prediction: suggestion.id,
      action: relabelled ? "edited" : "accepted",
    },
  };
}

/** A copy is the person's own work, wherever the original came from. @param {Shape} shape @returns {Shape} */
export function copied(shape) {
  const { score: _, ...rest } = shape;
  return { ...rest, id: newId(), attributes: { ...shape.attributes }, source: { kind: "human", action: "drawn" } };
}

/** Another label; answers to attributes that it has too are kept. @param {Shape} shape @param {LabelSpec} label */
export function renamed(shape, label) {
  const attributes = defaultsOf(label);
  for (const { name } of label.attributes) if (shape.attributes?.[name] !== undefined) attributes[name] = shape.attributes[name];
  return edited({ ...shape, label: label.name, attributes });
}

/** @param {LabelSpec | undefined} label */
export function defaultsOf(label) {
  /** @type {Record<string, Value>} */
  const values = {};
  for (const { name, default: value } of label?.attributes ?? []) if (value !== undefined && value !== null) values[name] = value;
  return values;
}

/** The first attribute that must be answered and is not. @param {Shape} shape @param {LabelSpec | undefined} label */
export function missingAttribute(shape, label) {
  return label?.attributes.find(({ name, required }) => {
    const value = shape.attributes?.[name];
    return required && (value === undefined || value === null || value === "");
  });
}
