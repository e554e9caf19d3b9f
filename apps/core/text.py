"""Names and texts that people type: normalised once, refused with a sentence."""

import unicodedata

from .errors import Invalid

NAME_LENGTH = 200
# Characters that turn text round or hide in it; a name made of them can pass for another.
HIDDEN = {"Cf", "Cc", "Cs", "Co", "Cn"}


class InvalidName(Invalid):
    code = "invalid_name"
    message = "Give a name of 1 to 200 visible characters."


def clean_name(text: str, *, field: str = "name", length: int = NAME_LENGTH) -> str:
    """NFC, trimmed; raises InvalidName when blank, too long, or holding control and bidirectional characters."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > length or any(unicodedata.category(char) in HIDDEN for char in name):
        raise InvalidName(f"Give a name of 1 to {length} visible characters.", field=field)
    return name
