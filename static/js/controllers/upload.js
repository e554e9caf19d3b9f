/**
 * Pictures by drop or by choice, one, many or a zip: sent in batches, each then followed as a job.
 *
 * Parts: `input[type=file]`, `progress`, `[data-part=running]`, `[data-part=text]`, `[data-part=cancel]`, `[data-part=error]`.
 * Events, bubbling: `jobdone` after each batch (from the job), `uploaded` when all is in.
 */
import { ApiError, csrfToken } from "../api.js";
import { count, size } from "../words.js";
import { follow } from "./job_progress.js";

const MOST_FILES = 50;
const MOST_BYTES = 200_000_000;
const SIGNED_OUT = 401;

/** @type {Controller} */
export function upload(element) {
  const input = /** @type {HTMLInputElement} */ (element.querySelector("input[type=file]"));
  const sender = new Sender(element);
  input.addEventListener("change", () => {
    sender.take([...(input.files ?? [])]);
    input.value = "";
  });
  element.addEventListener("dragover", (event) => {
    event.preventDefault();
    element.toggleAttribute("data-over", true);
  });
  element.addEventListener("dragleave", (event) => {
    if (!element.contains(/** @type {Node | null} */ (event.relatedTarget))) element.toggleAttribute("data-over", false);
  });
  element.addEventListener("drop", async (event) => {
    event.preventDefault();
    element.toggleAttribute("data-over", false);
    const files = await dropped(event.dataTransfer).catch(() => null);
    if (files) sender.take(files);
    else say(element, "error", "What was dropped could not be read. Look whether it is still there, then add it again.");
  });
  /** @param {BeforeUnloadEvent} event */
  const warn = (event) => {
    if ("sending" in element.dataset) event.preventDefault();
  };
  addEventListener("beforeunload", warn);
  return () => {
    removeEventListener("beforeunload", warn);
    sender.stop();
  };
}

/**
 * Files in portions that one request may carry, in order; a file larger than a portion goes alone.
 * @template {{size: number}} T
 * @param {T[]} files
 * @param {{files: number, bytes: number}} most
 * @returns {T[][]}
 */
export function batches(files, most = { files: MOST_FILES, bytes: MOST_BYTES }) {
  /** @type {T[][]} */
  const portions = [];
  let bytes = 0;
  for (const file of files) {
    const last = portions.at(-1);
    if (last && last.length < most.files && bytes + file.size <= most.bytes) {
      last.push(file);
      bytes += file.size;
    } else {
      portions.push([file]);
      bytes = file.size;
    }
  }
  return portions;
}

/** Sends a choice of files, portion by portion, each followed until it is read. */
class Sender {
  #stopped = false;
  #leave = () => {};

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
  }

  stop() {
    this.#stopped = true;
    this.#leave();
  }

  /** @param {File[]} files */
  async take(files) {
    const element = this.element;
    if (!files.length) return;
    if ("sending" in element.dataset) {
      return say(element, "error", "Other files are still on their way. Add these again when that has ended.");
    }
    element.dataset.sending = "";
    say(element, "error", "");
    part(element, "running")?.removeAttribute("hidden");
    const refusal = await this.#sendAll(files);
    delete element.dataset.sending;
    part(element, "running")?.setAttribute("hidden", "");
    // Who listens asks the server, and would be led to the sign-in page, away from the sentence.
    if (refusal !== SIGNED_OUT) element.dispatchEvent(new CustomEvent("uploaded", { bubbles: true }));
  }

  /**
   * @param {File[]} files
   * @returns {Promise<number | null>} the status of a refusal
   */
  async #sendAll(files) {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let bytes = 0;
    let number = 0;
    try {
      for (const portion of batches(files)) {
        const url = await send(this.element, portion, (some) => sending(this.element, bytes + some, total));
        bytes += portion.reduce((sum, file) => sum + file.size, 0);
        number += portion.length;
        if (this.#stopped || !(await this.#read(url, portion.length))) break;
      }
    } catch (error) {
      const left = files.length - number;
      const rest = left ? ` Not sent: ${count(left)} of ${count(files.length)} files. Add them again.` : "";
      say(this.element, "error", `${error instanceof Error ? error.message : error}${rest}`);
      return error instanceof ApiError ? error.status : null;
    }
    return null;
  }

  /**
   * @param {string} url
   * @param {number} number
   * @returns {Promise<boolean>} whether to go on
   */
  async #read(url, number) {
    say(this.element, "text", `Reading ${count(number)} ${number === 1 ? "file" : "files"}`);
    const { ended, stop } = follow(this.element, url);
    this.#leave = stop;
    const job = await ended;
    if (job?.state === "failed") throw new ApiError(422, job.error ?? null);
    return job?.state === "done";
  }
}

/**
 * One request; fetch cannot report how much is sent, so this one is an XMLHttpRequest.
 * @param {HTMLElement} element
 * @param {File[]} files
 * @param {(bytes: number) => void} onProgress
 * @returns {Promise<string>} the job's address
 */
function send(element, files, onProgress) {
  const body = new FormData();
  for (const file of files) body.append("files", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", element.dataset.url ?? "");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => {
      const answer = request.response;
      const job = answer?.job?.id;
      if (request.status === 202 && job) resolve(`${element.dataset.jobs}/${job}`);
      else reject(new ApiError(request.status, answer?.error ?? null));
    });
    request.addEventListener("error", () => reject(new ApiError(0, null)));
    request.send(body);
  });
}

/**
 * @param {HTMLElement} element
 * @param {number} sent
 * @param {number} total
 */
function sending(element, sent, total) {
  const bar = element.querySelector("progress");
  if (bar) Object.assign(bar, { max: total, value: Math.min(sent, total) });
  say(element, "text", `Sending ${size(Math.min(sent, total))} of ${size(total)}`);
}

/**
 * The files of a drop; folders are walked.
 * @param {DataTransfer | null} transfer
 * @returns {Promise<File[]>}
 */
async function dropped(transfer) {
  const entries = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.length) return [...(transfer?.files ?? [])];
  return (await Promise.all(entries.map(filesOf))).flat();
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<File[]>}
 */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.file(resolve, reject))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOf))).flat();
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @returns {HTMLElement | null}
 */
function part(element, name) {
  return element.querySelector(`[data-part=${name}]`);
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {string} text
 */
function say(element, name, text) {
  const place = part(element, name);
  if (!place) return;
  place.textContent = text;
  if (name === "error") place.closest("[data-part=failure]")?.toggleAttribute("hidden", !text);
}
