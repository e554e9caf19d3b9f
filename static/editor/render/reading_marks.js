/**
 * The parts of the picture that the model has not read yet carry a dotted frame; the one read last an amber frame.
 * @param {Pen} pen
 * @param {Reading} reading
 */
export function paintReading(pen, reading) {
  if (!reading.isRunning || !reading.tiles.size) return;
  const inset = 4 * pen.ratio;
  for (const tile of reading.parts()) {
    const now = tile.index === reading.current;
    if (tile.done && !now) continue;
    const { x, y, width, height } = pen.place(tile);
    if (width <= 2 * inset || height <= 2 * inset) continue;
    pen.context.beginPath();
    pen.context.rect(x + inset, y + inset, width - 2 * inset, height - 2 * inset);
    if (now) pen.stroke("#ffd28a", 1.5);
    else pen.stroke("rgba(255,255,255,.4)", 1, [2, 5]);
  }
}
