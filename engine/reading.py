"""Parses settings that are not a plain number or choice: a host, a folder, a URL, several models, a file to write.

Each function raises `SettingError`.
"""

import os
import re
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine.addresses import host_port, preferred
from engine.models import MODELS
from engine.own_model import SUFFIX, known
from engine.setting import SettingError
from engine.texts import QT_TRANSLATE_NOOP

NO_HOST = QT_TRANSLATE_NOOP(
    "settings", "{text!r} is not a host. Use a name or an address, as 127.0.0.1, ::1 or 0.0.0.0."
)
NO_NAME = QT_TRANSLATE_NOOP("settings", "No folder is named. Choose the folder to serve.")
NO_FOLDER = QT_TRANSLATE_NOOP("settings", "There is no folder {path}. Choose one that exists.")
NO_FILE = QT_TRANSLATE_NOOP("settings", "There is no file {path}, or it is not UTF-8. Choose one that exists.")
NO_MODEL = QT_TRANSLATE_NOOP(
    "settings", "There is no model {text!r}. Choose one of {models}, or the path of a file of yours that ends in .py."
)
NO_COMMAND = QT_TRANSLATE_NOOP("settings", "a quotation mark in “{text}” has no partner")
NO_PROGRAM = QT_TRANSLATE_NOOP("settings", "no program is named")
NO_APPLICATION = QT_TRANSLATE_NOOP(
    "settings",
    "{text!r} does not name an application. Write the module, a colon and the name in it: shop:app is app in shop.py.",
)
_APPLICATION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*(\(\))?")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
"""The name or address of a host; `%` begins a zone, as in `fe80::1%eth0`."""


@dataclass(frozen=True, slots=True)
class Url:
    """The URL of a server, resolved."""

    text: str
    """`http://host:port`."""
    host: str
    """The value of a request's Host header."""
    family: int
    address: tuple[Any, ...]


def host(text: str) -> str:
    """The name or address in `text`, without the brackets around an IPv6 address in a URL."""
    name = text.strip()
    if name.startswith("[") and name.endswith("]") and ":" in name:
        name = name[1:-1]
    if not _HOST.fullmatch(name):
        raise SettingError(NO_HOST, text=text)
    return name


def folder(text: str) -> str:
    """The absolute path in `text`, whether or not it exists; `~` is the user's home.

    Leading and trailing spaces are removed, unless a folder with these spaces exists.
    """
    if not text.strip():
        raise SettingError(NO_NAME)
    for name in (text, text.strip()):
        path = Path(os.path.expanduser(name)).absolute()
        if os.path.isdir(path):  # unlike `Path.is_dir`, also for a name that the system refuses to look up
            break
    return str(path)


def existing_folder(text: str) -> str:
    """The absolute path of a folder that exists."""
    path = folder(text)
    if not os.path.isdir(path):
        raise SettingError(NO_FOLDER, path=path)
    return path


def application(text: str) -> str:
    """The name of an application: `module:callable`, or `module:function()` for one that makes it."""
    name = text.strip()
    if not _APPLICATION.fullmatch(name):
        raise SettingError(NO_APPLICATION, text=text)
    return name


def command(text: str) -> str:
    """A command line: what is typed at a terminal, or the port of a server that runs already."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise SettingError(NO_COMMAND, text=text) from None
    if not words:
        raise SettingError(NO_PROGRAM)
    return text.strip()


def path(text: str) -> str:
    """The absolute path in `text`; `~` is the user's home."""
    if not text.strip():
        raise SettingError("no path is given")
    return str(Path(os.path.expanduser(text.strip())).absolute())


def model(text: str) -> str:
    """The key of a model, or the absolute path of the user's file with one."""
    if text in MODELS:
        return text
    if text.endswith(SUFFIX):
        found = path(text)
        if known(found) is None:
            raise SettingError(NO_FILE, path=found)
        return found
    raise SettingError(NO_MODEL, text=text, models=", ".join(MODELS))


def models(text: str) -> list[str]:
    """The keys in `text`, in the order of the table."""
    keys = list(MODELS) if text == "all" else [key.strip() for key in text.split(",")]
    for key in keys:
        if key not in MODELS:
            raise SettingError(
                "there is no model {key!r}: use all, or some of {models}", key=key, models=",".join(MODELS)
            )
    return [key for key in MODELS if key in keys]


def writable(text: str) -> Path:
    """The path of a file that can be written."""
    path = Path(os.path.expanduser(text))
    if "\0" in text:
        raise SettingError("{text!r} is no name of a file", text=text)
    if os.path.isdir(path):
        raise SettingError("{text!r} is a folder: name a file in it", text=text)
    if not os.access(path.parent, os.W_OK):
        raise SettingError("nothing can be written to the folder {folder!r}", folder=str(path.parent))
    return path


def server_url(text: str) -> Url:
    """The server at the URL `text`."""
    try:
        parts = urlsplit(text)
        name, port = parts.hostname, 80 if parts.port is None else parts.port
    except ValueError as error:
        raise SettingError("{text!r} is not a URL: {error}", text=text, error=error) from error
    if parts.scheme != "http" or not name:
        raise SettingError("{text!r} is not the URL of an HTTP server: use http://host:port", text=text)
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc or not port:
        raise SettingError(
            "{text!r} is more than a server: use http://host:port, the workload chooses the page", text=text
        )
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise SettingError("there is no address for the host {name}: is it spelled right?", name=name) from error
    family, _, _, _, address = preferred(found)
    authority = host_port(name, port)
    return Url(f"http://{authority}", authority, family, address)
