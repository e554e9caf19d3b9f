const WAITS = [1000, 3000, 8000];

/**
 * Repeats a request that got no answer. Only for requests that the server knows again by their key.
 * @template T
 * @param {() => Promise<T>} request
 * @returns {Promise<T>}
 */
export async function patiently(request) {
  for (const wait of WAITS) {
    try {
      return await request();
    } catch (error) {
      if (!(/** @type {ApiError} */ (error).isPassing)) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  return request();
}
