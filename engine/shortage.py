"""How many workers this machine can give, and which errors say that it gives no more.

Knows nothing of models, clients or sockets.
"""

import errno

MOST_SPAWNED = 64
"""Spawned processes at a time, at most: each is a whole interpreter, which starts for a good part of a second."""
SPAWNED_BYTES = 40 * 1024 * 1024
"""Free memory that there must be for each of them."""
LEAST_SPAWNED = 4
"""So many are tried, however little memory is free."""
_SHORTAGES = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""What the system says then; a spawned process takes descriptors of its parent's."""
_WINDOWS_SHORTAGES = (8, 14, 1450, 1455, 1816)
"""What Windows says: no memory, twice; no system resources, no page file, no quota. Their `errno` is only EINVAL."""


def most_spawned() -> int:
    """How many spawned processes there may be at a time."""
    import psutil  # only here: it is slow to import

    free = int(psutil.virtual_memory().available)
    return max(LEAST_SPAWNED, min(MOST_SPAWNED, free // SPAWNED_BYTES))


def is_short_of_workers(error: Exception) -> bool:
    """Whether the system could make no thread or process, but may be able to later."""
    return (
        "can't start new thread" in str(error)
        or getattr(error, "errno", 0) in _SHORTAGES
        or getattr(error, "winerror", 0) in _WINDOWS_SHORTAGES
    )
