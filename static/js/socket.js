/**
 * The one live socket of a page: subscriptions that survive a lost connection.
 *
 * A push is a hint; the truth is in the resources. Every topic remembers the last sequence number it delivered, asks for
 * what came after it when the connection is back, and drops what it has seen.
 */

const SIGNED_OUT = 4401;
const NOT_ALLOWED = 4403;
const SUPERSEDED = 4409;
const FINAL = new Set([SIGNED_OUT, NOT_ALLOWED, SUPERSEDED]);
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

export class LiveSocket {
  /** @type {string} */ #url;
  /** @type {(url: string) => Wire} */ #dial;
  /** @type {(act: () => void, ms: number) => unknown} */ #later;
  /** @type {Wire | null} */ #wire = null;
  /** @type {Map<string, Entry>} */ #entries = new Map();
  /** @type {Set<(state: SocketState, code?: number) => void>} */ #watchers = new Set();
  /** @type {SocketState} */ #state = "closed";
  #failures = 0;

  /**
   * @param {string} url
   * @param {{dial?: (url: string) => Wire, later?: (act: () => void, ms: number) => unknown}} [means] for tests
   */
  constructor(url, { dial, later } = {}) {
    this.#url = url;
    this.#dial = dial ?? ((at) => /** @type {Wire} */ (/** @type {unknown} */ (new WebSocket(at))));
    this.#later = later ?? ((act, ms) => setTimeout(act, ms));
  }

  /** @returns {SocketState} */
  get state() {
    return this.#state;
  }

  /**
   * Watch the connection; called at once with the present state.
   * @param {(state: SocketState, code?: number) => void} watcher
   * @returns {() => void} stops watching
   */
  watch(watcher) {
    this.#watchers.add(watcher);
    watcher(this.#state);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Follow a topic. The first subscription opens the connection.
   * @param {Topic} topic
   * @param {string} id
   * @param {Subscription} subscription
   * @returns {() => void} ends it
   */
  subscribe(topic, id, subscription) {
    const key = `${topic}:${id}`;
    const entry = this.#entries.get(key) ?? new Entry(topic, id);
    entry.readers.add(subscription);
    entry.startAfter(subscription.after);
    this.#entries.set(key, entry);
    if (this.#state === "open") this.#ask(entry);
    else if (this.#state === "closed") this.#connect();
    return () => this.#leave(key, subscription);
  }

  /** Let go of the connection for good. */
  close() {
    this.#entries.clear();
    this.#move("closed");
    this.#wire?.close();
    this.#wire = null;
  }

  #connect() {
    this.#move("connecting");
    const wire = this.#dial(this.#url);
    this.#wire = wire;
    wire.onopen = () => this.#opened();
    wire.onmessage = (event) => this.#heard(event.data);
    wire.onclose = (event) => {
      if (wire === this.#wire) this.#lost(event.code);
    };
  }

  #opened() {
    this.#move("open");
    for (const entry of this.#entries.values()) this.#ask(entry);
  }

  /** @param {number} code */
  #lost(code) {
    this.#wire = null;
    if (FINAL.has(code)) return this.#move("closed", code);
    this.#move("waiting", code);
    const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures);
    this.#failures += 1;
    this.#later(() => {
      if (this.#state === "waiting") this.#connect();
    }, ceiling / 2 + (Math.random() * ceiling) / 2);
  }

  /** @param {string} text */
  #heard(text) {
    /** @type {Frame} */
    const frame = JSON.parse(text);
    this.#failures = 0;
    if (frame.type === "ping") this.#send({ type: "pong", seq: frame.seq });
    if (!frame.topic || !frame.id) return;
    const key = `${frame.topic}:${frame.id}`;
    const entry = this.#entries.get(key);
    if (!entry) return;
    if (frame.type === "refused") {
      this.#entries.delete(key);
      entry.tellRefused();
    } else if (frame.type === "resync") {
      entry.restart(frame.seq);
    } else if (entry.misses(frame.seq)) {
      this.#ask(entry);
    } else if (frame.type !== "ping") {
      entry.deliver(frame);
    }
  }

  /**
   * @param {string} key
   * @param {Subscription} subscription
   */
  #leave(key, subscription) {
    const entry = this.#entries.get(key);
    if (!entry?.readers.delete(subscription) || entry.readers.size) return;
    this.#entries.delete(key);
    if (this.#state === "open") this.#send({ type: "unsubscribe", topic: entry.topic, id: entry.id });
  }

  /** @param {Entry} entry */
  #ask(entry) {
    entry.asked = entry.last;
    const from = entry.last === null ? {} : { after: entry.last };
    this.#send({ type: "subscribe", topic: entry.topic, id: entry.id, ...from });
  }

  /** @param {object} message */
  #send(message) {
    if (this.#state === "open") this.#wire?.send(JSON.stringify(message));
  }

  /**
   * @param {SocketState} state
   * @param {number} [code]
   */
  #move(state, code) {
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state, code);
  }
}

/** One topic: who reads it and how far it got. */
class Entry {
  /** @type {Set<Subscription>} */ readers = new Set();
  /** @type {number | null} */ last = null;
  /** The place last asked for: a gap right behind it is the server's own and is not asked for again.
   * @type {number | null} */
  asked = null;

  /**
   * @param {Topic} topic
   * @param {string} id
   */
  constructor(topic, id) {
    this.topic = topic;
    this.id = id;
  }

  /** A second reader that knows less makes the topic start again where that reader stopped.
   * @param {number | null | undefined} after */
  startAfter(after) {
    if (after === null || after === undefined) return;
    this.last = this.last === null ? after : Math.min(this.last, after);
  }

  /** @param {number | undefined} seq */
  misses(seq) {
    return typeof seq === "number" && this.last !== null && seq > this.last + 1 && this.asked !== this.last;
  }

  /** @param {Frame} frame */
  deliver(frame) {
    if (typeof frame.seq === "number") {
      if (this.last !== null && frame.seq <= this.last) return;
      this.last = frame.seq;
    }
    for (const reader of this.readers) reader.onFrame(frame);
  }

  /** @param {number | undefined} seq */
  restart(seq) {
    this.last = typeof seq === "number" ? seq : null;
    for (const reader of this.readers) reader.onResync?.();
  }

  tellRefused() {
    for (const reader of this.readers) reader.onRefused?.();
  }
}

/** @type {LiveSocket | null} */
let shared = null;

/**
 * The page's socket, made when it is first wanted; null where no organization acts (sign-in, errors).
 * @returns {LiveSocket | null}
 */
export function liveSocket() {
  const org = document.documentElement.dataset.org;
  if (!shared && org) {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    shared = new LiveSocket(`${scheme}://${location.host}/ws/orgs/${org}/live`);
  }
  return shared;
}
