"""The connections to a server that are opened and used by hand, one act after the other.

Owns their sockets, which never block. What is done and what comes back is emitted as an act with the time of its call.
Knows nothing of widgets, or of HTTP.
"""

import errno
import os
import select
import socket
import struct
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from engine.addresses import host_port, local_host, preferred
from engine.clock import monotonic
from gui.history.by_hand import LISTED, Act, Kind
from gui.runs.addresses import own_address

READ = 1 << 16
"""Bytes of one read; also the receive buffer that is asked for, so that who reads nothing soon stops the server."""
KEPT = 1 << 15
"""Bytes of what was sent and received that are kept of a connection; more is counted only."""
BUDGET = 0.004
"""Seconds of one turn of the window for reading."""
REST, REST_BYTES = 0.1, 1 << 22
"""Seconds and bytes of what is read at most before a connection is given up: a server that lives on may send on."""
LOOKED_MS = 20
"""Milliseconds after which it is seen what a server that had ended its side says to more bytes."""
IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK))
RESETS = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


@dataclass
class _Connection:
    """One connection, and what is still to be done on it."""

    number: int
    socket: socket.socket
    notifiers: dict[str, QSocketNotifier] = field(default_factory=dict)
    outgoing: bytes = b""
    is_connected: bool = False
    is_held: bool = False
    has_ended: bool = False
    """Whether the server has ended its side."""
    ends_after: bool = False
    """Whether its side is to be ended once all is sent."""
    kept: int = 0


