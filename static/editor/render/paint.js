import { padded } from "../geometry.js";
import { boundsOf } from "../shapes/index.js";

const CASING = "rgba(0,0,0,.72)";
const DOT = 4;
const PLAIN = 10;

/**
 * A shape in its label's colour and dash, on a dark casing that holds it on any ground. Below ten screen pixels only
 * its box, below four a dot: more cannot be seen, and it is what thousands of shapes cost.
 * @param {Pen} pen
 * @param {Shape} shape
 * @param {Ink} ink
 * @param {boolean} [strong]
 */
export function paintShape(pen, shape, ink, strong = false) {
  const side = pen.sideOf(shape);
  if (side < PLAIN) return paintSmall(pen, shape, ink.color, side);
  pen.outline(shape);
  pen.fill(ink.color, strong ? 0.34 : 0.16);
  const thin = side < 24;
  pen.stroke(CASING, thin ? 3 : 4.5);
  pen.stroke(ink.color, thin ? 1.5 : 2.25, ink.dash);
}

/** What belongs to the task beside this one: only enough of it to know that somebody has it. */
/** @param {Pen} pen @param {Shape} shape @param {Ink} ink */
export function paintBeside(pen, shape, { color, dash }) {
  pen.context.globalAlpha = 0.5;
  pen.outline(shape);
  pen.stroke(color, 1, dash);
  pen.context.globalAlpha = 1;
}

/** Corners around the one object that is asked about: they leave it free to be looked at. */
/** @param {Pen} pen @param {Rect} bounds @returns {Rect} what was painted, in device pixels */
export function paintBrackets(pen, bounds) {
  const { context, ratio } = pen;
  const { x, y, width, height } = padded(pen.place(bounds), 8 * ratio);
  const arm = Math.min(26 * ratio, width / 3, height / 3);
  context.beginPath();
  for (const [left, top, across, down] of [[x, y, 1, 1], [x + width, y, -1, 1], [x, y + height, 1, -1], [x + width, y + height, -1, -1]]) {
    context.moveTo(left + arm * across, top);
    context.lineTo(left, top);
    context.lineTo(left, top + arm * down);
  }
  pen.stroke("rgba(0,0,0,.8)", 5);
  pen.stroke("#ffffff", 2.5);
  return padded({ x, y, width, height }, 4 * ratio);
}

/**
 * A suggestion: thin, grey and dashed until a person says so.
 * @param {Pen} pen
 * @param {Shape} shape
 * @param {{picked?: boolean, hover?: boolean}} [state]
 */
export function paintSuggestion(pen, shape, { picked = false, hover = false } = {}) {
  const side = pen.sideOf(shape);
  if (side < PLAIN && !picked) return paintSmall(pen, shape, "#d6d9de", side);
  pen.outline(shape);
  pen.fill(picked ? "#ffffff" : "#e8eaee", picked ? 0.3 : 0.16);
  pen.stroke(picked ? "rgba(0,0,0,.6)" : "rgba(30,32,36,.5)", picked ? 4 : 2.75);
  pen.stroke(picked || hover ? "#ffffff" : "#d6d9de", picked || hover ? 2 : 1.25, picked ? [] : [6, 2]);
}

/** @param {Pen} pen @param {Shape} shape @param {string} color @param {number} side */
function paintSmall(pen, shape, color, side) {
  const { context, ratio } = pen;
  const { x, y, width, height } = pen.place(boundsOf(shape));
  if (side < DOT) {
    context.fillStyle = color;
    context.fillRect(x, y, 2 * ratio, 2 * ratio);
    return;
  }
  context.setLineDash([]);
  context.lineWidth = ratio;
  context.strokeStyle = color;
  context.strokeRect(x + 0.5, y + 0.5, width, height);
}

/** @param {Pen} pen @param {Handle[]} handles @param {string} color @param {boolean} small */
export function paintHandles(pen, handles, color, small) {
  const { context, ratio } = pen;
  context.setLineDash([]);
  context.lineWidth = (small ? 1 : 1.5) * ratio;
  context.strokeStyle = color;
  for (const handle of handles) {
    const x = Math.round(handle.x * pen.scale + pen.x);
    const y = Math.round(handle.y * pen.scale + pen.y);
    const half = (small || handle.insert ? 2 : 3.5) * ratio;
    context.fillStyle = handle.insert ? color : "#ffffff";
    context.fillRect(x - half, y - half, 2 * half, 2 * half);
    if (!handle.insert) context.strokeRect(x - half, y - half, 2 * half, 2 * half);
  }
}

/**
 * A name tag above a shape, or just inside it where there is no room above.
 * @param {Pen} pen
 * @param {Shape} shape
 * @param {string} text
 * @param {string} ground
 * @returns {Rect} what was painted, in device pixels
 */
export function paintTag(pen, shape, text, ground) {
  const { context, ratio } = pen;
  const box = pen.place(boundsOf(shape));
  context.font = `600 ${11 * ratio}px system-ui, sans-serif`;
  const width = context.measureText(text).width + 10 * ratio;
  const height = 17 * ratio;
  const above = box.y - 5 * ratio - height;
  const x = Math.max(3 * ratio, Math.min(box.x - 2 * ratio, context.canvas.width - width - 3 * ratio));
  const y = above < 2 * ratio ? Math.max(box.y, 0) + 4 * ratio : above;
  context.fillStyle = "rgba(0,0,0,.7)";
  context.fillRect(x - ratio, y - ratio, width + 2 * ratio, height + 2 * ratio);
  context.fillStyle = ground;
  context.fillRect(x, y, width, height);
  context.fillStyle = "#17181b";
  context.textBaseline = "middle";
  context.fillText(text, x + 5 * ratio, y + height / 2 + ratio * 0.5);
  return { x: x - ratio, y: y - ratio, width: width + 2 * ratio, height: height + 2 * ratio };
}
