/** The draft of a recipe as plain data: what a label's name, key and colour become, what is wrong, what would change. */

const COLORS = 20;
const KEYS = "123456789";

/** A lasting name made from a title: lower case, words joined. @param {string} title */
export function nameFrom(title) {
  return title
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

/** @param {RecipeLabel[]} labels */
export function freeKeys(labels) {
  const taken = new Set(labels.map((label) => label.key));
  return [...KEYS].filter((key) => !taken.has(key));
}

/** The next colour in the palette's order, so that neighbours differ for everyone. @param {RecipeLabel[]} labels */
export function nextColor(labels) {
  const taken = new Set(labels.map((label) => label.color));
  for (let color = 1; color <= COLORS; color += 1) if (!taken.has(color)) return color;
  return (labels.length % COLORS) + 1;
}

/**
 * The labels with new ones for these titles, each with the next free key and colour; who is there already stays one.
 * @param {RecipeLabel[]} labels
 * @param {string[]} titles
 */
export function withTitles(labels, titles) {
  const all = [...labels];
  for (const title of titles.map((one) => one.trim())) {
    const name = nameFrom(title);
    if (!name || all.some((label) => label.name === name)) continue;
    const [key = ""] = freeKeys(all);
    all.push(normalised({ name, title, key, color: nextColor(all) }));
  }
  return all;
}

/**
 * What keeps the draft from being published, in the labels' order.
 * @param {RecipeLabel[]} labels
 * @returns {RecipeProblem[]}
 */
export function problems(labels) {
  return labels.flatMap((label, index) => [
    ...titleProblems(labels, label, index),
    ...keyProblems(labels, label, index),
    ...(label.geometry.length ? [] : [{ index, field: "geometry", message: "Choose at least one shape." }]),
    ...label.attributes.flatMap((attribute, at) => attributeProblems(label, attribute, index, at)),
  ]);
}

/**
 * @param {RecipeLabel[]} labels
 * @param {RecipeLabel} label
 * @param {number} index
 * @returns {RecipeProblem[]}
 */
function titleProblems(labels, label, index) {
  if (!label.name) return [{ index, field: "title", message: "Give the label a name with letters or digits." }];
  const twin = labels.findIndex((other) => other !== label && other.name === label.name);
  return twin < 0 || twin > index ? [] : [{ index, field: "title", message: `${labels[twin].title} has this name too.` }];
}

/**
 * @param {RecipeLabel[]} labels
 * @param {RecipeLabel} label
 * @param {number} index
 * @returns {RecipeProblem[]}
 */
function keyProblems(labels, label, index) {
  if (!label.key) return [];
  if (!KEYS.includes(label.key)) return [{ index, field: "key", message: "A key is one digit from 1 to 9." }];
  const twin = labels.findIndex((other) => other !== label && other.key === label.key);
  if (twin < 0 || twin > index) return [];
  const free = freeKeys(labels).slice(0, 3).join(", ");
  return [{ index, field: "key", message: `${labels[twin].title} has the key ${label.key} too. Free keys: ${free || "none"}.` }];
}

/**
 * @param {RecipeLabel} label
 * @param {RecipeAttribute} attribute
 * @param {number} index
 * @param {number} at
 * @returns {RecipeProblem[]}
 */
function attributeProblems(label, attribute, index, at) {
  const field = `attributes.${at}`;
  if (!attribute.name) return [{ index, field, message: "Give the attribute a name." }];
  if (label.attributes.findIndex((other) => other.name === attribute.name) < at) {
    return [{ index, field, message: "Another attribute of this label has this name." }];
  }
  if (attribute.type === "select" && attribute.options.length < 2) {
    return [{ index, field, message: "Give at least two options, with commas between them." }];
  }
  return [];
}

/**
 * What publishing would change, one line for each.
 * @param {RecipeLabel[]} before
 * @param {RecipeLabel[]} after
 * @returns {{sign: "+" | "−" | "·", text: string}[]}
 */
export function changes(before, after) {
  const known = new Map(before.map((label) => [label.name, label]));
  const kept = new Set(after.map((label) => label.name));
  /** @type {{sign: "+" | "−" | "·", text: string}[]} */
  const lines = before.filter((label) => !kept.has(label.name)).map((label) => ({ sign: "−", text: label.title }));
  for (const label of after) {
    const old = known.get(label.name);
    if (!old) lines.push({ sign: "+", text: label.title });
    else lines.push(...labelChanges(old, label));
  }
  return lines;
}

/**
 * @param {RecipeLabel} old
 * @param {RecipeLabel} label
 * @returns {{sign: "+" | "−" | "·", text: string}[]}
 */
function labelChanges(old, label) {
  /** @type {{sign: "+" | "−" | "·", text: string}[]} */
  const lines = [];
  if (old.title !== label.title) lines.push({ sign: "·", text: `${old.title} is shown as ${label.title}` });
  if (old.key !== label.key) lines.push({ sign: "·", text: `${label.title}: key ${label.key || "none"}` });
  if (old.color !== label.color) lines.push({ sign: "·", text: `${label.title}: another colour` });
  if (old.geometry.join() !== label.geometry.join()) {
    lines.push({ sign: "·", text: `${label.title}: ${label.geometry.join(", ")}` });
  }
  const before = new Map(old.attributes.map((attribute) => [attribute.name, attribute]));
  for (const attribute of label.attributes) {
    const was = before.get(attribute.name);
    before.delete(attribute.name);
    if (!was) lines.push({ sign: "+", text: `${label.title}: ${attribute.title}` });
    else if (JSON.stringify(was) !== JSON.stringify(attribute)) {
      lines.push({ sign: "·", text: `${label.title}: ${attribute.title} differs` });
    }
  }
  for (const gone of before.values()) lines.push({ sign: "−", text: `${label.title}: ${gone.title}` });
  return lines;
}

/**
 * The words between commas; an option that holds a comma itself stays whole while nobody touches the field.
 * @param {string} text
 * @param {string[]} before
 */
export function optionsFrom(text, before) {
  if (text === before.join(", ")) return before;
  return [...new Set(text.split(",").map((word) => word.trim()).filter(Boolean))];
}

/**
 * The default while the question still takes it: the page has no field in which a person could change it.
 * @param {RecipeAttribute["default"]} value
 * @param {RecipeAttribute["type"]} type
 * @param {string[]} options
 */
export function fittingDefault(value, type, options) {
  if (type === "select") return options.some((option) => option === value) ? value : null;
  return typeof value === { checkbox: "boolean", number: "number", text: "string" }[type] ? value : null;
}

/** Labels as the published version writes them, so that a draft can be compared. @param {Partial<RecipeLabel>} raw */
export function normalised(raw) {
  return {
    ...(raw.id && { id: raw.id }),
    name: raw.name ?? "",
    title: raw.title ?? "",
    color: raw.color ?? 1,
    key: raw.key ?? "",
    geometry: raw.geometry?.length ? raw.geometry : ["box", "polygon"],
    attributes: (raw.attributes ?? []).map((attribute) => ({
      name: attribute.name,
      title: attribute.title ?? attribute.name,
      type: attribute.type ?? "select",
      options: attribute.options ?? [],
      required: Boolean(attribute.required),
      default: attribute.default ?? null,
    })),
  };
}
