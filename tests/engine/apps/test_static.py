"""The site by itself: what is served is what is there now, and never what is outside the root."""

import errno
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from engine.apps import files
from engine.apps import static as module
from engine.apps.files import Found, OpenFile, find_by_descriptor, find_by_path
from engine.apps.static import CACHED_FILE, FRESH, Site
from engine.clock import monotonic
from engine.web.date import DateHeader
from engine.web.request_parser import parse_head
from engine.web.response import BodyLost, Response
from tests.engine.child import PATIENCE
from tests.engine.client import request

AFTER_YEAR_9999 = 253402300800
LONG_AGO = time.time() - 1000
LINKS = 1100
"""More than Python 3.11's `realpath` can follow."""
INSIDE, OUTSIDE = b"inside", b"outside"

FINDS = [
    pytest.param(
        find_by_descriptor,
        marks=pytest.mark.skipif(files.find is not find_by_descriptor, reason="this system has no such descriptors"),
    ),
    find_by_path,
]


@pytest.fixture(params=FINDS, ids=lambda find: find.__name__)
def root(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A root with `page.html`, and a folder beside it, in each way that files are found."""
    monkeypatch.setattr(module, "find", request.param)
    root = tmp_path / "root"
    for folder, content in ((root, INSIDE), (tmp_path / "outside", OUTSIDE)):
        folder.mkdir()
        (folder / "page.html").write_bytes(content)
        (folder / "index.html").write_bytes(content)
    return root


class Visitor:
    """Asks a site, at any time it likes."""

    def __init__(self, root: Path) -> None:
        self._now = monotonic()
        self.site = Site(root, clock=lambda: self._now)

    def get(self, target: str = "/page.html", method: str = "GET", **headers: str) -> Response:
        """The answer now."""
        return self.site.respond(parse_head(request(target, method, **headers)))

    def later(self, target: str = "/page.html", **headers: str) -> Response:
        """The answer when nobody is content any more with what was seen before."""
        self._now = max(self._now, monotonic()) + FRESH * 1.01
        return self.get(target, **headers)


def whole(response: Response) -> bytes:
    """The body, read to its end."""
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that have only just been written count as such that have been there for long."""
    monkeypatch.setattr(module, "SETTLED", 0)


# what is there


def test_link_is_followed_where_it_leads_now(root: Path) -> None:
    for version in ("v1", "v2"):
        (root / version).mkdir()
        (root / version / "a.html").write_text(version)
    link = root / "current"
    link.symlink_to("v1")
    visitor = Visitor(root)
    assert visitor.get("/current/a.html").body == b"v1"
    link.unlink()
    link.symlink_to("v2")
    assert visitor.later("/current/a.html").body == b"v2"
    link.unlink()
    link.symlink_to(root.parent / "outside")
    assert visitor.later("/current/page.html").status == 404
    assert visitor.later("/current/a.html").status == 404
    link.unlink()
    link.symlink_to("nowhere")
    assert visitor.later("/current/a.html").status == 404
    link.unlink()
    link.symlink_to(root / "v1")
    assert visitor.later("/current/a.html").body == b"v1"


def test_root_is_where_its_link_leads_now(root: Path) -> None:
    link = root.parent / "link"
    link.symlink_to(root)
    visitor = Visitor(link)
    assert visitor.get().body == INSIDE
    link.unlink()
    link.symlink_to(root.parent / "outside")
    assert visitor.later().body == OUTSIDE
    link.unlink()
    assert visitor.later().status == 404


@pytest.mark.usefixtures("settled")
def test_folder_moved_out_leaves_only_a_link(root: Path) -> None:
    """The file is the same, to the last bit of its status; it lies outside now."""
    (root / "folder").mkdir()
    (root / "folder" / "a.html").write_bytes(INSIDE)
    visitor = Visitor(root)
    assert visitor.get("/folder/a.html").body == INSIDE
    (root / "folder").rename(root.parent / "moved")
    (root / "folder").symlink_to(root.parent / "moved")
    assert visitor.later("/folder/a.html").status == 404


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("size", [10, CACHED_FILE + 10])
def test_file_rewritten_with_its_old_size_and_time(root: Path, size: int) -> None:
    """Neither its old bytes nor its old tag are good any more."""
    path = root / "page.html"
    path.write_bytes(b"1" * size)
    os.utime(path, (LONG_AGO, LONG_AGO))
    visitor = Visitor(root)
    first = visitor.get()
    assert whole(first) == b"1" * size
    tag = first.header("ETag")
    assert visitor.later(If_None_Match=tag).status == 304
    with path.open("r+b") as file:
        file.write(b"2" * size)
    os.utime(path, (LONG_AGO, LONG_AGO))
    again = visitor.later(If_None_Match=tag)
    assert (again.status, whole(again)) == (200, b"2" * size)
    assert visitor.get(Range="bytes=0-3", If_Range=tag).status == 200


def test_file_changed_within_one_tick_of_the_clock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the times are coarse, the status of a file that was only just written proves nothing."""
    monkeypatch.setattr(module, "_identity", lambda status: (0,))
    visitor = Visitor(root)
    assert visitor.get().body == INSIDE
    (root / "page.html").write_bytes(OUTSIDE)
    assert visitor.later().body == OUTSIDE


@pytest.mark.usefixtures("settled")
def test_settled_file_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(root)
    assert visitor.get().body == INSIDE
    monkeypatch.setattr(Found, "opened", None)
    assert visitor.later().body == INSIDE


@pytest.mark.parametrize("shorter", [0, CACHED_FILE])
def test_large_file_that_changes_breaks_off(root: Path, shorter: int) -> None:
    """Its tag and length have been sent: no client gets a whole that is made of two halves."""
    path = root / "page.html"
    path.write_bytes(b"1" * 4 * CACHED_FILE)
    response = Visitor(root).get()
    pieces = iter(response.body)
    assert next(pieces)
    path.write_bytes(b"2" * (4 * CACHED_FILE - shorter))
    with pytest.raises(BodyLost):
        sum(map(len, pieces))


def test_large_file_replaced_or_removed_is_sent_to_its_end(root: Path) -> None:
    path = root / "page.html"
    for end in (Path.unlink, lambda path: (root / "index.html").replace(path)):
        path.write_bytes(b"1" * 2 * CACHED_FILE)
        response = Visitor(root).get()
        end(path)
        assert whole(response) == b"1" * 2 * CACHED_FILE


NO_SUCH_RANGE = {"Range": "bytes=9999999-"}


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")
def test_no_descriptor_stays_open(root: Path) -> None:
    (root / "page.html").write_bytes(bytes(2 * CACHED_FILE))
    (root / "out").symlink_to(root.parent / "outside")
    visitor = Visitor(root)
    tag = visitor.get().header("ETag")
    before = descriptors()
    for target in ("/page.html", "/", "/out/page.html", "/missing", "/page.html/", "/out"):
        for conditions in (
            {},
            {"If_None_Match": tag},
            {"If_Match": '"x"'},
            {"Range": "bytes=1-2"},
            {"Range": "bytes=9999999-"},
        ):
            visitor.later(target, **conditions)
            visitor.get(target, "HEAD")
    assert descriptors() == before


# surprises


ODD_TIMES = {
    "after the year 9999": AFTER_YEAR_9999,
    "as late as can be": 2**33,
    "tomorrow": time.time() + 86_400,
    "before 1970": -1,
    "before the year 1": -62135596801,
    "as early as can be": -(2**31),
    "now": time.time(),
}


@contextmanager
def on_tmpfs() -> Iterator[Path]:
    """A root whose files can bear any time."""
    place = Path("/dev/shm")
    if not place.is_dir():
        pytest.skip("there is no /dev/shm")
    root = place / f"servescope-test-{os.getpid()}"
    root.mkdir()
    try:
        yield root
    finally:
        shutil.rmtree(root)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("seconds", ODD_TIMES.values(), ids=ODD_TIMES)
def test_whatever_a_file_is_dated(seconds: float) -> None:
    with on_tmpfs() as root:
        (root / "page.html").write_bytes(INSIDE)
        os.utime(root / "page.html", (seconds, seconds))
        visitor = Visitor(root)
        response = visitor.get()
        date = DateHeader().renew(monotonic()).decode().partition(": ")[2]
        assert (response.status, response.body) == (200, INSIDE)
        modified = response.header("Last-Modified")
        assert bool(modified) == (0 <= seconds <= time.time())
        assert not modified or parsedate_to_datetime(modified) <= parsedate_to_datetime(date)
        assert visitor.later(If_None_Match=response.header("ETag")).status == 304
        assert visitor.later(If_Modified_Since=date).status == (304 if modified else 200)
        assert visitor.later(If_Unmodified_Since=date).status == 200
        assert visitor.later(Range="bytes=0-0", If_Range="no date").status == 200


def test_date_in_the_future_is_said_once_it_is_past(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no longer, where the clock is put back: a reply is never older than what it brings."""
    os.utime(root / "page.html", (time.time() + 3600,) * 2)
    visitor = Visitor(root)
    assert not visitor.get().header("Last-Modified")
    for hours, said in ((2, True), (0, False)):
        clock = time.time() + hours * 3600
        monkeypatch.setattr(module, "time", lambda clock=clock: clock)
        assert bool(visitor.later().header("Last-Modified")) == said


@contextmanager
def as_nobody() -> Iterator[None]:
    """Run as a user without root's permissions: root may read every file."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(54321)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("taken", ["folder", "folder/page.html", "."])
@pytest.mark.parametrize("size", [1, CACHED_FILE + 1])
def test_permission_taken_away_and_given_back(taken: str, size: int) -> None:
    with on_tmpfs() as root:
        root.chmod(0o755)
        (root / "folder").mkdir(mode=0o755)
        (root / "folder" / "page.html").write_bytes(bytes(size))
        (root / "folder" / "page.html").chmod(0o644)
        visitor = Visitor(root)
        for mode, status in ((0o755, 200), (0o000, 403), (0o755, 200)):
            (root / taken).chmod(mode)
            with as_nobody():
                assert visitor.later("/folder/page.html").status == status


def chain(root: Path, links: int) -> None:
    """Links in a row; the last one, `link`, leads to the page in the end."""
    before = "page.html"
    for number in range(links):
        name = f"link-{number}" if number < links - 1 else "link"
        (root / name).symlink_to(before)
        before = name


@pytest.mark.parametrize(("links", "status"), [(10, 200), (100, 404), (LINKS, 404)])
def test_chain_of_links(root: Path, links: int, status: int) -> None:
    """As long as the system follows it, it is served."""
    chain(root, links)
    assert Visitor(root).get("/link").status == status


def make_socket(path: Path) -> None:
    """A UNIX socket that nobody listens at; its name is short, as it must be."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def make_device(path: Path) -> None:
    try:
        os.mknod(path, 0o020666, os.makedev(5, 0))  # the terminal
    except PermissionError:
        path.symlink_to("/dev/tty")


@pytest.mark.parametrize("make", [make_socket, make_device, os.mkfifo, Path.mkdir], ids=lambda make: make.__name__)
def test_what_is_no_file_is_not_there(root: Path, make: Callable[[Path], object]) -> None:
    """It is not even opened: that would be noticed at the other end of a pipe."""
    make(root / "odd")
    (root / "link").symlink_to("odd")
    visitor = Visitor(root)
    for target in ("/odd", "/link"):
        begin = monotonic()
        assert visitor.get(target).status == (301 if make is Path.mkdir else 404)
        assert monotonic() - begin < 1
    if make is os.mkfifo:
        with pytest.raises(OSError, match=os.strerror(errno.ENXIO)):
            os.open(root / "odd", os.O_WRONLY | os.O_NONBLOCK)
    (root / "folder").mkdir()
    make(root / "folder" / "index.html")
    assert visitor.get("/folder/").status == 404


def test_names_that_no_file_can_have(root: Path) -> None:
    visitor = Visitor(root)
    for name in ("a" * 300, "a/" * 3000, "page.html/" + "a" * 300, "%0A", "%7F", "-", "~", " %20", "(deleted)"):
        assert visitor.get(f"/{name}".replace(" ", "%20")).status == 404


def test_folder_with_an_odd_name_in_its_way(root: Path) -> None:
    """Where a link leads to may have any name that the system allows."""
    odd = os.fsencode(root) + b"/caf\xe9\n.html (deleted)"
    with open(odd, "wb") as file:
        file.write(INSIDE)
    os.symlink(odd, os.fsencode(root / "link"))
    assert Visitor(root).get("/link").body == INSIDE


def test_file_longer_than_it_says(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that grows while it is read is read again; one that never says its length has an end all the same."""
    path = root / "page.html"
    read, grown = OpenFile.read_whole, []

    def grow(file: OpenFile, most: int) -> bytes | None:
        if not grown:
            grown.append(path.write_bytes(b"1" * (CACHED_FILE + 1)))
        return read(file, most)

    monkeypatch.setattr(OpenFile, "read_whole", grow)
    visitor = Visitor(root)
    assert whole(visitor.get()) == b"1" * (CACHED_FILE + 1)
    monkeypatch.setattr(OpenFile, "read_whole", lambda *_: None)
    with pytest.raises(OSError, match="longer than it says"):
        visitor.get("/index.html")


# what is outside


EXCHANGER = """
import ctypes, os, sys
one, other = map(os.fsencode, sys.argv[1:])
rename = ctypes.CDLL(None).renameat2
assert rename(-100, one, -100, other, 2) == 0
print("ready", flush=True)
while True:
    rename(-100, one, -100, other, 2)
"""
"""Lets two names change places (RENAME_EXCHANGE) for ever."""


@contextmanager
def exchanging(one: Path, other: Path) -> Iterator[None]:
    """Have the two names exchanged by a process of its own; skips where the system has no such call."""
    command = [sys.executable, "-c", EXCHANGER, str(one), str(other)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout
            if not process.stdout.readline():
                pytest.skip("two names can't be exchanged here")
            yield
        finally:
            process.kill()


@pytest.mark.skipif(files.find is not find_by_descriptor, reason="this system does not tell where an open file lies")
@pytest.mark.parametrize("size", [1, CACHED_FILE + 1])
def test_no_byte_from_outside_by_a_race(tmp_path: Path, size: int) -> None:
    """A folder of the root and a link that leads out change places while they are asked for."""
    root, inside, outside = tmp_path / "root", tmp_path / "root" / "folder", tmp_path / "outside"
    for folder, byte in ((inside, b"i"), (outside, b"o")):
        folder.mkdir(parents=True)
        (folder / "page.html").write_bytes(byte * size)
    (root / "link").symlink_to(outside)
    visitor = Visitor(root)
    seen = {200: 0, 404: 0}
    with exchanging(inside, root / "link"):
        begin, number = monotonic(), 0
        while monotonic() - begin < 0.5 or (min(seen.values()) <= 10 and monotonic() - begin < PATIENCE):
            number += 1
            response = visitor.get(f"/folder/page.html?{number}")
            seen[response.status] += 1
            piece = response.body if isinstance(response.body, bytes) else next(iter(response.body))
            assert response.status == 404 or set(piece) == set(b"i")
    assert min(seen.values()) > 10, seen
