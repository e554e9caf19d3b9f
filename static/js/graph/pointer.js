/** The pointer on the drawing: choose a stage, pull an edge from its port to another, drag the ground. */
import { shape } from "./parts.js";

const STILL = 4;

/**
 * @param {GraphEditor} editor
 * @param {GraphViewport} viewport
 */
export function listen(editor, viewport) {
  const { svg } = editor;
  /** @type {{x: number, y: number, from: string | null, moved: boolean} | null} */
  let drag = null;

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const target = /** @type {Element} */ (event.target);
    const port = editor.readonly ? null : /** @type {SVGElement | null} */ (target.closest("[data-port]"));
    drag = { x: event.clientX, y: event.clientY, from: port?.dataset.port ?? null, moved: false };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < STILL) return;
    drag.moved = true;
    if (drag.from) return pull(editor, viewport, drag.from, event);
    viewport.move(-dx, -dy);
    Object.assign(drag, { x: event.clientX, y: event.clientY });
  });
  svg.addEventListener("pointerup", (event) => {
    const done = drag;
    drag = null;
    pulled(svg)?.replaceChildren();
    if (!done) return;
    const under = stageAt(event);
    if (!done.moved) editor.choose(under, { focus: true });
    else if (done.from && under) editor.drawEdge(done.from, under);
  });
  svg.addEventListener("pointercancel", () => {
    drag = null;
    pulled(svg)?.replaceChildren();
  });
}

/**
 * The edge on its way.
 * @param {GraphEditor} editor
 * @param {GraphViewport} viewport
 * @param {string} from
 * @param {PointerEvent} event
 */
function pull(editor, viewport, from, event) {
  const spot = editor.check.spots.get(from);
  if (!spot) return;
  const { x, y } = viewport.place(event);
  const d = `M${spot.x + editor.check.layout.width / 2} ${spot.y}L${x} ${y}`;
  pulled(editor.svg)?.replaceChildren(shape("path", { d, "marker-end": "url(#tip-near)" }));
}

/** @param {Element} svg */
function pulled(svg) {
  return svg.querySelector("[data-part=pulled]");
}

/** The captured pointer's events name the drawing; what lies under it is asked of the page. @param {PointerEvent} event */
function stageAt(event) {
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-key]");
  return under instanceof SVGElement ? (under.dataset.key ?? null) : null;
}
