import { Emitter } from "../emitter.js";

const EVERY = 15000;
const IDLE = 60000;
const KEPT = 200;
const SHOWN = 500;

/**
 * Tells the server that somebody works here, without what they do: "work" when something changed, "focus" when the
 * page was used, "idle" when it was not. Emits "state" `{counting, ms}` each second.
 */
export class Pulses extends Emitter {
  #task = "";
  #seq = 0;
  #touched = Date.now();
  #worked = false;
  #used = false;
  #active = 0;
  #ticked = Date.now();
  /** @type {{kind: string, seq: number, at: number}[]} */
  #kept = [];
  /** @type {Set<string>} */
  #told = new Set();
  /** @type {Promise<void> | null} */
  #sending = null;

  /**
   * @param {Suggestions} suggestions
   * @param {(task: string, body: object) => Promise<unknown>} send
   */
  constructor(suggestions, send) {
    super();
    this.suggestions = suggestions;
    this.send = send;
  }

  start() {
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel"]) {
      addEventListener(name, () => this.#touch(), { passive: true, capture: true });
    }
    setInterval(() => this.#tick(), 1000);
    setInterval(() => void this.#pulse(), EVERY);
    document.addEventListener("visibilitychange", () => void this.#pulse());
  }

  /** @param {string} task empty when nothing is to be counted */
  follow(task) {
    this.#task = task;
    this.#kept = [];
    this.#told = new Set();
    this.#worked = this.#used = false;
  }

  /** What a bad line kept back goes out while the task is still this person's: afterwards nobody takes it. */
  async settle() {
    await this.#sending;
    if (this.#task && this.#kept.length) await this.#post();
  }

  worked() {
    this.#worked = true;
    this.#touch();
  }

  idleFor() {
    return Date.now() - this.#touched;
  }

  get isCounting() {
    return this.#task !== "" && document.visibilityState === "visible" && document.hasFocus() && this.idleFor() < IDLE;
  }

  #touch() {
    this.#touched = Date.now();
    this.#used = true;
  }

  #tick() {
    const now = Date.now();
    if (this.isCounting) this.#active += Math.min(2000, now - this.#ticked);
    this.#ticked = now;
    this.emit("state", { counting: this.isCounting, ms: this.#active });
  }

  async #pulse() {
    if (!this.#task) return;
    const kind = !this.isCounting ? "idle" : this.#worked ? "work" : this.#used ? "focus" : "idle";
    this.#worked = this.#used = false;
    this.#kept.push({ kind, seq: ++this.#seq, at: Date.now() });
    this.#kept = this.#kept.slice(-KEPT);
    if (!this.#sending) await this.#post();
  }

  #post() {
    this.#sending = this.#deliver().finally(() => (this.#sending = null));
    return this.#sending;
  }

  async #deliver() {
    const task = this.#task;
    const batch = this.#kept;
    const shown = this.#newlyShown();
    try {
      const pulses = batch.map(({ kind, seq, at }) => ({ kind, seq, ms_ago: Date.now() - at }));
      await this.send(task, { pulses, shown });
      if (task === this.#task) this.#kept = this.#kept.filter((pulse) => !batch.includes(pulse));
      for (const id of shown) this.#told.add(id);
    } catch {
      // Kept and sent with the next one: time that was worked offline counts as well.
    }
  }

  #newlyShown() {
    const ids = this.suggestions.shown().map(({ id }) => id);
    return ids.filter((id) => !this.#told.has(id)).slice(0, SHOWN);
  }
}
