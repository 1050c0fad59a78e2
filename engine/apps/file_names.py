"""Which texts can be names of files, by the rules of the system that looks them up.

Owns what Windows takes for something else than the name that stands there: a device, another name, another place. A
pure function of a text, so that its rules can be tried on any system.
"""

import os
import re

_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|con(in|out)\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)
"""Devices are in every folder of Windows, before Windows 11 with any ending. Opening one may make it act, or wait."""
_RESERVED = re.compile(r'[<>:"|?*\\\x00-\x1f]')


def is_file_name(name: str, *, windows: bool = os.name == "nt") -> bool:
    """Whether `name` can be that of a file or folder, and of nothing else."""
    if not name or "/" in name or "\0" in name:
        return False
    if not windows:
        return True
    # dots and blanks at its end are dropped: that is another file's name
    return name[-1] not in ". " and not _RESERVED.search(name) and not _DEVICE.fullmatch(name)
