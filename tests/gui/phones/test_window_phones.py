"""A class is let in: phones in another network become lanes with names, and it ends with Stop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from pytestqt.qtbot import QtBot

from gui.runs.processes import ProcessState
from gui.runs.trials import LessonRunner
from gui.settings import Settings
from gui.window import Window
from tests.engine.chromium import PROGRAM, Chromium
from tests.network import Network, second_network

Open: TypeAlias = Callable[..., Window]
PATIENCE_MS = 40_000


@pytest.fixture
def network() -> Iterator[Network]:
    with second_network() as made:
        yield made


def running(window: Window) -> bool:
    return window.session.first.engine.state is ProcessState.RUNNING and window.session.first.ready is not None


def labels(window: Window) -> list[tuple[str, str]]:
    """What the lanes are called in the picture, and what is said below."""
    return list(window.timeline.canvas._labels.values())


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_phones_are_lanes_with_names(qtbot: QtBot, open_window: Open, network: Network) -> None:
    window = open_window(model="thread")
    window.phones.begin(network.here)
    qtbot.waitUntil(lambda: running(window), timeout=PATIENCE_MS)
    ready = window.session.first.ready
    assert ready
    assert (ready.host, window.settings.host) == (network.here, network.here)
    qtbot.waitUntil(window.phones_card.isVisible, timeout=PATIENCE_MS)
    assert window.phones_card.url.text() == f"http://{network.here}:{ready.port}"
    assert not window.plots.isVisible()
    waits = network.begin_ask(ready.port, "/phone/wait?phone=abc123&name=Panda")
    lanes = window.live.first.lanes
    qtbot.waitUntil(lambda: any("Panda" in name for name, _ in labels(window)), timeout=PATIENCE_MS)
    assert waits.poll() is None, "it has its name while its worker is held"
    assert waits.wait() == 0
    assert network.ask(ready.port, "/phone/ask?phone=def456&name=Panda")[0] == 200
    next_one = network.begin_ask(ready.port, "/phone/wait?phone=ghi789&name=Owl")
    qtbot.waitUntil(lambda: any("Owl" in name for name, _ in labels(window)), timeout=PATIENCE_MS)
    assert next_one.poll() is None, "also where its thread shares the row with those before it"
    assert next_one.wait() == 0
    qtbot.waitUntil(lambda: "Panda 2" in {lanes.name(number) for number in lanes._named}, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.phones_card.count.text() == "3", timeout=PATIENCE_MS)
    log = window.live.first.server.log
    qtbot.waitUntil(lambda: "Panda" in {log.row(place).client for place in range(log.first, log.total)}, timeout=5_000)
    network.ask(ready.port, "/phone/drip?phone=abc123&name=Panda")
    qtbot.waitUntil(lambda: len(window.phones.drips) == 1, timeout=PATIENCE_MS)
    qtbot.waitUntil(
        lambda: any("Panda" in name and "slow" in second for name, second in labels(window)), timeout=PATIENCE_MS
    )
    assert len(window.phones.drips) == 1, "it has its name while it is sent"
    window.phones_card.show_folded(True)
    assert window.plots.isVisible()
    window.session.choose("epoll")
    qtbot.waitUntil(lambda: running(window) and window.session.first.ready is not ready, timeout=PATIENCE_MS)
    assert window.session.first.url == f"http://{network.here}:{ready.port}", "the next model is let in too"
    assert network.ask(ready.port, "/phone/ask?phone=abc123&name=Panda")[0] == 200
    window.session.toggle()
    qtbot.waitUntil(lambda: not window.phones.is_in, timeout=PATIENCE_MS)
    assert window.settings.host == "127.0.0.1"
    assert not window.phones_card.isVisible()
    assert len(window.phones.drips) == 0


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.skipif(not PROGRAM, reason="the browser Chromium is not installed (Debian's package: chromium)")
def test_a_browser_that_reads_slowly_is_a_lane(
    qtbot: QtBot, open_window: Open, network: Network, tmp_path: Path
) -> None:
    window = open_window(model="thread")
    window.phones.begin(network.here)
    qtbot.waitUntil(lambda: running(window), timeout=PATIENCE_MS)
    with Chromium(tmp_path, network.inside) as browser:
        browser.open(window.session.first.url)
        name = browser.evaluate("document.getElementById('name').value")
        browser.evaluate("document.getElementById('large').dispatchEvent(new PointerEvent('pointerdown'))")
        qtbot.waitUntil(
            lambda: any(first.endswith(f" · {name}") and "slow reader" in second for first, second in labels(window)),
            timeout=PATIENCE_MS,
        )
        browser.evaluate("document.getElementById('large').dispatchEvent(new PointerEvent('pointerup'))")
        qtbot.waitUntil(lambda: not any("slow reader" in second for _, second in labels(window)), timeout=PATIENCE_MS)


@pytest.mark.slow
def test_a_class_stays_in_when_the_window_is_renewed(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(model="thread", phones=True)
    window.session.start()
    qtbot.waitUntil(lambda: running(window) and window.phones_card.isVisible(), timeout=PATIENCE_MS)
    other = window.renewed()
    try:
        assert (other.phones.is_in, window.phones.is_in) == (True, False)
        assert other.phones_card.isVisible()
        assert other.phones_card.url.text() == window.session.first.url
        other.session.toggle()
        qtbot.waitUntil(lambda: not other.phones.is_in, timeout=PATIENCE_MS)
        assert not other.settings.phones
    finally:
        other.close()
        other.deleteLater()


def test_what_is_let_in_is_said_before(qtbot: QtBot) -> None:
    from gui.phones.dialog import InviteDialog

    dialog = InviteDialog([("192.168.4.21", "wlan0"), ("10.0.0.3", "eth0")])
    qtbot.addWidget(dialog)
    assert [dialog.address.itemText(row) for row in range(dialog.address.count())] == [
        "192.168.4.21 · wlan0",
        "10.0.0.3 · eth0",
    ]
    assert dialog.chosen() == "192.168.4.21"


@pytest.fixture
def let_in(open_window: Open, monkeypatch: pytest.MonkeyPatch) -> Window:
    """A window whose class is in, with a server that is about to run."""
    window = open_window(model="thread", clients=2)
    monkeypatch.setattr(window.session, "start", lambda: None)
    window.phones.begin("192.0.2.1")
    assert (window.settings.host, window.settings.phones) == ("192.0.2.1", True)
    return window


def test_a_lesson_ends_the_class_and_is_for_this_machine(let_in: Window) -> None:
    let_in.open_lesson(let_in.lessons.offered()[0][0])
    assert not let_in.phones.is_in
    assert LessonRunner(let_in.session)._own["host"] == "127.0.0.1"
    let_in.lessons.leave()
    assert (let_in.settings.host, let_in.settings.phones) == ("127.0.0.1", False), "it doesn't come back"


def test_a_lesson_before_the_class_was_in_is_for_this_machine(open_window: Open) -> None:
    window = open_window(model="thread", phones=True, host="192.0.2.1")
    window.open_lesson(window.lessons.offered()[0][0])
    assert LessonRunner(window.session)._own["host"] == "127.0.0.1"


def test_what_runs_beside_and_a_program_are_for_this_machine(let_in: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    session = let_in.session
    session.set_second_model("epoll")
    beside = session._second_settings()
    assert (beside.host, beside.phones) == ("127.0.0.1", False)
    session.set_second_model("")
    started: list[Settings] = []
    monkeypatch.setattr(session.first, "start", started.append)
    session._start(session.settings)
    session._start(session.settings.changed(guest="-m http.server"))
    assert [(each.host, each.phones) for each in started] == [("192.0.2.1", True), ("127.0.0.1", False)]


@pytest.mark.slow
def test_curves_are_hidden_only_while_the_invitation_is_seen(qtbot: QtBot, let_in: Window) -> None:
    heights = let_in._stage.sizes()
    assert not let_in.plots.isHidden(), "nothing runs yet, so nobody is invited"
    let_in.phones._show_card(True)
    assert let_in.plots.isHidden()
    let_in.presentation.toggle()
    let_in.presentation.toggle()
    assert let_in.plots.isHidden()
    let_in.phones._show_card(False)
    assert not let_in.plots.isHidden()
    qtbot.waitUntil(lambda: abs(let_in._stage.sizes()[0] - heights[0]) < heights[0] / 4, timeout=5_000)
    let_in.phones.end()
