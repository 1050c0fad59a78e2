"""What only Windows needs, and Python does not offer: calls of its own libraries. Elsewhere each of them does nothing.

Knows nothing of who needs it. A call that this Windows does not have, or refuses, changes nothing either.
"""

import contextlib
import ctypes
import os
import socket
import struct
import sys
from typing import Any

_LIBRARIES: Any = getattr(ctypes, "windll", None)
IS_WINDOWS = _LIBRARIES is not None
_INITIAL_RTO = 0x98000011
_NO_RETRY = 0xFE
TIMER_MS = 1
_NEW_PROCESS_GROUP = 0x200
OWN_SESSION: dict[str, Any] = (
    {"start_new_session": True} if os.name == "posix" else {"creationflags": _NEW_PROCESS_GROUP}
)
"""For `subprocess`: a child that Ctrl+C at this terminal does not end."""


def end_at_first_refusal(client: socket.socket, address: tuple[Any, ...]) -> None:
    """Let `client` be told at once that nobody listens at `address` of this machine: else Windows asks for two seconds.

    Over a network the next try is right: a packet may have been lost.
    """
    if IS_WINDOWS and _is_loopback(str(address[0])):
        wanted, done = ctypes.create_string_buffer(struct.pack("<HBx", _NO_RETRY, _NO_RETRY), 4), ctypes.c_ulong()
        number, code = ctypes.c_size_t(client.fileno()), ctypes.c_ulong(_INITIAL_RTO)
        with contextlib.suppress(OSError, AttributeError):
            _LIBRARIES.ws2_32.WSAIoctl(number, code, wanted, 4, None, 0, ctypes.byref(done), None, None)


def end_calls(descriptor: int) -> None:
    """End the calls that wait in other threads for the socket `descriptor`: there `shutdown` does not."""
    if IS_WINDOWS:
        with contextlib.suppress(OSError, AttributeError):
            _LIBRARIES.kernel32.CancelIoEx(ctypes.c_void_p(descriptor), None)


def sharpen_timers() -> None:
    """Let this process's timers be as fine as elsewhere: else they go by steps of 15.6 ms."""
    if IS_WINDOWS:
        with contextlib.suppress(OSError, AttributeError):
            _LIBRARIES.winmm.timeBeginPeriod(TIMER_MS)


def strerror(number: int) -> str:
    """What the system says of error `number`; Windows has its own words for sockets' errors."""
    if IS_WINDOWS:
        with contextlib.suppress(OSError, AttributeError):
            return str(ctypes.FormatError(number)).strip().rstrip(".")  # type: ignore[attr-defined,unused-ignore]
    return os.strerror(number)


def real_interpreter() -> tuple[str, dict[str, str]]:
    """This Python's program, and what has to be in its environment.

    In a virtual environment `sys.executable` is on Windows a small program that starts the real one and waits: its
    process would not be the child that counts, and ending it would not end that.
    """
    base = getattr(sys, "_base_executable", None)
    if IS_WINDOWS and base and base != sys.executable:
        return base, {"__PYVENV_LAUNCHER__": sys.executable}  # as `multiprocessing` does it
    return sys.executable, {}


def _is_loopback(host: str) -> bool:
    return host == "::1" or host.startswith("127.")
