import { Emitter } from "../emitter.js";

const WAITS = [500, 1000, 2000, 5000, 10000, 20000];
const SILENCE = 75000;
const SIGNED_OUT = 4401;
const FINAL = new Map([
  [4403, "not_allowed"],
  [4409, "newer_tab"],
]);

/**
 * The one live channel. A push is a hint: each topic counts its frames, and whoever follows a topic is told to read it
 * again when a frame is missing. Reconnects by itself and resumes after the last frame seen.
 * Emits "state": "open", "lost", "signed_out", or why the server ended it for good.
 * @typedef {{topic: string, id: string, seq: number | null, take: (frame: Frame) => void, refill: () => Promise<number | null>, refilling: boolean}} Subscription
 */
export class LiveSocket extends Emitter {
  state = "lost";
  /** @type {Map<string, Subscription>} */
  #topics = new Map();
  /** @type {SocketLike | null} */
  #socket = null;
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => SocketLike} connect */
  constructor(connect) {
    super();
    this.connect = connect;
  }

  /**
   * @param {string} topic
   * @param {string} id
   * @param {number | null} after the last frame already known, null when only what comes from now on matters
   * @param {(frame: Frame) => void} take
   * @param {() => Promise<number | null>} refill reads the resource again and answers its seq
   */
  subscribe(topic, id, after, take, refill) {
    const subscription = { topic, id, seq: after, take, refill, refilling: false };
    this.#topics.set(`${topic} ${id}`, subscription);
    if (this.state === "open") this.#ask(subscription);
  }

  /** @param {string} topic @param {string} id */
  unsubscribe(topic, id) {
    if (!this.#topics.delete(`${topic} ${id}`)) return;
    this.#send({ type: "unsubscribe", topic, id });
    if (topic === "task" && this.state === "newer_tab") this.open(); // that tab follows the task that was left
  }

  /** Also takes the channel back from a newer tab. */
  open() {
    clearTimeout(this.#timer);
    this.#drop();
    const socket = this.connect();
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
    this.#watch();
  }

  #opened() {
    this.#failures = 0;
    this.#become("open");
    for (const subscription of this.#topics.values()) this.#ask(subscription);
  }

  /** @param {number} code */
  #closed(code) {
    clearTimeout(this.#timer);
    this.#socket = null;
    const reason = FINAL.get(code);
    if (reason) return this.#become(reason);
    // Who signs in again in another tab finds this one at work within half a minute.
    if (code === SIGNED_OUT) this.#failures = WAITS.length;
    this.#become(code === SIGNED_OUT ? "signed_out" : "lost");
    const wait = WAITS[Math.min(this.#failures++, WAITS.length - 1)];
    this.#timer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
  }

  /** @param {string} text */
  #receive(text) {
    this.#watch();
    const frame = parsed(text);
    if (!frame) return;
    if (frame.type === "ping") this.#send({ type: "pong", seq: frame.seq });
    const subscription = this.#topics.get(`${frame.topic} ${frame.id}`);
    if (!subscription) return;
    if (frame.type === "resync") return void this.#refill(subscription);
    const order = orderOf(frame, subscription.seq);
    if (order === "gap") return void this.#refill(subscription);
    if (order === "old" || frame.type === "ping") return;
    subscription.seq = frame.seq ?? subscription.seq;
    subscription.take(frame);
  }

  /** @param {Subscription} subscription */
  async #refill(subscription) {
    if (subscription.refilling) return;
    subscription.refilling = true;
    try {
      subscription.seq = await subscription.refill();
      if (this.state === "open" && this.#topics.has(`${subscription.topic} ${subscription.id}`)) this.#ask(subscription);
    } finally {
      subscription.refilling = false;
    }
  }

  /** @param {Subscription} subscription */
  #ask({ topic, id, seq }) {
    this.#send({ type: "subscribe", topic, id, ...(seq === null ? {} : { after: seq }) });
  }

  /** @param {object} frame */
  #send(frame) {
    if (this.state === "open") this.#socket?.send(JSON.stringify(frame));
  }

  /** A connection can die without a word; the server pings more often than this. */
  #watch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), SILENCE);
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** @param {string} state */
  #become(state) {
    this.state = state;
    this.emit("state", state);
  }
}

/**
 * The same frame may come twice, from the channel and from the resumed feed. A ping only tells where the topic is.
 * @param {Frame} frame @param {number | null} last @returns {"next" | "old" | "gap"}
 */
function orderOf({ type, seq }, last) {
  if (typeof seq !== "number" || last === null) return "next";
  if (seq <= last) return "old";
  return seq > last + (type === "ping" ? 0 : 1) ? "gap" : "next";
}

/** @param {string} text @returns {Frame | null} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
