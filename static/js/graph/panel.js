/** The form of the stage that is chosen: what it is called, what it is told, where it leads, and what is wrong with it. */
import { fill, showParts, taken } from "./fields.js";
import { before, isFreeKey, outcomesOf, rulesOf, stageOf, targetOf } from "./model.js";
import { copy } from "./parts.js";
import { RuleList } from "./rules.js";

export class Panel {
  /** @type {string | null} */ #key = null;

  /**
   * @param {HTMLElement} place
   * @param {GraphEditor} editor
   */
  constructor(place, editor) {
    this.place = place;
    this.editor = editor;
    place.addEventListener("input", (event) => this.#typed(/** @type {Element} */ (event.target)));
    place.addEventListener("change", (event) => this.#chosen(/** @type {HTMLInputElement} */ (event.target)));
    place.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
  }

  /** Draw the form anew. @param {string | null} key */
  show(key) {
    const stage = stageOf(this.editor.graph, key);
    this.#key = stage?.key ?? null;
    if (!stage) return this.place.replaceChildren(copy("no-stage"));
    const form = copy("stage");
    const kind = this.editor.kindOf(stage.kind);
    this.#text(form, "kind", kind?.title ?? stage.kind);
    this.#text(form, "about", kind?.about ?? "");
    field(form, "title").value = stage.title;
    field(form, "key").value = stage.key;
    const settings = /** @type {HTMLElement} */ (form.querySelector("[data-part=settings]"));
    settings.append(copy(`settings-${stage.kind}`));
    fill(settings, stage.settings, (name) => this.#offers(name));
    const rules = /** @type {HTMLElement | null} */ (settings.querySelector("[data-rules]"));
    if (rules) this.#showRules(rules, stage);
    this.place.replaceChildren(form);
    this.showWays();
    this.showChecked();
    if (this.editor.readonly) for (const one of form.querySelectorAll("fieldset.whole")) one.setAttribute("disabled", "");
  }

  /** To the first field. */
  enter() {
    /** @type {HTMLElement | null} */ (this.place.querySelector("[data-field=title]"))?.focus();
  }

  /** The rows of the stage's outcomes, each with the stage it leads to. */
  showWays() {
    const stage = this.#stage;
    const list = this.place.querySelector("[data-part=ways]");
    if (!stage || !list) return;
    const outcomes = outcomesOf(stage);
    list.closest("section")?.toggleAttribute("hidden", !outcomes.length);
    list.replaceChildren(...outcomes.map(({ outcome, needed }) => this.#way(stage, outcome, needed)));
  }

  /** What the last check said: the unit that the stage works on, and its faults beside the fields they are about. */
  showChecked() {
    const stage = this.#stage;
    if (!stage) return;
    const unit = this.editor.check.unitOf(stage.key);
    this.#text(this.place, "unit", unit ?? "");
    this.place.querySelector("[data-part=unit]")?.toggleAttribute("hidden", !unit);
    const faults = this.editor.check.faultsOf(stage.key);
    const list = this.place.querySelector("[data-part=stage-faults]");
    list?.replaceChildren(...faults.map((fault) => errorLine(fault.message)));
    for (const one of this.place.querySelectorAll("[data-setting], [data-field]")) one.removeAttribute("aria-invalid");
    for (const fault of faults) this.#fieldOf(fault)?.setAttribute("aria-invalid", "true");
  }

  get #stage() {
    return stageOf(this.editor.graph, this.#key);
  }

  /** @param {GraphFault} fault */
  #fieldOf(fault) {
    const name = /\]\.(?:settings\.)?([\w.]+)/.exec(fault.field ?? "")?.[1];
    return name ? this.place.querySelector(`[data-setting="${name}"], [data-field="${name}"]`) : null;
  }

  /** @param {Element} target */
  #typed(target) {
    const stage = this.#stage;
    if (!stage) return;
    if (target.matches("[data-field=title]")) {
      const title = /** @type {HTMLInputElement} */ (target).value;
      this.editor.editStage(stage.key, { title }, `title of ${stage.key}`);
    } else if (target.closest("[data-setting]")) {
      const settings = taken(target, stage.settings);
      const going = target instanceof HTMLInputElement && target.type === "checkbox" ? "" : `${stage.key} ${named(target)}`;
      this.editor.editStage(stage.key, { settings }, target instanceof HTMLSelectElement ? "" : going);
      showParts(/** @type {Element} */ (this.place.querySelector("[data-part=settings]")), settings);
      if (target.closest("[data-resets]")) this.showWays();
    }
  }

  /** @param {HTMLInputElement} target */
  #chosen(target) {
    const stage = this.#stage;
    if (!stage) return;
    if (target.matches("[data-field=key]")) return this.#rename(stage, target);
    const { outcome } = /** @type {HTMLElement} */ (target).dataset;
    if (outcome) this.editor.lead(stage.key, outcome, target.value || null);
  }

  /**
   * @param {GraphStage} stage
   * @param {HTMLInputElement} input
   */
  #rename(stage, input) {
    const wish = input.value.trim();
    if (wish !== stage.key && isFreeKey(this.editor.graph, wish)) {
      this.#key = wish;
      return this.editor.renameStage(stage.key, wish);
    }
    if (wish !== stage.key) this.editor.say("This key is taken, or holds more than small letters, digits, - and _.");
    input.value = stage.key;
  }

