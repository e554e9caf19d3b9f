/** Fills the layer of suggestions: what is known when a task opens, then what the live channel tells. */
export class PredictionFeed {
  #item = "";

  /**
   * @param {Editor} editor
   * @param {LiveSocket} socket
   * @param {(item: string) => Promise<PredictionPage>} read
   */
  constructor(editor, socket, read) {
    this.editor = editor;
    this.socket = socket;
    this.read = read;
  }

  /** Follows the picture of a task. In the held-out arm nothing is asked for at all, nor about one object. */
  /** @param {Task} task */
  async open(task) {
    if (this.#item) this.socket.unsubscribe("item", this.#item);
    this.editor.reading.knowReaders([]);
    this.#item = task.suggestions_shown && task.unit.kind !== "object" ? task.item.id : "";
    if (!this.#item) return;
    const item = this.#item;
    const seq = await this.#fill(item);
    if (item === this.#item) this.socket.subscribe("item", item, seq, (frame) => this.#take(frame), () => this.#fill(item));
  }

  /** @param {string} item @returns {Promise<number>} */
  async #fill(item) {
    for (let tries = 0; ; tries++) {
      try {
        const page = await this.read(item);
        if (item === this.#item) this.#show(page);
        return page.seq;
      } catch (error) {
        const { isPassing } = /** @type {ApiError} */ (error);
        if (!isPassing || tries === 5 || item !== this.#item) return 0;
        await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** tries));
      }
    }
  }

  /** Which parts the model is going to read: frames tell only those that it has read. */
  async plan() {
    const { reading } = this.editor;
    const page = await this.read(this.#item).catch(() => null);
    const run = page?.running.find(({ inference }) => inference === reading.inference);
    if (run) reading.plan(run);
  }

  /** @param {PredictionPage} page */
  #show({ results, running, read_by }) {
    const { suggestions, reading } = this.editor;
    suggestions.load(results);
    reading.knowReaders(read_by);
    for (const run of running) {
      for (const tile of run.tiles) if (tile.done) suggestions.addPart(run.inference, groundOf(tile, run.total), []);
      suggestions.addPart(run.inference, null, run.shapes);
    }
    const [latest] = running.slice(-1);
    if (latest) reading.resume(latest);
    else if (reading.isRunning || results.length) reading.finished(reading.inference);
  }

  /** @param {Frame} frame */
  #take(frame) {
    const { suggestions, reading } = this.editor;
    const inference = String(frame.inference ?? "");
    const shapes = /** @type {Suggestion[]} */ (frame.shapes ?? []);
    const tile = /** @type {ReadTile | null} */ (frame.tile ?? null);
    if (frame.type === "inference.queued") {
      if (inference !== reading.inference || reading.state !== "reading") reading.queued({ ...frame, inference });
      void this.plan();
    } else if (frame.type === "overlay.partial") {
      const total = Number(frame.total ?? 0);
      suggestions.addPart(inference, tile && groundOf(tile, total), shapes, /** @type {string[]} */ (frame.gone ?? []));
      reading.partRead(inference, tile, Number(frame.done ?? 0), total);
    } else if (frame.type === "overlay.final") {
      suggestions.settle(inference, shapes, reading.modelVersion);
      reading.finished(inference);
    } else if (frame.type === "inference.failed") {
      reading.failed(String(frame.message ?? "The model did not answer."));
    }
  }
}

/** Where a part replaces what was there: the pass over the whole picture replaces nothing, it sees large things only. */
/** @param {ReadTile} tile @param {number} total @returns {Rect | null} */
function groundOf(tile, total) {
  return tile.index === 0 && total > 1 ? null : tile;
}
