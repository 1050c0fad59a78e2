"""`python -m engine guest`: a program that is not ours, from its start to its end, or a server that already runs.

Owns the loop that reads what the program writes, looks at its processes, and ends it. The rest knows no time.
"""

import argparse
import os
import select
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress

from engine.clock import monotonic
from engine.guest import kernel
from engine.guest.inside.servescope_inside.layout import RING
from engine.guest.outside import why_not_traced, why_taken
from engine.guest.program import Command, Program
from engine.guest.slots import Slots
from engine.guest.stream import Stream
from engine.lifetime import die_with_parent, take_stdin
from engine.telemetry.orders import OrderReader
from engine.telemetry.sink import sink_for
from engine.telemetry.wire import Behind, Detail

TICK = 0.05
"""Seconds until rows are read again."""
SOON = 0.005
"""The least of that where many rows come."""
SAFE = RING // 4
"""Bytes of rows that may come until they are read."""
COUNTERS_EVERY = 0.095
PROCESSES_EVERY = 0.5
"""Seconds between two looks at the processes of the system."""
REPORTS_WITHIN = 2.0
"""Seconds from its start in which a process reports, if it ever does."""
LISTENS_WITHIN = 10.0
"""Seconds after which it is said that it does not listen."""
PIECE = 4096
"""Bytes that a pipe with any room takes at once."""
_STDERR = 2


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Run until the program ends or is to be stopped; returns the exit status."""
    if bool(options.attach) == bool(options.program):
        parser.error("give a program after --, or a port with --attach")
    if not options.cwd.is_dir():
        parser.error(f"{options.cwd} is no folder")
    variables = dict(each.partition("=")[::2] for each in options.env)
    command = Command(options.program or [str(options.attach)], options.python, options.cwd.resolve(), variables)
    return Guest(command, options).run()


class Guest:
    """One guest, from its start to its end."""

    def __init__(self, command: Command, options: argparse.Namespace) -> None:
        self._command = command
        self._attached: int = options.attach
        self._stop_on_eof: bool = options.stop_on_eof
        self._kernel = kernel.Kernel()
        line = [] if self._attached else command.line
        title = f"port {self._attached}" if self._attached else command.title
        self._stream = Stream(
            sink_for(sys.stdout.fileno()), title, line or [title], command.file, str(command.folder), options.telemetry
        )
        self._stream.wanted_port = options.port or self._attached
        self._slots = Slots()
        self._program: Program | None = None
        self._begun = self._looked_at = self._counted_at = monotonic()
        self._first_seen: dict[int, float] = {}
        self._held: dict[int, set[int]] = {}
        """Connections that a process which is not traced was seen with, by inode."""
        self._partial: dict[int, bytes] = {}
        self._stdin = -1
        self._is_silent_reported = False
        self._is_ended = False

    def run(self) -> int:
        """Run it; returns the exit status."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        if self._stop_on_eof:
            die_with_parent(signal.SIGTERM)
            self._stdin = take_stdin()
            self._orders = OrderReader(
                self._stdin, lambda reason: self._stream.problem("unreadable-order", reason=reason)
            )
        try:
            if not self._start():
                return 1
            self._loop(woken)
            return self._finish()
        finally:
            self._slots.remove()

    def _start(self) -> bool:
        if self._attached:
            return self._attach()
        try:
            self._program = Program(self._command, self._slots.path)
        except OSError as error:
            program = error.filename or self._command.line[0]
            self._stream.problem("guest-not-started", program=str(program), reason=error.strerror or str(error))
            self._stream.stopped()
            return False
        for descriptor in self._program.streams:
            os.set_blocking(descriptor, False)
        return True

    def _attach(self) -> bool:
        sockets = [each for each in self._kernel.of_port(self._attached) if each.state == kernel.LISTEN]
        holders = kernel.holders((each.inode for each in sockets), kernel.everybody())
        owners = sorted({pid for pids in holders.values() for pid in pids})
        if not sockets:
            self._stream.problem("nothing-listens", port=self._attached)
            self._stream.stopped()
            return False
        name = kernel.name_of(owners[0]) if owners else f"port {self._attached}"
        self._stream.see("attached", "attached-only", program=name)
        for pid in owners:
            self._stream.add_outside(pid, kernel.parent_of(pid))
        for each in sockets:
            self._stream.add_listener(each.host, each.port, owners[0] if owners else 0)
        return True

    # The loop.

    def _loop(self, woken: int) -> None:
        tick_at = since = monotonic()
        while not self._is_ended:
            streams = list(self._program.streams) if self._program else []
            stdin = [self._stdin] if self._stop_on_eof else []
            readable, _, _ = select.select([woken, *stdin, *streams], [], [], max(0.0, tick_at - monotonic()))
            if woken in readable and set(os.read(woken, 4096)) & {signal.SIGTERM, signal.SIGINT}:
                return
            if stdin and stdin[0] in readable and not self._read_orders():
                return
            for descriptor in streams:
                if descriptor in readable:
                    self._pass_on(descriptor)
            if (now := monotonic()) >= tick_at:
                read = self._tick()
                since, elapsed = now, now - since
                tick_at = monotonic() + min(TICK, max(SOON, elapsed * SAFE / max(read, 1)))

    def _tick(self) -> int:
        """What is due; how many bytes of rows were read."""
        now = monotonic()
        self._add_slots()
        read = self._stream.read()
        self._report_problems()
        if self._program:
            for pid in self._program.reap():
                self._stream.end_process(pid)
            self._is_ended = not self._program.has_processes
        if now - self._looked_at >= PROCESSES_EVERY:
            self._looked_at = now
            self._look()
        if now - self._counted_at >= COUNTERS_EVERY:
            self._counted_at = now
            self._ask_kernel()
            self._stream.count()
        self._stream.flush()
        return read

    def _add_slots(self) -> None:
        for slot in self._slots.new():
            self._stream.add(slot, slot.parent or kernel.parent_of(slot.pid))

    def _report_problems(self) -> None:
        for port in self._stream.taken:
            code, details = why_taken(port)
            self._stream.problem(code, **details)
        self._stream.taken.clear()
        for code, details in self._stream.problems:
            self._stream.problem(code, **details)
        self._stream.problems.clear()

    def _look(self) -> None:
        """Look at the processes: those that have ended, those that are not traced, and what each has computed."""
        now = monotonic()
        if self._attached:
            living = {pid for pid in self._stream.processes if kernel.is_there(pid)}
        else:
            living = {each.pid for each in kernel.descendants(os.getpid())}
        for pid, process in self._stream.processes.items():
            if process.has_ended:
                continue
            if pid in living:
                process.computed = kernel.computed(pid)
            else:
                self._stream.end_process(pid)
        if self._attached:
            self._watch(living)
            self._is_ended = not living
            return
        self._see_untraced(living, now)
        if not self._stream.is_ready and now - self._begun > LISTENS_WITHIN and not self._is_silent_reported:
            self._is_silent_reported = True
            self._stream.problem("guest-silent", seconds=round(now - self._begun))

    def _see_untraced(self, living: set[int], now: float) -> None:
        """Watch what listens without having reported, or with sockets that are not Python's."""
        for pid in living:
            self._first_seen.setdefault(pid, now)
        known = {port for _, port in self._stream.listeners}
        late = [pid for pid in living if now - self._first_seen[pid] >= REPORTS_WITHIN - PROCESSES_EVERY]
        silent = [pid for pid in late if not self._is_traced(pid)]
        if len(self._held) or not known or silent or self._stream.seen is None:
            sockets = self._kernel.listening()
            owners = kernel.holders((each.inode for each in sockets), late)
            for each in sockets:
                pids = owners.get(each.inode)
                if pids and each.port not in known:
                    self._watch_listener(each, pids)
        if self._held:
            self._watch([pid for pid in living if pid in self._held or not self._is_traced(pid)])
        elif self._stream.is_ready and self._stream.seen is None:
            self._stream.see("traced")

    def _is_traced(self, pid: int) -> bool:
        process = self._stream.processes.get(pid)
        return process is not None and process.slot is not None

    def _watch_listener(self, sock: kernel.TcpSocket, pids: list[int]) -> None:
        code, details = why_not_traced(pids[0], has_reported=self._is_traced(pids[0]))
        self._stream.see("watched", code, **details)
        for pid in pids:
            self._held.setdefault(pid, set())
            self._stream.add_outside(pid, kernel.parent_of(pid))
        self._stream.add_listener(sock.host, sock.port, pids[0])

    def _watch(self, pids: Iterable[int]) -> None:
        """Count the connections that each process is seen with."""
        ports = {port for _, port in self._stream.listeners}
        inodes = {
            each.inode for port in ports for each in self._kernel.of_port(port) if each.inode and each.state != 10
        }
        for pid in pids:
            seen = self._held.setdefault(pid, set())
            seen |= kernel.inodes_of(pid) & inodes
            if seen or pid in self._stream.processes:
                self._stream.add_outside(pid, kernel.parent_of(pid))
                self._stream.accepted_outside[pid] = len(seen)

    def _ask_kernel(self) -> None:
        """How many connections are open and how many wait, at all addresses of the program."""
        if not self._kernel.can_ask or not self._stream.listeners:
            return
        opened = queued = backlog = 0
        for port in {port for _, port in self._stream.listeners}:
            for each in self._kernel.of_port(port):
                if each.state == kernel.LISTEN:
                    queued, backlog = queued + each.queued, backlog + each.backlog
                elif each.inode:
                    opened += 1
        self._stream.open, self._stream.queue = opened, (queued, backlog)

    # What comes in.

    def _pass_on(self, descriptor: int) -> None:
        """Pass on what the program has written, and report its whole lines."""
        assert self._program
        with suppress(BlockingIOError):
            data = os.read(descriptor, 65536)
            if not data:
                del self._program.streams[descriptor]
                os.close(descriptor)
                data = b"\n" if self._partial.get(descriptor) else b""
            else:
                _write_to_stderr(data)
            lines, newline, rest = (self._partial.pop(descriptor, b"") + data).rpartition(b"\n")
            self._partial[descriptor] = rest[-4096:]
            if newline:
                self._stream.said(self._program.names[descriptor], lines.decode("utf-8", "replace"))

    def _read_orders(self) -> bool:
        """Carry out the orders on stdin; False if stdin has ended."""
        orders = self._orders.read()
        for order in orders or ():
            if isinstance(order, Detail):  # how long a guest's connections last is its own
                self._stream.set_spans_wanted(order.spans)
            elif isinstance(order, Behind):
                self._stream.reader_is_behind()
        return orders is not None

    # The end.

    def _finish(self) -> int:
        """End all of it, and report the last counts."""
        status = 0
        if self._program:
            was_running = self._program.status is None and not self._is_ended
            self._program.end()
            for descriptor in list(self._program.streams):
                self._pass_on(descriptor)
            self._add_slots()
            self._stream.read()
            self._report_problems()
            for pid in list(self._stream.processes):
                self._stream.end_process(pid)
            if not was_running:
                status = self._report_end(self._program.status or 0)
        self._ask_kernel()
        self._stream.stopped()
        return status

    def _report_end(self, status: int) -> int:
        if status < 0:
            self._stream.problem("guest-killed", signal=signal.Signals(-status).name)
            return 128 - status
        self._stream.problem("guest-ended", status=status)
        return status


def _write_to_stderr(data: bytes) -> None:
    """What the program says is seen at a terminal as well; a reader that has left or is slow is not waited for."""
    with suppress(OSError, ValueError):
        for first in range(0, len(data), PIECE):
            if select.select([], [_STDERR], [], 0)[1]:
                os.write(_STDERR, data[first : first + PIECE])
