// Bytes in memory are red, green, blue, alpha: on every machine that runs a browser the last one is the highest.
const LINE = 0xffded9d6;
const GROUND = 0x29eeeae8;
const FILLED = 15000;

/**
 * Boxes straight into pixels: the one way to show thousands of suggestions anew in every frame, while the slider moves.
 * Plainer than the real drawing, which follows as soon as the hand rests.
 */
export class Raster {
  /** @type {ImageData | null} */
  #image = null;
  #pixels = new Uint32Array(0);

  /** @param {CanvasRenderingContext2D} context @param {Scene} scene @param {number[]} visible @param {View} view in device pixels */
  draw(context, scene, visible, view) {
    const { width, height } = context.canvas;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = context.createImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    } else {
      this.#pixels.fill(0);
    }
    const filled = visible.length <= FILLED;
    for (const index of visible) {
      const { x, y, width: wide, height: high } = scene.bounds(index);
      const left = Math.round(x * view.scale + view.x);
      const top = Math.round(y * view.scale + view.y);
      this.#box(left, top, Math.round((x + wide) * view.scale + view.x), Math.round((y + high) * view.scale + view.y), width, height, filled);
    }
    context.putImageData(this.#image, 0, 0);
  }

  /**
   * @param {number} left @param {number} top @param {number} right @param {number} bottom
   * @param {number} width @param {number} height of the canvas
   * @param {boolean} filled
   */
  #box(left, top, right, bottom, width, height, filled) {
    const pixels = this.#pixels;
    const [x1, x2] = [Math.max(0, left), Math.min(width - 1, right)];
    const [y1, y2] = [Math.max(0, top), Math.min(height - 1, bottom)];
    for (let y = y1; y <= y2; y++) {
      const edge = y === top || y === bottom;
      const row = y * width;
      if (edge) pixels.fill(LINE, row + x1, row + x2 + 1);
      else if (filled) for (let x = x1; x <= x2; x++) if (pixels[row + x] === 0) pixels[row + x] = GROUND;
      if (left >= 0 && left < width) pixels[row + left] = LINE;
      if (right >= 0 && right < width) pixels[row + right] = LINE;
    }
  }
}
