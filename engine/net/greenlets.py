"""gevent's socket, made cheaper in place: it tries first, and makes what it takes to wait when it has to wait.

Owns what a TCP socket of gevent does before it waits. gevent makes a watcher for each direction with every socket;
most connections of a server never need one, and a call that need not wait goes straight to the kernel. Waiting for a
client, or to send, is left to gevent's own methods. What is changed belongs to gevent 26; `install` checks that it is
there.
"""

import _socket
from collections.abc import Callable
from typing import Any

from gevent import get_hub
from gevent._socketcommon import SocketMixin, timeout_default
from gevent.socket import cancel_wait_ex, socket

from engine.net.replacing import Put

_READ, _WRITE = 1, 2
_NEEDED = ("_read_event", "_write_event", "_sock", "hub", "timeout", "_wait")


def install(put: Put) -> None:
    """Change gevent's socket class; it is left as it is where this gevent is another one."""
    if not all(hasattr(SocketMixin, name) for name in _NEEDED):
        return
    for name, event in (("_read_event", _READ), ("_write_event", _WRITE)):
        put(socket, name, _made_when_needed(vars(SocketMixin)[name], event))
    put(socket, "_drop_events_and_close", _drop_events_and_close)
    put(socket, "__init__", _initialise)
    put(socket, "accept", _accept(socket.accept))
    put(socket, "recv", _receive)
    put(socket, "recvmsg", _receive_message)
    put(socket, "send", _send(socket.send))


def end_waiting(client: Any) -> None:
    """Let the greenlets that wait for `client` go on with an error; any thread may call this."""

    def end() -> None:
        for watcher in (_reader(client), _writer(client)):
            if watcher is not _NOT_MADE and watcher is not None:
                client.hub.cancel_wait(watcher, cancel_wait_ex)

    client.hub.loop.run_callback_threadsafe(end)


def _initialise(self: Any, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
    if fileno is None:
        family = _socket.AF_INET if family == -1 else family
        type = _socket.SOCK_STREAM if type == -1 else type
        proto = 0 if proto == -1 else proto
    self._closed = False
    self._io_refs = 0
    self._sock = raw = self._gevent_sock_class(family, type, proto, fileno)
    _socket.socket.setblocking(raw, False)
    self.hub = get_hub()
    self.timeout = _socket.getdefaulttimeout()
    _set_reader(self, _NOT_MADE)
    _set_writer(self, _NOT_MADE)


def _made_when_needed(slot: Any, event: int) -> property:
    """The watcher in `slot`, made when it is first asked for."""

    def watcher(self: Any) -> Any:
        made = slot.__get__(self)
        if made is _NOT_MADE:
            made = self.hub.loop.io(self._sock.fileno(), event)
            slot.__set__(self, made)
        return made

    return property(watcher, slot.__set__)


_NOT_MADE = object()
_drop_those_made = SocketMixin._drop_events_and_close
_reader, _set_reader = SocketMixin._read_event.__get__, SocketMixin._read_event.__set__
_writer, _set_writer = SocketMixin._write_event.__get__, SocketMixin._write_event.__set__


def _drop_events_and_close(self: Any, closefd: bool = True) -> None:
    """Without watchers there is nothing to wait for until the descriptor may be closed."""
    if _reader(self) is not _NOT_MADE or _writer(self) is not _NOT_MADE:
        _drop_those_made(self, closefd)
    elif closefd:
        self._drop_ref_on_close(self._sock)


def _accept(waits: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def accept(self: Any) -> Any:
        raw = self._sock
        try:
            descriptor, address = raw._accept()
        except BlockingIOError:
            return waits(self)
        return socket(raw.family, raw.type, raw.proto, descriptor), address

    return accept


def _receive(self: Any, size: int, flags: int = 0) -> bytes:
    """As gevent's own; left to that once it has to wait, it would make one more call that would block."""
    while True:
        try:
            return self._sock.recv(size, flags)  # type: ignore[no-any-return]
        except BlockingIOError:
            if self.timeout == 0.0:
                raise
        self._wait(self._read_event)


def _receive_message(self: Any, size: int, room: int = 0, flags: int = 0) -> tuple[Any, ...]:
    """As gevent's own, for the same reason."""
    while True:
        try:
            return self._sock.recvmsg(size, room, flags)  # type: ignore[no-any-return]
        except BlockingIOError:
            if self.timeout == 0.0:
                raise
        self._wait(self._read_event)


def _send(waits: Callable[..., int]) -> Callable[..., int]:
    def send(self: Any, data: Any, flags: int = 0, timeout: Any = timeout_default) -> int:
        try:
            return self._sock.send(data, flags)  # type: ignore[no-any-return]
        except BlockingIOError:
            if self.timeout == 0.0:
                raise
        return waits(self, data, flags, timeout)

    return send
