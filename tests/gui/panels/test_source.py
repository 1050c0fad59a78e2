"""The Source tab: the model's file with its workers in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from engine.telemetry import wire
from gui import appearance
from gui.errors import Notice
from gui.formatting import longest
from gui.history.line_profile import LineProfile
from gui.panels.source import SourcePanel, source_file
from gui.source.live import Flag
from tests.engine.child import PROJECT
from tests.engine.client import Client
from tests.engine.support import Engine
from tests.gui.pixels import colours
from tests.ready import a_ready

WORK = PROJECT / "engine" / "apps" / "work.py"
PATIENCE = 10_000
"""Milliseconds within which a file that was written is read."""


class Story:
    """An engine that reports where its workers are, by the text of their lines."""

    def __init__(self, panel: SourcePanel, files: Path) -> None:
        self.line_profile = LineProfile()
        self._panel = panel
        self._files = files
        self._time = 100.0

    def begin(self, model: str) -> None:
        self._lines = (self._files / f"{model}.py").read_text("utf-8").split("\n")
        self._time += 1
        self.line_profile.receive(a_ready(model, self._time, clock=0.0))
        self._panel.show_profile(self.line_profile)

    def line(self, text: str) -> int:
        """The number of the first line of the file that runs that contains `text`."""
        return next(number for number, line in enumerate(self._lines, 1) if text in line)

    def tell(self, *workers: tuple[int, int, str, str, float], sample_every: int = 1) -> None:
        """Workers as number, connection, call, what stands on the line, and for how long."""
        rows = [
            wire.Activity(number, connection, call, self.line(text), self._time - seconds)
            for number, connection, call, text, seconds in workers
        ]
        self.line_profile.receive(wire.Activities(self._time, rows))
        self.line_profile.receive(wire.Counters(self._time, 0, 0, 0, 0, 0, 0, sample_every, sample_every))
        self._panel.show_profile(self.line_profile)
        QApplication.processEvents()

    @property
    def now(self) -> float:
        return self._time

    def pass_time(self, seconds: float, activity: wire.Activity, since: float) -> None:
        """One more sample, in which the activity lasts since so many seconds."""
        self._time += seconds
        activity.since = self._time - since
        self.line_profile.receive(wire.Activities(self._time, [activity]))
        self.line_profile.receive(wire.Counters(self._time, 0, 0, 0, 0, 0, 0, 1, 1))
        self._panel.show_profile(self.line_profile)

    def stop(self) -> None:
        self.line_profile.receive(wire.Stopped(self._time))
        self._panel.show_profile(self.line_profile)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The models' files, to be edited at will."""
    for key in MODELS:
        shutil.copy(source_file(key), tmp_path / f"{key}.py")
    return tmp_path


@pytest.fixture
def new_panel(qtbot: QtBot, themed: appearance.Theme, files: Path) -> Callable[..., SourcePanel]:
    def make(width: int = 1500, height: int = 900, can_open: bool = True) -> SourcePanel:
        panel = SourcePanel(lambda key: files / f"{key}.py", lambda file: can_open)
        qtbot.addWidget(panel)
        panel.set_theme(themed)
        panel.resize(width, height)
        panel.show_model("thread")
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    return make


@pytest.fixture
def panel(new_panel: Callable[..., SourcePanel]) -> SourcePanel:
    return new_panel()


@pytest.fixture
def story(panel: SourcePanel, files: Path) -> Story:
    return Story(panel, files)


def test_the_order_of_reading_is_that_of_the_table(panel: SourcePanel) -> None:
    before, _, after = list(MODELS)[:3]
    panel.show_model(list(MODELS)[1])
    assert f"Read {before}.py before this one. Read {after}.py after it." in panel.title.toolTip()
    panel.show_model(before)
    assert "before this one" not in panel.title.toolTip()


def shown(panel: SourcePanel) -> dict[str, str]:
    """What the flags in the picture say, by the text of their lines."""
    panel.view.viewport().repaint()
    return {panel.view.lines[flag.mark.line - 1].text.strip(): flag.text for flag in panel.view.flags}


def flag(panel: SourcePanel) -> Flag:
    panel.view.viewport().repaint()
    (only,) = panel.view.flags
    return only


