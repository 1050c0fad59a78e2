"""The window as a person uses it: real engines, real clients, real keys."""

import http.client
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt, QTranslator, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.telemetry import wire
from gui import errors, settings
from gui.panels.source import source_file
from gui.runs import processes
from gui.runs.processes import Ending, ProcessState
from gui.settings import Settings
from gui.window import Window

PATIENCE = 20_000
"""Milliseconds within which anything that works has happened, however busy the machine."""

Open = Callable[..., Window]


def until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    """Lets the window live until `condition` is true."""
    qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)


def run(qtbot: QtBot, window: Window, model: str = "thread") -> int:
    """Starts `model` by a click on its card and on Start; returns the port once it runs."""
    qtbot.mouseClick(window.cards.cards[model], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(window.header.toggle, Qt.MouseButton.LeftButton)
    return until_running(qtbot, window, model)


def until_running(qtbot: QtBot, window: Window, model: str) -> int:
    def is_running() -> bool:
        ready = window.live.first.server.ready
        return window.session.first.engine.state is ProcessState.RUNNING and ready is not None and ready.model == model

    until(qtbot, is_running)
    assert window.live.first.server.ready
    return window.live.first.server.ready.port


def ask(port: int, *targets: str) -> list[int]:
    """The statuses of one GET for each target, over connections of their own."""
    statuses = []
    for target in targets:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", target)
        reply = connection.getresponse()
        reply.read()
        statuses.append(reply.status)
        connection.close()
    return statuses


@contextmanager
def clients(port: int, count: int = 4) -> Iterator[None]:
    """So many clients that request the page again and again, whichever server answers, until the end."""
    enough = threading.Event()

    def visit() -> None:
        while not enough.wait(0.005):
            try:
                ask(port, "/index.html")
            except OSError:
                continue
            except http.client.HTTPException:
                continue

    threads = [threading.Thread(target=visit) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join()


class Handler(QObject):
    """Takes the addresses that would go to a browser."""

    def __init__(self, opened: list[QUrl]) -> None:
        super().__init__()
        self._opened = opened

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self._opened.append(url)


def log_texts(window: Window, column: int) -> list[str]:
    table = window.requests.table
    return [table.index(row, column).data() for row in range(table.rowCount())]


def test_a_start_some_requests_and_a_stop_are_seen(qtbot: QtBot, window: Window) -> None:
    port = run(qtbot, window)
    assert window.header.state.text == "Running · Threads"
    assert window.header.url.text() == f"http://127.0.0.1:{port}"
    assert ask(port, "/index.html", "/nothing-here") == [200, 404]
    until(qtbot, lambda: window.requests.table.rowCount() == 2)
    assert log_texts(window, 4) == ["GET /nothing-here", "GET /index.html"]
    assert log_texts(window, 5) == ["404 Not Found", "200 OK"]
    assert all(text.startswith("thread ") for text in log_texts(window, 3))
    until(qtbot, lambda: window.tiles.all["requests_per_second"].text.first == "2 in all")
    assert window.tiles.all["requests_per_second"].text.second == "0 failed"
    until(qtbot, lambda: window.tiles.all["memory"].text.unit == "MiB")
    assert window.tiles.all["workers"].text.second == "0 zombies"
    assert window.requests.count.toolTip() == "showing 2 of 2"

    qtbot.mouseClick(window.header.toggle, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: window.session.first.engine.state is ProcessState.STOPPED)
    assert window.header.state.text == "Stopped"
    assert window.header.toggle.text().strip() == "Start"
    assert window.requests.table.rowCount() == 2
    assert not window.notice.isVisible()
    with pytest.raises(ConnectionRefusedError):
        ask(port, "/index.html")


def test_a_click_on_a_card_switches_while_clients_go_on(qtbot: QtBot, window: Window) -> None:
    switched = ["process", "keepalive", "epoll"]
    port = run(qtbot, window, "process")
    with clients(port):
        for key in switched:
            qtbot.mouseClick(window.cards.cards[key], Qt.MouseButton.LeftButton)
            assert until_running(qtbot, window, key) == port
            assert window.cards.cards[key].isChecked()
            until(qtbot, lambda: window.live.first.server.counters and window.live.first.server.counters.requests > 10)
        until(qtbot, lambda: len(window.plots.rate.curves) == len(switched))
        until(qtbot, lambda: len(window.plots.rate.curves[-1][1]) > 5)
    models = [model for model, _, _ in window.plots.rate.curves]
    assert models == switched
    for _, times, values in window.plots.rate.curves:
        assert len(times) == len(values)
        assert times.max() <= 0
    assert max(values.max() for _, _, values in window.plots.rate.curves) > 10
    assert max(values.max() for _, _, values in window.plots.open.curves) >= 1


def test_typing_in_the_filter_picks_rows_and_no_models(qtbot: QtBot, window: Window) -> None:
    port = run(qtbot, window)
    ask(port, "/index.html", "/page-2.html", "/a 2".replace(" ", "%20"))
    until(qtbot, lambda: window.requests.table.rowCount() == 3)
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, lambda: window.requests.filter.hasFocus())
    qtbot.keyClicks(window.requests.filter, "page-2 ")
    until(qtbot, lambda: window.requests.table.rowCount() == 1)
    assert log_texts(window, 4) == ["GET /page-2.html"]
    assert window.settings.model == "thread"
    assert not window.picture.is_frozen
    qtbot.keyClick(window.requests.filter, Qt.Key.Key_Escape)
    until(qtbot, lambda: window.requests.table.rowCount() == 3)


def test_space_freezes_the_picture_while_data_arrives(qtbot: QtBot, window: Window) -> None:
    port = run(qtbot, window)
    ask(port, "/index.html")
    until(qtbot, lambda: window.requests.table.rowCount() == 1)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.header.frozen.isVisible()
    ask(port, "/index.html", "/index.html")
    until(qtbot, lambda: window.live.first.server.log.total == 3)
    until(qtbot, lambda: window.live.first.server.counters and window.live.first.server.counters.requests == 3)
    curves = window.plots.rate.curves
    qtbot.wait(400)
    assert window.requests.table.rowCount() == 1
    assert window.tiles.all["requests_per_second"].text.first != "3 in all"
    assert window.plots.rate.curves is curves
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.header.frozen.isVisible()
    assert window.requests.table.rowCount() == 3
    assert window.tiles.all["requests_per_second"].text.first == "3 in all"


def test_the_keyboard_starts_stops_and_presents(qtbot: QtBot, window: Window) -> None:
    size = QApplication.font().pointSizeF()
    qtbot.keyClick(window, "4")
    assert window.settings.model == "gevent"
    assert window.session.first.engine.state is ProcessState.STOPPED
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until_running(qtbot, window, "gevent")
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert not window.header.settings.isVisible()
    assert QApplication.font().pointSizeF() > size
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert QApplication.font().pointSizeF() == size
    qtbot.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(qtbot, lambda: window.session.first.engine.state is ProcessState.STOPPED)


def test_keys_are_the_windows_again_after_the_filter(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window, "f", Qt.KeyboardModifier.ControlModifier)
    until(qtbot, window.requests.filter.hasFocus)
    qtbot.keyClick(window.requests.filter, Qt.Key.Key_Escape)
    until(qtbot, window.requests.view.hasFocus)
    qtbot.keyClick(window.requests.view, "3")
    assert window.settings.model == "thread"
    assert window.requests.filter.text() == ""


def test_a_taken_port_is_named_and_the_next_one_offered(qtbot: QtBot, open_window: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        window = open_window(port=port)
        window.session.toggle()
        until(qtbot, lambda: window.notice.isVisible())
        assert window.session.first.engine.state is ProcessState.STOPPED
        assert window.header.state.text == "Stopped"
        assert window.notice.title.text() == f"Port {port} is in use"
        assert str(os.getpid()) in window.notice.text.text()
        assert window.notice.button.text().startswith("Use port ")
        qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
        other = until_running(qtbot, window, "process")
        assert window.notice.button.text() == f"Use port {other}"
        assert not window.notice.isVisible()
        assert ask(other, "/index.html") == [200]
        assert settings.load(window._store).port != other, "the other port is for this run only"


@pytest.mark.slow
def test_a_missing_folder_can_be_chosen(
    qtbot: QtBot, open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(root=str(tmp_path / "gone"), model="epoll")
    window.session.toggle()
    until(qtbot, lambda: window.notice.isVisible())
    assert str(tmp_path / "gone") in window.notice.text.text()
    (tmp_path / "index.html").write_text("here")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
    assert ask(until_running(qtbot, window, "epoll"), "/") == [200]


@pytest.mark.slow
def test_an_unknown_host_can_be_replaced(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(host="203.0.113.7", model="thread")
    window.session.toggle()
    until(qtbot, lambda: window.notice.isVisible())
    assert "203.0.113.7" in window.notice.title.text()
    qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
    until_running(qtbot, window, "thread")
    assert window.settings.host == "127.0.0.1"


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_engine_ended_from_outside_can_be_started_again(qtbot: QtBot, window: Window, how: signal.Signals) -> None:
    run(qtbot, window)
    assert window.session.first.engine.pid
    os.kill(window.session.first.engine.pid, how)
    until(qtbot, lambda: window.notice.isVisible())
    assert window.session.first.engine.state is ProcessState.STOPPED
    assert window.live.first.server.ready is None
    qtbot.mouseClick(window.notice.button, Qt.MouseButton.LeftButton)
    until_running(qtbot, window, "thread")
    assert not window.notice.isVisible()


def test_a_problem_of_a_running_engine_is_told_and_can_be_dismissed(qtbot: QtBot, window: Window) -> None:
    run(qtbot, window)
    window.session.first.engine.message_arrived.emit(wire.Problem(0.0, "no-descriptors", "No descriptors are left."))
    assert window.notice.text.text() == "No descriptors are left."
    assert window.session.first.engine.state is ProcessState.RUNNING
    qtbot.mouseClick(window.notice.dismiss, Qt.MouseButton.LeftButton)
    assert not window.notice.isVisible()


@pytest.mark.slow
def test_what_was_chosen_is_there_the_next_time(qtbot: QtBot, open_window: Open, store: QSettings) -> None:
    first = open_window(port=1234)
    first.resize(1111, 700)
    first.session.choose("epoll")
    first.apply(Settings(model="epoll", port=4321, keep_alive=False, theme="dark"))
    first.close()
    second = Window(store)
    qtbot.addWidget(second)
    assert second.settings == Settings(model="epoll", port=4321, keep_alive=False, theme="dark")
    assert second.height() == 700  # a test's screen is less wide than any window of ours
    assert second.theming.theme.name == "dark"


@pytest.mark.slow
def test_what_the_command_line_gave_is_not_kept(open_window: Open, store: QSettings) -> None:
    window = open_window(host="::1", theme="dark", model="thread")
    window.session.choose("gevent")
    assert settings.load(store) == Settings(model="gevent")


@pytest.mark.slow
def test_other_settings_restart_a_running_engine(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    first = run(qtbot, window)
    pid = window.session.first.engine.pid
    (tmp_path / "only-here.html").write_text("yes")
    window.apply(Settings(model="thread", port=0, root=str(tmp_path), theme="light"))
    until(
        qtbot,
        lambda: window.session.first.engine.state is ProcessState.RUNNING and window.session.first.engine.pid != pid,
    )
    assert ask(until_running(qtbot, window, "thread"), "/only-here.html") == [200]
    pid = window.session.first.engine.pid
    window.apply(Settings(model="thread", port=0, root=str(tmp_path), theme="dark"))
    assert window.session.first.engine.state is ProcessState.RUNNING
    assert window.session.first.engine.pid == pid
    assert first


@pytest.mark.slow
def test_the_theme_changes_while_an_engine_runs(qtbot: QtBot, window: Window) -> None:
    run(qtbot, window)
    light = window.grab().toImage().pixelColor(3, window.height() - 3)
    window.header.theme_requested.emit("dark")
    dark = window.grab().toImage().pixelColor(3, window.height() - 3)
    assert light.lightness() > 200 > 60 > dark.lightness()
    for plot in (window.plots.open, window.plots.rate):
        picture = plot.grab().toImage()
        assert picture.pixelColor(picture.width() - 16, picture.height() // 2).lightness() < 60


def test_the_address_can_be_copied_and_opened(qtbot: QtBot, window: Window) -> None:
    opened: list[QUrl] = []
    port = run(qtbot, window)
    qtbot.mouseClick(window.header.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == f"http://127.0.0.1:{port}"
    handler = Handler(opened)
    QDesktopServices.setUrlHandler("http", handler, "take")
    qtbot.mouseClick(window.header.open, Qt.MouseButton.LeftButton)
    QDesktopServices.unsetUrlHandler("http")
    assert [url.port() for url in opened] == [port]


def test_closing_the_window_ends_the_engine(qtbot: QtBot, window: Window) -> None:
    run(qtbot, window, "process")
    pid = window.session.first.engine.pid
    assert pid
    window.close()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="the system has no groups of processes")
def test_a_window_is_gone_at_once_and_waits_for_all_children_together(
    qtbot: QtBot, open_window: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "ASK_MS", 2000)
    window = open_window(model="thread", clients=4, rate=50)
    window.session.set_second_model("process")
    window.session.toggle_load()
    owners = [owner for each in window.session.both for owner in (each.engine, each.load)]
    until(qtbot, lambda: all(owner.state is ProcessState.RUNNING for owner in owners))
    pids = [owner.pid for owner in owners if owner.pid]
    for pid in pids:
        os.killpg(pid, signal.SIGSTOP)  # so that they must be killed
    seen: list[bool] = []
    window.session.first.load.state_changed.connect(lambda state: seen.append(window.isVisible()))
    begun = monotonic()
    window.close()
    assert monotonic() - begun < 2.5 * 2, "four children, one after the other, take 8 s"
    assert seen[0] is False
    assert len(pids) == 4
    assert not any(processes.is_alive(pid) for pid in pids)


def test_every_control_has_a_name_and_says_what_it_does(window: Window) -> None:
    for button in window.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.accessibleName() or button.text(), button.parent()
            assert button.toolTip(), button.parent()
    for tile in window.tiles.all.values():
        assert tile.accessibleName()
        assert tile.toolTip()
    assert window.requests.filter.accessibleName()


class Marking(QTranslator):
    """A language in which everything that was translated bears marks."""

    def translate(self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1) -> str:
        return f"«{sourceText}»"

    def isEmpty(self) -> bool:
        return False


def test_every_text_goes_through_the_translation(qapp: QApplication, open_window: Open) -> None:
    translator = Marking()
    QCoreApplication.installTranslator(translator)
    try:
        window = open_window()
        window.notice.show_notice(errors.why_ended(Ending(False, 1, None, None, ""), window.settings))
        table = window.requests.table
        texts = [window.tabs.tabText(0), *(tile.title for tile in window.tiles.all.values()), window.header.state.text]
        for widget in window.findChildren(QWidget):
            texts += [widget.toolTip(), widget.accessibleName()]
            if isinstance(widget, QLabel | QAbstractButton):
                texts.append(widget.text())
        for column in range(table.columnCount()):
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
                texts.append(table.headerData(column, Qt.Orientation.Horizontal, role))
    finally:
        QCoreApplication.removeTranslator(translator)
    said = {text.strip() for text in texts if any(letter.isalpha() for letter in text)}
    assert len(said) > 50
    name = source_file(window.settings.model).name  # no text to translate
    assert {text for text in said if "«" not in text} == {"ServeScope", name}
