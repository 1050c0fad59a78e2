"""Whatever the file system does, it ends no server, hangs no client and loses no count, in each kind of model."""

import contextlib
import os
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.clock import monotonic
from engine.telemetry import wire
from engine.telemetry.recorder import SAME_PROBLEM
from tests.engine.apps.test_static import AFTER_YEAR_9999, LINKS, chain, make_device, make_socket, on_tmpfs
from tests.engine.child import PATIENCE
from tests.engine.client import Client, get, request
from tests.engine.support import Engine, eventually

KINDS = {
    "process": ("process",),
    "spawn": ("process", "--start-method", "spawn"),
    "thread": ("thread",),
    "gevent": ("gevent",),
    "keepalive": ("keepalive",),
    "epoll": ("epoll",),
}
"""One model of each kind of worker, and its options."""
QUICK = ("process", "thread", "epoll")
CLIENTS = 3
CONTENT = b"iI\0"
"""What files of the root are made of; none outside is."""
BOUND = 5.0
"""Seconds within which every client is answered or cut off."""


@pytest.fixture(
    params=[pytest.param(KINDS[each], id=each, marks=() if each in QUICK else pytest.mark.slow) for each in KINDS]
)
def kind(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """A model and its options."""
    options: tuple[str, ...] = request.param
    return options


def test_odd_files(kind: tuple[str, ...]) -> None:
    """Also where the page that a model rehearses is one of them."""
    with on_tmpfs() as root:
        (root / "index.html").write_text("index")
        (root / "page.html").write_text("page")
        os.utime(root / "index.html", (AFTER_YEAR_9999,) * 2)
        chain(root, LINKS)
        make_socket(root / "socket")
        make_device(root / "device")
        os.mkfifo(root / "pipe")
        with Engine(kind[0], root, *kind[1:]) as engine:
            asked = {"/": 200, "/link": 404, "/socket": 404, "/device": 404, "/pipe": 404, "/page.html": 200}
            assert {target: get(engine.address, target).status for target in asked} == asked
            engine.settled(accepted=len(asked), open=0, requests=len(asked), failed=0)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="there is no /proc")
def test_failure_is_a_500_and_told_once(kind: tuple[str, ...]) -> None:
    """A process's memory is a file whose first byte nobody can read."""
    with Engine(kind[0], Path("/proc/self"), *kind[1:], may_fail=True) as engine:
        for target, status in (("/mem", 500), ("/status", 200), ("/mem", 500), ("/missing", 404)):
            reply = get(engine.address, target)
            assert (reply.status, reply.length) == (status, len(reply.body))
        engine.settled(accepted=4, open=0, requests=4, failed=2)
        problems = engine.all(wire.Problem)
        again = problems[-1].time - problems[0].time >= SAME_PROBLEM  # a machine this slow
        assert [problem.code for problem in problems] == ["application-failed"] * (1 + again)
        assert problems[0].details["kind"] == "OSError"
        assert str(problems[0].details["place"]).startswith("files.py:")
        assert engine.stderr().count("Traceback") == len(problems)
        assert "Input/output error" in engine.stderr()


@pytest.mark.slow
def test_failure_that_lasts_is_told_again() -> None:
    with Engine("process", Path("/proc/self"), may_fail=True) as engine:
        begin = monotonic()
        eventually(lambda: get(engine.address, "/mem") and len(engine.all(wire.Problem)) == 2, "told again")
        assert monotonic() - begin >= SAME_PROBLEM - 1
        assert engine.stderr().count("Traceback") == 2


def test_retargeted_link_and_rewritten_file(kind: tuple[str, ...], tmp_path: Path) -> None:
    """The index is what a forked child has in mind from before it was born."""
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "index.html").write_text(version)
        os.utime(tmp_path / version / "index.html", (1, 1))
    link = tmp_path / "root"
    link.symlink_to("v1")
    with Engine(kind[0], link, *kind[1:]) as engine:
        assert get(engine.address).body == b"v1"
        (tmp_path / "new").symlink_to("v2")
        (tmp_path / "new").replace(link)
        eventually(lambda: get(engine.address).body == b"v2", "the page that the link leads to now")
        (tmp_path / "v2" / "index.html").write_text("v3")
        os.utime(tmp_path / "v2" / "index.html", (1, 1))
        eventually(lambda: get(engine.address).body == b"v3", "the page as it is now")


# random operations


