"""Requests that are sent slowly on behalf of phones: a page can't do that by itself.

Owns the sockets, few and for a bounded time. Knows nothing of what comes back.
"""

import contextlib
import socket
from urllib.parse import urlencode

import msgspec
from PySide6.QtCore import QObject, QTimer

from engine.addresses import host_port, local_host
from engine.clock import monotonic
from engine.telemetry import wire
from gui.runs.addresses import family, own_address

MOST = 8
"""Requests sent so at a time; those beyond are not sent."""
EVERY_MS = 100
"""Milliseconds between two bytes."""
PATIENCE = 15.0
"""Seconds after its last byte for which an answer is waited for."""
STEPS = 120
"""In how many steps at most a request is sent, of a long name two bytes or more at a time: it must be whole in 15 s."""


class Drips(QObject):
    """Sends the requests of phones to a server on this machine, a byte at a time."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drips: list[_Drip] = []
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._go_on)

    def __len__(self) -> int:
        return len(self._drips)

    def phones(self, connections: dict[str, int]) -> list[wire.Phone]:
        """Which phones the connections are for that were accepted just now; `connections`: by `host:port`."""
        return [
            msgspec.structs.replace(drip.phone, time=monotonic(), connection=connections[drip.client], wants_drip=False)
            for drip in self._drips
            if drip.client in connections
        ]

    def send(self, host: str, port: int, phone: wire.Phone) -> None:
        """Begins a request of this phone."""
        if len(self._drips) < MOST:
            self._drips.append(_Drip(host, port, phone))
            self._timer.start()

    def stop(self) -> None:
        """Breaks off all of them."""
        for drip in self._drips:
            drip.close()
        self._drips.clear()
        self._timer.stop()

    def _go_on(self) -> None:
        for drip in list(self._drips):
            if not drip.go_on():
                drip.close()
                self._drips.remove(drip)
        if not self._drips:
            self._timer.stop()


class _Drip:
    """One request that is sent a byte at a time."""

    def __init__(self, host: str, port: int, phone: wire.Phone) -> None:
        self.phone = phone
        self.client = ""
        """`host:port` of its own end."""
        query = urlencode({"phone": phone.key, "name": phone.name})
        host = local_host(host)
        head = f"GET /phone/ask?{query} HTTP/1.1\r\nHost: {host_port(host, port)}\r\nConnection: close\r\n\r\n"
        self._rest = head.encode()
        self._piece = -(-len(self._rest) // STEPS)
        self._deadline = monotonic() + PATIENCE
        self._socket = socket.socket(family(host))
        self._socket.setblocking(False)
        self._socket.connect_ex((host, port))
        self.client = own_address(self._socket)

    def go_on(self) -> bool:
        """Sends a byte, or sees whether the answer is over; False once there is nothing more to do."""
        if monotonic() > self._deadline:
            return False
        try:
            if self._rest:
                self._rest = self._rest[self._socket.send(self._rest[: self._piece]) :]
                self._deadline = monotonic() + PATIENCE
                return True
            return bool(self._socket.recv(4096))
        except BlockingIOError:
            return True
        except OSError:  # the server has ended it
            return False

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()
