"""Whatever settings' file and command line say, the window opens with what is right of it, or says what isn't."""

import contextlib
import io
import random
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QByteArray, QSettings
from pytestqt.qtbot import QtBot

from engine.settings import Part, by_name
from gui import app, settings
from gui.settings import Settings
from gui.window import Window
from tests.engine.test_strange_options import TEXTS, arguments

VALUES: tuple[Any, ...] = (
    *(text for text in TEXTS if text.isprintable()), None, True, 7, -1.5, ["a", "b"], [], {"a": 1}, b"\xff\xfe",
    QByteArray(b"\x00\x01\xff"), QByteArray(b"\x01\xd9\xd0\xcb\x00\x03\x00\x00" + b"\xff" * 60),
)  # fmt: skip
LINES = (
    b"port=@Invalid()",
    b"port=@Variant(\\0\\0\\0\\x7f\\0\\0\\0)",
    b"root=@ByteArray(\xff\xfe)",
    b"model=@String(epoll)",
    b"[other]",
    b"theme=dark, light",
    b"=5",
    b"\xff\xfe\x00",
    b"clients=\\x41\\u4f60",
    b'host="',
    b"port=8\r",
    b"%General\\port=9",
    b"[%General]",
    b"rate=@Rect(1 2 3 4)",
    b"geometry=@ByteArray(x)",
    b"port=" + b"9" * 9999,
    b"\x00" * 50,
    b"keep_alive=@DateTime(\\0)",
)

strange_values = pytest.mark.qt_log_ignore("QVariant::load", "This plugin does not support propagateSizeHints")
"""Qt warns of some, and gives nothing for them."""


def strange_store(path: Path, chance: random.Random) -> QSettings:
    """A settings' file with values or lines that nobody has chosen in the window."""
    if chance.random() < 0.5:
        path.write_bytes(b"[General]\n" + b"\n".join(chance.choices(LINES, k=chance.randint(1, 6))))
    else:
        store = QSettings(str(path), QSettings.Format.IniFormat)
        for name in (*by_name(Part.WINDOW), "geometry"):
            if chance.random() < 0.5:
                store.setValue(name, chance.choice(VALUES))
        store.sync()
    return QSettings(str(path), QSettings.Format.IniFormat)


def is_right(found: Settings) -> bool:
    """Whether each value is one that the setting may have."""
    return all(row.check(getattr(found, name)) == getattr(found, name) for name, row in by_name(Part.WINDOW).items()
               if getattr(found, name) is not None)  # fmt: skip


@strange_values
@pytest.mark.parametrize("seeds", [range(30), pytest.param(range(1000, 1400), marks=pytest.mark.slow)], ids=str)
def test_strange_files(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        store = strange_store(tmp_path / f"{seed}.ini", random.Random(seed))
        assert is_right(settings.load(store)), seed
        settings.save(store, {"port": 4321})
        assert settings.load(QSettings(store.fileName(), QSettings.Format.IniFormat)).port == 4321, seed


@strange_values
@pytest.mark.parametrize("seeds", [range(1), pytest.param(range(5000, 5008), marks=pytest.mark.slow)], ids=str)
def test_window_opens_with_strange_files(qtbot: QtBot, tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        (tmp_path / str(seed)).mkdir()
        window = Window(strange_store(tmp_path / str(seed) / "settings.ini", random.Random(seed)))
        qtbot.addWidget(window)
        window.show()
        window.complete()
        window.grab()
        assert is_right(window.settings)
        window.close()


@pytest.mark.parametrize("seeds", [range(80), pytest.param(range(1000, 3000), marks=pytest.mark.slow)], ids=str)
def test_strange_command_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: range) -> None:
    monkeypatch.chdir(tmp_path)
    extra = ("--start", "--load", "--beside", "--view", "--size", "--after", "--screenshot")
    refused = 0
    for seed in seeds:
        chance = random.Random(seed)
        words = arguments(Part.WINDOW, chance)
        if chance.random() < 0.4:
            words += [chance.choice(extra), *([chance.choice(TEXTS)] if chance.random() < 0.8 else [])]
        told = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
        try:
            with contextlib.redirect_stderr(told):
                options = app.command_line().parse_args(words)
        except SystemExit:
            told.seek(0)
            said = told.read()
            refused += 1
            assert len(said.rpartition("servescope: error: ")[2].strip()) > 10, words
            continue
        assert is_right(Settings(**app.given(options))), words
    assert len(seeds) / 20 < refused < len(seeds)
