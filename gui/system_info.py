"""What a measurement depends on besides the settings: the machine and the versions, as texts.

Owns how they are found out. Knows nothing of what shows them.
"""

import os
import platform
from importlib import metadata

import psutil
from PySide6.QtCore import QCoreApplication, QSysInfo, qVersion

from engine.lab.machine import processor
from gui import formatting

translate = QCoreApplication.translate
PACKAGES = ("gevent", "httptools", "msgspec", "pyqtgraph", "numpy")


def system_info() -> dict[str, str]:
    """Names and values: processor, cores, memory, system, versions."""
    system = f"{QSysInfo.prettyProductName()} ({platform.system()} {platform.release()})"
    memory = formatting.rounded(psutil.virtual_memory().total / 2**30, 1)
    versions = {"ServeScope": _version("servescope"), "Python": platform.python_version(), "Qt": qVersion()}
    versions |= {name: _version(name) for name in PACKAGES}
    return {
        translate("facts", "Processor"): processor(),
        translate("facts", "Cores"): formatting.whole(os.cpu_count() or 1),
        translate("facts", "Memory"): translate("facts", "{size} GiB").format(size=memory),
        translate("facts", "System"): system,
        translate("facts", "Versions"): ", ".join(f"{name} {version}" for name, version in versions.items() if version),
    }


def _version(package: str) -> str:
    """Empty if it is not installed as a package, as in a checkout."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
