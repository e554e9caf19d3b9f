import assert from "node:assert/strict";
import { test } from "node:test";
import { Grid } from "../../../static/editor/hit_test.js";
import { ShapeScene } from "../../../static/editor/scene.js";
import { box as boxKind } from "../../../static/editor/shapes/box.js";
import { boundsOf, edited, moved, resized } from "../../../static/editor/shapes/index.js";
import { polygon as polygonKind, withoutCorner } from "../../../static/editor/shapes/polygon.js";
import { simplified } from "../../../static/editor/shapes/simplify.js";
import { box, polygon } from "./cast.mjs";

const PICTURE = { width: 100, height: 100 };
const near = (a, b) => assert.ok(Math.abs(a - b) < 0.02, `${a} is not near ${b}`);

test("a corner dragged across the other side turns the box over", () => {
  const { x, y, width, height } = boxKind.resized(box(10, 10, 20, 20), "se", { x: 5, y: 40 });
  assert.deepEqual([x, y, width, height], [5, 10, 5, 30]);
});

test("a side moves alone", () => {
  const { x, width, y, height } = boxKind.resized(box(10, 10, 20, 20), "w", { x: 4, y: 99 });
  assert.deepEqual([x, y, width, height], [4, 10, 26, 20]);
});

test("the opposite corner of a turned box stays where it is", () => {
  const turned = box(10, 10, 40, 20, { rotation: 30 });
  const [before] = boxKind.handles(turned);
  const to = boxKind.handles(turned)[4];
  const after = boxKind.resized(turned, "se", { x: to.x + 7, y: to.y + 3 });
  const [now] = boxKind.handles(after);
  near(before.x, now.x);
  near(before.y, now.y);
});

test("a box is cut to the picture, and dropped when nothing is left", () => {
  const { x, width } = boxKind.tidy(box(-10, 5, 30, 10), PICTURE);
  assert.deepEqual([x, width], [0, 20]);
  assert.equal(boxKind.tidy(box(120, 5, 30, 10), PICTURE), null);
  assert.equal(boxKind.tidy(box(5, 5, 0.4, 10), PICTURE), null);
});

test("coordinates are kept to a hundredth of a pixel", () => {
  const { x, y } = moved(box(0.333, 0.1, 5, 5), 1.23456, 0.2);
  assert.deepEqual([x, y], [1.57, 0.3]);
});

test("a hole in a polygon is not inside it, and is taken off its area", () => {
  const ring = polygon([[0, 0], [10, 0], [10, 10], [0, 10]]);
  const holed = { ...ring, parts: [[ring.parts[0][0], [[3, 3], [7, 3], [7, 7], [3, 7]]]] };
  assert.ok(polygonKind.contains(holed, { x: 1, y: 1 }));
  assert.ok(!polygonKind.contains(holed, { x: 5, y: 5 }));
  assert.equal(polygonKind.area(holed), 84);
});

test("an edge of a polygon gives a new corner, a double click takes one away", () => {
  const square = polygon([[0, 0], [10, 0], [10, 10], [0, 10]]);
  const five = polygonKind.resized(square, "edge:0:0:1", { x: 15, y: 5 });
  assert.deepEqual(five.parts[0][0][2], [15, 5]);
  const four = withoutCorner(five, "corner:0:0:2");
  assert.deepEqual(four.parts, square.parts);
  assert.equal(withoutCorner(polygon([[0, 0], [1, 0], [0, 1]]), "corner:0:0:0"), null);
});

test("a polygon without area is no object", () => {
  assert.equal(polygonKind.tidy(polygon([[0, 0], [10, 0], [5, 0]]), PICTURE), null);
  assert.equal(polygonKind.tidy(polygon([[0, 0], [0, 0], [5, 9]]), PICTURE), null);
});

