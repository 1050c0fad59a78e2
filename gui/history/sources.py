"""Lines of the files that the engine runs, as they are on this machine's disk.

Owns how they are read. Knows nothing of Qt.
"""

import linecache
import os


def file_name(path: str) -> str:
    """What the file is called in a sentence."""
    return os.path.basename(path)


def line_text(path: str, line: int) -> str:
    """What stands in that line, without its indentation; empty if it can't be read."""
    linecache.checkcache(path)
    return linecache.getline(path, line).strip()
