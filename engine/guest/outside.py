"""What is known of a process that is not traced: why that is so, in the code of a problem and its details.

Owns the reasons. Knows nothing of sockets.
"""

import contextlib
import os

import psutil

from engine.guest import kernel
from engine.net.listening import port_owner

_KEEPS_OUT = "IES"
"""Options of Python with which it runs no `sitecustomize` of ours."""
Reason = tuple[str, dict[str, str | int]]


def why_not_traced(pid: int, *, has_reported: bool) -> Reason:
    """Why nothing of a process's calls is seen. `has_reported`: whether the tracer runs in it."""
    name, words, variables, maps = str(pid), [], {}, ""
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        name, words = process.name(), process.cmdline()
        variables = process.environ()
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            maps = file.read()
    if has_reported:
        return "sockets-not-python", {"program": name}
    program = os.path.basename(words[0]) if words else name
    if "python" not in program.lower() and "python" not in maps.lower():
        return "not-python", {"program": name}
    for word in words[1:]:
        if not word.startswith("-") or word in ("-m", "-c"):
            break
        if not word.startswith("--") and set(word[1:]) & set(_KEEPS_OUT):
            return "python-options", {"option": word}
    if "SERVESCOPE_GUEST" not in variables or "PYTHONPATH" not in variables:
        return "environment-cleaned", {"program": name}
    return "python-not-traced", {"program": name}


def why_taken(port: int) -> Reason:
    """Why a program can't listen at `port`."""
    program, pid = port_owner(port)
    if pid:
        return "guest-port-taken", {"port": port, "program": program, "pid": pid}
    connections, seconds = kernel.in_time_wait(port)
    if connections:
        return "guest-port-waits", {"port": port, "seconds": round(seconds) or 1, "connections": connections}
    return "guest-port-unclear", {"port": port}
