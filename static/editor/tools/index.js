import { BoxTool } from "./box.js";
import { PanTool } from "./pan.js";
import { PolygonTool } from "./polygon.js";
import { SelectTool } from "./select/index.js";

/** @param {Editor} editor @returns {Map<string, Tool>} */
export function makeTools(editor) {
  const tools = [new SelectTool(editor), new PanTool(editor), new BoxTool(editor), new PolygonTool(editor)];
  return new Map(tools.map((tool) => [tool.id, tool]));
}