def click(panel: SourcePanel, flag: Flag) -> None:
    QTest.mouseClick(
        panel.view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, flag.place.center().toPoint()
    )


RECV, ACCEPT, SEND = "client.recv(", "listener.accept()", "client.send("


def in_application(panel: SourcePanel, story: Story, seconds: float, worker: int = 1) -> None:
    """The worker has been in the line of the page that sleeps, for so long, in each of ten samples."""
    story.line_profile.receive(wire.Files([wire.File(7, str(WORK))]))
    sleeps = next(n for n, line in enumerate(WORK.read_text("utf-8").split("\n"), 1) if "time.sleep(" in line)
    recv = story.line(RECV)
    for _ in range(10):
        story.pass_time(0.1, wire.Activity(worker, worker, "", recv, 0.0, 0, 7, sleeps), since=seconds)


def test_the_line_that_calls_says_where_the_application_is(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    in_application(panel, story, 0.8)
    panel.application.click()
    assert not panel.application.isChecked(), "the model's file, where a person wants it"
    (said,) = shown(panel).values()
    assert said.startswith("thread 1 · handling in work.py, line ")


def test_a_file_that_is_not_here_is_not_offered(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.line_profile.receive(wire.Files([wire.File(8, "/nowhere/page.py")]))
    for _ in range(10):
        story.pass_time(0.1, wire.Activity(1, 1, "", story.line(RECV), 0.0, 0, 8, 12), since=1.0)
    assert panel.application.isHidden()
    assert panel.view.isVisible()
    (said,) = shown(panel).values()
    assert said.startswith("thread 1 · handling in page.py, line 12")


def test_it_is_said_whether_a_worker_waits_in_a_call_or_computes(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    for times, said, waits in (((0.0, 0.05), "waiting in a call", True), ((0.05, 0.0), "computing", False)):
        now = story.now
        story.line_profile.receive(wire.HandlingSamples([wire.HandlingSample(1, 1, now, now + 0.05, *times)]))
        in_application(panel, story, 5.0)
        (inside,) = panel.inside.marks.values()
        (calling,) = panel.view.marks.values()
        assert inside.variants[0] == f"thread 1 · {said} · 5.0 s"
        assert calling.variants[0].startswith(f"thread 1 · {said} in work.py, line ")
        assert (inside.waits, calling.waits) == (waits, waits)


def test_the_view_goes_to_where_the_work_is(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    assert panel.application.isHidden()
    in_application(panel, story, 0.8)
    assert panel.application.isChecked()
    assert panel.application.text() == "work.py"
    (mark,) = panel.inside.marks.values()
    assert "time.sleep(" in panel.inside.lines[mark.line - 1].text
    assert mark.variants[0] == "thread 1 · handling · 800 ms"
    assert panel.inside.isVisible()
    assert panel.inside.is_in_sight(mark.line - 1)
    panel.application.click()
    in_application(panel, story, 0.8)
    assert panel.view.isVisible(), "it stays where a person put it"
    story.begin("epoll")
    assert panel.view.isVisible()
    assert panel.application.isHidden()


def test_before_the_start_the_file_is_there_and_says_how_to_see_more(panel: SourcePanel, files: Path) -> None:
    assert panel.view.toPlainText() == (files / "thread.py").read_text("utf-8").rstrip("\n")
    assert panel.title.text() == "thread.py"
    assert longest(panel.status.text()).startswith("Start Threads")
    assert shown(panel) == {}
    panel.show_model("epoll")
    assert panel.title.text() == "epoll.py"
    assert "poller.poll()" in panel.view.toPlainText()


def test_each_worker_stands_beside_its_line(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.tell(
        (0, 0, "accept", ACCEPT, 9.0), (1, 1, "recv", RECV, 3.2), (2, 2, "recv", RECV, 1.0), (3, 3, "send", SEND, 2.0)
    )
    assert shown(panel) == {
        "client, address = listener.accept()  # waits: for the next client": (
            "acceptor · waiting for the next client · 9.0 s"
        ),
        "exchange.receive(client.recv(65536))  # waits: until the client sends something": (
            "2 threads · waiting for the client · longest 3.2 s"
        ),
        "exchange.sent(client.send(exchange.outgoing))  # waits: while the client reads slowly": (
            "thread 3 · blocked by a slow client · 2.0 s"
        ),
    }
    assert panel.view.costs[story.line(RECV)].share == pytest.approx(0.5)
    assert f"line {story.line(RECV)}: 2 threads" in panel.view.accessibleDescription()
    story.stop()
    assert shown(panel) == {}
    assert longest(panel.status.text()).startswith("Start Threads")


@pytest.mark.parametrize(("width", "height"), [(700, 250), (980, 330), (1240, 480), (1500, 900), (1900, 1000)])
@pytest.mark.parametrize("model", ["thread", "epoll"])
def test_marks_hide_neither_each_other_nor_what_is_beyond_the_edge(
    new_panel: Callable[..., SourcePanel], files: Path, width: int, height: int, model: str
) -> None:
    panel = new_panel(width, height)
    story = Story(panel, files)
    story.begin(model)
    story.tell(
        (0, 0, "accept", ACCEPT, 0.5),
        (1, 1, "recv", RECV, 0.5),
        (2, 2, "send", SEND, 0.5),
        (3, 3, "close", ".close()", 0.5),
    )
    panel.view.viewport().repaint()
    flags = panel.view.flags
    told = {line for flag in flags if not flag.beyond for line in [flag.mark.line]}
    beyond = " ".join(flag.text for flag in flags if flag.beyond)
    for line in panel.view.marks:
        assert line in told or f"line {line}:" in beyond or "…" in beyond
    for one in flags:
        assert panel.view.viewport().rect().toRectF().contains(one.place)
        assert not any(one.place.intersects(other.place) for other in flags if other is not one)


def test_a_mark_hides_no_text_where_there_is_room(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.tell((0, 0, "accept", ACCEPT, 9.0), (1, 1, "recv", RECV, 3.2), (3, 3, "send", SEND, 2.0))
    panel.view.viewport().repaint()
    assert len(panel.view.flags) == 3
    for one in panel.view.flags:
        row = one.mark.line - 1 + one.below
        assert one.place.left() > panel.view.text_end(row)


def test_a_click_on_a_mark_selects_its_connections_in_turn(qtbot: QtBot, panel: SourcePanel, story: Story) -> None:
    picked: list[int] = []
    panel.connection_selected.connect(picked.append)
    panel.connection_selected.connect(panel.select)
    story.begin("thread")
    story.tell((1, 11, "recv", RECV, 1.0), (2, 12, "recv", RECV, 3.0))
    for _ in range(3):
        click(panel, flag(panel))
    assert picked == [12, 11, 12]
    assert flag(panel).text == "connection 12 · thread 2 · waiting for the client · 3.0 s · 1 more here"
    panel.select(0)
    assert flag(panel).text == "2 threads · waiting for the client · longest 3.0 s"


def test_a_mark_for_nobody_selects_nobody(qtbot: QtBot, panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.tell((0, 0, "accept", ACCEPT, 1.0))
    with qtbot.assertNotEmitted(panel.connection_selected):
        click(panel, flag(panel))


def test_the_keyboard_selects_as_well(qtbot: QtBot, panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.tell((1, 11, "recv", RECV, 1.0))
    cursor = panel.view.textCursor()
    cursor.setPosition(panel.view.document().findBlockByNumber(story.line(RECV) - 1).position())
    panel.view.setTextCursor(cursor)
    with qtbot.waitSignal(panel.connection_selected) as told:
        QTest.keyClick(panel.view, Qt.Key.Key_Return)
    assert told.args == [11]


def test_a_selected_connection_that_nobody_serves_is_said(panel: SourcePanel, story: Story) -> None:
    story.begin("epoll")
    panel.select(5)
    story.tell((0, 0, "wait", "poller.poll()", 1.0))
    assert longest(panel.status.text()).startswith("No worker is busy with connection 5")


def test_thinning_out_is_said(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.tell((1, 11, "recv", RECV, 1.0), sample_every=8)
    assert "1 in 8 connections is shown" in longest(panel.status.text())


@pytest.mark.qt_log_ignore("This plugin does not support raise", "does not support propagateSizeHints")
def test_the_tooltip_lists_the_workers(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    story.tell((1, 11, "recv", RECV, 1.0), (2, 12, "recv", RECV, 3.0))
    place = flag(panel).place.center().toPoint()
    QApplication.sendEvent(
        panel.view.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, panel.view.viewport().mapToGlobal(place))
    )
    assert QToolTip.text().split("\n")[:2] == [
        "thread 2 · waiting for the client · 3.0 s",
        "thread 1 · waiting for the client · 1.0 s",
    ]
    QToolTip.hideText()
    assert "100.0 % of all workers' time" in panel.view.margin_tip(story.line(RECV) - 1)


def test_a_line_out_of_sight_is_told_at_the_edge_and_a_click_goes_there(
    new_panel: Callable[..., SourcePanel], files: Path
) -> None:
    panel = new_panel(1240, 300)
    story = Story(panel, files)
    story.begin("epoll")
    story.tell((0, 0, "wait", "poller.poll()", 0.5))
    assert not flag(panel).beyond
    story.tell((0, 9, "", SEND, 0.5))
    assert flag(panel).beyond
    assert flag(panel).text == f"line {story.line(SEND)}: loop · busy with connection 9 · 500 ms"
    click(panel, flag(panel))
    assert not flag(panel).beyond


def test_the_text_follows_whoever_stays_until_a_person_scrolls(
    new_panel: Callable[..., SourcePanel], files: Path
) -> None:
    panel = new_panel(1240, 300)
    story = Story(panel, files)
    story.begin("epoll")
    story.tell((0, 9, "", SEND, 3.0))
    assert not flag(panel).beyond
    story.tell((0, 0, "wait", "poller.poll()", 3.0))
    assert not flag(panel).beyond
    wheel(panel.view.viewport(), -1200)
    assert flag(panel).beyond
    story.tell((0, 0, "wait", "poller.poll()", 4.0))
    assert flag(panel).beyond


def test_without_a_selection_the_text_goes_to_where_most_of_the_work_is(
    new_panel: Callable[..., SourcePanel], files: Path
) -> None:
    """Work is short here: no worker stays on a line, and one that waits is in sight."""
    panel = new_panel(1240, 250)
    story = Story(panel, files)
    story.begin("thread")
    story.tell((0, 0, "accept", ACCEPT, 5.0))
    send = story.line(SEND)
    assert not panel.view.is_in_sight(send - 1)
    for connection in range(15):
        story.pass_time(0.1, wire.Activity(1, connection, "send", send, 0.0), since=0.01)
    assert panel.view.is_in_sight(send - 1)
    wheel(panel.view.viewport(), 12_000)
    top = panel.view.verticalScrollBar().value()
    for connection in range(15):
        story.pass_time(0.1, wire.Activity(1, connection, "send", send, 0.0), since=0.01)
    assert panel.view.verticalScrollBar().value() == top, "a person has scrolled"


def wheel(widget: QWidget, turned: int) -> None:
    place = QPointF(20, 20)
    QApplication.sendEvent(
        widget,
        QWheelEvent(
            place,
            widget.mapToGlobal(place),
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def test_a_selected_connection_is_brought_into_sight(new_panel: Callable[..., SourcePanel], files: Path) -> None:
    panel = new_panel(1240, 250)
    story = Story(panel, files)
    story.begin("thread")
    story.tell((0, 0, "accept", ACCEPT, 5.0), (1, 11, "recv", RECV, 5.0))
    wheel(panel.view.viewport(), 12_000)
    panel.select(11)
    panel.view.viewport().repaint()
    assert [one.mark.picked for one in panel.view.flags if not one.beyond] == [True]


def test_letters_and_space_are_left_to_the_window(qtbot: QtBot, panel: SourcePanel) -> None:
    got: list[int] = []

    class Ground(QWidget):
        def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
            got.append(event.key())

    background = Ground()
    qtbot.addWidget(background)
    panel.setParent(background)
    panel.view.setFocus()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_3, Qt.Key.Key_L):
        QTest.keyClick(panel.view, key)
    assert got == [Qt.Key.Key_Space, Qt.Key.Key_3, Qt.Key.Key_L]
    panel.setParent(None)


# ---- an edited file


def test_an_edited_file_is_shown_and_the_workers_stay_with_their_lines(
    qtbot: QtBot, panel: SourcePanel, story: Story, files: Path
) -> None:
    story.begin("thread")
    story.tell((0, 0, "accept", ACCEPT, 5.0), (1, 11, "recv", RECV, 5.0))
    assert not panel.edited.isVisible()
    file = files / "thread.py"
    text = file.read_text("utf-8")
    file.write_text("# mine\n# and mine\n" + text.replace("client.recv(65536)", "client.recv(1)"), "utf-8")
    qtbot.waitUntil(lambda: "# and mine" in panel.view.toPlainText(), timeout=PATIENCE)
    assert panel.edited.isVisible()
    assert "still uses the old text" in panel.edited_text.text()
    (line,) = panel.view.marks  # the other one's line is no more
    assert line == story.line(ACCEPT) + 2
    assert ACCEPT in panel.view.lines[line - 1].text
    with qtbot.waitSignal(panel.restart_requested):
        panel.restart.click()
    story.begin("thread")
    assert not panel.edited.isVisible()


def test_a_file_that_an_editor_replaces_is_read_again_and_again(qtbot: QtBot, panel: SourcePanel, files: Path) -> None:
    for number in range(3):
        draft = files / "draft"
        draft.write_text(f"# version {number}\n", "utf-8")
        draft.replace(files / "thread.py")
        qtbot.waitUntil(lambda number=number: panel.view.toPlainText() == f"# version {number}", timeout=PATIENCE)
    assert not panel.edited.isVisible()  # nothing runs


def test_a_file_that_is_away_is_shown_as_it_was(qtbot: QtBot, panel: SourcePanel, files: Path) -> None:
    before = panel.view.toPlainText()
    (files / "thread.py").unlink()
    (files / "other").touch()
    QTest.qWait(300)
    assert panel.view.toPlainText() == before
    (files / "thread.py").write_text("# back\n", "utf-8")
    qtbot.waitUntil(lambda: panel.view.toPlainText() == "# back", timeout=PATIENCE)


def test_what_runs_is_shown_also_when_another_model_is_chosen(panel: SourcePanel, story: Story) -> None:
    story.begin("thread")
    panel.show_model("epoll")
    assert panel.title.text() == "thread.py"
    story.stop()
    assert panel.title.text() == "epoll.py"


# ---- side by side


def test_two_models_stand_side_by_side(panel: SourcePanel) -> None:
    assert not panel.other.isVisible()
    panel.compare.click()
    diff = panel.diff
    assert diff.isVisible()
    assert not panel.view.isVisible()
    assert panel.other.currentData() == "process"  # taught before this one
    assert [label.text() for label in diff.titles] == ["process.py · Processes", "thread.py · Threads"]
    beside = list(zip(diff.left.lines, diff.right.lines, strict=True))
    forks = [(left, right) for left, right in beside if "os.fork()" in left.text]
    assert [(left.sign, right.sign) for left, right in forks] == [("−", "+")]
    same = [(left, right) for left, right in beside if "client.recv(" in left.text]
    assert [(left.sign, right.sign, left.text == right.text) for left, right in same] == [("", "", True)]
    assert diff.left.font().pointSizeF() == diff.right.font().pointSizeF()
    panel.other.setCurrentIndex(panel.other.findData("gevent"))
    assert diff.titles[0].text() == "gevent.py · Greenlets"
    panel.compare.click()
    assert panel.view.isVisible()


@pytest.mark.parametrize(("model", "other"), [("iterative", "process"), ("epoll", "poll")])
def test_a_model_is_compared_with_its_neighbour(panel: SourcePanel, model: str, other: str) -> None:
    panel.show_model(model)
    assert panel.other.currentData() == other
    assert panel.other.findData(model) < 0
    assert panel.other.count() == len(MODELS) - 1


def test_from_a_mistake_back_to_what_is_right(panel: SourcePanel) -> None:
    """While the two were compared: there is nothing to compare the right one with at that moment."""
    panel.show_model("gevent", "joinall")
    panel.compare.click()
    assert "joinall([" in panel.diff.right.toPlainText()
    panel.show_model("gevent")
    assert panel.other.currentData() in MODELS
    assert not panel.compare.isChecked()


def test_both_sides_scroll_together(new_panel: Callable[..., SourcePanel]) -> None:
    panel = new_panel(900, 300)
    panel.compare.click()
    for one, other in ((panel.diff.left, panel.diff.right), (panel.diff.right, panel.diff.left)):
        for value in (7, 2):
            one.verticalScrollBar().setValue(value)
            assert other.verticalScrollBar().value() == value
    longer = max(panel.diff.left, panel.diff.right, key=lambda side: side.horizontalScrollBar().maximum())
    longer.horizontalScrollBar().setValue(longer.horizontalScrollBar().maximum())
    assert longer.horizontalScrollBar().value() == longer.horizontalScrollBar().maximum()


def test_what_is_compared_follows_the_file(qtbot: QtBot, panel: SourcePanel, files: Path) -> None:
    panel.compare.click()
    (files / "thread.py").write_text("# mine\n", "utf-8")
    qtbot.waitUntil(lambda: panel.diff.right.toPlainText().startswith("# mine"), timeout=PATIENCE)


# ---- the editor


def test_the_file_is_opened_or_it_is_said_where_it_is(
    qtbot: QtBot, new_panel: Callable[..., SourcePanel], files: Path
) -> None:
    panel = new_panel()
    with qtbot.assertNotEmitted(panel.notice_raised):
        panel.open.click()
    panel = new_panel(can_open=False)
    with qtbot.waitSignal(panel.notice_raised) as told:
        panel.open.click()
    (notice,) = told.args
    assert isinstance(notice, Notice)
    assert str(files / "thread.py") in notice.text
    assert not notice.serious


# ---- how it looks


def test_every_control_says_what_it_is(panel: SourcePanel) -> None:
    controls = [
        *panel.findChildren(QPushButton),
        *panel.findChildren(QComboBox),
        panel.view,
        panel.inside,
        panel.diff.left,
        panel.diff.right,
    ]
    assert len(controls) == 10
    assert [control for control in controls if not (control.accessibleName() and control.toolTip())] == []


@pytest.mark.parametrize("theme", [appearance.LIGHT, appearance.DARK], ids=lambda theme: theme.name)
def test_a_marked_line_and_its_bar_stand_out(panel: SourcePanel, story: Story, theme: appearance.Theme) -> None:
    panel.set_theme(theme)
    story.begin("process")
    story.tell((0, 0, "accept", ACCEPT, 1.0))
    wanted = {theme.model_fill("process"), theme.model_line("process"), theme.model_bar("process")}
    assert wanted <= colours(panel.view.grab().toImage()).keys()


def test_the_text_is_as_large_as_the_room_allows(new_panel: Callable[..., SourcePanel]) -> None:
    sizes = [new_panel(*size).view.font().pointSizeF() for size in ((700, 300), (1240, 480), (1900, 1000))]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0] * 1.4


# ---- a real engine


@pytest.fixture
def real(qtbot: QtBot, themed: appearance.Theme) -> Iterator[SourcePanel]:
    panel = SourcePanel()
    qtbot.addWidget(panel)
    panel.set_theme(themed)
    panel.resize(1500, 900)
    panel.show()
    yield panel
    panel.close()


@pytest.mark.parametrize("model", ["process", "thread", "gevent"])
def test_slow_clients_are_seen_where_their_workers_wait(real: SourcePanel, model: str) -> None:
    line_profile = LineProfile()
    received = 0
    with Engine(model, PROJECT / "html_test") as engine:
        clients = [Client(engine.address) for _ in range(3)]
        try:
            for client in clients:
                client.send(b"GET / HT")

            def waits() -> bool:
                nonlocal received
                for message in engine.messages[received:]:
                    received += 1
                    line_profile.receive(message)
                real.show_profile(line_profile)
                texts = shown(real)
                mine = [text for line, text in texts.items() if RECV in line]
                return bool(mine) and mine[0].startswith("3 ") and "waiting for the client · longest" in mine[0]

            engine.heard(waits, "no three workers wait for their clients")
        finally:
            for client in clients:
                client.close()
