"""What kind of content a file has: its media type, its content coding, and the charset of a text.

Owns one table, so that a site is served alike whatever Python and system serve it. Knows nothing of HTTP.
"""

import codecs
import re
from typing import NamedTuple

_TYPES = {
    "text/html": "html htm",
    "application/xhtml+xml": "xhtml xht",
    "text/css": "css",
    "text/javascript": "js mjs cjs",
    "application/json": "json map geojson",
    "application/ld+json": "jsonld",
    "application/manifest+json": "webmanifest",
    "application/wasm": "wasm",
    "application/xml": "xml xsl xslt rng",
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "text/plain": "txt text log ini cfg conf toml py pyi c h cc cpp hpp java go rs sh bat sql diff patch",
    "text/markdown": "md markdown",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "text/vtt": "vtt",
    "application/yaml": "yaml yml",
    "image/png": "png",
    "image/apng": "apng",
    "image/jpeg": "jpg jpeg jpe jfif",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/jxl": "jxl",
    "image/svg+xml": "svg svgz",
    "image/bmp": "bmp",
    "image/tiff": "tif tiff",
    "image/vnd.microsoft.icon": "ico cur",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/ogg": "ogg oga opus",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/midi": "mid midi",
    "audio/webm": "weba",
    "video/mp4": "mp4 m4v",
    "video/webm": "webm",
    "video/ogg": "ogv",
    "video/quicktime": "mov qt",
    "video/mpeg": "mpeg mpg",
    "video/mp2t": "ts",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
    "application/vnd.apple.mpegurl": "m3u8",
    "font/woff": "woff",
    "font/woff2": "woff2",
    "font/ttf": "ttf",
    "font/otf": "otf",
    "font/collection": "ttc",
    "application/vnd.ms-fontobject": "eot",
    "application/pdf": "pdf",
    "application/postscript": "ps eps",
    "application/rtf": "rtf",
    "application/epub+zip": "epub",
    "application/zip": "zip whl",
    "application/gzip": "gz tgz",
    "application/x-bzip2": "bz2",
    "application/x-xz": "xz",
    "application/zstd": "zst",
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "rar",
    "application/x-tar": "tar",
    "application/java-archive": "jar",
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
"""Endings of files, by media type; after IANA's registry, and WHATWG's MIME Sniffing where that differs."""
_BY_ENDING = {ending: kind for kind, endings in _TYPES.items() for ending in endings.split()}
_CODINGS = {"svgz": "gzip"}
"""Endings of files that are sent as they are and unpacked by the client, with the content coding that says so."""
UNKNOWN = "application/octet-stream"

_TEXT = re.compile(r"text/.*|application/(.*\+)?(json|xml)|application/yaml|image/svg\+xml")
"""Types that are said with their charset."""
_MAY_DECLARE = 1024
"""Bytes at its start in which a text may say its encoding (HTML, 4.2.5.4)."""
_XML = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)["']""")
_CSS = re.compile(rb"""@charset "([^"]+)";""")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"""<meta[\s/]((?:"[^"]*"|'[^']*'|[^>"'])*)""", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([^\s=/"'>]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_IN_CONTENT = re.compile(rb"""charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)


class MediaType(NamedTuple):
    """What a file is."""

    kind: str
    """The media type, without parameters."""
    coding: str = ""
    """The content coding; empty: none."""

    @property
    def is_text(self) -> bool:
        """Whether it has a charset."""
        return not self.coding and _TEXT.fullmatch(self.kind) is not None


def media_type(path: str) -> MediaType:
    """What the file at `path` is, by its ending."""
    ending = path.rpartition(".")[2].lower()
    return MediaType(_BY_ENDING.get(ending, UNKNOWN), _CODINGS.get(ending, ""))


def is_utf_8(kind: str, start: bytes, *, is_whole: bool) -> bool:
    """Whether a text of type `kind` that begins with `start` is in UTF-8; `is_whole`: nothing follows.

    Its own word counts, and only where it says nothing, its bytes.
    """
    if start.startswith(codecs.BOM_UTF8):
        return True
    declared = _declared(kind, start[:_MAY_DECLARE])
    if declared:
        return declared.strip().lower() in (b"utf-8", b"utf8")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=is_whole)
    except UnicodeDecodeError:
        return False
    return b"\0" not in start  # or else UTF-16


def _declared(kind: str, start: bytes) -> bytes:
    """The encoding that a text says it has; empty if it doesn't."""
    if kind == "text/html":
        return _declared_in_html(_COMMENT.sub(b"", start))
    pattern = _CSS if kind == "text/css" else _XML
    found = pattern.match(start)
    return found[1] if found else b""


def _declared_in_html(start: bytes) -> bytes:
    for tag in _META.findall(start):
        attributes = {name.lower(): b"".join(values) for name, *values in _ATTRIBUTE.findall(tag)}
        if b"charset" in attributes:
            return attributes[b"charset"]
        if attributes.get(b"http-equiv", b"").lower() == b"content-type":
            found = _IN_CONTENT.search(attributes.get(b"content", b""))
            if found:
                return found[1]
    return b""
