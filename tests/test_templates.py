"""What the templates promise the keyboard."""

import re
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = Path(__file__).parent.parent / "templates"
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
SUBMITS = re.compile(r'<button\b(?![^>]*type="button")[^>]*>')
# What a focused link, button or box hears by itself; a page's own key would take it away from them.
TAKEN = re.compile(r'data-key="(enter|tab| )"')


def texts() -> Iterator[tuple[str, str]]:
    """Every template, by its name."""
    for path in TEMPLATES.rglob("*.html"):
        yield path.relative_to(TEMPLATES).as_posix(), path.read_text()


def test_enter_in_a_field_presses_the_main_button() -> None:
    """A browser presses the first button of the form, be it the one that deletes."""
    wrong = []
    for name, text in texts():
        for form in FORM.findall(text):
            submits = SUBMITS.findall(form)
            minded = "btn-primary" in submits[0] if submits else True
            if len(submits) > 1 and not minded and 'method="dialog"' not in form and "default_button.html" not in form:
                wrong.append(name)
    assert wrong == []


def test_no_key_of_a_page_takes_what_the_focused_control_hears() -> None:
    assert [name for name, text in texts() if TAKEN.search(text)] == []
