"""What the window's tests share: no display, settings of their own, and a window that leaves nothing behind."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import appearance, language
from gui.window import Window

RATE = 200
"""Requests a second of a load: enough to see all there is, and the processors are left to other tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen display warns that it has no window manager for sizes, which is no fault of ours."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints"))


@pytest.fixture(autouse=True, scope="session")
def in_english(qapp: QApplication) -> None:
    """The window's language, whatever this system has."""
    language.install(qapp, QLocale(QLocale.Language.English))


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Numbers as on an American system, whatever this one has."""
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    """An empty place for settings."""
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def themed(qapp: QApplication) -> appearance.Theme:
    """The application in the light theme."""
    appearance.apply_theme(qapp, appearance.LIGHT)
    return appearance.LIGHT


@pytest.fixture
def open_window(qtbot: QtBot, store: QSettings) -> Iterator[Callable[..., Window]]:
    """Opens a complete window with the settings given; each is closed in the end, and its engine with it."""
    opened = []

    def open_one(**given: Any) -> Window:
        window = Window(store, **({"port": 0, "theme": "light"} | given))
        opened.append(window)
        window.resize(1280, 800)
        window.show()
        window.complete()
        return window

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    """A complete window whose engine will listen at any free port."""
    return open_window()
