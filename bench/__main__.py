"""`make bench` prints the figures; `python -m bench worker recall` only some of them."""

import sys
from importlib import import_module

from bench.world import servers

BENCHES = ("recall", "worker")


def main(names: list[str]) -> None:
    """Run the named benches, or all, on servers that are gone afterwards."""
    unknown = set(names) - set(BENCHES)
    if unknown:
        sys.exit(f"There is no bench called {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    with servers():
        for name in names or BENCHES:
            print(f"\n{name}")
            import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
