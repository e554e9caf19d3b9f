/** Gives each element that names a controller its behaviour, also when it arrives later, and takes it away again. */
import { bell } from "./controllers/bell.js";
import { copy } from "./controllers/copy.js";
import { dialog } from "./controllers/dialog.js";
import { filterForm } from "./controllers/filter_form.js";
import { formSubmit } from "./controllers/form_submit.js";
import { jobProgress } from "./controllers/job_progress.js";
import { keys } from "./controllers/keys.js";
import { liveCounts } from "./controllers/live_counts.js";
import { menu } from "./controllers/menu.js";
import { palette } from "./controllers/palette.js";
import { quickLabels } from "./controllers/quick_labels.js";
import { recipe } from "./controllers/recipe.js";
import { selection } from "./controllers/selection.js";
import { theme } from "./controllers/theme.js";
import { thread } from "./controllers/thread.js";
import { toasts } from "./controllers/toast.js";
import { upload } from "./controllers/upload.js";

/** @type {Record<string, Controller>} */
const CONTROLLERS = {
  bell,
  copy,
  dialog,
  "filter-form": filterForm,
  "form-submit": formSubmit,
  "job-progress": jobProgress,
  keys,
  "live-counts": liveCounts,
  menu,
  palette,
  "quick-labels": quickLabels,
  recipe,
  selection,
  theme,
  thread,
  toasts,
  upload,
};

/** @type {Map<HTMLElement, (() => void)[]>} */
const connected = new Map();

/** @param {Element} root */
function connectWithin(root) {
  if (root instanceof HTMLElement) connect(root);
  root.querySelectorAll("[data-controller]").forEach((element) => connect(/** @type {HTMLElement} */ (element)));
}

/** @param {HTMLElement} element */
function connect(element) {
  const names = element.dataset.controller;
  if (!names || connected.has(element)) return;
  const endings = names.split(" ").map((name) => CONTROLLERS[name]?.(element));
  connected.set(element, endings.filter((end) => typeof end === "function"));
}

function disconnectRemoved() {
  for (const [element, endings] of connected) {
    if (element.isConnected) continue;
    endings.forEach((end) => end());
    connected.delete(element);
  }
}

/** A part that renews itself must not put the sign-in page in its place once the session has ended. @param {Event} event */
function leaveWhenSignedOut(event) {
  const { xhr } = /** @type {CustomEvent<{xhr: XMLHttpRequest}>} */ (event).detail;
  if (new URL(xhr.responseURL).pathname !== "/sign-in") return;
  event.preventDefault();
  location.reload();
}

document.body.addEventListener("htmx:beforeSwap", leaveWhenSignedOut);
connectWithin(document.documentElement);
new MutationObserver((changes) => {
  for (const change of changes) {
    change.addedNodes.forEach((node) => node instanceof Element && connectWithin(node));
  }
  disconnectRemoved();
}).observe(document.body, { childList: true, subtree: true });
