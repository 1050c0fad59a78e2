"""A text is read as it says itself, or as its bytes say, and a file is what its ending says, on every Python."""

import gzip
from pathlib import Path

import pytest

from engine.apps.media_types import media_type
from engine.apps.static import CACHED_FILE, Site
from engine.web.request_parser import parse_head
from engine.web.response import Response
from tests.engine.client import request

UTF_8 = "; charset=utf-8"
CHINESE = "这是一个网页"
TYPES = {
    "a.html": "text/html", "A.HTM": "text/html", "a.css": "text/css", "a.js": "text/javascript",
    "a.mjs": "text/javascript", "a.json": "application/json", "a.map": "application/json", "a.md": "text/markdown",
    "a.txt": "text/plain", "a.csv": "text/csv", "a.vtt": "text/vtt", "a.xml": "application/xml",
    "a.svg": "image/svg+xml", "a.py": "text/plain",
}  # fmt: skip
BINARIES = {
    "a.png": "image/png", "a.PNG": "image/png", "a.jpg": "image/jpeg", "a.webp": "image/webp", "a.avif": "image/avif",
    "a.ico": "image/vnd.microsoft.icon", "a.woff": "font/woff", "a.woff2": "font/woff2", "a.ttf": "font/ttf",
    "a.otf": "font/otf", "a.ogg": "audio/ogg", "a.m4a": "audio/mp4", "a.mp3": "audio/mpeg", "a.mp4": "video/mp4",
    "a.webm": "video/webm", "a.wasm": "application/wasm", "a.pdf": "application/pdf", "a.zip": "application/zip",
    "a.gz": "application/gzip", "a.tar.gz": "application/gzip", "a.bin": "application/octet-stream",
    "a": "application/octet-stream", "a.": "application/octet-stream", "html": "application/octet-stream",
}  # fmt: skip


def asked(root: Path, name: str, **headers: str) -> Response:
    return Site(root).respond(parse_head(request(f"/{name}", **headers)))


def served(root: Path, name: str, content: bytes) -> Response:
    (root / name).write_bytes(content)
    return asked(root, name)


def kind(root: Path, name: str, content: bytes) -> str:
    return served(root, name, content).header("Content-Type")


def test_types(tmp_path: Path) -> None:
    assert {name: kind(tmp_path, name, b"x") for name in TYPES} == {n: t + UTF_8 for n, t in TYPES.items()}
    assert {name: kind(tmp_path, name, b"x") for name in BINARIES} == BINARIES
    assert media_type("/folder.html/file").kind == "application/octet-stream"


def test_packed_picture_is_unpacked_by_the_client(tmp_path: Path) -> None:
    packed = gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = served(tmp_path, "a.svgz", packed)
    assert response.header("Content-Type") == "image/svg+xml"
    assert response.header("Content-Encoding") == "gzip"
    assert response.body == packed
    again = asked(tmp_path, "a.svgz", If_None_Match=response.header("ETag"))
    assert (again.status, again.header("Content-Type"), again.header("Content-Encoding")) == (304, "", "")
    assert asked(tmp_path, "a.svgz", Range="bytes=0-1").header("Content-Encoding") == "gzip"


META = "<!doctype html><meta charset={}><p>" + CHINESE
SAYS = {
    "its own encoding": ("a.html", META.format("gbk").encode("gbk"), ""),
    "in quotes": ("a.html", META.format("'GB18030'").encode("gbk"), ""),
    "behind others": ("a.html", b'<META name=x content="y>z" CharSet = "big5" />' + CHINESE.encode("gbk"), ""),
    "in the old way": ("a.html", b'<meta http-equiv="Content-Type" content="text/html; charset=gb2312">', ""),
    "the other way round": ("a.htm", b"<meta content='text/html;charset=shift_jis' http-equiv=content-type>", ""),
    "although it is ASCII": ("a.html", b"<meta charset=gbk>", ""),
    "UTF-8": ("a.html", META.format("utf-8").encode(), UTF_8),
    "UTF-8 in capitals": ("a.html", META.format('"UTF8"').encode(), UTF_8),
    "UTF-8 but isn't": ("a.html", META.format("utf-8").encode("gbk"), UTF_8),
    "something in a comment": ("a.html", b"<!-- <meta charset=gbk> -->" + CHINESE.encode(), UTF_8),
    "something in a description": ("a.html", b'<meta name=description content="of charset=gbk">', UTF_8),
    "something too late": ("a.html", b" " * 1024 + b"<meta charset=gbk>", UTF_8),
    "something in a script": ("a.js", b"'<meta charset=gbk>'", UTF_8),
    "in XML": ("a.xml", b'<?xml version="1.0" encoding="gbk"?>\n<a/>', ""),
    "in a picture": ("a.svg", b"<?xml version='1.0' encoding='iso-8859-1'?><svg/>", ""),
    "UTF-8 in XML": ("a.svg", b'<?xml version="1.0" encoding="UTF-8"?><svg/>', UTF_8),
    "in a style sheet": ("a.css", b'@charset "gbk";\np {}', ""),
    "UTF-8 in a style sheet": ("a.css", b'@charset "utf-8";\np {}', UTF_8),
    "a later rule": ("a.css", b'p {}\n@charset "gbk";', UTF_8),
}
IS = {
    "UTF-8": ("a.txt", CHINESE.encode(), UTF_8),
    "UTF-8 with a mark": ("a.txt", CHINESE.encode("utf-8-sig"), UTF_8),
    "UTF-16 with a mark": ("a.txt", CHINESE.encode("utf-16"), ""),
    "UTF-16 with a mark, big end first": ("a.html", b"\xfe\xff" + "<p>text".encode("utf-16-be"), ""),
    "UTF-16": ("a.txt", "text".encode("utf-16-le"), ""),
    "UTF-16 of a page": ("a.html", "<meta charset=utf-16>text".encode("utf-16"), ""),
    "Latin-1": ("a.txt", "café".encode("latin-1"), ""),
    "Latin-1 at its end": ("a.txt", b"caf\xe9", ""),
    "cut in a character": ("a.txt", CHINESE.encode()[:-1], ""),
    "GBK": ("a.js", f"// {CHINESE}".encode("gbk"), ""),
    "Windows-1252": ("a.md", "“quoted”".encode("cp1252"), ""),
    "ASCII": ("a.txt", b"text", UTF_8),
    "nothing": ("a.txt", b"", UTF_8),
}


@pytest.mark.parametrize(("name", "content", "charset"), SAYS.values(), ids=SAYS)
def test_a_text_is_read_as_it_says(tmp_path: Path, name: str, content: bytes, charset: str) -> None:
    assert kind(tmp_path, name, content) == TYPES.get(name, "text/html") + charset


@pytest.mark.parametrize(("name", "content", "charset"), IS.values(), ids=IS)
def test_a_text_that_says_nothing_is_read_as_its_bytes_are(
    tmp_path: Path, name: str, content: bytes, charset: str
) -> None:
    assert kind(tmp_path, name, content) == TYPES[name] + charset


def test_a_large_text_is_read_as_its_first_bytes_are(tmp_path: Path) -> None:
    """Also where they end in the middle of a character; all of it is sent all the same."""
    long = "名" * (CACHED_FILE // 2 + 1)
    for encoding, charset in (("utf-8", UTF_8), ("gbk", "")):
        for ahead in ("", "a"):
            response = served(tmp_path, "a.txt", (ahead + long).encode(encoding))
            assert response.header("Content-Type") == "text/plain" + charset
            assert not isinstance(response.body, bytes)
            assert b"".join(response.body).decode(encoding) == ahead + long
