"""The real supervisor with tiny programs for Tessera's own: `python -m tests.supervisor.stand_ins demo`.

What is tested here is starting, watching and stopping; the real programs need seconds to come up.
"""

import os
import sys
from pathlib import Path
from typing import Any

from config.supervisor import __main__, programs, state
from config.supervisor.child import Child
from config.supervisor.home import Home
from config.supervisor.programs import ROOT
from config.supervisor.service import Program

WEB = """
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(os.environ["DATABASE_URL"].encode())
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
# Stubborn, it ignores the polite signal, as a process stuck in a C call does. Its child shows whether a group is swept.
GPU = """
import os, signal, subprocess, time
if os.environ.get("STAND_IN_STUBBORN"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "600"])
time.sleep(600)
"""


def detector(shared: dict[str, str]) -> Child:
    said = "print('the detector is ready')"
    return Child([sys.executable, "-c", os.environ.get("STAND_IN_DETECTOR", said)], log=None, folder=ROOT, env=shared)


def preparation(shared: dict[str, str], *, log: Path, detectors_ready: Path, **_: Any) -> Child:
    sign_ins = Home(Path(shared["TESSERA_VAR"])).sign_ins
    seed = f"open({str(sign_ins)!r}, 'w').write('ada@customer.example'); print('prepared')"
    if shared["DEMO"]:  # as the real one, which needs the detectors for its last part
        seed = f"import os, time\nwhile not os.path.exists({str(detectors_ready)!r}): time.sleep(0.01)\n{seed}"
    code = os.environ.get("STAND_IN_PREPARE", seed)
    return Child([sys.executable, "-c", code], log=log, folder=ROOT, env=shared)


def web(shared: dict[str, str], *, at: programs.Addresses, home: Home, port: int, **_: Any) -> Program:
    command = ["-c", os.environ.get("STAND_IN_WEB", WEB), str(port)]
    return _program("web", command, {**shared, "DATABASE_URL": at.web}, home)


def workers(shared: dict[str, str], *, home: Home, **_: Any) -> list[Program]:
    return [
        _program("jobs", ["-c", "import time; print('up'); time.sleep(600)"], shared, home),
        _program("gpu", ["-c", GPU], shared, home),
    ]


def _program(name: str, arguments: list[str], env: dict[str, str], home: Home) -> Program:
    return Program(name, [sys.executable, *arguments], env=env, folder=ROOT, log=home.log_of(name))


if __name__ == "__main__":
    state.SOURCES = ("config/supervisor",)  # so that work on another file during a test is no change
    programs.detector, programs.preparation = detector, preparation  # type: ignore[assignment]
    programs.web, programs.workers = web, workers  # type: ignore[assignment]
    sys.exit(__main__.main(sys.argv[1:]))
