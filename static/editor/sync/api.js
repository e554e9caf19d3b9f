/** A refusal of the server, or no answer at all (status 0). */
export class ApiError extends Error {
  /** @param {number} status @param {{code?: string, message?: string, field?: string | null, details?: any}} error */
  constructor(status, error) {
    super(error.message ?? "The server did not answer.");
    this.status = status;
    this.code = error.code ?? "unknown";
    this.field = error.field ?? null;
    this.details = error.details ?? null;
  }

  /** The session ended: the request is right, and may be sent again after another sign-in. */
  get isSignedOut() {
    return this.status === 401;
  }

  /** Whether the same request may succeed later without a change. */
  get isPassing() {
    return [0, 408, 425, 429].includes(this.status) || this.status >= 500 || this.code === "request_in_progress";
  }
}

const SMALL = 4096;

/** JSON over fetch, with the CSRF token, the clock of the server and errors as `ApiError`. */
export class Api {
  /** Milliseconds that the server's clock is ahead of this one. */
  ahead = 0;

  /** @param {{base: string, csrf: () => string, fetch?: typeof fetch}} setting */
  constructor({ base, csrf, fetch: send = (input, init) => fetch(input, init) }) {
    this.base = base;
    this.csrf = csrf;
    this.fetch = send;
  }

  /** The server's time in ms. */
  now() {
    return Date.now() + this.ahead;
  }

  /** @param {string} path */
  get(path) {
    return this.request("GET", path);
  }

  /**
   * @param {string} method
   * @param {string} path below the organization
   * @param {unknown} [body]
   * @param {Record<string, string>} [headers]
   * @returns {Promise<any>} the body, or null when there is none
   */
  async request(method, path, body, headers = {}) {
    const answer = await this.#send(method, path, body, headers);
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (date && Math.abs(date - Date.now() - this.ahead) > 1500) this.ahead = date - Date.now();
    const text = await answer.text().catch(() => "");
    const value = parsed(text);
    if (!answer.ok) throw new ApiError(answer.status, value?.error ?? { message: `The server answered ${answer.status}.` });
    return value;
  }

  /** @param {string} method @param {string} path @param {unknown} body @param {Record<string, string>} headers */
  async #send(method, path, body, headers) {
    /** @type {Record<string, string>} */
    const all = { Accept: "application/json", ...headers };
    if (method !== "GET") all["X-CSRFToken"] = this.csrf();
    if (body !== undefined) all["Content-Type"] = "application/json";
    const sent = body === undefined ? undefined : JSON.stringify(body);
    try {
      return await this.fetch(this.base + path, {
        method,
        headers: all,
        body: sent,
        credentials: "same-origin",
        // What a person hands in as they leave the page still goes out; browsers allow this for small requests.
        keepalive: method !== "GET" && (sent?.length ?? 0) < SMALL,
      });
    } catch {
      throw new ApiError(0, { code: "offline", message: "There is no connection to the server." });
    }
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
