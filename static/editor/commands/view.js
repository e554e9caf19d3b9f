const STEP = 1.25;

/** @type {Command[]} */
export const views = [
  {
    id: "fit",
    group: "view",
    label: "Fit the task",
    keys: ["0"],
    enabled: () => true,
    run: (editor) => editor.fit(),
  },
  {
    id: "zoom-in",
    group: "view",
    label: "Zoom in",
    keys: ["+", "="],
    enabled: () => true,
    run: (editor) => editor.viewport.zoom(STEP),
  },
  {
    id: "zoom-out",
    group: "view",
    label: "Zoom out",
    keys: ["-"],
    enabled: () => true,
    run: (editor) => editor.viewport.zoom(1 / STEP),
  },
  {
    id: "cancel",
    group: "view",
    label: "Cancel, let go",
    keys: ["Escape"],
    enabled: () => true,
    run(editor) {
      if (editor.tool.cancel()) return;
      if (editor.selection.size) editor.selection.clear();
      else editor.use("select");
    },
  },
];
