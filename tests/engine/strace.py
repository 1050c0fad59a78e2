"""The engine under strace: what the kernel was asked for clients' sockets, beside the spans that the engine sends.

Owns how a trace is read, which system calls one span stands for, and clients that cause both.
"""

import os
import re
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.clock import monotonic
from engine.models import MODELS
from engine.telemetry import wire
from tests.engine.client import Client, request
from tests.engine.support import Engine, most_at_once

STRACE = (
    "strace", "-f", "--seccomp-bpf", "-qq", "-ttt", "-T", "-y", "-s", "0", "-e", "signal=none",
    "-e", "trace=?accept,accept4,recvfrom,recvmsg,sendto,close,?epoll_wait,?epoll_pwait,?poll,?ppoll,?select,?pselect6",
)  # fmt: skip
SPAN = {
    "accept": "accept", "accept4": "accept", "recvfrom": "recv", "recvmsg": "recv", "sendto": "send", "close": "close",
    "epoll_wait": "wait", "epoll_pwait": "wait", "poll": "wait", "ppoll": "wait", "select": "wait", "pselect6": "wait",
}  # fmt: skip
"""What spans call a system call."""
NOT_YET = ("EAGAIN", "EINTR", "ERESTARTSYS")
"""Errors after which it is tried again."""
POLLER = 0
"""Stands for the port of a client where there is none."""

RESUMED = re.compile(r"(\d+) +[\d.]+ <\.\.\. \w+ resumed>(.*)")
FINISHED = re.compile(
    r"(?P<pid>\d+) +(?P<begin>[\d.]+) (?P<name>\w+)\((?:(?P<fd>\d+)<(?P<file>[^>]*)>)?(?P<arguments>.*)\) += "
    r"(?P<result>-?\d+|\?)(?:<(?P<new>[^>]*)>)?(?: (?P<error>\w+))?.* <(?P<length>[\d.]+)>"
)
OF_SOCKETS = re.compile(r"<socket:|\[\.\.\.\]")
"""In the arguments of a call about several files: `poll` does not say which."""
PORT = re.compile(r"sin6?_port=htons\((\d+)\)")


@dataclass(frozen=True)
class Call:
    """One system call that has returned, as strace saw it."""

    pid: int
    """Of the thread."""
    name: str
    fd: int
    """-1: it is about several."""
    file: str
    """What the descriptor stands for, the same in all processes: `socket:[4711]`; empty: it is about several."""
    begin: float
    """Unix time."""
    length: float
    result: int
    error: str
    """Its name; empty if there was none."""
    accepted: str
    """The new socket."""
    port: int
    """The client's, of a call that accepted it."""

    @property
    def end(self) -> float:
        return self.begin + self.length


@dataclass(frozen=True)
class Act:
    """One call: worker, connection, kind and times on the monotonic clock; of a span, or seen by strace."""

    port: int
    """The client's."""
    call: str
    bytes: int
    begin: float
    end: float
    who: int
    """The worker, or the thread."""
    is_first: bool
    """Whether that is the process, or the thread, with which the engine began."""

    @property
    def kind(self) -> tuple[int, bool, str, int]:
        """What a span and what strace saw have in common if they are the same."""
        return self.port, self.is_first, self.call, self.bytes


Pair = tuple[Act, Act]
"""The engine's spans, and what strace saw at the same time."""


def refusal() -> str:
    """Why nothing can be traced here; empty if it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run([*STRACE, "-o", os.devnull, "true"], capture_output=True, text=True)
    return f"strace is refused: {tried.stderr.strip()}" if tried.returncode else ""


def calls_in(trace: Path) -> list[Call]:
    """The system calls that have returned, by when they began."""
    return sorted(filter(None, map(as_call, whole_lines(trace))), key=lambda call: call.begin)


def whole_lines(trace: Path) -> Iterator[str]:
    """The lines of a trace; one that was interrupted by another thread's is put together again."""
    begun: dict[str, str] = {}
    with trace.open() as file:
        for line in map(str.rstrip, file):
            if line.endswith("<unfinished ...>"):
                begun[line.split()[0]] = line.removesuffix("<unfinished ...>")
            elif rest := RESUMED.match(line):
                yield begun.pop(rest[1]) + rest[2]
            else:
                yield line


def as_call(line: str) -> Call | None:
    """The call of a whole line; None if it has not returned, or the line is about something else than sockets."""
    found = FINISHED.fullmatch(line)
    if found is None or (found["fd"] is None and not OF_SOCKETS.search(found["arguments"])):
        return None
    port = PORT.search(found["arguments"])
    return Call(
        pid=int(found["pid"]),
        name=found["name"],
        fd=int(found["fd"] or -1),
        file=found["file"] or "",
        begin=float(found["begin"]),
        length=float(found["length"]),
        result=-1 if found["result"] == "?" else int(found["result"]),
        error=found["error"] or "",
        accepted=found["new"] or "",
        port=int(port[1]) if port else 0,
    )


def seen(calls: Iterable[Call], model: str, pid: int, clock: float) -> Iterator[Act]:
    """The spans that `calls` should have.

    A worker that tries again is in one call from the first try on. A loop whose call would block goes on with others:
    all these tries are one span, and the call that succeeds is another; a try of `accept` has none.
    """
    waits = MODELS[model].waits
    clients: dict[str, int] = {}
    tries: dict[tuple[int, str, str], list[Call]] = defaultdict(list)

    def act(port: int, group: list[Call], moved: int) -> Act:
        first, last = group[0], group[-1]
        begin, end = first.begin - clock, last.end - clock
        return Act(port, SPAN[last.name], moved, begin, end, last.pid, last.pid == pid)

    for call in calls:
        kind = SPAN[call.name]
        group = tries[call.pid, kind, call.file]
        if call.error in NOT_YET:
            group.append(call)
            continue
        del tries[call.pid, kind, call.file]
        if kind == "accept":
            clients[call.accepted] = port = call.port
        elif kind == "wait":
            if waits == "poller":  # or else it is gevent's own, which has no span
                yield act(POLLER, [*group, call], call.result)
            continue
        elif call.file in clients:
            port = clients[call.file]
        else:
            continue
        if waits != "call" and group and kind != "accept":
            yield act(port, group, wire.WOULD_BLOCK)
        moved = wire.DISCONNECTED if call.error else call.result if kind in ("recv", "send") else 0
        yield act(port, [*group, call] if waits == "call" else [call], moved)


