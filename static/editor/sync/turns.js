import { Emitter } from "../emitter.js";
import { newId } from "../ids.js";

/** One act at a time: what is begun while another is under way does not happen. Emits "busy" `boolean`. */
export class Turns extends Emitter {
  busy = false;
  /** What comes when the act that is under way is done. @type {(() => unknown) | null} */
  after = null;
  /** The key under which the server knows the act that is under way. */
  key = "";

  /** @param {() => Promise<void>} work */
  async alone(work) {
    if (this.busy) return;
    this.emit("busy", (this.busy = true));
    try {
      await work();
    } finally {
      this.emit("busy", (this.busy = false));
    }
    const { after } = this;
    this.after = null;
    await after?.();
  }

  /**
   * The act's key stays until the server has answered for good.
   * @param {(headers: Record<string, string>) => Promise<void>} act @param {(refusal: ApiError) => void} refused
   */
  act(act, refused) {
    return this.alone(async () => {
      this.key ||= newId();
      try {
        await act({ "Idempotency-Key": this.key });
      } catch (error) {
        const refusal = /** @type {ApiError} */ (error);
        if (!refusal.isPassing) this.key = "";
        refused(refusal);
      }
    });
  }
}
