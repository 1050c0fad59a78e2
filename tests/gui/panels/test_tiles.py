"""The figures of the server that runs."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.lab.figures import Seen
from engine.lab.usage import Usage
from engine.load import wire as load_wire
from engine.telemetry import wire
from gui import appearance
from gui.formatting import longest, variants
from gui.history.clients import ClientHistory
from gui.history.server import ServerHistory
from gui.panels.tiles import GROWS, UNKNOWN, MiniTile, Tile, Tiles, TileText, _tile_text
from tests.answered import answered
from tests.gui.history.test_clients import histogram
from tests.gui.pixels import colours
from tests.ready import a_ready

NOW = 1_000.0


class Story:
    """A record whose clock stands still."""

    def __init__(self) -> None:
        self.server = ServerHistory(clock=lambda: NOW)

    def begin(self, model: str, helpers: int = 0) -> None:
        self.server.receive(msgspec.structs.replace(a_ready(model, NOW - 2, clock=0.0), helpers=helpers))

    def count(self, *, requests: int, open: int = 0, failed: int = 0, sample_every: int = 1, queued: int = -1) -> None:
        self.server.receive(wire.Counters(NOW, 1_500, open, requests, failed, 0, 0, sample_every, sample_every, queued))

    def use(
        self,
        *,
        cpu: float = 98.4,
        memory: int = 31,
        processes: int = 1,
        threads: int = 1,
        zombies: int = 0,
        descriptors: int | None = 20,
        switches: tuple[float, float] | tuple[None, None] = (None, None),
        ago: float = 0.0,
    ) -> None:
        told = Usage(NOW - ago, cpu, memory * 2**20, processes, threads, zombies, descriptors, *switches)
        self.server.note_usage(told)


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def tiles(qtbot: QtBot, themed: appearance.Theme) -> Tiles:
    tiles = Tiles()
    qtbot.addWidget(tiles)
    tiles.set_theme(themed)
    tiles.resize(1000, 110)
    tiles.show()
    return tiles


def text(tiles: Tiles, name: str) -> TileText:
    """What the tile of a figure says."""
    return tiles.all[name].text


def test_before_the_first_start_nothing_is_known(tiles: Tiles, story: Story) -> None:
    tiles.show_histories(story.server)
    assert [tile.text.value for tile in tiles.all.values()] == [UNKNOWN] * 6


def test_what_the_counters_say_is_exact(tiles: Tiles, story: Story) -> None:
    story.begin("epoll")
    story.count(requests=42_816, open=72)
    tiles.show_histories(story.server)
    assert text(tiles, "connections").value == "72"
    assert longest(text(tiles, "connections").second) == "1,500 accepted in all"
    assert text(tiles, "requests_per_second").value == "21,408"
    assert (text(tiles, "requests_per_second").first, text(tiles, "requests_per_second").second) == (
        "42,816 in all",
        "0 failed",
    )
    assert not text(tiles, "requests_per_second").alarm
    story.count(requests=42_816, failed=3)
    tiles.show_histories(story.server)
    assert text(tiles, "requests_per_second").second == "3 failed"
    assert text(tiles, "requests_per_second").alarm


def test_what_failed_is_said_as_the_load_says_it_and_red_only_where_nobody_asked_for_it(
    tiles: Tiles, story: Story
) -> None:
    def load(slow: int, **failures: int) -> ClientHistory:
        clients = ClientHistory(clock=lambda: NOW)
        clients.receive(load_wire.LoadReady(1, "http://127.0.0.1:1", 1, 1, NOW - 2, 0.0))
        clients.receive(load_wire.Change("steady", 4, slow, 0.0, 0, NOW - 2))
        counts = dict.fromkeys(load_wire.FAILURES, 0) | failures
        clients.receive(load_wire.LoadStats(NOW, 4, slow, 0, 90, **counts, bytes=0, behind=0.0, cpu=9.0))
        return clients

    story.begin("thread")
    story.count(requests=100, failed=16)
    for clients, said, is_red in (
        (load(0), "16 failed, none of the load's", False),
        (load(2), "16 rejected on purpose", False),
        (load(2, refused=12, reset=4), "12 refused · 4 reset", True),
        (None, "16 failed", True),
    ):
        tiles.show_histories(story.server, clients)
        shown = text(tiles, "requests_per_second")
        assert (longest(shown.second), shown.alarm) == (said, is_red)


def test_latency_says_where_it_was_measured_and_of_how_many(tiles: Tiles, story: Story) -> None:
    story.begin("epoll")
    story.count(requests=0)
    tiles.show_histories(story.server)
    assert text(tiles, "p50").value == UNKNOWN
    assert text(tiles, "p50").second == "server side"
    rows = [answered(NOW, 1, 0, 1, 2, 200, 600, 0.0009, 0.002, True)] * 98
    slow = [answered(NOW, 1, 0, 1, 2, 200, 600, 0.0, 0.1, True)] * 2
    story.server.receive(wire.Requests(rows + slow))
    tiles.show_histories(story.server)
    assert (text(tiles, "p50").value, longest(text(tiles, "p50").unit)) == ("2.90", "ms")
    assert text(tiles, "p50").first == "100 ms p99"
    assert text(tiles, "p50").second == "server side"
    story.count(requests=900, sample_every=8)
    tiles.show_histories(story.server)
    assert longest(text(tiles, "p50").second) == "server side · 1 in 8 connections"


def test_latency_is_the_clients_while_a_load_runs(tiles: Tiles, story: Story) -> None:
    story.begin("epoll")
    story.server.receive(wire.Requests([answered(NOW, 1, 0, 1, 2, 200, 600, 0.0, 0.001, True)]))
    load = ClientHistory(clock=lambda: NOW)
    tiles.show_histories(story.server, load)
    assert text(tiles, "p50").value == "1.00"
    load.receive(load_wire.LoadReady(1, "http://127.0.0.1:8888", 1, 1, NOW - 3, 0.0))
    tiles.show_histories(story.server, load)
    assert (text(tiles, "p50").value, longest(text(tiles, "p50").first)) == (UNKNOWN, "no answers lately")
    load.receive(load_wire.Latencies(NOW - 2.5, NOW - 2.4, histogram(*[3.0] * 10)))
    tiles.show_histories(story.server, load)
    assert text(tiles, "p50").value == UNKNOWN, "that was the model before"
    load.receive(load_wire.Latencies(NOW - 0.1, NOW, histogram(*[0.005] * 98, 0.3, 0.3)))
    tiles.show_histories(story.server, load)
    figure = text(tiles, "p50")
    assert figure.value == "5.00"
    assert figure.first == "300 ms p99"
    assert longest(figure.second) == "as the clients see it"
    load.receive(load_wire.Change("steady", 64, 0, 100.0, 0, NOW))
    tiles.show_histories(story.server, load)
    assert "from when due" in longest(text(tiles, "p50").second)
    load.receive(load_wire.Stopped(NOW))
    tiles.show_histories(story.server, load)
    assert (text(tiles, "p50").value, text(tiles, "p50").second) == ("1.00", "server side")


def test_memory_is_shared_out_among_the_open_connections(tiles: Tiles, story: Story) -> None:
    story.begin("thread")
    story.use()
    story.count(requests=0, open=62)
    tiles.show_histories(story.server)
    assert (text(tiles, "memory").value, text(tiles, "memory").unit) == ("31", "MiB")
    assert longest(text(tiles, "memory").first) == "0.50 MiB per connection"
    story.count(requests=0, open=0)
    tiles.show_histories(story.server)
    assert text(tiles, "memory").first == ""


@pytest.mark.parametrize(
    ("model", "value", "unit"), [("process", "64", "processes"), ("thread", "64", "threads"), ("epoll", "1", "loop")]
)
def test_workers_are_the_model_s_own(tiles: Tiles, story: Story, model: str, value: str, unit: str) -> None:
    """Neither the parent, which serves nobody, nor the thread that reports is one of them."""
    story.begin(model, helpers=1)
    story.count(requests=0, open=64)
    story.use(processes=65, threads=66)
    tiles.show_histories(story.server)
    shown = text(tiles, "workers")
    assert (shown.value, shown.unit, shown.second) == (value, unit, "0 zombies")
    assert longest(shown.first) == "65 processes, 65 threads in all"


def test_open_connections_are_what_clients_have(tiles: Tiles, story: Story) -> None:
    story.begin("epoll")
    story.count(requests=0, open=3, queued=61)
    tiles.show_histories(story.server)
    assert text(tiles, "connections").value == "64"
    assert longest(text(tiles, "connections").first) == "3 served, 61 wait for accept"
    story.count(requests=0, open=3)
    tiles.show_histories(story.server)
    assert text(tiles, "connections").value == "3"
    assert longest(text(tiles, "connections").first) == "accept queue not known"


def test_what_comes_and_goes_is_a_mean_or_a_peak_and_says_so(tiles: Tiles, story: Story) -> None:
    """Of short-lived processes an instant says nothing."""
    story.begin("process")
    for ago, memory, processes, zombies in ((3, 900, 99, 9), (2, 6, 1, 0), (1, 30, 7, 3), (0, 18, 2, 0)):
        story.use(memory=memory, processes=processes, zombies=zombies, cpu=10.0 * ago, ago=ago)
    tiles.show_histories(story.server)
    assert longest(tiles.all["memory"].title) == "Memory · mean of 3 s"
    assert longest(tiles.all["cpu"].title) == "CPU · mean of 3 s"
    assert longest(tiles.all["workers"].title) == "Workers · peak of 3 s"
    assert (text(tiles, "memory").value, text(tiles, "cpu").value) == ("18", "10")
    assert longest(text(tiles, "workers").first).startswith("7 processes")
    assert text(tiles, "workers").second == "3 zombies"
    assert tiles.small["zombies"].value == "3"


def test_zombies_are_an_alarm_in_words_and_in_red(tiles: Tiles, story: Story, themed: appearance.Theme) -> None:
    story.begin("process")
    for zombies, said in ((0, "0 zombies"), (1, "1 zombie"), (4, "4 zombies")):
        story.use(zombies=zombies)
        tiles.show_histories(story.server)
        assert text(tiles, "workers").second == said
        picture = tiles.all["workers"].grab().toImage()
        colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
        reds = [each for each in colours if each >> 16 & 255 > 150 and each >> 8 & 255 < 70 and each & 255 < 70]
        assert bool(reds) == bool(zombies)


def test_after_a_stop_the_totals_stay_and_the_rest_is_unknown(tiles: Tiles, story: Story) -> None:
    story.begin("epoll")
    story.use()
    story.count(requests=1_000, open=5)
    story.server.receive(wire.Stopped(NOW))
    tiles.show_histories(story.server)
    assert [tile.text.value for tile in tiles.all.values()] == [UNKNOWN] * 6
    assert text(tiles, "requests_per_second").first == "1,000 in all"


def values(tiles: Tiles) -> list[str]:
    """What the small figures say."""
    return [small.value for small in tiles.small.values()]


def test_the_small_figures_say_what_is_known(tiles: Tiles, story: Story) -> None:
    tiles.show_histories(story.server)
    assert values(tiles) == [UNKNOWN] * 5
    story.begin("process")
    story.use(zombies=2, threads=66, descriptors=1_402, switches=(12_345.4, 57.0))
    tiles.show_histories(story.server)
    assert values(tiles) == ["2", "66", "1,402", "12,345/s", "57/s"]
    story.begin("process")
    story.use(descriptors=None)
    tiles.show_histories(story.server)
    assert values(tiles) == ["0", "1", UNKNOWN, UNKNOWN, UNKNOWN], "a system that doesn't say"
    story.server.receive(wire.Stopped(NOW))
    tiles.show_histories(story.server)
    assert values(tiles) == [UNKNOWN] * 5


def test_what_grows_without_end_is_red_and_has_an_arrow(tiles: Tiles, story: Story) -> None:
    story.begin("thread")
    for tick in range(31):
        story.use(ago=15 - tick / 2, threads=10 + tick, descriptors=20)
    tiles.show_histories(story.server)
    assert [small.alarm for small in tiles.small.values()] == [False, True, False, False, False]
    assert tiles.small["threads"].accessibleDescription() == "40, grows without end"

    def reds(small: MiniTile) -> set[int]:
        image = small.grab().toImage()
        return {
            x
            for x in range(image.width())
            for y in range(image.height())
            if (colour := image.pixelColor(x, y)).red() > 150 and colour.green() < 110 and colour.blue() < 110
        }

    grown = reds(tiles.small["threads"])
    assert grown
    assert not reds(tiles.small["descriptors"])
    tiles.small["threads"].show_value("40")
    assert not reds(tiles.small["threads"])
    black = tiles.small["threads"].grab().toImage()
    tiles.small["threads"].show_value(f"40 {GROWS}")
    assert tiles.small["threads"].grab().toImage() != black, "and the font has the arrow"


def test_a_load_that_began_is_no_growth(tiles: Tiles, story: Story) -> None:
    story.begin("thread")
    for tick in range(31):
        story.use(ago=15 - tick / 2, threads=2 if tick < 10 else 66, switches=(100.0 * tick, 5.0 + tick % 3))
    tiles.show_histories(story.server)
    assert not tiles.small["threads"].alarm
    assert tiles.small["voluntary_switches"].alarm, "from 0 to 3,000 in a quarter of a minute"


def test_small_figures_never_move(tiles: Tiles, story: Story) -> None:
    story.begin("thread")
    story.use()
    places = set()
    for number in (1, 1_000_000):
        story.use(zombies=number, threads=number, descriptors=number, switches=(number, number))
        tiles.show_histories(story.server)
        QApplication.processEvents()
        places.add(tuple(small.geometry().getRect() for small in tiles.small.values()))
        assert tiles.minimumSizeHint().width() <= 760
    assert len(places) == 1


def test_the_other_models_figure_stands_in_the_second_line(
    tiles: Tiles, story: Story, themed: appearance.Theme
) -> None:
    story.begin("thread")
    story.count(requests=12_000, open=60)
    story.use(zombies=3)
    other = Story()
    other.begin("epoll")
    other.count(requests=24_600, open=72)
    other.use(cpu=50, memory=20)
    tiles.show_histories(story.server, None, other.server)
    said = [(tile.text.other_model, tile.text.other) for tile in tiles.all.values()]
    assert said == [("epoll", text) for text in ("72", "12,300", UNKNOWN, "50 %", "20 MiB", "1 loop")]
    assert tiles.all["requests_per_second"].accessibleDescription().endswith("epoll: 12,300")
    assert themed.model_text("epoll") in colours(tiles.all["requests_per_second"].grab().toImage())
    other.server.receive(wire.Stopped(NOW))
    tiles.show_histories(story.server, None, other.server)
    assert [tile.text.other_model for tile in tiles.all.values()] == [""] * 6


def test_a_warning_is_seen_beside_another_model(tiles: Tiles, story: Story, themed: appearance.Theme) -> None:
    other = Story()
    other.begin("epoll")
    other.count(requests=10)
    story.begin("thread")
    for failed in (0, 3):
        story.count(requests=12_000, failed=failed)
        tiles.show_histories(story.server, None, other.server)
        assert (themed.bad in colours(tiles.all["requests_per_second"].grab().toImage())) == bool(failed)


def test_latencies_beside_each_other_were_measured_alike(tiles: Tiles, story: Story) -> None:
    other = Story()
    loads = [ClientHistory(clock=lambda: NOW), ClientHistory(clock=lambda: NOW)]
    for each, model, load in ((story, "thread", loads[0]), (other, "epoll", loads[1])):
        each.begin(model)
        each.server.receive(wire.Requests([answered(NOW, 1, 0, 1, 2, 200, 600, 0.0, 0.001, True)]))
        load.receive(load_wire.LoadReady(1, "http://127.0.0.1:8888", 1, 1, NOW - 1, 0.0))
        load.receive(load_wire.Latencies(NOW - 0.1, NOW, histogram(*[0.005] * 10)))
    tiles.show_histories(story.server, None, other.server)
    assert (text(tiles, "p50").value, text(tiles, "p50").other) == ("1.00", "1.00 ms")
    tiles.show_histories(story.server, loads[0], other.server)
    assert (text(tiles, "p50").value, text(tiles, "p50").other) == ("5.00", UNKNOWN), "inside the server is no match"
    tiles.show_histories(story.server, loads[0], other.server, loads[1])
    assert (text(tiles, "p50").value, text(tiles, "p50").other) == ("5.00", "5.00 ms")


def test_a_screen_reader_hears_the_figure(tiles: Tiles, story: Story) -> None:
    story.begin("epoll")
    story.use()
    tiles.show_histories(story.server)
    assert tiles.all["cpu"].accessibleName() == "CPU · mean of 3 s"
    assert tiles.all["cpu"].accessibleDescription() == "98 %, of one core"
    assert all(each.toolTip() and each.accessibleName() for each in (*tiles.all.values(), *tiles.small.values()))
    assert tiles.small["threads"].accessibleDescription() == "1"


def test_a_figure_is_never_cut_off(qtbot: QtBot, themed: appearance.Theme) -> None:
    tile = Tile("Requests/s", "How many.")
    qtbot.addWidget(tile)
    tile.set_theme(themed)
    tile.show_text(TileText("1,234,567"))
    for width in (400, 100):
        tile.resize(width, tile.sizeHint().height())
        picture = tile.grab().toImage()
        colours = [
            x
            for x in range(2, picture.width() - 2)
            for y in range(picture.height() // 4, picture.height() // 2)
            if picture.pixelColor(x, y).lightness() < 100
        ]
        assert colours
        assert max(colours) < width - 4


def test_little_room_is_given_the_shorter_words(themed: appearance.Theme) -> None:
    metrics = QFontMetricsF(QApplication.font())
    text = variants("server side · 1 in 8 connections", "server side · 1 in 8")
    for shown in ("server side · 1 in 8 connections", "server side · 1 in 8"):
        width = metrics.horizontalAdvance(shown) + 2
        assert metrics.elidedText(text, Qt.TextElideMode.ElideRight, width) == shown


def test_connections_in_the_pools_queue_are_told_from_those_that_wait_for_accept(tiles: Tiles, story: Story) -> None:
    story.begin("threadpool")
    story.server.receive(wire.Counters(NOW, 28, 28, 0, 0, 0, 0, 1, 1, queued=36, waiting=20))
    tiles.show_histories(story.server)
    said = text(tiles, "connections")
    assert (said.value, longest(said.first), longest(said.second)) == (
        "64",
        "8 served, 20 in the pool's queue",
        "36 wait for accept",
    )


@pytest.mark.parametrize(("idle", "said"), [(0.02, "no processor is idle"), (0.6, ""), (None, "")])
def test_a_full_machine_is_said(idle: float | None, said: str) -> None:
    """Or else a figure of a machine that does other work would be taken for the server's own."""
    usage = Usage(1.0, 38.0, 1, 1, 1, 0, None, idle=idle)
    earlier = Usage(-60.0, 38.0, 1, 1, 1, 0, None, idle=0.5)
    assert longest(_tile_text("cpu", Seen(1.5, usages=[earlier, usage]), None).second) == said
