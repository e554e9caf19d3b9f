/** The rules of a route as a list to edit: each with a title and conditions, put in order by buttons. */
import { fill, taken } from "./fields.js";
import { copy } from "./parts.js";

/** @typedef {{key: string, title: string, when: Record<string, any>[]}} Rule */
/** @typedef {{change: (rules: Rule[], going?: string) => void, offers: (name: string, about?: Record<string, any>) => Offer[], say: (text: string) => void}} Owner */

export class RuleList {
  /**
   * @param {HTMLElement} place
   * @param {Rule[]} rules
   * @param {Owner} owner
   */
  constructor(place, rules, owner) {
    this.place = place;
    this.rules = rules;
    this.owner = owner;
    this.list = /** @type {HTMLElement} */ (place.querySelector("[data-part=rules]"));
    place.addEventListener("input", (event) => {
      // What is typed here is a rule's, not a setting of the stage; and the field may be gone once it is heard.
      event.stopPropagation();
      this.#typed(/** @type {Element} */ (event.target));
    });
    place.addEventListener("click", (event) => this.#clicked(/** @type {Element} */ (event.target)));
    this.#draw();
  }

  #draw() {
    this.list.replaceChildren(...this.rules.map((rule, at) => this.#rule(rule, at)));
  }

  /**
   * @param {Rule} rule
   * @param {number} at
   */
  #rule(rule, at) {
    const row = copy("rule");
    row.dataset.at = String(at);
    /** @type {HTMLInputElement} */ (row.querySelector("[data-field=title]")).value = rule.title ?? "";
    /** @type {HTMLElement} */ (row.querySelector("[data-part=number]")).textContent = String(at + 1);
    /** @type {HTMLButtonElement} */ (row.querySelector("[data-act=up]")).disabled = at === 0;
    /** @type {HTMLButtonElement} */ (row.querySelector("[data-act=down]")).disabled = at === this.rules.length - 1;
    row.querySelector("[data-part=conditions]")?.replaceChildren(...rule.when.map((one, index) => this.#condition(one, index)));
    return row;
  }

  /**
   * @param {Record<string, any>} condition
   * @param {number} at
   */
  #condition(condition, at) {
    const row = copy("condition");
    row.dataset.condition = String(at);
    row.querySelector("[data-part=test]")?.append(copy(`test-${condition.test}`));
    fill(row, condition, (name) => this.owner.offers(name, condition));
    return row;
  }

  /** @param {Element} target */
  #typed(target) {
    const at = this.#placeOf(target);
    if (!at) return;
    const { rule, condition } = at;
    if (target.matches("[data-field=title]")) {
      const title = /** @type {HTMLInputElement} */ (target).value;
      return this.#replace(rule, { ...this.rules[rule], title }, `title of rule ${rule}`);
    }
    if (condition === null) return;
    const when = [...this.rules[rule].when];
    const chose = target.closest("[data-resets]");
    when[condition] = chose ? fresh(/** @type {HTMLSelectElement} */ (target).value) : taken(target, when[condition]);
    this.#replace(rule, { ...this.rules[rule], when }, chose ? "" : `condition ${rule} ${condition}`);
    if (chose || target.matches("[data-redraws]")) this.#drawAnd(rule, `[data-condition="${condition}"] select`);
  }

  /** @param {Element} target */
  #clicked(target) {
    const act = /** @type {HTMLElement | null} */ (target.closest("[data-act]"))?.dataset.act;
    if (act === "add-rule") return this.#add();
    const at = this.#placeOf(target);
    if (!act || !at) return;
    const { rule, condition } = at;
    if (act === "up" || act === "down") this.#move(rule, act === "up" ? rule - 1 : rule + 1, act);
    else if (act === "cut-rule") this.#cut(rule);
    else if (act === "add-condition") {
      const when = [...this.rules[rule].when, fresh("confidence")];
      this.#replace(rule, { ...this.rules[rule], when });
      this.#drawAnd(rule, `[data-condition="${when.length - 1}"] select`);
    } else if (act === "cut-condition" && condition !== null) {
      this.#replace(rule, { ...this.rules[rule], when: this.rules[rule].when.toSpliced(condition, 1) });
      this.#drawAnd(rule, "[data-act=add-condition]");
    }
  }

  #add() {
    const keys = new Set(this.rules.map((rule) => rule.key));
    let number = this.rules.length + 1;
    while (keys.has(`rule-${number}`)) number += 1;
    this.#set([...this.rules, { key: `rule-${number}`, title: "", when: [fresh("confidence")] }]);
    this.#drawAnd(this.rules.length - 1, "[data-field=title]");
  }

  /** @param {number} rule */
  #cut(rule) {
    this.#set(this.rules.toSpliced(rule, 1));
    this.#draw();
    /** @type {HTMLElement | null} */ (this.place.querySelector("[data-act=add-rule]"))?.focus();
  }

  /**
   * @param {number} from
   * @param {number} to
   * @param {string} act
   */
  #move(from, to, act) {
    if (to < 0 || to >= this.rules.length) return;
    const rules = this.rules.toSpliced(from, 1);
    rules.splice(to, 0, this.rules[from]);
    this.#set(rules);
    this.owner.say(`Rule ${to + 1} of ${rules.length}`);
    this.#drawAnd(to, `[data-act=${act}]:not(:disabled)`, "[data-act]:not(:disabled)");
  }

  /**
   * @param {number} at
   * @param {Rule} rule
   * @param {string} [going]
   */
  #replace(at, rule, going) {
    this.#set(this.rules.with(at, rule), going);
  }

  /**
   * @param {Rule[]} rules
   * @param {string} [going]
   */
  #set(rules, going) {
    this.rules = rules;
    this.owner.change(rules, going);
  }

  /** The row is a new one; without this, the keyboard would start again at the page's head.
   * @param {number} rule @param {...string} focus the first of these that there is */
  #drawAnd(rule, ...focus) {
    this.#draw();
    const row = this.list.children[rule];
    const found = focus.map((selector) => row?.querySelector(selector)).find(Boolean);
    /** @type {HTMLElement | null | undefined} */ (found)?.focus();
  }

  /** @param {Element} target */
  #placeOf(target) {
    const rule = /** @type {HTMLElement | null} */ (target.closest("[data-at]"));
    const condition = /** @type {HTMLElement | null} */ (target.closest("[data-condition]"));
    if (!rule) return null;
    return { rule: Number(rule.dataset.at), condition: condition ? Number(condition.dataset.condition) : null };
  }
}

/** A condition as it begins: with what its kind cannot do without. @param {string} test @returns {Record<string, any>} */
function fresh(test) {
  const begins = { confidence: { of: "lowest" }, class: { label: "" }, attribute: { name: "" }, metadata: { field: "" }, share: { percent: 10 } };
  return { test, ...begins[/** @type {keyof typeof begins} */ (test)] };
}