def told(engine: Engine) -> list[Act]:
    """The calls of the engine's spans."""
    ports = {row.connection: int(row.client.rpartition(":")[2]) for row in engine.rows(wire.Opened)}
    is_one_thread = MODELS[engine.model].worker in ("greenlet", "loop", "task")
    return [
        Act(
            ports.get(span.connection, POLLER), span.call, span.bytes, span.begin, span.end, span.worker,
            is_one_thread or span.worker == 0,
        )
        for span in engine.rows(wire.Spans)
    ]  # fmt: skip


def matched(told: Iterable[Act], seen: Iterable[Act]) -> tuple[list[Pair], list[Act], list[Act]]:
    """The pairs, spans that strace did not see, and calls without a span; the first of a kind is the first seen."""
    kinds: dict[tuple[int, bool, str, int], tuple[list[Act], list[Act]]] = defaultdict(lambda: ([], []))
    for side, acts in enumerate((told, seen)):
        for act in sorted(acts, key=lambda act: act.begin):
            kinds[act.kind][side].append(act)
    pairs: list[Pair] = []
    unseen: list[Act] = []
    untold: list[Act] = []
    for ours, theirs in kinds.values():
        common = min(len(ours), len(theirs))
        pairs += zip(ours[:common], theirs[:common], strict=True)
        unseen += ours[common:]
        untold += theirs[common:]
    return sorted(pairs, key=lambda pair: pair[0].begin), unseen, untold


def wall_clock() -> float:
    """Unix time minus monotonic time, in seconds, as near as it can be measured."""
    looks = [(monotonic(), time.time(), monotonic()) for _ in range(100)]
    before, now, after = min(looks, key=lambda look: look[2] - look[0])
    return now - (before + after) / 2


@dataclass(frozen=True)
class Scene:
    """The clients who came, by their ports, and moments on the monotonic clock when three of them were waited for."""

    quick: int
    silent: int
    silent_at: float
    """It has said nothing yet."""
    halves: int
    halves_at: float
    """It has sent half a request."""
    reader: int
    reader_at: float
    """It has read the beginning of a large file, and no more."""
    rude: int
    """Resets, where the reader went on."""


def stay(engine: Engine) -> float:
    """Do nothing while the engine says again and again that nothing happens; a moment in the middle of that."""
    engine.settled(open=1)
    moment = engine.settled(open=1).time
    engine.settled(open=1)
    return moment


def served(engine: Engine, page: str) -> Client:
    """A client that has asked for a page and left."""
    with Client(engine.address) as client:
        client.send(request(page))
        client.reply()
    return client


def play(engine: Engine, page: str, large: str) -> Scene:
    """Ask for a small page and for a large one, at different paces."""
    with Client(engine.address) as silent:
        stay(engine)
        quick = served(engine, page) if most_at_once(engine.model) > 1 else None
        silent_at = stay(engine)
        silent.send(request(page))
        silent.reply()
    engine.settled(open=0)
    quick = quick or served(engine, page)
    engine.settled(open=0)
    with Client(engine.address) as halves:
        halves.send(request(page)[:20])
        halves_at = stay(engine)
        halves.send(request(page)[20:])
        halves.reply()
    engine.settled(open=0)
    with Client(engine.address, receive_buffer=4096) as reader:
        reader.send(request(large))
        length = reader.head().length
        reader_at = stay(engine)
        reader.read_faster()
        for _ in reader.pieces(length):
            pass
    engine.settled(open=0)
    with Client(engine.address, receive_buffer=4096) as rude:
        rude.send(request(large))
        rude.head()
        stay(engine)
        rude.reset()
    engine.settled(open=0)
    return Scene(
        quick=quick.name[1],
        silent=silent.name[1],
        silent_at=silent_at,
        halves=halves.name[1],
        halves_at=halves_at,
        reader=reader.name[1],
        reader_at=reader_at,
        rude=rude.name[1],
    )


@dataclass(frozen=True)
class Witnessed:
    """An engine that has ended, and what strace saw of it."""

    engine: Engine
    scenes: list[Scene]
    pairs: list[Pair]
    """By when their spans began."""
    unseen: list[Act]
    """Spans that strace did not see."""
    untold: list[Act]
    """Calls without a span."""


def witness(
    model: str, site: Path, trace: Path, page: str, large: str, rounds: int = 1, before: tuple[str, ...] = ()
) -> Witnessed:
    """The spans of an engine for `rounds` of clients, beside what strace sees and writes to `trace`.

    `before` is put before the whole command.
    """
    clock = wall_clock()
    with Engine(model, site, "--telemetry", "full", before=(*before, *STRACE, "-o", str(trace))) as engine:
        scenes = [play(engine, page, large) for _ in range(rounds)]
        assert engine.close_stdin() == 0, engine.stderr()  # strace keeps signals to itself
    calls = calls_in(trace)
    return Witnessed(engine, scenes, *matched(told(engine), seen(calls, model, engine.ready.pid, clock)))
