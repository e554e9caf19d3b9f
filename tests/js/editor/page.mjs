/** As much of an element as the panels touch. */
export class Part extends EventTarget {
  children = [];
  attributes = new Map();
  dataset = {};
  value = "";
  returnValue = "";
  open = false;

  constructor(tag = "div") {
    super();
    this.tag = tag;
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = value;
  }

  toggleAttribute(name, on) {
    if (on) this.attributes.set(name, "");
    else this.attributes.delete(name);
  }

  append(...more) {
    for (const one of more) {
      this.children.push(one);
      if (one instanceof Part) one.parent = this;
    }
  }

  replaceChildren(...more) {
    if (this.contains(document.activeElement)) document.activeElement = document.body;
    this.children = [];
    this.append(...more);
  }

  contains(other) {
    for (let one = other; one; one = one.parent) if (one === this) return true;
    return false;
  }

  all() {
    return this.children.flatMap((one) => (one instanceof Part ? [one, ...one.all()] : []));
  }

  querySelectorAll(selector) {
    const data = /^\[data-(\w+)\]$/.exec(selector)?.[1];
    return this.all().filter((one) => (data ? data in one.dataset : selector.split(", ").includes(one.tag)));
  }

  querySelector() {
    return null;
  }

  focus() {
    document.activeElement = this;
  }

  select() {
    this.focus();
  }

  scrollIntoView() {}

  showModal() {
    this.open = true;
  }

  close(answer = this.returnValue) {
    this.open = false;
    this.returnValue = answer;
    this.dispatchEvent(new Event("close"));
  }

  matches() {
    return false;
  }

  closest() {
    return null;
  }
}

/** A page whose parts come to be when they are asked for. */
export function page() {
  const parts = new Map();
  const waiting = [];
  const body = new Part("body");
  const byId = (id) => parts.get(id) ?? parts.set(id, new Part()).get(id);
  globalThis.document = { body, activeElement: body, getElementById: byId, querySelectorAll: () => [], createElement: (tag) => new Part(tag) };
  globalThis.requestAnimationFrame = (act) => waiting.push(act);
  return { byId, frame: () => waiting.splice(0).forEach((act) => act()) };
}
