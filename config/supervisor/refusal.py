"""The one exception whose text is shown to whoever typed the command."""


class CannotStart(Exception):
    """Tessera cannot run here as things stand; the message is one or two sentences that say what to do about it."""
