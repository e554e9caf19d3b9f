/**
 * A thread of questions and answers, written by the server: its forms are sent from within the page, and what others
 * say arrives by itself. The editor names the task with `data-url` and the event `show`; a page brings the thread along.
 * Tells `threadshown` with the thread's state, and sends `threadchanged` where somebody else follows the thread for it.
 */
import { csrfToken } from "../api.js";
import { liveSocket } from "../socket.js";
import { Mentions } from "./mentions.js";

const LOST = "The server did not answer. What you wrote is still here; try again in a moment.";
// The answer is the sign-in page then; put here, it would take the place of what one wrote.
const SIGNED_OUT = "You are signed out. Copy what you wrote, then load the page again to sign in.";

/** @type {Controller} */
export function thread(element) {
  const mentions = new Mentions(element);
  let leave = follow(element, () => void load(element));
  const shown = () => {
    leave?.();
    leave = follow(element, () => void load(element));
  };
  element.addEventListener("show", () => void load(element).then(() => field(element)?.focus()));
  element.addEventListener("threadchanged", () => void load(element));
  element.addEventListener("threadshown", shown);
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    void send(element, form, /** @type {HTMLButtonElement | null} */ (event.submitter));
  });
  element.addEventListener("keydown", (event) => {
    if (mentions.takes(event)) return;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    /** @type {Element} */ (event.target).closest("form")?.requestSubmit();
  });
  return () => leave?.();
}

/** @param {HTMLElement} element */
function part(element) {
  return /** @type {HTMLElement | null} */ (element.querySelector("[data-part=thread]"));
}

/** @param {HTMLElement} element @param {() => void} renew */
function follow(element, renew) {
  const id = part(element)?.dataset.thread;
  return id ? liveSocket()?.subscribe("thread", id, { onFrame: (frame) => frame.type === "thread.changed" && renew(), onResync: renew }) : undefined;
}

/** Reads the thread anew; what is being written stays. @param {HTMLElement} element */
async function load(element) {
  const form = /** @type {HTMLFormElement | null} */ (element.querySelector("[data-part=say]"));
  const url = element.dataset.url || form?.action;
  if (!url) return;
  try {
    const answer = await fetch(url, { headers: { "X-Part": "thread" }, credentials: "same-origin" });
    if (answer.redirected) say(element, SIGNED_OUT);
    else if (answer.ok && url === (element.dataset.url || url)) put(element, await answer.text(), field(element)?.value ?? "");
    else if (!answer.ok) say(element, "This thread cannot be read now.");
  } catch {
    say(element, LOST);
  }
}

/** @param {HTMLElement} element @param {HTMLFormElement} form @param {HTMLButtonElement | null} by */
async function send(element, form, by) {
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(by?.hasAttribute("formaction") ? by.formAction : form.action, {
      method: "POST",
      body: new FormData(form, by),
      headers: { "X-Part": "thread", "X-CSRFToken": csrfToken() },
      credentials: "same-origin",
    });
    if (answer.redirected) return say(element, SIGNED_OUT);
    const text = await answer.text();
    const moves = by?.name === "state";
    if (answer.ok) put(element, text, moves ? (field(element)?.value ?? "") : "");
    else if (answer.status === 422) put(element, text, null);
    else say(element, "That did not work. What you wrote is still here.");
    if (answer.ok && !moves) field(element)?.focus();
  } catch {
    say(element, LOST);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

/** @param {HTMLElement} element */
function field(element) {
  return /** @type {HTMLTextAreaElement | null} */ (element.querySelector("[data-part=text]"));
}

/**
 * @param {HTMLElement} element
 * @param {string} html of our own server
 * @param {string | null} words that stay in the field; null for those that came with the answer
 */
function put(element, html, words) {
  const before = field(element);
  const [focused, caret] = [before !== null && before === document.activeElement, before?.selectionEnd ?? 0];
  element.innerHTML = html;
  const now = field(element);
  if (now && words !== null) now.value = words;
  if (now && focused) {
    now.focus();
    now.setSelectionRange(caret, caret);
  }
  const last = element.querySelector(".said > li:last-child");
  last?.scrollIntoView({ block: "nearest" });
  const { thread: id, state } = part(element)?.dataset ?? {};
  element.dispatchEvent(new CustomEvent("threadshown", { bubbles: true, detail: { id, state } }));
}

/** @param {HTMLElement} element @param {string} sentence */
function say(element, sentence) {
  element.querySelector("[data-part=trouble]")?.remove();
  const note = Object.assign(document.createElement("p"), { className: "error", textContent: sentence });
  note.setAttribute("role", "alert");
  note.dataset.part = "trouble";
  (element.querySelector("[data-part=say]") ?? element).prepend(note);
}
