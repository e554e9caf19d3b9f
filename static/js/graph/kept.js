/** The graph that is being drawn, kept in this browser until it is published or discarded, so that leaving loses nothing. */

export class KeptGraph {
  /** @type {string} */ #place;
  /** @type {Pick<Storage, "getItem" | "setItem" | "removeItem">} */ #storage;

  /**
   * @param {string} pipeline
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} [storage] for tests
   */
  constructor(pipeline, storage = localStorage) {
    this.#place = `pipeline-graph:${pipeline}`;
    this.#storage = storage;
  }

  /** What is kept, with the number of the version on which it was begun. @returns {{on: number, graph: GraphValue} | null} */
  found() {
    try {
      const kept = JSON.parse(this.#storage.getItem(this.#place) ?? "null");
      return Array.isArray(kept?.graph?.stages) && Array.isArray(kept.graph.edges) ? kept : null;
    } catch {
      return null;
    }
  }

  /**
   * @param {number} on
   * @param {GraphValue} graph
   */
  keep(on, graph) {
    try {
      this.#storage.setItem(this.#place, JSON.stringify({ on, graph }));
    } catch {
      // A full store keeps nothing; the graph is still on the page.
    }
  }

  forget() {
    this.#storage.removeItem(this.#place);
  }
}
