"""A class is let in: phones in another network become lanes with names, and it ends with Stop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from pytestqt.qtbot import QtBot

from gui.runs.processes import ProcessState
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