class HandClients(QObject):
    """Connections to one server. Close them before this is deleted."""

    act_done = Signal(object)
    """`Act`, in the order in which they were done."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connections: dict[int, _Connection] = {}
        self._last = 0

    @property
    def open_count(self) -> int:
        """How many there are."""
        return len(self._connections)

    @property
    def ending(self) -> frozenset[int]:
        """The numbers of those that were half-closed, or will be once all is sent."""
        return frozenset(number for number, connection in self._connections.items() if connection.ends_after)

    def open(self, host: str, port: int) -> int:
        """Opens a connection to a server of this machine and returns its number; 0 if there are as many as may be."""
        if len(self._connections) >= LISTED:
            return 0
        self._last += 1
        time, address = monotonic(), host_port(local_host(host), port)
        try:
            client, error = _begun(local_host(host), port)
        except (OSError, UnicodeError) as failure:
            said = getattr(failure, "strerror", None) or str(failure)
            self.act_done.emit(Act(time, self._last, "opened", server_address=address))
            self.act_done.emit(Act(monotonic(), self._last, "failed", error=said))
            return self._last
        connection = self._connections[self._last] = _Connection(self._last, client)
        self._emit(connection, "opened", time, client_address=own_address(client), server_address=address)
        if error and error not in IN_PROGRESS:
            self._fail(connection, OSError(error, os.strerror(error)))
            return connection.number
        if not error or select.select([], [client], [], 0)[1]:  # on one machine it mostly is there at once
            self._on_connected(connection)
            return connection.number
        self._watch(connection, "connect", QSocketNotifier.Type.Write, self._on_connected)
        if sys.platform == "win32":  # which reports a refused connection as an exception
            self._watch(connection, "refused", QSocketNotifier.Type.Exception, self._on_connected)
        return connection.number

    def send(self, number: int, data: bytes) -> None:
        """Sends `data`, at once as far as the server's side has room."""
        connection = self._connections.get(number)
        if connection and data and not connection.ends_after:
            connection.outgoing += data
            if connection.is_connected:
                self._send(connection)

    def hold(self, number: int, held: bool) -> None:
        """Reads nothing more of what comes back, or goes on reading."""
        connection = self._connections.get(number)
        if connection and connection.is_held != held:
            connection.is_held = held
            self._emit(connection, "held" if held else "resumed", monotonic())
            self._follow(connection)

    def half_close(self, number: int) -> None:
        """Says that nothing more will be sent, once all is; what comes back is still read."""
        connection = self._connections.get(number)
        if connection:
            connection.ends_after = True
            if connection.is_connected and not connection.outgoing:
                self._shut(connection)

    def reset(self, number: int) -> None:
        """Breaks the connection off: the server gets a reset."""
        if connection := self._connections.get(number):
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._end(connection, "reset")

    def close(self, number: int) -> None:
        """Closes the connection in order; the kernel makes a reset of it where something was not read."""
        if connection := self._connections.get(number):
            self._end(connection, "closed")

    def leave(self) -> None:
        """The run has ended: reads how each connection ended, and closes those that have not, as the server may live
        on."""
        for connection in list(self._connections.values()):
            self._read_rest(connection)
            if connection.number in self._connections:
                self._end(connection, "left")

    # ---- what the kernel says

    def _on_connected(self, connection: _Connection, *_: Any) -> None:
        time = monotonic()
        for name in ("connect", "refused"):
            self._unwatch(connection, name)
        if self._fail_if_said(connection):
            return
        connection.is_connected = True
        self._emit(connection, "connected", time)
        self._watch(connection, "read", QSocketNotifier.Type.Read, self._read_some)
        self._follow(connection)
        if connection.outgoing:
            self._send(connection)
        elif connection.ends_after:
            self._shut(connection)

    def _read_some(self, connection: _Connection, *_: Any) -> None:
        """Reads what there is, for no longer than the window may wait."""
        enough = monotonic() + BUDGET
        while self._read(connection) and not connection.is_held and monotonic() < enough:
            pass

    def _read(self, connection: _Connection) -> int:
        """Reads once; the number of bytes, 0: there are no more for now."""
        time = monotonic()
        try:
            data = connection.socket.recv(READ)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._fail(connection, error)
            return 0
        if data:
            self._emit(connection, "received", time, data=self._within(connection, data), count=len(data))
        elif not connection.has_ended:
            connection.has_ended = True
            self._emit(connection, "ended", time)
            self._follow(connection)
        return len(data)

    def _read_rest(self, connection: _Connection) -> None:
        """Reads what has come, up to the end or the reset if there was one; no more than `REST` allows."""
        enough, room = monotonic() + REST, REST_BYTES
        while connection.is_connected and room > 0 and monotonic() < enough and (count := self._read(connection)):
            room -= count

    def _send(self, connection: _Connection, *_: Any) -> None:
        time = monotonic()
        try:
            count = connection.socket.send(connection.outgoing)
        except BlockingIOError:
            count = 0
        except OSError as error:
            self._read_rest(connection)  # what the server had sent before
            if connection.number in self._connections:
                self._fail(connection, error)
            return
        sent, connection.outgoing = connection.outgoing[:count], connection.outgoing[count:]
        if sent:
            self._emit(connection, "sent", time, data=self._within(connection, sent), count=count)
        if connection.outgoing and "write" not in connection.notifiers:
            self._watch(connection, "write", QSocketNotifier.Type.Write, self._send)
        elif not connection.outgoing:
            self._unwatch(connection, "write")
            if connection.ends_after:
                self._shut(connection)
        if connection.has_ended:  # no event says what comes of it
            QTimer.singleShot(LOOKED_MS, self, partial(self._look, connection))

    def _look(self, connection: _Connection) -> None:
        """Fails if the server has answered with a reset; `recv` would say again that its side has ended."""
        if connection.number in self._connections:
            self._fail_if_said(connection)

    def _shut(self, connection: _Connection) -> None:
        time = monotonic()
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._fail(connection, error)
        else:
            self._emit(connection, "half-closed", time)

    def _fail_if_said(self, connection: _Connection) -> bool:
        """Ends the connection if the system says that something went wrong; returns whether it did."""
        error = connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._fail(connection, OSError(error, os.strerror(error)))
        return bool(error)

    def _fail(self, connection: _Connection, error: OSError) -> None:
        if isinstance(error, ConnectionRefusedError):
            self._end(connection, "refused")
        elif isinstance(error, RESETS):
            self._end(connection, "was-reset")
        else:
            self._end(connection, "failed", error=error.strerror or str(error))

    # ---- their ends, and what is watched

    def _end(self, connection: _Connection, kind: Kind, **facts: Any) -> None:
        for name in list(connection.notifiers):
            self._unwatch(connection, name)
        del self._connections[connection.number]
        time = monotonic()
        connection.socket.close()
        self._emit(connection, kind, time, **facts)

    def _follow(self, connection: _Connection) -> None:
        """Watches for bytes unless they are to stay where they are, or none come any more."""
        if read := connection.notifiers.get("read"):
            read.setEnabled(not connection.is_held and not connection.has_ended)

    def _watch(self, connection: _Connection, name: str, kind: QSocketNotifier.Type, call: Any) -> None:
        notifier = QSocketNotifier(connection.socket.fileno(), kind, self)
        notifier.activated.connect(partial(call, connection))
        connection.notifiers[name] = notifier

    def _unwatch(self, connection: _Connection, name: str) -> None:
        """To be called before the socket is closed: its number may be another's then."""
        if notifier := connection.notifiers.pop(name, None):
            notifier.setEnabled(False)
            notifier.deleteLater()

    def _within(self, connection: _Connection, data: bytes) -> bytes:
        kept = data[: max(0, KEPT - connection.kept)]
        connection.kept += len(kept)
        return kept

    def _emit(self, connection: _Connection, kind: Kind, time: float, **facts: Any) -> None:
        self.act_done.emit(Act(time, connection.number, kind, **facts))


def _begun(host: str, port: int) -> tuple[socket.socket, int]:
    """A socket that connects, and the number of the error that there was at once. Raises OSError or UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = preferred(found)
    client = socket.socket(family, kind, protocol)
    try:
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client, client.connect_ex(address)
    except OSError:
        client.close()
        raise
