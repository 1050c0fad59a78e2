"""What a measurement depends on besides its settings: the machine and the versions."""

import os
import platform
from importlib import metadata
from pathlib import Path

import psutil

from engine.web.response import SERVER

PACKAGES = ("gevent", "httptools", "msgspec")
PROCESSORS = Path("/proc/cpuinfo")


def machine() -> dict[str, str | int]:
    """Its processor by name, the cores that this process may use, its memory in bytes, and its system."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory": psutil.virtual_memory().total,
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Of ServeScope, of Python, and of the packages that what is measured depends on."""
    name, _, version = SERVER.partition("/")
    return {name: version, "Python": platform.python_version()} | {each: metadata.version(each) for each in PACKAGES}


def processor() -> str:
    """The processor's name: Linux's; elsewhere what Python knows."""
    if PROCESSORS.is_file():
        for line in PROCESSORS.read_text("utf-8", "replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
