"""The editor offers the reasons that a verdict may have, in the dialog of a return and for a fix."""

import re

from django.template.loader import render_to_string
from django.test import RequestFactory

from apps.review.models import VerdictReason


def test_the_editor_offers_every_reason() -> None:
    request = RequestFactory().get("/")
    dialogs = render_to_string("distribution/_editor_dialogs.html", {"request": request})
    panel = render_to_string("distribution/_editor_panel.html", {"request": request})
    stated = [(str(value), str(label)) for value, label in VerdictReason.choices]
    assert re.findall(r'name="reason" value="(\w+)"[^>]*><span>(.*?) <kbd>', dialogs) == stated
    assert re.findall(r'<option value="(\w+)">(.*?)</option>', panel) == stated