class Vandal:
    """Does at random to a folder what can be done to one."""

    NAMES = ("index.html", "a.html", "b.html", "big.bin", "folder", "other", "名.txt", "a b.html", "-", "(deleted)")

    def __init__(self, root: Path, outside: Path, seed: int) -> None:
        self._root = root
        self._outside = outside
        self._chance = random.Random(seed)

    def act(self) -> None:
        """Do one thing, or try to; never to what is outside, and never one that waits."""
        operation, path = self._chance.choice(self.ON_NAMES + self.ON_FILES), self._path()
        with contextlib.suppress(OSError):
            follows = operation in self.ON_FILES
            real = os.path.realpath(path if follows else path.parent)
            if Path(real).is_relative_to(self._root) and not (follows and path.exists() and not path.is_file()):
                operation(self, path)

    def target(self) -> str:
        """What a client may ask for."""
        names = [self._chance.choice(self.NAMES) for _ in range(self._chance.randint(1, 2))]
        path = "/" + "/".join(names) + self._chance.choice(("", "", "", "/", f"?{self._chance.random()}"))
        return "".join(c if c.isascii() and c != " " else "".join(f"%{b:02X}" for b in c.encode()) for c in path)

    def _path(self) -> Path:
        path = self._root / self._chance.choice(self.NAMES)
        return path / self._chance.choice(self.NAMES) if self._chance.random() < 0.4 else path

    def _write(self, path: Path) -> None:
        size = self._chance.choice((0, 10, 10, 10, 3_000_000))
        path.write_bytes(b"i" * size)

    def _rewrite_in_place(self, path: Path) -> None:
        status = path.stat()
        with path.open("r+b") as file:
            file.write(b"I" * 5)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _truncate(self, path: Path) -> None:
        os.truncate(path, self._chance.choice((0, 5, 2_000_000)))

    def _remove(self, path: Path) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    def _rename(self, path: Path) -> None:
        path.rename(self._path())

    def _link(self, path: Path) -> None:
        to = self._chance.choice((self._path(), self._outside, path, Path("nowhere"), self._root))
        path.with_name("new").symlink_to(to)
        path.with_name("new").replace(path)

    def _change_mode(self, path: Path) -> None:
        path.chmod(self._chance.choice((0o000, 0o111, 0o444, 0o644, 0o755)))

    def _date(self, path: Path) -> None:
        when = self._chance.choice((AFTER_YEAR_9999, 2**33, -1, -(2**31), 0, time.time() + 1, time.time()))
        os.utime(path, (when, when))

    def _make_folder(self, path: Path) -> None:
        self._remove(path)
        path.mkdir()

    def _make_pipe(self, path: Path) -> None:
        os.mkfifo(path)

    def _make_socket(self, path: Path) -> None:
        make_socket(path)

    def _make_chain(self, path: Path) -> None:
        chain(path, 45)

    ON_FILES: tuple[Callable[["Vandal", Path], None], ...] = (
        _write, _write, _write, _rewrite_in_place, _truncate, _change_mode, _date
    )  # fmt: skip
    ON_NAMES: tuple[Callable[["Vandal", Path], None], ...] = (
        _remove, _rename, _link, _make_folder, _make_pipe, _make_socket, _make_chain
    )  # fmt: skip


def ask(engine: Engine, vandal: Vandal) -> str:
    """What comes of asking for something at random: `answered`, `changed`, `cut off` in a body, or what is wrong."""
    with Client(engine.address) as client:
        client.socket.settimeout(BOUND)
        client.send(request(vandal.target(), connection="close"))
        try:
            reply = client.head()
            body = client.rest()
        except TimeoutError:
            return "no answer"
        except EOFError:
            return "closed without a word"
    if reply.status == 503:
        return "changed"  # between being opened and being read
    if reply.status not in (200, 301, 403, 404):
        return f"{reply.status}: {body[:200]!r}"
    if reply.status == 200 and not set(body) <= set(CONTENT):
        return f"from outside: {body[:200]!r}"
    return "answered" if len(body) == reply.length else "cut off"


@contextlib.contextmanager
def vandalised(root: Path, outside: Path, seed: int) -> Iterator[None]:
    ended = threading.Event()

    def go_on() -> None:
        vandal = Vandal(root, outside, seed)
        while not ended.is_set():
            vandal.act()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def fuzz(model: str, seconds: float, seed: int, outside: Path) -> None:
    """Let clients ask while all changes, and see that the engine stays and counts."""
    (outside / "index.html").write_text("outside")
    (outside / "a.html").write_text("outside")
    with on_tmpfs() as root:
        (root / "index.html").write_bytes(b"i")
        with Engine(model, root) as engine:
            outcomes: list[str] = []
            begin = engine.ready and monotonic()

            def is_over() -> bool:
                lasted = monotonic() - begin
                return lasted > PATIENCE or (lasted > seconds and outcomes.count("answered") > 10)

            def go_on(number: int) -> None:
                vandal = Vandal(root, outside, seed + number)
                while not is_over():
                    outcomes.append(ask(engine, vandal))

            with vandalised(root, outside, seed):
                clients = [threading.Thread(target=go_on, args=(number,)) for number in range(1, CLIENTS + 1)]
                for client in clients:
                    client.start()
                for client in clients:
                    client.join()
            asked, counts = len(outcomes), Counter(outcomes)
            assert set(counts) <= {"answered", "cut off", "changed"}, (seed, counts)
            assert counts["answered"] > 10
            engine.settled(accepted=asked, open=0, requests=asked, failed=counts["cut off"] + counts["changed"])
            (root / "good.html").write_bytes(b"good")
            assert get(engine.address, "/good.html").body == b"good"
            assert engine.all(wire.Problem) == []


def test_random_operations(model: str, tmp_path: Path) -> None:
    fuzz(model, 0.5, random.randrange(10**6), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_operations_for_longer(model: str, seed: int, tmp_path: Path) -> None:
    fuzz(model, 10, seed, tmp_path)
