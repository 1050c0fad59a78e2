"""What Windows takes for a device, or for another name or place, is no file's name there: nothing is opened."""

import ntpath
import random
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from engine.apps import static
from engine.apps.file_names import is_file_name
from engine.apps.files import Found
from engine.apps.static import Site
from engine.web.request_parser import parse_head
from tests.engine.client import request

DEVICES = ["NUL", "nul", "CON", "PRN", "AUX", "COM1", "com9", "COM0", "LPT1", "LPT¹", "com²", "CONIN$", "conout$",
           "CLOCK$", "NUL.txt", "com5.html", "Com5.tar.gz", "aux.", "NUL .txt", "con   ", "COM³.x"]  # fmt: skip
OTHER_NAMES = ["page.html.", "page.html ", ".. ", "...", ". ", ".. .", " ", "file::$DATA", "C:", "c:page.html", "a\\b",
               "..\\x", "\\\\server", "a?b", "a*", "a<b>", 'a"b', "a|b", "a\x1fb", "a\nb"]  # fmt: skip
NAMES = ["page.html", "null", "console", "com", "com10", "COM", "lpt", "LPT44", "xcom1", "con-fig.js", "auxiliary",
         ".htaccess", "a.b.c", "名字.html", "INDEX~1.HTM", "-", " a", "conin", "nul_"]  # fmt: skip


def test_names_on_windows() -> None:
    assert [name for name in DEVICES + OTHER_NAMES if is_file_name(name, windows=True)] == []
    assert [name for name in NAMES if not is_file_name(name, windows=True)] == []


def test_names_elsewhere() -> None:
    assert [name for name in DEVICES + OTHER_NAMES + NAMES if not is_file_name(name, windows=False)] == []
    assert not any(is_file_name(name, windows=False) for name in ("", "/", "a/b", "\0", "a\0"))


@pytest.mark.skipif(not hasattr(ntpath, "isreserved"), reason="Python has it from 3.13 on")
def test_names_that_python_calls_reserved() -> None:
    names = DEVICES + OTHER_NAMES + NAMES
    assert [name for name in names if ntpath.isreserved(name) and is_file_name(name, windows=True)] == []


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The names for which a site on Windows asks the system; there are no files."""
    asked: list[list[str]] = []

    def find(root: str, names: list[str]) -> Found:
        asked.append(names)
        raise FileNotFoundError(2, "not there")

    monkeypatch.setattr(static, "find", find)
    monkeypatch.setattr(static, "is_file_name", partial(is_file_name, windows=True))
    return asked


def status(site: Site, path: str) -> int:
    return site.respond(parse_head(request(quote(path)))).status


def test_no_device_is_opened(looked_for: list[list[str]]) -> None:
    site = Site(Path("/root"))
    for name in DEVICES + OTHER_NAMES:
        for path in (f"/{name}", f"/{name}/", f"/folder/{name}", f"/{name}/page.html"):
            assert status(site, path) == 404
    assert looked_for == []
    assert status(site, "/folder/page.html") == 404
    assert looked_for == [["folder", "page.html"]]


def test_whatever_is_asked_for_stays_below_the_root(looked_for: list[list[str]]) -> None:
    """As Windows joins names; `C:name` and `\\name` would begin anew."""
    chance, site, root = random.Random(7), Site(Path("/root")), "D:\\served\\root"
    parts = [*DEVICES, *OTHER_NAMES, *NAMES, "..", ".", "", "D:", "\\", "//server/share", "\\\\?\\C:\\", "..\\.."]
    for _ in range(3000):
        status(site, "/" + "/".join(chance.choices(parts, k=chance.randint(1, 4))))
    assert len(looked_for) > 100
    for names in looked_for:
        place = ntpath.normpath(ntpath.join(root, *names))
        assert place == root or place.startswith(root + "\\")
