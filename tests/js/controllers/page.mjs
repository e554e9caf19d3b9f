/** The little of a page that a controller needs: elements with parts, and a server whose answers one hands in. */

/** @param {Record<string, EventTarget>} [parts] what `querySelector` finds, by selector */
export function element(parts = {}) {
  return Object.assign(new EventTarget(), {
    dataset: {},
    hidden: false,
    disabled: false,
    textContent: "",
    querySelector: (selector) => parts[selector] ?? null,
    querySelectorAll: (selector) => (parts[selector] ? [parts[selector]] : []),
    closest: () => null,
    setAttribute() {},
    removeAttribute() {},
    toggleAttribute() {},
    replaceChildren() {},
    append() {},
    matches: () => false,
    remove() {},
  });
}

export function openPage() {
  const toasts = [];
  globalThis.document = Object.assign(element(), {
    documentElement: { dataset: {}, lang: "en" },
    createElement: () => {
      const made = element();
      toasts.push(made);
      return made;
    },
  });
  return { toasts };
}

/**
 * Answers in their order, the last one for ever: a status with a body, or an Error for a lost connection.
 * @param {...([number, object] | Error)} answers
 */
export function serve(...answers) {
  const asked = [];
  globalThis.fetch = async (url, { method }) => {
    asked.push(`${method} ${url}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    const [status, body] = answer;
    return { ok: status < 400, status, json: async () => body };
  };
  return asked;
}

/** Let pending promises and the next pause of the mocked clock pass. */
export async function pass(timers, ms = 0) {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  timers.tick(ms);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
