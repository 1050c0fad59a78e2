"""A guest's sockets, with a note taken of each call on a connection that it accepted.

Owns the wrappers around the methods of the socket classes, Python's and gevent's. They are put in place in the class
itself and pass everything on, exceptions included: what a program calls is `socket.socket` as always. Only TCP counts.
The one thing that is changed: where this machine lacks an address, `bind` takes the loopback address instead.
"""

from __future__ import annotations

import errno
import os
import select
import selectors
import socket
from _weakref import ref
from collections.abc import Callable
from functools import wraps
from itertools import count
from sys import _getframe
from time import perf_counter as monotonic
from typing import Any

from . import arrivals, layout
from .hooks import when_imported
from .layout import (
    ACCEPTED,
    BLOCKED,
    COPIED,
    COPIED_AGAIN,
    DISCONNECTED,
    EVERY,
    POLLS,
    RECEIVED,
    SENT,
    SPANS,
    TURNS,
    WOULD_BLOCK,
)
from .process import Process, Worker
from .waits import Waits

_TCP = (socket.AF_INET, socket.AF_INET6)
_PRESENT_INSTEAD = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
_LONG = 0.001
"""Seconds from which on a wait of a poller is reported where connections are thinned out."""
_TRIES = 0.1
"""Seconds of calls that would block that become one row."""
_ACCEPT, _RECV, _SEND, _WAIT, _CLOSE = range(1, 6)
"""Calls in a worker's words; 0: it runs its own code."""

Taken = Callable[[Any, "tuple[Any, ...]", "dict[str, Any]"], Any]
"""The first bytes that a call moved, from its result and its arguments."""


