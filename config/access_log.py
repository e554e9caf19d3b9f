"""What the web's log tells of requests: not the secrets of links, by which whoever reads it could join or sign in."""

import logging
import re

# An invitation's secret, and a password link's token.
SECRET = re.compile(r"^(/join/|/reset/[^/]+/)[^/?]+")


class WithoutSecrets(logging.Filter):
    """For `uvicorn.access`, whose records hold (client, method, path, HTTP version, status)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with its path as it may be told."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, *others = record.args
            record.args = (client, method, SECRET.sub(r"\1…", str(path)), *others)
        return True


def keep_secrets() -> None:
    """Called by each web process."""
    logging.getLogger("uvicorn.access").addFilter(WithoutSecrets())
