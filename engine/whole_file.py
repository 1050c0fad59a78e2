"""A file that is written whole or not at all."""

import os
import stat
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Have the file at `path` hold `data`, or, with an OSError, what it held before.

    A link stays one; what is no file, such as a device or a pipe, is written to.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        path.write_bytes(data)
        return
    unfinished = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
