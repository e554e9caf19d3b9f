/**
 * A job's progress: bar, the two numbers, the time left, and a button that cancels. Asks each second; where the live
 * socket reports the job, asks only now and then, since a push is a hint.
 *
 * Parts, all optional: `progress`, `[data-part=text]`, `[data-part=cancel]`. Tells its end by a bubbling `jobdone`.
 * A refusal that will not pass ends the watch with a sentence; all other failures are asked again.
 */
import { ApiError, ask } from "../api.js";
import { liveSocket } from "../socket.js";
import { count, duration } from "../words.js";
import { toast } from "./toast.js";

const OFTEN = 1000;
const SELDOM = 5000;
const FINISHED = new Set(["done", "failed", "cancelled"]);
const UNKNOWN = "This job can no longer be found. Load the page again to see what came of it.";
/** @type {Record<number, string>} */
const REFUSED = {
  401: "You are signed out, so this cannot be followed any more. Sign in again to see what came of it.",
  403: "Your role does not show you this job any more. Ask the owner of the organization, then load the page again.",
  404: UNKNOWN,
  410: UNKNOWN,
};

/** @type {Controller} */
export function jobProgress(element) {
  const url = element.dataset.url;
  if (!url) return;
  const { ended, stop } = follow(element, url);
  ended.catch(() => {}); // the element says it already
  return stop;
}

/**
 * Show a job until it ends. `ended` is null where one stopped before, and rejects where the job may not be seen any more.
 * @param {HTMLElement} element
 * @param {string} url of the job in the API
 * @returns {{ended: Promise<Job | null>, stop: () => void}}
 */
export function follow(element, url) {
  const began = { at: performance.now(), done: 0, known: false };
  let stopped = false;
  let wake = () => {};
  const leaveSocket = listen(url, () => wake());
  const cancel = /** @type {HTMLButtonElement | null} */ (element.querySelector("[data-part=cancel]"));
  const onCancel = async () => {
    if (cancel) cancel.disabled = true;
    await ask("DELETE", url).catch((error) => {
      if (cancel) cancel.disabled = false;
      toast(`This was not cancelled. ${error.message}`);
    });
    wake();
  };
  if (cancel) Object.assign(cancel, { hidden: false, disabled: false });
  cancel?.addEventListener("click", onCancel);

  const stop = () => {
    stopped = true;
    leaveSocket();
    cancel?.removeEventListener("click", onCancel);
    wake();
  };
  const ended = watch();
  return { ended, stop };

  /** @returns {Promise<Job | null>} */
  async function watch() {
    while (!stopped) {
      const job = await ask("GET", url).catch(refused);
      if (stopped) break;
      if (job) show(element, job, began);
      if (job && FINISHED.has(job.state)) {
        leave();
        element.dispatchEvent(new CustomEvent("jobdone", { bubbles: true, detail: job }));
        return job;
      }
      await rest(liveSocket()?.state === "open" ? SELDOM : OFTEN);
    }
    return null;
  }

  /** @param {ApiError} error */
  function refused(error) {
    const sentence = REFUSED[error.status];
    if (!sentence || stopped) return null;
    leave();
    say(element, sentence);
    element.dataset.state = "refused";
    throw new ApiError(error.status, { code: error.code, message: sentence });
  }

  function leave() {
    stop();
    if (cancel) cancel.hidden = true;
  }

  /** @param {number} ms */
  function rest(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }
}

/**
 * @param {string} url
 * @param {() => void} onNews
 * @returns {() => void}
 */
function listen(url, onNews) {
  const id = url.replace(/\/$/, "").split("/").pop() ?? "";
  return liveSocket()?.subscribe("job", id, { onFrame: onNews, onResync: onNews }) ?? (() => {});
}

/**
 * @param {HTMLElement} element
 * @param {Job} job
 * @param {{at: number, done: number, known: boolean}} began
 */
function show(element, job, began) {
  const { done = 0, total = null, eta_s: eta = null } = job.progress ?? {};
  const bar = element.querySelector("progress");
  if (bar && total) Object.assign(bar, { max: total, value: job.state === "done" ? total : done });
  if (bar && !total && FINISHED.has(job.state)) Object.assign(bar, { max: 1, value: job.state === "done" ? 1 : 0 });
  if (!began.known && job.state === "running") Object.assign(began, { at: performance.now(), done, known: true });
  say(element, sentence(job, done, total, eta ?? timeLeft(done, total, began)));
  element.dataset.state = job.state;
}

/**
 * @param {HTMLElement} element
 * @param {string} words
 */
function say(element, words) {
  const text = element.querySelector("[data-part=text]");
  if (text) text.textContent = words;
}

/**
 * @param {Job} job
 * @param {number} done
 * @param {number | null} total
 * @param {number | null} eta
 */
export function sentence(job, done, total, eta) {
  if (job.state === "queued") return "Waiting for a worker";
  if (job.state === "cancelled") return `Cancelled at ${count(done)}. What was done stays.`;
  if (job.state === "failed") return job.error?.message ?? "This stopped. Start it again.";
  if (total === null) return job.state === "done" ? "Done" : "Working";
  if (job.state === "done") return `Done, ${count(total)} of ${count(total)}`;
  const left = eta === null ? "" : `, about ${duration(eta)} left`;
  return `${count(done)} of ${count(total)}${left}`;
}

/**
 * @param {number} done
 * @param {number | null} total
 * @param {{at: number, done: number, known: boolean}} began
 */
function timeLeft(done, total, began) {
  const gained = done - began.done;
  const seconds = (performance.now() - began.at) / 1000;
  return began.known && total && gained > 0 && seconds > 2 ? ((total - done) * seconds) / gained : null;
}
