/** Which part of a drawing is in view: moved by dragging and the wheel, larger and smaller about a point. */

const SMALLEST = 0.08;
const LARGEST = 2;
const READABLE = 0.75;
const MARGIN = 28;

export class Viewport {
  x = 0;
  y = 0;
  scale = 1;

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    this.svg = svg;
    new ResizeObserver(() => this.apply()).observe(svg);
    svg.addEventListener("wheel", (event) => this.#turned(event), { passive: false });
  }

  apply() {
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (width && height) this.svg.setAttribute("viewBox", `${this.x} ${this.y} ${width / this.scale} ${height / this.scale}`);
  }

  /** All of it; with `readable`, not smaller than one can read, and then its beginning.
   * @param {[number, number, number, number]} box @param {boolean} [readable] */
  fit([left, top, right, bottom], readable = false) {
    const { clientWidth: width, clientHeight: height } = this.svg;
    const least = readable ? READABLE : SMALLEST;
    const scale = Math.min((width - 2 * MARGIN) / (right - left || 1), (height - 2 * MARGIN) / (bottom - top || 1));
    this.scale = Math.min(1, Math.max(least, scale));
    const spare = width / this.scale - (right - left);
    this.x = spare < 2 * MARGIN ? left - MARGIN / this.scale : left - spare / 2;
    this.y = (top + bottom) / 2 - height / this.scale / 2;
    this.apply();
  }

  /** @param {number} factor @param {{x: number, y: number}} [about] a point of the page; the middle without it */
  zoom(factor, about) {
    const { left, top, width, height } = this.svg.getBoundingClientRect();
    const [dx, dy] = about ? [about.x - left, about.y - top] : [width / 2, height / 2];
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    this.x += dx / this.scale - dx / scale;
    this.y += dy / this.scale - dy / scale;
    this.scale = scale;
    this.apply();
  }

  /** By pixels of the page. @param {number} dx @param {number} dy */
  move(dx, dy) {
    this.x += dx / this.scale;
    this.y += dy / this.scale;
    this.apply();
  }

  /** A place of the drawing under a point of the page. @param {{clientX: number, clientY: number}} event @returns {Spot} */
  place(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    return { x: this.x + (event.clientX - left) / this.scale, y: this.y + (event.clientY - top) / this.scale };
  }

  /** Move no further than is needed to see a stage with something beside it. @param {Spot} spot @param {{width: number, height: number}} size */
  reveal(spot, size) {
    const [width, height] = [this.svg.clientWidth / this.scale, this.svg.clientHeight / this.scale];
    const [w, h] = [Math.min(size.width, width / 2), Math.min(size.height, height / 2)];
    this.x = Math.min(Math.max(this.x, spot.x + w - width), spot.x - w);
    this.y = Math.min(Math.max(this.y, spot.y + h - height), spot.y - h);
    this.apply();
  }

  /** @param {WheelEvent} event */
  #turned(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) this.zoom(Math.exp(-event.deltaY / 300), { x: event.clientX, y: event.clientY });
    else this.move(event.shiftKey ? event.deltaY : event.deltaX, event.shiftKey ? 0 : event.deltaY);
  }
}
