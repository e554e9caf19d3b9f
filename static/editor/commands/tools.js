/** @param {string} id @param {string} label @param {string} key @returns {Command} */
function tool(id, label, key) {
  const always = id === "select" || id === "pan";
  return {
    id: `tool-${id}`,
    group: "tools",
    label,
    keys: [key],
    enabled: (editor) => always || editor.offers(id),
    run: (editor) => editor.use(id),
  };
}

export const tools = [
  tool("select", "Select, move, resize", "V"),
  tool("pan", "Pan", "H"),
  tool("box", "Box", "B"),
  tool("polygon", "Polygon", "P"),
];
