"""A recording played: at its speed, from any moment, and as a live run looked."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from engine.clock import monotonic
from engine.telemetry import wire
from gui import appearance
from gui.history.histories import Histories, RunHistory
from gui.panels.replay import SPEEDS, ReplayBar, clock
from gui.recording import replay as subject
from gui.recording.file import Recording
from gui.recording.recorder import SessionRecorder
from gui.recording.replay import Replay
from gui.runs.processes import EngineProcess
from gui.runs.streams import ENGINE
from tests.gui.recording.test_file import BEGIN, PATIENCE, run, write
from tests.gui.witness import ANY_PORT, Witness, get, load

LIVE = 1.5
"""Seconds of a live run."""


class Watch:
    """A clock that advances by so much with each reading."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Theatre:
    """A replay and the messages that it passed on."""

    def __init__(self, recording: Recording, watch: Watch) -> None:
        self.histories: list[Histories] = []
        self.positions: list[float] = []
        self.notices: list[Any] = []
        self.replay = Replay(recording, clock=watch)
        self.replay.histories_changed.connect(self.histories.append)
        self.replay.moved.connect(lambda: self.positions.append(self.replay.position))
        self.replay.broke_off.connect(self.notices.append)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A recording of twenty seconds of threads, a pause of one, and twenty of epoll."""
    path = tmp_path / "a.servescope"
    stopped = (ENGINE, BEGIN + 20.05, wire.Stopped(BEGIN + 20.05))
    write(path, [*run(BEGIN, 20, "thread", 40), stopped, *run(BEGIN + 21, 20, "epoll", 60)])
    return path


@pytest.fixture
def theatre(qtbot: QtBot) -> Iterator[Callable[..., Theatre]]:
    """Opens replays; each is closed in the end."""
    opened: list[Theatre] = []

    def open_one(path: Path, step: float = 0.1) -> Theatre:
        opened.append(Theatre(Recording(path), Watch(step)))
        return opened[-1]

    yield open_one
    for each in opened:
        each.replay.close()


def jump(qtbot: QtBot, theatre: Theatre, seconds: float) -> RunHistory:
    """The scene after a jump."""
    with qtbot.waitSignal(theatre.replay.histories_changed, timeout=PATIENCE):
        theatre.replay.seek(seconds)
    histories = theatre.replay.histories
    assert histories
    return histories.first


def test_it_plays_from_begin_to_end(qtbot: QtBot, path: Path, theatre: Callable[..., Theatre]) -> None:
    here = theatre(path)
    replay = here.replay
    replay.set_speed(16.0)
    replay.play()
    assert replay.is_playing
    qtbot.waitUntil(lambda: not replay.is_playing, timeout=PATIENCE)
    assert replay.position == replay.seconds == pytest.approx(41.0)
    assert len(here.histories) == 1
    record = here.histories[0].first.server
    assert record.ready
    assert record.ready.model == "epoll"
    assert record.counters
    assert record.counters.requests == 1200
    assert record.log.total == 800 + 1200
    assert record.usage
    assert here.histories[0].first.clients.crowd
    assert here.positions == sorted(here.positions)
    replay.play()
    assert replay.position < 1, "at its end it begins again"


def test_its_clock_is_the_recordings(qtbot: QtBot, path: Path, theatre: Callable[..., Theatre]) -> None:
    here = theatre(path)
    history = jump(qtbot, here, 30.0)
    assert here.replay.now() == BEGIN + 30.0
    assert history.server.requests_per_second() == pytest.approx(60, rel=0.1), "a moment ago, on that clock"
    assert history.server.latency()
    assert history.server.measured == {"thread": pytest.approx(40, rel=0.1), "epoll": pytest.approx(60, rel=0.1)}
    segments = history.server.segments(here.replay.now())
    assert [segment.model for segment in segments] == ["thread", "epoll"]
    assert segments[-1].times[-1] == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("speed", SPEEDS)
def test_its_speed_is_that_of_the_clock(
    qtbot: QtBot, path: Path, theatre: Callable[..., Theatre], monkeypatch: pytest.MonkeyPatch, speed: float
) -> None:
    monkeypatch.setattr(subject, "BUDGET", 10.0)  # however busy the machine
    here = theatre(path, step=0.1)
    replay = here.replay
    jump(qtbot, here, 5.0)
    replay.set_speed(speed)
    replay.play()
    here.positions.clear()
    qtbot.waitUntil(lambda: len(here.positions) >= 6, timeout=PATIENCE)
    replay.pause()
    steps = [after - before for before, after in zip(here.positions, here.positions[1:-1], strict=False)]
    assert steps[0] == pytest.approx(0.1 * speed), "a tick of a tenth of a second"


def test_a_machine_too_slow_for_the_speed_falls_behind_and_misses_nothing(
    qtbot: QtBot, path: Path, theatre: Callable[..., Theatre], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = theatre(path, step=1.0)
    history = jump(qtbot, here, 0.0)
    monkeypatch.setattr(subject, "BUDGET", 0.0)  # an event a tick
    here.replay.set_speed(16.0)
    here.replay.play()
    qtbot.waitUntil(lambda: history.server.log.total >= 12, timeout=PATIENCE)
    here.replay.pause()
    assert here.replay.position < 1.0
    assert history.server.log.total == pytest.approx(40 * here.replay.position, abs=5)


def test_a_pause_stands_still(qtbot: QtBot, path: Path, theatre: Callable[..., Theatre]) -> None:
    here = theatre(path)
    jump(qtbot, here, 3.0)
    here.replay.toggle()
    qtbot.waitUntil(lambda: here.replay.position > 3.5, timeout=PATIENCE)
    here.replay.toggle()
    stands = here.replay.position
    assert not here.replay.is_playing
    qtbot.wait(100)
    assert here.replay.position == stands


def test_a_jump_shows_nothing_until_all_is_there(
    qtbot: QtBot, path: Path, theatre: Callable[..., Theatre], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = theatre(path)
    jump(qtbot, here, 10.0)
    first = here.replay.histories
    monkeypatch.setattr(subject, "BUDGET", 0.0)  # an event a tick at most
    here.replay.seek(11.0)
    assert here.replay.position == 11.0, "what was asked for is shown at once"
    QCoreApplication.processEvents()
    assert here.replay.histories is first
    assert here.replay.now() == BEGIN + 10.0, "what is still shown is of then"
    here.replay.seek(2.05)
    monkeypatch.undo()
    qtbot.waitUntil(lambda: here.replay.histories is not first, timeout=PATIENCE)
    assert here.histories[-1].first.server.counters
    assert here.histories[-1].first.server.counters.requests == 80, "only the last jump counts"
    assert len(here.histories) == 2


def test_jumps_stay_inside(qtbot: QtBot, path: Path, theatre: Callable[..., Theatre]) -> None:
    here = theatre(path)
    jump(qtbot, here, -5.0)
    assert here.replay.position == 0.0
    jump(qtbot, here, 1e6)
    assert here.replay.position == here.replay.seconds


def test_damage_ends_it_there_with_a_word(qtbot: QtBot, path: Path, theatre: Callable[..., Theatre]) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    here = theatre(path, step=0.2)
    jump(qtbot, here, 1.0)
    here.replay.set_speed(16.0)
    here.replay.play()
    qtbot.waitUntil(lambda: not here.replay.is_playing, timeout=PATIENCE)
    assert len(here.notices) == 1
    assert "damaged" in here.notices[0].title
    assert 10 < here.replay.seconds < 30
    assert here.replay.position == here.replay.seconds
    jump(qtbot, here, 40.0)
    assert here.replay.position == here.replay.seconds
    assert len(here.notices) == 1


def test_a_live_run_looks_the_same_when_it_is_replayed(
    qtbot: QtBot, tmp_path: Path, theatre: Callable[..., Theatre]
) -> None:
    """A real engine with real clients; the recording begins in the middle."""
    witness = Witness(qtbot, EngineProcess())
    histories, recorder = Histories(monotonic), SessionRecorder()
    live = histories.first
    witness.process.message_arrived.connect(lambda message: histories.receive(ENGINE, message))
    witness.process.message_arrived.connect(lambda message: recorder.note(ENGINE, message))
    try:
        witness.start(ANY_PORT)
        port = witness.ready.port
        assert get(port).status == 200
        qtbot.waitUntil(lambda: live.server.log.total == 1, timeout=PATIENCE)
        recorder.start(tmp_path / "live.servescope", {})
        with load(port):
            qtbot.wait(round(LIVE * 1000))
            qtbot.waitUntil(lambda: live.server.log.total > 60, timeout=PATIENCE)
        witness.process.stop()
        witness.until_stopped()
        with qtbot.waitSignal(recorder.ended, timeout=PATIENCE):
            recorder.stop()
    finally:
        witness.process.close()
        recorder.close()
    here = theatre(tmp_path / "live.servescope")
    replayed = jump(qtbot, here, 1e6).server
    assert here.replay.recording.is_whole
    assert replayed.counters == live.server.counters
    assert replayed.measured == pytest.approx(live.server.measured, rel=0.5), "since the recording began"
    assert replayed.ready is None, "it was stopped"
    count = replayed.log.total
    assert count == live.server.log.total - 1 > 50, "all but the one before it began"
    rows = [[record.log.row(number) for number in record.log.newest(count)] for record in (live.server, replayed)]
    told = [[(row.time_of_day, row.client, row.worker, row.request_head, row.parts) for row in each] for each in rows]
    assert told[0] == told[1]
    assert all(row.client and row.request_head for row in rows[1])


@pytest.fixture
def bar(qtbot: QtBot, themed: appearance.Theme) -> ReplayBar:
    bar = ReplayBar()
    qtbot.addWidget(bar)
    bar.set_theme(themed)
    bar.setFixedWidth(1200)
    bar.show_recording("a.servescope", 1_700_000_000.0, True, [(0.0, "thread"), (20.0, ""), (21.0, "epoll")])
    bar.show_position(10.0, 40.0)
    return bar


def test_the_bar_says_what_it_is(bar: ReplayBar) -> None:
    assert bar.isVisible()
    assert bar.title.text() == "Replay of a.servescope"
    assert "cut off" not in bar.about.text()
    assert bar.time.text() == "0:10 / 0:40"
    bar.show_recording("b.servescope", 1_700_000_000.0, False, [])
    assert "cut off" in bar.about.text()


def test_its_buttons_ask(qtbot: QtBot, bar: ReplayBar) -> None:
    with qtbot.waitSignal(bar.toggle_requested, timeout=1000):
        qtbot.mouseClick(bar.toggle, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.leave_requested, timeout=1000):
        qtbot.mouseClick(bar.leave, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.speed_requested, timeout=1000) as asked:
        bar.speed.setCurrentIndex(len(SPEEDS) - 1)
    assert asked.args == [16.0]
    with qtbot.assertNotEmitted(bar.speed_requested):
        bar.show_speed(0.5)
    assert bar.speed.currentText() == "½ ×"
    width = bar.toggle.width()
    bar.show_playing(True)
    bar.layout().activate()
    assert (bar.toggle.text().strip(), bar.toggle.width()) == ("Pause", width)


def test_pressing_the_scrub_bar_asks_for_that_moment(qtbot: QtBot, bar: ReplayBar) -> None:
    middle = QPoint(bar.scrub.width() // 2, bar.scrub.height() // 2)
    with qtbot.waitSignal(bar.seek_requested, timeout=PATIENCE) as asked:
        qtbot.mousePress(bar.scrub, Qt.MouseButton.LeftButton, pos=middle)
        assert bar.time.text() == "0:20 / 0:40"
        bar.show_position(11.0, 40.0)
        assert bar.time.text() == "0:20 / 0:40", "while the handle is held it stays"
    assert asked.args == [pytest.approx(20.0, abs=0.2)]
    qtbot.mouseRelease(bar.scrub, Qt.MouseButton.LeftButton, pos=middle)
    bar.show_position(20.5, 40.0)
    assert bar.scrub.value() == 205


def test_a_drag_asks_where_it_rests(qtbot: QtBot, bar: ReplayBar) -> None:
    asked: list[float] = []
    bar.seek_requested.connect(asked.append)
    y = bar.scrub.height() // 2
    qtbot.mousePress(bar.scrub, Qt.MouseButton.LeftButton, pos=QPoint(50, y))
    for x in range(60, 400, 20):
        qtbot.mouseMove(bar.scrub, QPoint(x, y))
    qtbot.mouseRelease(bar.scrub, Qt.MouseButton.LeftButton, pos=QPoint(380, y))
    qtbot.waitUntil(lambda: len(asked) > 0, timeout=PATIENCE)
    assert len(asked) == 1


def test_keys_step_and_what_writes_is_the_windows(qtbot: QtBot, bar: ReplayBar) -> None:
    with qtbot.waitSignal(bar.seek_requested, timeout=PATIENCE) as asked:
        qtbot.keyClick(bar.scrub, Qt.Key.Key_Right)
    assert asked.args == [11.0]
    with qtbot.waitSignal(bar.seek_requested, timeout=PATIENCE) as asked:
        qtbot.keyClick(bar.scrub, Qt.Key.Key_Home)
    assert asked.args == [0.0]
    assert isinstance(bar.scrub, QSlider)


def test_its_colours_are_those_of_the_models(bar: ReplayBar) -> None:
    image = bar.scrub.grab().toImage()
    ratio = image.devicePixelRatio()

    def colour(share: float) -> str:
        return image.pixelColor(round(bar.scrub.width() * share * ratio), round(bar.scrub.height() / 2 * ratio)).name()

    assert colour(0.1) == appearance.LIGHT.model_line("thread")
    assert colour(0.9) == appearance.LIGHT.model_line("epoll")


@pytest.mark.parametrize(("seconds", "said"), [(0, "0:00"), (7.9, "0:07"), (612, "10:12"), (3723, "1:02:03")])
def test_a_clock_is_short(seconds: float, said: str) -> None:
    assert clock(seconds) == said
