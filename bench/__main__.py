"""`make bench` prints all figures; `python -m bench worker recall` only some. Each bench is a process of its own."""

import subprocess
import sys
from contextlib import nullcontext
from importlib import import_module

from bench.world import servers

BENCHES = ("claims", "assist", "worker", "recall", "catalog", "dashboards", "walls")
# These want Django set up on servers that are gone afterwards; the others bring what they need.
ON_SERVERS = ("worker", "catalog")
OTHERS = ("editor_frames", "kill_storm", "plans", "scale")


def main(names: list[str]) -> int:
    """Run the named benches, or all of BENCHES; gives how many failed."""
    unknown = set(names) - set(BENCHES) - set(OTHERS)
    if unknown:
        sys.exit(f"There is no bench called {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES + OTHERS)}.")
    if len(names) == 1:
        with servers() if names[0] in ON_SERVERS else nullcontext():
            import_module(f"bench.{names[0]}").main()
        return 0
    failed = 0
    for name in names or BENCHES:
        print(f"\n{name}", flush=True)
        failed += bool(subprocess.run([sys.executable, "-m", "bench", name], check=False).returncode)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
