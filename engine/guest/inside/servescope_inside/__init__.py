"""The tracer in a guest's process. Standard library only, for Python 3.9 and newer.

It makes no system call for an event, and holds no descriptor and no thread. One file is mapped in each process, in
which the process counts and writes rows, and the engine reads them.
"""

from __future__ import annotations


def begin() -> None:
    """Trace this process from now on, and all that it forks. Raises OSError where its file can't be made."""
    from . import process

    process.begin()
