"""axe-core looks at every page, in both themes: nothing serious stands between it and those who cannot see or point."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from config.supervisor.programs import ROOT

from .kept import Kept
from .looking import complaints

pytestmark = pytest.mark.browser

SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
VIEWS = ((1440, 900, "light"), (390, 844, "dark"))
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations.map(({ id, impact, help, nodes }) =>
    ({ id, impact, help, nodes: nodes.map((node) => [node.target.join(' '), node.any[0]?.message ?? '']) }));
}"""


def test_axe_finds_nothing_serious(full: Kept) -> None:
    # The policy of the pages lets no foreign script in, and a colour on its way to another is none to judge.
    assert complaints(full, faults, bypass_csp=True, reduced_motion="reduce") == ""


def faults(page: Page) -> Iterator[str]:
    """The serious and critical findings at each view."""
    page.evaluate(SOURCE.read_text())
    for width, height, theme in VIEWS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for one in page.evaluate(RUN):
            if one["impact"] in GRAVE:
                words = f"{one['id']} at {width} {theme}: {one['help']}"
                yield from (f"{words}: {where} {why}" for where, why in one["nodes"])
