"""Models of the user's own in the window: copied, changed, started again, and wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from gui.runs.processes import ProcessState
from gui.window import Window

Open = Callable[..., Window]
PATIENCE = 30_000
"""Milliseconds within which anything that works has happened, however busy the machine."""


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened for editing."""
    files: list[str] = []
    monkeypatch.setenv("VISUAL", "")
    monkeypatch.setenv("EDITOR", "")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: files.append(url.toLocalFile()) or True)
    return files


def runs(window: Window, path: str) -> bool:
    ready = window.session.first.ready
    return window.session.first.engine.state is ProcessState.RUNNING and ready is not None and ready.model == path


def write(path: str, text: str) -> None:
    Path(path).write_text(text, "utf-8")


def test_a_copy_is_changed_and_the_last_good_one_goes_on(
    qtbot: QtBot, open_window: Open, opened: list[str], tmp_path: Path
) -> None:
    window = open_window(model="select")
    window.session.start()
    until(qtbot, lambda: runs(window, "select"))
    window.cards.opened.copy.click()
    path = str(tmp_path / "models" / "my_select.py")
    assert opened == [path]
    assert window.settings.model == path
    assert list(window.cards.cards) == [*MODELS, path]
    assert window.cards.cards[path].isChecked()
    until(qtbot, lambda: runs(window, path))
    first = window.session.first.ready
    assert first
    assert first.traits == MODELS["select"].traits
    assert window.header.state.text == "Running · my_select.py"
    assert not window.cards.opened.restart.isEnabled()

    text = Path(path).read_text("utf-8")
    wrong = text + "\nnothing_of_this_name()\n"
    write(path, wrong)
    until(qtbot, lambda: window.notice.notice and "my_select.py" in window.notice.notice.title)
    assert f"Line {wrong.count(chr(10))}: NameError" in window.notice.text.text()
    assert not window.cards.opened.restart.isEnabled()
    window.source.restart_requested.emit()
    assert runs(window, path), "the last good one goes on"

    write(path, text + "\n# better\n")
    until(qtbot, window.cards.opened.restart.isEnabled)
    assert window.session.first.ready is first
    window.cards.opened.restart.click()
    until(qtbot, lambda: runs(window, path) and window.session.first.ready is not first)
    assert not window.cards.opened.restart.isEnabled()

    second = window.session.first.ready
    window.cards.opened.settings.controls["restart_when_saved"].click()  # type: ignore[union-attr]
    write(path, text + "\n# best\n")
    until(qtbot, lambda: runs(window, path) and window.session.first.ready is not second)


@pytest.mark.slow
def test_a_file_from_elsewhere_is_listed_as_long_as_it_is_there(
    qtbot: QtBot, open_window: Open, tmp_path: Path, store: Any
) -> None:
    file = tmp_path / "elsewhere" / "mine.py"
    file.parent.mkdir()
    file.write_text(Path(MODELS["thread"].file(fork=True)).read_text("utf-8"), "utf-8")
    window = open_window(model=str(file))
    assert str(file) in window.cards.cards
    window.session.start()
    until(qtbot, lambda: runs(window, str(file)))
    until(qtbot, lambda: window.notice.notice and "does not say" in window.notice.notice.text)
    window.close()
    assert str(file) in open_window().cards.cards
    file.unlink()
    assert str(file) not in open_window().cards.cards


@pytest.mark.slow
def test_the_chosen_file_may_be_deleted(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    """What runs goes on; it is listed no more, and a start says what is missing."""
    file = tmp_path / "models" / "mine.py"
    file.parent.mkdir()
    file.write_text(Path(MODELS["thread"].file(fork=True)).read_text("utf-8"), "utf-8")
    window = open_window(model=str(file))
    window.session.start()
    until(qtbot, lambda: runs(window, str(file)))
    file.unlink()
    until(qtbot, lambda: str(file) not in window.cards.cards)
    assert runs(window, str(file))
    assert "mine.py" in window.header.state.text
    window.session.toggle()
    until(qtbot, lambda: window.session.first.engine.state is ProcessState.STOPPED)
    window.session.toggle()
    until(qtbot, lambda: window.notice.notice and "mine.py" in window.notice.notice.text)
    assert window.session.first.engine.state is ProcessState.STOPPED
