/** Requests to our own API from a page: session cookie, CSRF token, and errors as sentences. */

export class ApiError extends Error {
  /**
   * @param {number} status 0 when nothing answered
   * @param {{code?: string, message?: string} | null} error
   */
  constructor(status, error) {
    super(error?.message ?? "The server did not answer. What you did is kept here; try again in a moment.");
    this.status = status;
    this.code = error?.code ?? "no_answer";
  }
}

/** @returns {string} */
export function csrfToken() {
  return /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'))?.content ?? "";
}

/**
 * Send a request and read its JSON; raises ApiError for every refusal.
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @param {AbortSignal} [signal] who lets go of it is answered nothing
 * @returns {Promise<any>}
 */
export async function ask(method, url, body, signal) {
  const headers = new Headers({ Accept: "application/json", "X-CSRFToken": csrfToken() });
  if (body) headers.set("Content-Type", "application/json");
  /** @type {Response} */
  let response;
  try {
    response = await fetch(url, { method, headers, body: body && JSON.stringify(body), credentials: "same-origin", signal });
  } catch {
    throw new ApiError(0, null);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer?.error ?? null);
  return answer;
}
