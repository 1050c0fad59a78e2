"""Whatever the target: nothing outside the root is served, and nothing but files."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.client import Client, get
from tests.engine.conftest import SECRET
from tests.engine.support import Engine, eventually

OUTSIDE = [
    "/../secret.txt",
    "/folder/../../secret.txt",
    "/../site-beside/secret.txt",
    "/./.././secret.txt",
    "/.../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E%2Fsecret.txt",
    "/..%2fsecret.txt",
    "/.%2e/secret.txt",
    "/folder/..%2f..%2fsecret.txt",
    "/%252e%252e/secret.txt",
    "/%c0%ae%c0%ae/secret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/..;/secret.txt",
    "/../../../../../../../../../../etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "///etc/passwd",
    "/%2fetc%2fpasswd",
    "//../secret.txt",
    "http://localhost/../secret.txt",
    "http://localhost//etc/passwd",
    "file:///etc/passwd",
    "../secret.txt",
    "etc/passwd",
    "*",
    "?/../secret.txt",
    "/link-to-file",
    "/link-to-file?x",
    "/link-to-folder/secret.txt",
    "/link-to-folder/site-beside/secret.txt",
    "/page.html%00",
    "/%00",
    "/../secret.txt%00.html",
    "/page.html%00/../../secret.txt",
    "/folder/%00/inside.html",
    "/%",
    "/%zz",
    "/%ff%fe",
    "/" + "a" * 5000,
    "/" + "a/" * 3000,
]


def test_nothing_outside_the_root(engine: Engine, subtests: pytest.Subtests) -> None:
    for target in OUTSIDE:
        with subtests.test(target[:40]):
            with Client(engine.address) as client:
                client.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode("latin-1"))
                reply = client.reply()
            assert reply.status in (400, 403, 404)
            assert SECRET.encode() not in reply.body
            assert b"root:" not in reply.body


def test_absolute_path_of_a_file(engine: Engine, site: Path) -> None:
    secret = site.parent / "secret.txt"
    for target in (str(secret), f"/{secret}", f"/.{secret}", f"/page.html{secret}", f"/../{secret}"):
        reply = get(engine.address, target)
        assert reply.status in (400, 403, 404)
        assert SECRET.encode() not in reply.body


def test_link_that_stays_inside_is_followed(engine: Engine, site: Path) -> None:
    assert get(engine.address, "/link-inside.html").body == (site / "page.html").read_bytes()


def test_dots_that_stay_inside_do_no_harm(engine: Engine, site: Path) -> None:
    reply = get(engine.address, "/folder/../page.html")
    assert reply.status in (400, 404) or reply.body == (site / "page.html").read_bytes()


@pytest.fixture
def odd_files(site: Path) -> Iterator[None]:
    """A named pipe, on which opening would block, and links in a circle."""
    os.mkfifo(site / "pipe")
    (site / "circle").symlink_to(site / "circle")
    yield
    (site / "pipe").unlink()
    (site / "circle").unlink()


@pytest.mark.usefixtures("odd_files")
def test_what_is_no_file_is_not_served(engine: Engine, subtests: pytest.Subtests) -> None:
    for target in ("/pipe", "/circle", "/circle/page.html", "/link-to-folder"):
        with subtests.test(target):
            assert get(engine.address, target).status in (301, 403, 404, 500)


@pytest.mark.quick_with("epoll")
def test_root_may_be_a_link(model: str, site: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(site)
    with Engine(model, link) as engine:
        assert get(engine.address, "/page.html").status == 200
        assert get(engine.address, "/link-to-file").status == 404


@pytest.mark.quick_with("thread")
@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names of this system are Unicode")
@pytest.mark.parametrize(
    ("name", "options"),
    [(b"caf\xe9", ("thread",)), (b"caf\xe9", ("process",)), (b"caf\xe9", ("process", "--start-method", "spawn")),
     (b"\xff\xfe", ("thread",)), (b"new\nline", ("thread",)), ("名字 &'\"".encode(), ("thread",))],
)  # fmt: skip
def test_root_may_have_any_name(tmp_path: Path, name: bytes, options: tuple[str, ...]) -> None:
    root = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(root)
    with open(os.path.join(root, b"index.html"), "wb") as page:
        page.write(b"here")
    with Engine(options[0], Path(os.fsdecode(root)), *options[1:]) as engine:
        assert engine.ready.root.startswith(str(tmp_path))
        assert get(engine.address).body == b"here"


def test_file_that_changes_is_soon_served_anew(engine: Engine, site: Path) -> None:
    path = site / "changing.txt"
    path.write_text("first")
    assert get(engine.address, "/changing.txt").body == b"first"
    path.write_text("second, and longer")
    eventually(lambda: get(engine.address, "/changing.txt").body == b"second, and longer", "the new text")
    path.unlink()
    eventually(lambda: get(engine.address, "/changing.txt").status == 404, "gone")
