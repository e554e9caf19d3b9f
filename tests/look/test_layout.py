"""The pages in Chromium, empty and full: nothing scrolls sideways, nothing lies on something else, no script fails."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from .kept import Kept
from .looking import complaints

pytestmark = pytest.mark.browser

# The third is 1440 × 900 at 200 % zoom: half as many CSS pixels.
SIZES = ((1440, 900), (768, 1024), (720, 450), (390, 844))

# Every piece of text as the boxes of its lines, cut to what its scrolling ancestors show.
OVERLAPS = """() => {
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim() || parent.closest('.visually-hidden, .skip-link, dialog, option, script, template')) continue;
    if (!parent.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      let [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom];
      for (let up = parent; up; up = up.parentElement) {
        if (getComputedStyle(up).overflowX === 'visible') continue;
        const clip = up.getBoundingClientRect();
        left = Math.max(left, clip.left); right = Math.min(right, clip.right);
        if (up !== document.body && up !== document.documentElement) {
          top = Math.max(top, clip.top); bottom = Math.min(bottom, clip.bottom);
        }
      }
      if (right - left > 2 && bottom - top > 2) seen.push({ node, text: node.data.trim(), left, top, right, bottom });
    }
  }
  const found = [];
  for (let a = 0; a < seen.length; a++) for (let b = a + 1; b < seen.length; b++) {
    const across = Math.min(seen[a].right, seen[b].right) - Math.max(seen[a].left, seen[b].left);
    const down = Math.min(seen[a].bottom, seen[b].bottom) - Math.max(seen[a].top, seen[b].top);
    if (seen[a].node !== seen[b].node && across > 3 && down > 5) found.push(`${seen[a].text} | ${seen[b].text}`);
  }
  return found;
}"""
FROM_RIGHT = "() => { document.documentElement.dir = 'rtl'; }"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_empty_pages_fit_and_nothing_overlaps(empty: Kept) -> None:
    assert complaints(empty, misfits) == ""


def test_full_pages_fit_and_nothing_overlaps(full: Kept) -> None:
    assert complaints(full, misfits) == ""


def misfits(page: Page) -> Iterator[str]:
    """What does not fit at one of the sizes; the widest and the narrowest also from right to left."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if (wider := page.evaluate(WIDER)) > 0:
            yield f"{wider} px too wide at {width}"
        yield from (f"{pair} lie on each other at {width}" for pair in page.evaluate(OVERLAPS))
    for width, height in (SIZES[-1], SIZES[0]):
        page.set_viewport_size({"width": width, "height": height})
        if (wider := page.evaluate(FROM_RIGHT) or page.evaluate(WIDER)) > 0:
            yield f"{wider} px too wide at {width} from right to left"