def _of_buffer(result: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    buffer = arguments[0] if arguments else options["buffer"]
    moved = result if isinstance(result, int) else result[0]
    return bytes(memoryview(buffer).cast("B")[: min(moved, COPIED)])


def _of_buffers(result: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    buffers = arguments[0] if arguments else options["buffers"]
    return b"".join(bytes(memoryview(each).cast("B")[:COPIED]) for each in list(buffers)[:8])[
        : min(COPIED, result if isinstance(result, int) else result[0])
    ]


def _of_data(result: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    data = arguments[0] if arguments else options.get("data", b"")
    part = data[:COPIED] if isinstance(data, bytes) else bytes(memoryview(data).cast("B")[:COPIED])
    return part if result is None else part[:result]


_RECEIVING: dict[str, tuple[Callable[[Any], int], Taken]] = {
    "recv": (len, lambda result, *_: result[:COPIED]),
    "recv_into": (lambda count: count, _of_buffer),
    "recvfrom": (lambda result: len(result[0]), lambda result, *_: result[0][:COPIED]),
    "recvfrom_into": (lambda result: result[0], _of_buffer),
    "recvmsg": (lambda result: len(result[0]), lambda result, *_: result[0][:COPIED]),
    "recvmsg_into": (lambda result: result[0], _of_buffers),
}
_SENDING: dict[str, Taken] = {
    "send": _of_data,
    "sendall": _of_data,
    "sendto": _of_data,
    "sendmsg": _of_buffers,
}


class Connection(ref):  # type: ignore[type-arg]
    """What is known of one accepted connection; called, it gives its socket."""

    __slots__ = (
        "address", "has_times", "is_heard", "is_sending", "is_told", "key", "long_call", "number", "port", "tries",
        "tries_at",
    )  # fmt: skip

    def __init__(self, client: Any, ended: Callable[[Any], None]) -> None:
        super().__init__(client, ended)  # type: ignore[call-arg]
        self.key = id(client)
        self.number = 0
        self.address: Any = ()
        self.port = 0
        self.has_times = False
        """Whether the kernel was asked when its bytes come."""
        self.is_heard = False
        """Whether its bytes are copied."""
        self.is_told = False
        """Whether the engine has met it."""
        self.is_sending = True
        """Whether it has sent since it received last, or has done neither: a turn begins with the next bytes."""
        self.long_call = 0
        """The call of its last burst, if that was longer than what is copied."""
        self.tries = 0.0
        """Since when its calls would block; 0: the last one did not."""
        self.tries_at = (0, 0)


class Seam:
    """What stands between a program and its sockets, in this process."""

    def __init__(
        self,
        process: Process,
        caller: Callable[[Any], tuple[int, int]],
        inside: Callable[[Any], tuple[int, int]],
    ) -> None:
        """`caller` returns where the program makes a call; `inside` the same, if that is in its own code."""
        self._process = process
        self._caller = caller
        self._connections: dict[int, Connection] = {}
        self._numbers = count(process.pid << 32)
        self._listening: set[int] = set()
        """The ports of listening sockets that are reported."""
        self._listeners: dict[int, tuple[Any, int, bool]] = {}
        """The listening TCP sockets that are known, weakly, their ports, and whether the kernel notes when bytes come:
        to ask it at each `accept` costs as much as the rest."""
        self._getcurrent: Callable[[], Any] | None = None
        self._greenlets = count(1)
        self.current: Callable[[], Worker] = process.current
        self._waits = Waits(process, lambda: self.current(), inside)

    def become_child(self) -> None:
        """This is a forked child: what was open in the parent is open here too."""
        self._process.become_child()
        self._numbers = count(self._process.pid << 32)
        for connection in self._connections.values():
            connection.tries = 0.0
        if self._getcurrent:
            self._process.words[layout.TRAITS] |= layout.HAS_GREENLETS

    def install(self) -> None:
        """Put the wrappers in place."""
        self._install_in(socket.socket)
        self._install_pollers()
        if hasattr(os, "sendfile"):
            os.sendfile = self._sending_a_file(os.sendfile)
        self._waits.install()
        when_imported("ssl", self._install_in_ssl)
        when_imported("gevent._socket3", self._install_in_gevent)
        when_imported("gevent.server", self._install_in_gevents_server)
        when_imported("multiprocessing.reduction", self._install_in_reduction)

    def _install_in(self, kind: Any) -> None:
        # gevent's `sendall` calls `send`, and some of its methods others.
        nested = hasattr(vars(kind).get("sendall", kind.sendall), "__code__")
        kind.bind = self._binding(kind.bind)
        kind.listen = self._listening_at(kind.listen)
        kind.accept = self._accepting(kind.accept)
        kind.connect = self._connecting(kind.connect)
        with_times = arrivals.receivers(kind)
        for name, (amount, taken) in _RECEIVING.items():
            if hasattr(kind, name):
                plain = getattr(kind, name)
                if name in ("recvmsg", "recvmsg_into"):
                    plain = self._as_it_is(plain)
                wrapper = self._moving(plain, _RECV, amount, taken, with_times.get(name))
                setattr(kind, name, wrapper)
        for name, taken in _SENDING.items():
            if hasattr(kind, name) and not (nested and name == "sendall"):
                setattr(kind, name, self._moving(getattr(kind, name), _SEND, None, taken))
        kind._real_close = self._closing(kind._real_close)
        kind.detach = self._detaching(kind.detach)

    # Listening.

    def _binding(self, plain: Callable[..., None]) -> Callable[..., None]:
        @wraps(plain)
        def bind(sock: Any, *arguments: Any) -> None:
            try:
                return plain(sock, *arguments)
            except OSError as error:
                if sock.family not in _TCP or sock.type != socket.SOCK_STREAM or len(arguments) != 1:
                    raise
                address = arguments[0]
                if error.errno == errno.EADDRINUSE:
                    self._say(layout.TAKEN_ROW, address[1], str(address[0]))
                if error.errno != errno.EADDRNOTAVAIL:
                    raise
                instead = _PRESENT_INSTEAD[sock.family]
                try:
                    plain(sock, (instead, *address[1:]))
                except OSError as other:
                    if other.errno == errno.EADDRINUSE:
                        self._say(layout.TAKEN_ROW, address[1], instead)
                    raise
                self._say(layout.MISSING_ROW, sock.getsockname()[1], f"{address[0]} {instead}")
                return None

        return bind

    def _listening_at(self, plain: Callable[..., None]) -> Callable[..., None]:
        @wraps(plain)
        def listen(sock: Any, *arguments: Any) -> None:
            try:
                plain(sock, *arguments)
            except OSError as error:
                if error.errno == errno.EADDRINUSE and sock.family in _TCP:
                    self._say(layout.TAKEN_ROW, *reversed(sock.getsockname()[:2]))
                raise
            if sock.family in _TCP and sock.type == socket.SOCK_STREAM:
                self._tell_listening(sock)

        return listen

    def _tell_listening(self, sock: Any) -> tuple[int, bool]:
        """The port of a listening socket, which is reported once, and whether times are noted there."""
        known = self._listeners.get(id(sock))
        if known:
            return known[1:]
        host, port = sock.getsockname()[:2]
        key = id(sock)
        has_times = arrivals.ask_for_times(sock)
        self._listeners[key] = ref(sock, lambda _: self._listeners.pop(key, None)), port, has_times
        if port not in self._listening:
            self._listening.add(port)
            self._say(layout.LISTEN_ROW, port, host)
        return port, has_times

    def _say(self, kind: int, number: int, text: str) -> None:
        self._process.put(kind, 0, self._process.pid, monotonic(), moved=number, data=text.encode()[:COPIED])

    # Accepting.

    def _accepting(self, plain: Callable[[Any], tuple[Any, Any]]) -> Callable[[Any], tuple[Any, Any]]:
        process = self._process

        @wraps(plain)
        def accept(listener: Any) -> tuple[Any, Any]:
            if id(listener) not in self._listeners and listener.family not in _TCP:
                return plain(listener)
            file = line = 0
            worker, begin = self.current(), monotonic()
            spans = process.words[SPANS]
            if spans:
                file, line = self._caller(_getframe(1))
                _note(worker, _ACCEPT, 0, file, line, begin)
            try:
                client, address = plain(listener)
            except BaseException as error:
                if isinstance(error, BlockingIOError):
                    worker.words[BLOCKED] += 1
                if spans:
                    _note(worker, 0, 0, file, line, monotonic())
                raise
            self._accepted(worker, listener, client, address, begin, file, line)
            return client, address

        return accept

    def _accepted(
        self, worker: Worker, listener: Any, client: Any, address: Any, begin: float, file: int, line: int
    ) -> Connection:
        process, end = self._process, monotonic()
        connection = self._connections[id(client)] = Connection(client, self._collected)
        connection.number = number = next(self._numbers)
        connection.address = address
        connection.port, connection.has_times = self._tell_listening(listener)
        worker.words[ACCEPTED] += 1
        every, spans = process.words[EVERY], process.words[SPANS]
        if spans:
            _note(worker, 0, number, file, line, end)
        if (every and number % every == 0) or (spans and number % spans == 0):
            connection.is_told = True
            process.put(
                layout.ACCEPT_ROW, number, worker.number, begin, end, connection.port, file, line,
                data=_peer(address),
            )  # fmt: skip
        return connection

    def _connecting(self, plain: Callable[..., None]) -> Callable[..., None]:
        @wraps(plain)
        def connect(sock: Any, *arguments: Any) -> None:
            self._waits.of_socket(plain, sock, arguments, {})

        return connect

    def _shaking_hands(self, plain: Callable[..., None]) -> Callable[..., None]:
        @wraps(plain)
        def do_handshake(sock: Any, *arguments: Any, **options: Any) -> None:
            is_own = not sock.server_side  # or else it waits for a client
            (self._waits.of_socket if is_own else _directly)(plain, sock, arguments, options)

        return do_handshake

    # Moving bytes.

    def _as_it_is(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """Instead of `recvmsg`: the option that it could see is taken off first."""

        @wraps(plain)
        def receive(sock: Any, *arguments: Any, **options: Any) -> Any:
            connection = self._connections.get(id(sock))
            if connection is not None and connection.has_times:
                connection.has_times = False
                arrivals.ask_no_more(sock)
            return plain(sock, *arguments, **options)

        return receive

    def _moving(
        self,
        plain: Callable[..., Any],
        call: int,
        amount: Callable[[Any], int] | None,
        taken: Taken,
        with_times: Callable[[Any, Any], tuple[Any, float]] | None = None,
    ) -> Callable[..., Any]:
        """Instead of the method `plain`; `amount`: of a call that receives, the bytes in its result; `with_times`: the
        same call, which also says when these came."""
        process, find, of_own = self._process, self._connections.get, self._waits.of_socket
        kind = layout.RECV_ROW if call == _RECV else layout.SEND_ROW

        @wraps(plain)
        def move(sock: Any, *arguments: Any, **options: Any) -> Any:
            connection = find(id(sock))
            if connection is None:
                return of_own(plain, sock, arguments, options)
            words = process.words
            spans = words[SPANS]
            is_traced = spans and connection.number % spans == 0
            worker, begin = self.current(), monotonic()
            file = line = 0
            arrived = 0.0
            if is_traced:
                file, line = self._caller(_getframe(1))
                _note(worker, call, connection.number, file, line, begin)
            elif spans:
                worker.words[layout.CONNECTION] = 0  # what it waits in now is not reported
            try:
                if with_times and connection.has_times and connection.is_told and len(arguments) == 1 and not options:
                    result, arrived = with_times(sock, arguments[0])
                else:
                    result = plain(sock, *arguments, **options)
            except BaseException as error:
                self._failed(worker, connection, kind, error, begin, file, line)
                raise
            if amount is None:
                moved = memoryview(arguments[0]).nbytes if result is None else result
                if moved and not connection.is_sending:
                    connection.is_sending = True
                    if not connection.is_heard:
                        worker.words[TURNS] += 1
                worker.words[SENT] += moved
            else:
                moved = amount(result)
                if moved and connection.is_sending:
                    self._begin_turn(worker, connection, sock)
                worker.words[RECEIVED] += moved
            if is_traced or connection.is_heard:
                end = monotonic()
                if is_traced:
                    _note(worker, 0, connection.number, file, line, end)
                    if connection.tries:
                        self._tell_tries(worker, connection, kind)
                data = taken(result, arguments, options) if connection.is_heard and moved else b""
                if moved > COPIED:
                    if connection.long_call == call:
                        data = data[:COPIED_AGAIN]
                    connection.long_call = call
                elif connection.long_call:
                    connection.long_call = 0
                process.put(kind, connection.number, worker.number, begin, end, moved, file, line, arrived, data)
            return result

        return move

    def _begin_turn(self, worker: Worker, connection: Connection, sock: Any) -> None:
        """Bytes come after a reply, or the first ones: from here on the connection is read along, or not."""
        connection.is_sending = False
        every = self._process.words[EVERY]
        is_heard = every > 0 and connection.number % every == 0
        if is_heard != connection.is_heard:
            connection.is_heard = is_heard
            now = monotonic()
            bits = is_heard * layout.IS_HEARD + (sock.gettimeout() == 0.0) * layout.WOULD_NOT_WAIT
            connection.is_told = True
            self._process.put(
                layout.HEARD_ROW, connection.number, worker.number, now, now, bits,
                data=_peer(connection.address),
            )  # fmt: skip

    def _failed(
        self,
        worker: Worker,
        connection: Connection,
        kind: int,
        error: BaseException,
        begin: float,
        file: int,
        line: int,
    ) -> None:
        """A call has raised."""
        blocked = isinstance(error, BlockingIOError)
        if blocked:
            worker.words[BLOCKED] += 1
        if not line:
            return
        end = monotonic()
        _note(worker, 0, connection.number, file, line, end)
        if not blocked:
            lost = DISCONNECTED if isinstance(error, OSError) else WOULD_BLOCK
            self._process.put(kind, connection.number, worker.number, begin, end, lost, file, line)
        elif not connection.tries:
            connection.tries, connection.tries_at = begin, (file, line)
        elif end - connection.tries >= _TRIES:
            self._tell_tries(worker, connection, kind)

    def _tell_tries(self, worker: Worker, connection: Connection, kind: int) -> None:
        """Repeated calls that would block become one row."""
        since, connection.tries = connection.tries, 0.0
        self._process.put(kind, connection.number, worker.number, since, monotonic(), WOULD_BLOCK, *connection.tries_at)

    def _sending_a_file(self, plain: Callable[..., int]) -> Callable[..., int]:
        """`os.sendfile` names its socket by the descriptor."""
        send = self._moving(lambda _, call: call(), _SEND, None, lambda *_: b"")

        @wraps(plain)
        def sendfile(out_fd: int, *arguments: Any, **options: Any) -> int:
            for connection in list(self._connections.values()):
                sock = connection()
                if sock is not None and sock.fileno() == out_fd:
                    return int(send(sock, lambda: plain(out_fd, *arguments, **options)))
            return plain(out_fd, *arguments, **options)

        return sendfile

    # The end.

    def _closing(self, plain: Callable[..., None]) -> Callable[..., None]:
        @wraps(plain)
        def _real_close(sock: Any, *arguments: Any, **options: Any) -> None:
            connection = self._connections.get(id(sock))
            if connection is None:
                return plain(sock, *arguments, **options)
            begin = monotonic()
            try:
                return plain(sock, *arguments, **options)
            finally:
                file, line = self._caller(_getframe(1)) if self._process.words[SPANS] else (0, 0)
                self._end(connection, begin, file, line)

        return _real_close

    def _detaching(self, plain: Callable[[Any], int]) -> Callable[[Any], int]:
        @wraps(plain)
        def detach(sock: Any) -> int:
            descriptor = plain(sock)
            connection = self._connections.get(id(sock))
            if connection is not None:
                self._end(connection, monotonic(), 0, 0)
            return descriptor

        return detach

    def _collected(self, connection: Any) -> None:
        if self._connections.get(connection.key) is connection:
            self._end(connection, monotonic(), 0, 0)

    def _end(self, connection: Any, begin: float, file: int, line: int) -> None:
        if self._connections.pop(connection.key, None) is not None and connection.is_told:
            worker = self.current()
            self._process.put(layout.CLOSE_ROW, connection.number, worker.number, begin, monotonic(), 0, file, line)

    def _move_to(self, connection: Connection, sock: Any) -> None:
        """From now on `sock` is the socket of `connection`."""
        successor = self._connections[id(sock)] = Connection(sock, self._collected)
        for name in Connection.__slots__:
            if name != "key":
                setattr(successor, name, getattr(connection, name))

    # Other modules.

    def _install_in_ssl(self, ssl: Any) -> None:
        kind = ssl.SSLSocket
        make = kind._create.__func__

        def _create(cls: Any, sock: Any, *arguments: Any, **options: Any) -> Any:
            connection = self._connections.pop(id(sock), None)
            made = make(cls, sock, *arguments, **options)
            if connection is not None:
                self._move_to(connection, made)
            return made

        kind._create = classmethod(wraps(make)(_create))
        kind.do_handshake = self._shaking_hands(kind.do_handshake)
        read = self._moving(
            lambda sock, call, *_: call(), _RECV, lambda result: result if isinstance(result, int) else len(result),
            lambda result, arguments, _: (
                result[:COPIED] if isinstance(result, bytes) else _of_buffer(result, arguments[1:], {})
            ),
        )  # fmt: skip
        plain_read = kind.read

        @wraps(plain_read)
        def read_decrypted(sock: Any, *arguments: Any, **options: Any) -> Any:
            buffer = arguments[1] if len(arguments) > 1 else options.get("buffer")
            return read(sock, lambda: plain_read(sock, *arguments, **options), buffer)

        kind.read = read_decrypted
        plain_send = kind.send
        send = self._moving(plain_send, _SEND, None, _of_data)

        @wraps(plain_send)
        def send_encrypted(sock: Any, *arguments: Any, **options: Any) -> int:
            encrypts = getattr(sock, "_sslobj", None) is not None  # or else Python's own `send` is called, and noted
            return int((send if encrypts else plain_send)(sock, *arguments, **options))

        kind.send = send_encrypted

    def _install_in_gevent(self, module: Any) -> None:
        from greenlet import getcurrent  # type: ignore[import-not-found,unused-ignore]

        self._getcurrent = getcurrent
        self._main = getcurrent()
        self.current = self._current_greenlet
        self._process.words[layout.TRAITS] |= layout.HAS_GREENLETS
        self._install_in(module.socket)

    def _current_greenlet(self) -> Worker:
        """The worker that runs now: the program's first greenlet, or another."""
        assert self._getcurrent
        greenlet = self._getcurrent()
        process = self._process
        try:
            worker = greenlet._servescope_worker
            if worker.home is process.words:
                return worker  # type: ignore[no-any-return]
        except AttributeError:
            pass
        is_main = greenlet is self._main or greenlet.parent is None or type(greenlet).__name__ == "Hub"
        number = next(self._greenlets)
        worker = process.current() if is_main else process.new_worker((process.pid << 30) + number)
        try:
            greenlet._servescope_worker = worker
        except AttributeError:  # a class of its own, with slots
            return process.current()
        if not is_main:
            process.name(worker.number, f"greenlet {number}")
        return worker

    def _install_in_gevents_server(self, module: Any) -> None:
        kind = module.StreamServer
        plain = kind.do_read

        @wraps(plain)
        def do_read(server: Any) -> Any:
            begin = monotonic()
            result = plain(server)
            if result and id(result[0]) not in self._connections and server.socket.family in _TCP:
                self._accepted(self.current(), server.socket, result[0], result[1], begin, 0, 0)
            return result

        kind.do_read = do_read

    def _install_in_reduction(self, module: Any) -> None:
        """A connection that was accepted in another process comes here as its descriptor."""
        plain = getattr(module, "_rebuild_socket", None)
        if plain is None:
            return

        @wraps(plain)
        def _rebuild_socket(*arguments: Any) -> Any:
            sock = plain(*arguments)
            if sock.family in _TCP and sock.type == socket.SOCK_STREAM:
                self._adopt(sock)
            return sock

        module._rebuild_socket = _rebuild_socket
        reduce = module._reduce_socket

        @wraps(reduce)
        def _reduce_socket(sock: Any) -> Any:
            connection = self._connections.get(id(sock))
            if connection is not None and connection.is_told:
                self._process.put(layout.GIVEN_ROW, connection.number, self.current().number)
            return reduce(sock)

        module._reduce_socket = _reduce_socket
        module.register(socket.socket, _reduce_socket)

    def _adopt(self, sock: Any) -> None:
        try:
            address, port = sock.getpeername(), sock.getsockname()[1]
        except OSError:  # it listens, or its client has left
            return
        connection = self._connections[id(sock)] = Connection(sock, self._collected)
        connection.number, connection.address, connection.port = next(self._numbers), address, port
        connection.is_told = True
        connection.has_times = arrivals.TELLS_TIMES  # if it was asked for where it was accepted
        worker, now = self.current(), monotonic()
        self._process.put(layout.ADOPT_ROW, connection.number, worker.number, now, now, port, data=_peer(address))

    # Pollers.

    def _install_pollers(self) -> None:
        for name, method in (("epoll", "poll"), ("poll", "poll"), ("devpoll", "poll"), ("kqueue", "control")):
            plain = getattr(select, name, None)
            if plain is None:
                continue
            proxy = self._proxy(plain, method)
            setattr(select, name, proxy)
            selector = getattr(selectors, f"{name.capitalize()}Selector", None)
            if selector is not None:
                selector._selector_cls = proxy
        plain_select = select.select
        wait = self._waiting(plain_select)
        select.select = wait
        if vars(selectors.SelectSelector).get("_select") is plain_select:
            selectors.SelectSelector._select = staticmethod(wait)  # type: ignore[attr-defined,unused-ignore]

    def _waiting(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """The function `plain`, which waits, with its waiting noted."""
        process = self._process

        def wait(*arguments: Any, **options: Any) -> Any:
            worker = self.current()
            worker.words[POLLS] += 1
            spans = process.words[SPANS]
            if not spans:
                return plain(*arguments, **options)
            begin = monotonic()
            file, line = self._caller(_getframe(1))
            _note(worker, _WAIT, 0, file, line, begin)
            ready: Any = ()
            try:
                ready = plain(*arguments, **options)
            finally:
                end = monotonic()
                _note(worker, 0, 0, file, line, end)
                if spans == 1 or end - begin >= _LONG:
                    several = isinstance(ready, tuple)
                    found = sum(map(len, ready)) if several else len(ready)
                    process.put(layout.WAIT_ROW, 0, worker.number, begin, end, found, file, line)
            return ready

        return wait

    def _proxy(self, plain: Any, method: str) -> Any:
        """A class whose objects stand for those that `plain` makes."""
        seam = self

        class Poller:
            def __init__(self, *arguments: Any, **options: Any) -> None:
                self._stand_for(plain(*arguments, **options))

            @classmethod
            def fromfd(cls, descriptor: int) -> Any:
                poller = cls.__new__(cls)
                poller._stand_for(plain.fromfd(descriptor))
                return poller

            def _stand_for(self, poller: Any) -> None:
                self._poller = poller
                setattr(self, method, seam._waiting(getattr(poller, method)))
                for name in ("register", "modify", "unregister"):
                    if hasattr(poller, name):
                        setattr(self, name, getattr(poller, name))

            def __getattr__(self, name: str) -> Any:
                return getattr(self._poller, name)

            def __enter__(self) -> Any:
                self._poller.__enter__()
                return self

            def __exit__(self, *error: Any) -> None:
                self._poller.__exit__(*error)

        Poller.__name__ = Poller.__qualname__ = getattr(plain, "__name__", method)
        return Poller


def _directly(plain: Callable[..., Any], sock: Any, arguments: Any, options: Any) -> Any:
    return plain(sock, *arguments, **options)


def _note(worker: Worker, call: int, connection: int, file: int, line: int, since: float) -> None:
    """Write what a worker does: its moment is 0 while the rest changes."""
    words = worker.words
    words[layout.SINCE] = 0
    words[layout.WORKER], words[layout.CALL], words[layout.CONNECTION] = worker.number, call, connection
    words[layout.FILE], words[layout.LINE] = file, line
    words[layout.SINCE] = int(since * 1e6)


def _peer(address: Any) -> bytes:
    """`host:port` of a client."""
    if not isinstance(address, tuple) or len(address) < 2:
        return b""
    host, port = address[:2]
    return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}").encode()
