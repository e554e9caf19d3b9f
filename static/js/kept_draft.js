/**
 * The draft of a recipe in this browser, so that leaving the page, a lost connection or a lost session loses nothing.
 * It goes when it is discarded, or once the published version says the same.
 */
import { changes, normalised } from "./recipe_draft.js";

export class KeptDraft {
  /** @type {string} */ #place;
  /** @type {string} */ #version;
  /** @type {Pick<Storage, "getItem" | "setItem" | "removeItem">} */ #storage;

  /**
   * @param {{recipe: string, version: string}} page the version is the one in force
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} [storage] for tests
   */
  constructor({ recipe, version }, storage = localStorage) {
    this.#place = `recipe-draft:${recipe}`;
    this.#version = version;
    this.#storage = storage;
  }

  /**
   * What is kept; `overtaken` when a version was published since the draft was begun.
   * @param {RecipeLabel[]} published
   * @param {string} instructions as published
   * @returns {{labels: RecipeLabel[], instructions: string, overtaken: boolean} | null}
   */
  found(published, instructions) {
    const kept = this.#read();
    if (!kept) return null;
    const labels = kept.labels.map(normalised);
    const overtaken = kept.on !== this.#version;
    if (overtaken && !changes(published, labels).length && kept.instructions.trim() === instructions.trim()) {
      this.forget();
      return null;
    }
    return { labels, instructions: kept.instructions, overtaken };
  }

  /**
   * @param {RecipeLabel[]} labels
   * @param {string} instructions
   */
  keep(labels, instructions) {
    this.#storage.setItem(this.#place, JSON.stringify({ on: this.#version, labels, instructions }));
  }

  forget() {
    this.#storage.removeItem(this.#place);
  }

  /** @returns {{on: string, labels: RecipeLabel[], instructions: string} | null} */
  #read() {
    try {
      return JSON.parse(this.#storage.getItem(this.#place) ?? "null");
    } catch {
      return null;
    }
  }
}
