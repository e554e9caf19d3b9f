/** What the server last said of the graph: faults, where stages stand, how edges run, what each stage works on. */
import { ask } from "../api.js";
import { wayKey } from "./canvas.js";
import { plain } from "./model.js";

const STEP = 240;

export class LastCheck {
  /** @type {Map<string, Spot>} */ spots = new Map();
  /** @type {Map<string, number>} */ wayAt = new Map();
  /** @type {Map<string, string | null>} */ #units = new Map();
  #asked = 0;

  /**
   * @param {string} url
   * @param {GraphValue} graph
   * @param {GraphCheck} check
   */
  constructor(url, graph, check) {
    this.url = url;
    this.faults = check.faults;
    this.layout = check.layout;
    this.#learn(graph, check);
  }

  /**
   * Ask about a graph. Null where a later one was asked about meanwhile; else the number of the newest version.
   * @param {GraphValue} graph
   * @returns {Promise<number | null>}
   */
  async renew(graph) {
    const asked = (this.#asked += 1);
    try {
      const check = await ask("POST", this.url, { graph: plain(graph) });
      if (asked !== this.#asked) return null;
      this.#learn(graph, check);
      return check.version ?? 0;
    } catch (error) {
      if (asked !== this.#asked) return null;
      this.faults = [{ stage: null, field: null, message: /** @type {Error} */ (error).message }];
      return 0;
    }
  }

  /** @param {string} key */
  faultsOf(key) {
    return this.faults.filter((fault) => fault.stage === key);
  }

  /** @param {string} key */
  unitOf(key) {
    return this.#units.get(key) ?? null;
  }

  /** New stages stand beside those that lead to them until the server has drawn them. @param {GraphValue} graph */
  place(graph) {
    for (const { key } of graph.stages) {
      if (this.spots.has(key)) continue;
      const from = graph.edges.find((edge) => edge.to === key && this.spots.has(edge.from))?.from;
      const beside = this.spots.get(from ?? "") ?? { x: 0, y: 0 };
      this.spots.set(key, { x: beside.x + STEP, y: beside.y + STEP / 2 });
    }
  }

  /** @param {GraphValue} graph @param {GraphCheck} check */
  #learn(graph, check) {
    this.faults = check.faults;
    this.layout = check.layout;
    this.spots = new Map(graph.stages.map(({ key }, at) => [key, check.layout.spots[at]]));
    this.#units = new Map(graph.stages.map(({ key }, at) => [key, check.units[at]]));
    this.wayAt = new Map(graph.edges.map((edge, at) => [wayKey(edge), at]));
  }
}