test("a polygon drawn small needs fewer points, but never under three", () => {
  const round = Array.from({ length: 100 }, (_, k) => [50 + 20 * Math.cos(k / 15.9), 50 + 20 * Math.sin(k / 15.9)]);
  const shape = polygon(round);
  assert.equal(simplified(shape, 0.5), shape.parts);
  assert.ok(simplified(shape, 6)[0][0].length < 25);
  assert.ok(simplified(polygon([[0, 0], [1, 0], [1, 1], [0, 1]]), 20)[0][0].length >= 3);
});

test("an accepted suggestion that is moved counts as edited", () => {
  const own = box(0, 0, 5, 5, { source: { kind: "model", prediction: "p", action: "accepted" } });
  assert.equal(moved(own, 1, 1).source.action, "edited");
  assert.equal(resized(own, "se", { x: 9, y: 9 }).source.action, "edited");
  const drawn = box(0, 0, 5, 5);
  assert.equal(edited(drawn), drawn);
});

test("the grid finds what brute force finds", () => {
  let seed = 7;
  const random = () => ((seed = (seed * 16807) % 2147483647) / 2147483647);
  const boxes = Array.from({ length: 2000 }, () => ({ x: random() * 3000 - 100, y: random() * 2000, width: random() ** 4 * 1500, height: random() ** 4 * 900 }));
  const grid = new Grid(boxes);
  for (let k = 0; k < 200; k++) {
    const rect = { x: random() * 3000, y: random() * 2000, width: random() * 200, height: random() * 200 };
    const brute = boxes.flatMap((one, i) => (one.x <= rect.x + rect.width && rect.x <= one.x + one.width && one.y <= rect.y + rect.height && rect.y <= one.y + one.height ? [i] : []));
    assert.deepEqual(grid.within(rect), brute);
  }
  assert.ok(grid.large.length > 0);
});

test("an empty grid finds nothing", () => {
  assert.deepEqual(new Grid([]).within({ x: 0, y: 0, width: 9, height: 9 }), []);
});

test("a small shape lies above a large one, whatever their order", () => {
  const [wheel, car] = [box(10, 10, 5, 5), box(0, 0, 50, 50)];
  for (const shapes of [[wheel, car], [car, wheel]]) {
    const scene = new ShapeScene(shapes);
    assert.equal(scene.hit({ x: 12, y: 12 }, 1), wheel);
    assert.equal(scene.hit({ x: 40, y: 40 }, 1), car);
  }
});

test("a tiny shape can be hit from nearby, a large one only inside", () => {
  const scene = new ShapeScene([box(50, 50, 2, 2), box(100, 100, 60, 60)]);
  assert.equal(boundsOf(scene.hit({ x: 46, y: 51 }, 6)).x, 50);
  assert.equal(scene.hit({ x: 97, y: 120 }, 6), null);
});

test("an outline that crosses itself is kept: the server takes it apart", () => {
  const bow = polygon([[10, 10], [50, 50], [50, 10], [10, 50]]);
  assert.deepEqual(polygonKind.tidy(bow, PICTURE)?.parts, bow.parts);
  assert.equal(polygonKind.tidy(polygon([[10, 10], [30, 10], [50, 10]]), PICTURE), null);
});

test("a turned box whose middle left the picture is dropped", () => {
  assert.equal(boxKind.tidy(box(90, 40, 40, 20, { rotation: 30 }), PICTURE), null);
  assert.ok(boxKind.tidy(box(70, 40, 40, 20, { rotation: 30 }), PICTURE));
});

test("a polygon that reaches over the edge is cut there, and keeps its slopes inside", () => {
  const roof = polygon([[60, 10], [120, 70], [60, 70]]);
  assert.deepEqual(polygonKind.tidy(roof, PICTURE).parts, [[[[60, 10], [100, 50], [100, 70], [60, 70]]]]);
  assert.equal(polygonKind.tidy(polygon([[110, 10], [120, 70], [160, 70]]), PICTURE), null);
  const inside = polygon([[0, 0], [100, 0], [50, 100]]);
  assert.deepEqual(polygonKind.tidy(inside, PICTURE).parts, inside.parts);
});
