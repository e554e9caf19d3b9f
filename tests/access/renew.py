"""`make keys`: write anew which keys each role is sent. Read the difference before you commit it."""

import json

from .keys import ALLOWED, gather


def test_renew_the_list_of_keys(db: None) -> None:
    ALLOWED.write_text(json.dumps(gather(), indent=1) + "\n")
