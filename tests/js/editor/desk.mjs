/** A session against a server that is only told of. */
import { Emitter } from "../../../static/editor/emitter.js";
import { Autosave } from "../../../static/editor/sync/autosave.js";
import { MemoryLog } from "../../../static/editor/sync/draft_log.js";
import { Lease } from "../../../static/editor/sync/lease.js";
import { Session } from "../../../static/editor/sync/session.js";
import { atWork } from "./cast.mjs";

const path = (name) => (id) => `/${name}/${id}`;
const PATHS = Object.fromEntries(["task", "draft", "lease", "submission", "skip", "verdict", "assist", "claims"].map((name) => [name, path(name)]));

/** A session against a server that answers as told; `asked` lists what it was asked. */
export function session(answers = {}) {
  const asked = [];
  const drafts = new Map();
  const api = {
    now: () => Date.now(),
    get: (url) => api.request("GET", url),
    async request(method, url, body, headers = {}) {
      asked.push({ method, url, body, headers });
      const [, name, id] = url.split("/");
      const told = answers[`${method} ${name}`];
      if (told) return told(body, asked.length);
      if (method === "GET" && name === "draft") return drafts.get(id) ?? { revision: 0, values: {}, rejected: [] };
      if (name === "claims") return null;
      return {};
    },
  };
  const editor = atWork();
  const log = new MemoryLog();
  const autosave = new Autosave(log, async (_, { base_revision }) => ({ revision: base_revision + 1 }));
  const lease = new Lease(api, async () => null, () => 0);
  const socket = Object.assign(new Emitter(), { subscribe: () => undefined, unsubscribe: () => undefined, state: "open" });
  const feed = { open: async () => undefined, plan: async () => undefined };
  const pulses = { follow: (id) => asked.push({ follow: id }), worked: () => undefined, settle: async () => undefined };
  const made = new Session({ editor, api, paths: PATHS, log, autosave, socket, feed, lease, pulses });
  const told = [];
  for (const name of ["opened", "refused", "unsent", "nothing", "adrift", "conflict", "undecided", "stopped", "passed"]) made.on(name, (detail) => told.push([name, detail]));
  return { made, editor, log, autosave, lease, asked, told, to: (name) => asked.filter(({ url }) => url?.startsWith(`/${name}/`)) };
}

/** Ends the countdown of the lease, which would keep the test's process awake. */
export function closing(context, { lease }) {
  context.after(() => lease.drop());
}

/** Lets the pauses between tries go by. */
export async function passing(context) {
  for (let k = 0; k < 20; k++) {
    await new Promise((resolve) => setImmediate(resolve));
    context.mock.timers.tick(8000);
  }
}
