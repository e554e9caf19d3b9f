"""What a browser calls itself, in two words that a person knows."""

# The first that is found counts: Edge and Opera also say Chrome, and Chrome also says Safari.
BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_named(agent: str) -> tuple[str, str]:
    """The browser and the system of a User-Agent header; "" where it does not say."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    return browser, next((name for mark, name in SYSTEMS if mark in agent), "")
