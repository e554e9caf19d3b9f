/** The bell: how many notifications are unread, as it changes, and the newest of them when it is opened. */
import { liveSocket } from "../socket.js";

const MOST = 99;

/** @type {Controller} */
export function bell(element) {
  const details = /** @type {HTMLDetailsElement} */ (element);
  const { person, url } = details.dataset;
  const list = /** @type {HTMLElement} */ (details.querySelector("[data-part=menu]"));
  const read = async () => {
    try {
      const answer = await fetch(url ?? "", { credentials: "same-origin" });
      // A session that ended answers with the sign-in page.
      if (answer.ok && !answer.redirected) list.innerHTML = await answer.text();
    } catch {
      // The list that was read before stays.
    }
  };
  details.addEventListener("toggle", () => {
    if (details.open) void read();
  });
  if (!person) return;
  return liveSocket()?.subscribe("person", person, {
    onFrame: (frame) => {
      if (frame.type !== "notifications.unread") return;
      show(details, Number(frame.unread));
      if (details.open) void read();
    },
  });
}

/** @param {HTMLElement} element @param {number} unread */
function show(element, unread) {
  const badge = /** @type {HTMLElement} */ (element.querySelector("[data-part=unread]"));
  badge.hidden = !unread;
  badge.textContent = unread > MOST ? `${MOST}+` : String(unread);
}
