/** The theme button. The cookie lets the server paint the first frame right; storage tells the other tabs. */

const YEAR = 365 * 24 * 3600;
const root = document.documentElement;

/** @type {Controller} */
export function theme(button) {
  const press = () => wear(isDark() ? "light" : "dark");
  /** @param {StorageEvent} event */
  const follow = (event) => {
    if (event.key === "theme" && event.newValue) show(event.newValue);
  };
  button.addEventListener("click", press);
  addEventListener("storage", follow);
  return () => removeEventListener("storage", follow);
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** @param {string} name */
function wear(name) {
  document.cookie = `theme=${name}; path=/; max-age=${YEAR}; samesite=lax`;
  localStorage.setItem("theme", name);
  show(name);
}

/** Canvases redraw on `themechange`. @param {string} name */
function show(name) {
  root.dataset.theme = name;
  dispatchEvent(new Event("themechange"));
}
