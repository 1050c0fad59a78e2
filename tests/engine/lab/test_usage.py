"""What processes use, against what real ones are made to use."""

import contextlib
import ctypes
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import msgspec
import psutil
import pytest

from engine.clock import monotonic
from engine.lab import usage
from engine.lab.usage import ProcessTree, Usage
from tests.engine.support import eventually

PATIENCE = 20.0
MIB = 1024 * 1024

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork")

Script = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def script() -> Iterator[Script]:
    """Runs a script until its first line of output; ends it and its group after the test."""
    running: list[subprocess.Popen[str]] = []

    def run(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", "import os, sys, time, threading\n" + code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        running.append(process)
        assert process.stdout
        assert process.stdout.readline() == "go\n"
        return process

    yield run
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


SLEEP = "os.write(1, b'go\\n' if os.getpid() == os.getsid(0) else b''); time.sleep(60)"

SPIN = "os.write(1, b'go\\n' if os.getpid() == os.getsid(0) else b'')\nwhile True: pass"


def sampled(tree: ProcessTree, look: Callable[[Usage], bool]) -> Usage:
    """The first sample for which `look` is true."""
    deadline = monotonic() + PATIENCE
    while not look(usage := tree.sample()):
        assert monotonic() < deadline, usage
        time.sleep(0.05)
    return usage


def test_a_process_alone(script: Script) -> None:
    tree = ProcessTree(
        script("for _ in range(4): threading.Thread(target=time.sleep, args=(60,)).start()\n" + SLEEP).pid
    )
    usage = tree.sample()
    assert (usage.processes, usage.threads, usage.zombies) == (1, 5, 0)
    assert usage.descriptors
    assert 3 <= usage.descriptors < 20
    assert MIB < usage.memory < 100 * MIB
    assert usage.time == pytest.approx(monotonic(), abs=5)


def test_the_processor_time_of_the_whole_tree(script: Script) -> None:
    busy = script("os.fork()\nif os.getpid() != os.getsid(0):\n while True: pass\n" + SLEEP)
    tree = ProcessTree(busy.pid)
    before = sum(sum(each.cpu_times()[:2]) for each in psutil.Process(busy.pid).children())
    begun = tree.sample().time
    time.sleep(1)
    usage = tree.sample()
    used = sum(sum(each.cpu_times()[:2]) for each in psutil.Process(busy.pid).children()) - before
    assert usage.processes == 2
    assert usage.cpu * (usage.time - begun) / 100 == pytest.approx(used, abs=0.3)
    assert usage.cpu > 5


def test_children_that_came_and_went_count(script: Script) -> None:
    """Each uses a twentieth of a second and ends before the next sample."""
    waits = script(
        """
print('go', flush=True)
while sys.stdin.readline():
    if os.fork() == 0:
        while time.process_time() < 0.05: pass
        os._exit(0)
    os.wait()
    print('done', flush=True)
"""
    )
    assert waits.stdin
    assert waits.stdout
    tree = ProcessTree(waits.pid)
    begun = tree.sample().time
    for _ in range(20):
        waits.stdin.write("again\n")
        waits.stdin.flush()
        assert waits.stdout.readline() == "done\n"
    usage = tree.sample()
    assert 0.5 < usage.cpu * (usage.time - begun) / 100 < 3


def test_the_time_of_one_that_dies_is_not_counted_twice(script: Script) -> None:
    mortal = script(
        """
child = os.fork()
if not child:
    while time.process_time() < 0.5: pass
    print('go', flush=True)
    time.sleep(60)
sys.stdin.readline()
os.kill(child, 9)
os.wait()
print('done', flush=True)
time.sleep(60)
"""
    )
    tree = ProcessTree(mortal.pid)
    begun = tree.sample().time
    assert mortal.stdin
    assert mortal.stdout
    mortal.stdin.write("now\n")
    mortal.stdin.flush()
    assert mortal.stdout.readline() == "done\n"
    usage = tree.sample()
    assert usage.processes == 1
    assert usage.cpu * (usage.time - begun) / 100 < 0.2


def test_zombies_are_counted_apart(script: Script) -> None:
    tree = ProcessTree(script("for _ in range(3):\n if os.fork() == 0: os._exit(0)\n" + SLEEP).pid)
    usage = sampled(tree, lambda usage: usage.zombies == 3)
    assert (usage.processes, usage.threads) == (1, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
@pytest.mark.parametrize("threads", [1, 5, usage.THREADS_READ * 3])
def test_waiting_threads_switch_voluntarily(script: Script, threads: int) -> None:
    """Each thread waits ten times a second, and a few times more for Python's lock."""
    naps = """
def nap():
    while True: time.sleep(0.1)
"""
    family = f"for _ in range({threads - 1}): threading.Thread(target=nap, daemon=True).start()\n"
    tree = ProcessTree(script(naps + family + "os.write(1, b'go\\n'); nap()").pid)

    def is_likely(usage: Usage) -> bool:
        """Each is counted for one, or for as many as it stands for."""
        return usage.threads == threads and threads < (usage.voluntary or 0.0) < 100 * threads

    usage = sampled(tree, is_likely)
    assert usage.involuntary is not None
    assert usage.involuntary >= 0


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_busy_threads_are_preempted(script: Script) -> None:
    busy = script("os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\nos.fork()\n" + SPIN)
    tree = ProcessTree(busy.pid)
    usage = sampled(tree, lambda usage: usage.processes == 2 and (usage.involuntary or 0.0) > 5)
    assert usage.involuntary
    assert usage.voluntary is not None
    assert usage.involuntary > usage.voluntary, "two that share one core, and never wait"


@pytest.mark.skipif(sys.platform == "linux", reason="elsewhere")
def test_switches_are_unknown_where_the_kinds_are_not_distinguished(script: Script) -> None:
    usage = ProcessTree(script(SLEEP).pid).sample()
    assert (usage.voluntary, usage.involuntary) == (None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="PSS")
@pytest.mark.parametrize("children", [10, usage.CHILDREN_READ * 3])
def test_shared_memory_counts_once(script: Script, children: int) -> None:
    family = f"""
ballast = b'x' * (64 << 20)
for _ in range({children}):
    if os.fork() == 0:
        own = b'y' * (1 << 20)
        time.sleep(60)
"""
    tree = ProcessTree(script(family + SLEEP).pid)
    usage = sampled(tree, lambda usage: usage.memory > (64 + children) * MIB)
    assert usage.processes == children + 1
    assert usage.memory < (64 + 20 + children * 3) * MIB


def test_processes_that_come_and_go_are_no_error(script: Script) -> None:
    stats = script(
        """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print('go', flush=True)
while True:
    if os.fork() == 0:
        time.sleep(0.01)
        os._exit(0)
    time.sleep(0.001)
"""
    )
    tree = ProcessTree(stats.pid)
    eventually(lambda: tree.sample().processes > 1, "a child is seen")
    for _ in range(20):
        tree.sample()


def test_what_was_recorded_before_switches_were_counted_can_be_read() -> None:
    old = b'{"time":1.0,"cpu":50.0,"memory":1,"processes":1,"threads":2,"zombies":0,"descriptors":9}'
    read = msgspec.json.decode(old, type=Usage)
    assert (read.descriptors, read.voluntary, read.involuntary) == (9, None, None)


# What the system does not tell

REFUSALS = [
    psutil.AccessDenied(1), psutil.Error(), PermissionError(13, "no"), OSError(38, "Function not implemented"),
    NotImplementedError(), ValueError("nonsense"), IndexError(),
]  # fmt: skip


def refusing(error: BaseException) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


@pytest.mark.parametrize("error", REFUSALS, ids=repr)
def test_a_figure_that_is_refused_is_not_known_and_the_others_are(
    script: Script, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """For the process itself and for its children."""
    tree = ProcessTree(script("os.fork()\n" + SLEEP).pid)
    for method in ("memory_full_info", "num_fds", "num_ctx_switches"):
        monkeypatch.setattr(psutil.Process, method, refusing(error))
    seen = tree.sample()
    assert (seen.memory, seen.descriptors, seen.voluntary, seen.involuntary) == (None,) * 4
    assert (seen.processes, seen.threads) == (2, 2)
    monkeypatch.undo()
    seen = tree.sample()
    assert seen.memory
    assert seen.descriptors


@pytest.mark.parametrize("method", ["status", "num_threads", "children"])
@pytest.mark.parametrize("error", REFUSALS, ids=repr)
def test_no_samples_while_all_is_refused(
    script: Script, monkeypatch: pytest.MonkeyPatch, method: str, error: BaseException
) -> None:
    monkeypatch.setattr(usage, "INTERVAL", 0.001)
    asked, enough = 0, threading.Event()

    def refuse(*_: object, **__: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 10:
            enough.set()
        raise error

    monkeypatch.setattr(psutil.Process, method, refuse)
    assert list(usage.samples(script(SLEEP).pid, enough)) == []
    assert asked >= 10


def test_samples_begin_once_the_system_tells(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "INTERVAL", 0.01)
    plain, refused = psutil.Process.num_threads, []

    def num_threads(process: psutil.Process) -> object:
        if len(refused) < 5:
            refused.append(process)
            raise psutil.AccessDenied(process.pid)
        return plain(process)

    monkeypatch.setattr(psutil.Process, "num_threads", num_threads)
    samples = usage.samples(script(SLEEP).pid, threading.Event())
    assert next(samples).processes == 1
    assert len(refused) == 5


def test_memory_on_macos_is_the_footprint(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process may read the memory map of another there."""
    tree = ProcessTree(script("os.fork()\n" + SLEEP).pid)

    class Library:
        known = 7 * MIB

        def proc_pid_rusage(self, pid: int, flavor: int, buffer: ctypes.Array[ctypes.c_char]) -> int:
            assert flavor == 0
            buffer[72:80] = struct.pack("Q", self.known)
            return 0 if self.known else -1

    library = Library()
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(usage, "_libproc", lambda: library)
    monkeypatch.setattr(psutil.Process, "memory_full_info", refusing(psutil.AccessDenied(1)))
    assert tree.sample().memory == 2 * 7 * MIB
    library.known = 0
    assert tree.sample().memory is None