  /** @param {Element} target */
  #clicked(target) {
    const act = /** @type {HTMLElement | null} */ (target.closest("[data-act]"))?.dataset.act;
    if (act === "remove" && this.#key) this.editor.removeStage(this.#key);
  }

  /**
   * @param {HTMLElement} place
   * @param {GraphStage} stage
   */
  #showRules(place, stage) {
    const owner = {
      change: (/** @type {object[]} */ rules, /** @type {string | undefined} */ going) => {
        const known = this.#stage;
        if (!known) return;
        const number = rulesOf(known).length;
        this.editor.editStage(known.key, { settings: { ...known.settings, rules } }, going && `${known.key} ${going}`);
        if (rules.length !== number || going?.startsWith("title")) this.showWays();
      },
      offers: (/** @type {string} */ name, /** @type {Record<string, any> | undefined} */ about) => this.#offers(name, about),
      say: (/** @type {string} */ text) => this.editor.say(text),
    };
    new RuleList(place, rulesOf(stage), owner);
  }

  /**
   * @param {GraphStage} stage
   * @param {string} outcome
   * @param {boolean} needed
   */
  #way(stage, outcome, needed) {
    const row = copy("way");
    const rule = stage.kind === "route" ? rulesOf(stage).findIndex((one) => one.key === outcome) : -1;
    const words = rule < 0 ? this.editor.drawing.outcomes[outcome] : rulesOf(stage)[rule].title || `Rule ${rule + 1}`;
    const select = /** @type {HTMLSelectElement} */ (row.querySelector("select"));
    this.#text(row, "outcome", words ?? outcome);
    const others = this.editor.graph.stages.filter((one) => one.key !== stage.key && one.kind !== "dataset");
    const labels = before(this.editor.graph, stage.key);
    const fit = outcome === "rework" ? others.filter((one) => one.kind === "label" && labels.has(one.key)) : others;
    const target = targetOf(this.editor.graph, stage.key, outcome);
    const odd = target && !fit.some((one) => one.key === target) ? this.editor.graph.stages.filter((one) => one.key === target) : [];
    const nowhere = needed ? "Nowhere yet" : "Next people";
    select.replaceChildren(new Option(nowhere, ""), ...[...odd, ...fit].map((one) => new Option(one.title || one.key, one.key)));
    select.value = target ?? "";
    select.dataset.outcome = outcome;
    return row;
  }

  /**
   * @param {string} name
   * @param {Record<string, any>} [about] the condition that asks
   * @returns {Offer[]}
   */
  #offers(name, about) {
    const { deployments, labels } = this.editor.drawing;
    if (name === "labels") return labels;
    if (name === "deployments") return deployments;
    if (name === "attributes") return attributesIn(labels);
    if (name === "attribute-values") {
      const options = attributesIn(labels).find((one) => one.value === about?.name)?.options ?? [];
      return options.map((value) => ({ value, title: value }));
    }
    const earlier = before(this.editor.graph, this.#key ?? "");
    const predicts = this.editor.graph.stages.filter((one) => one.kind === "predict" && earlier.has(one.key));
    return predicts.map((one) => ({ value: one.key, title: one.title || one.key }));
  }

  /** @param {Element} root @param {string} part @param {string} text */
  #text(root, part, text) {
    const place = root.querySelector(`[data-part=${part}]`);
    if (place) place.textContent = text;
  }
}

/** Each attribute once, by name. @param {Offer[]} labels */
function attributesIn(labels) {
  return [...new Map(labels.flatMap((label) => label.attributes ?? []).map((one) => [one.value, one])).values()];
}

/** @param {Element} target */
function named(target) {
  return /** @type {HTMLElement | null} */ (target.closest("[data-setting]"))?.dataset.setting ?? "";
}

/** @param {string} message */
function errorLine(message) {
  const line = copy("error");
  /** @type {HTMLElement} */ (line.querySelector("span")).textContent = message;
  return line;
}

/** @param {Element} root @param {string} name */
function field(root, name) {
  return /** @type {HTMLInputElement} */ (root.querySelector(`[data-field=${name}]`));
}
