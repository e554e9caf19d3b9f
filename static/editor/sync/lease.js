import { Emitter } from "../emitter.js";

const BEAT = 30000;
const AWAKE = 120000;

/**
 * Keeps a task leased while its holder works, and counts down. Emits "tick" (ms left) each second and "lost" with the
 * server's word for it; the draft stays with its author either way.
 */
export class Lease extends Emitter {
  token = "";
  /** While the task is handed in. The answer to that says what became of it, not a beat that crosses it. */
  isLeaving = false;
  #task = "";
  #until = 0;
  #beaten = 0;
  #followed = ""; // the task whose channel is listened to
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {Api} api
   * @param {(task: string, token: string) => Promise<Held | null>} extend
   * @param {() => number} idleFor ms since the person last did something
   */
  constructor(api, extend, idleFor) {
    super();
    this.api = api;
    this.extend = extend;
    this.idleFor = idleFor;
  }

  /** @param {string} task @param {Held | null} lease */
  hold(task, lease) {
    clearInterval(this.#timer);
    this.#task = task;
    this.token = lease?.token ?? "";
    this.#until = lease ? Date.parse(lease.expires_at) : 0;
    this.#beaten = Date.now();
    this.emit("tick", this.left());
    if (lease) this.#timer = setInterval(() => this.#tick(), 1000);
  }

  /** Ms left by the server's clock, or null when the task is not held. */
  left() {
    return this.token ? Math.max(0, this.#until - this.api.now()) : null;
  }

  /** The lease as it stands. @returns {Held} */
  held() {
    return { token: this.token, expires_at: new Date(this.#until).toISOString() };
  }

  drop() {
    this.hold(this.#task, null);
  }

  /** Hears on the task's own channel what becomes of its lease. @param {LiveSocket} socket @param {Task} task */
  follow(socket, { id, lease }) {
    if (this.#followed) socket.unsubscribe("task", this.#followed);
    if (!(this.#followed = lease ? id : "")) return;
    const take = (/** @type {Frame} */ { type, expires_at }) => {
      if (type === "lease.expiring") this.moveTo(String(expires_at));
      if (type === "lease.lost") this.lose("lease_lost");
    };
    socket.subscribe("task", id, null, take, async () => null);
  }

  /** The server moved the end. @param {string} expiresAt */
  moveTo(expiresAt) {
    this.#until = Date.parse(expiresAt) || this.#until;
  }

  /** @param {string} code */
  lose(code) {
    if (!this.token) return;
    this.drop();
    this.emit("lost", code);
  }

  #tick() {
    this.emit("tick", this.left());
    if (this.isLeaving) return;
    if (this.left() === 0) return this.lose("lease_expired");
    const due = Date.now() - this.#beaten > BEAT && this.idleFor() < AWAKE;
    if (due) void this.#beat();
  }

  async #beat() {
    this.#beaten = Date.now();
    const { token } = this;
    try {
      const lease = await this.extend(this.#task, token);
      if (token === this.token && lease) this.moveTo(lease.expires_at);
    } catch (error) {
      const { code } = /** @type {ApiError} */ (error);
      // No answer is no loss: the lease runs on until its end, and the next beat tries again.
      const isOver = code === "lease_lost" || code === "lease_expired";
      if (isOver && token === this.token && !this.isLeaving) this.lose(code);
    }
  }
}
