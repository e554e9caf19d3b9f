import { clamp } from "../geometry.js";

/** Asks a model to read the picture, what is on the screen first. @param {Parts} parts @param {{model_version?: string}} choice */
export async function ask({ api, paths, editor, feed }, choice) {
  const { id } = /** @type {Task} */ (editor.task);
  try {
    const { inference } = await api.request("POST", paths.assist(id), { ...choice, region: lookedAt(editor) });
    if (editor.task?.id !== id) return;
    if (editor.reading.inference !== inference.id || !editor.reading.isRunning) {
      editor.reading.queued({ ...inference, inference: inference.id });
    }
    await feed.plan();
  } catch (error) {
    if (editor.task?.id === id) editor.reading.failed(/** @type {ApiError} */ (error).message);
  }
}

/** The part of the picture on the screen. @param {Editor} editor @returns {Rect} */
function lookedAt({ viewport, picture }) {
  const seen = viewport.visible();
  const [x, y] = [clamp(seen.x, 0, picture.width), clamp(seen.y, 0, picture.height)];
  const right = clamp(seen.x + seen.width, 0, picture.width);
  const bottom = clamp(seen.y + seen.height, 0, picture.height);
  return { x, y, width: right - x, height: bottom - y };
}
