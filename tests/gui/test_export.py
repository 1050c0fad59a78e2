"""What leaves the window as a file."""

import csv
import io
import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout
from pytestqt.qtbot import QtBot

import pyqtgraph as pg  # isort: skip

from engine.lab.rows import Conditions, Row
from engine.models import MODELS
from gui import appearance
from gui.controls import Card, set_accessible_name
from gui.export import ExportError, csv_text, report_html, save_png, save_svg, svg_text, write
from gui.scoreboard.scoreboard import Entry, Group
from gui.system_info import system_info
from tests.engine.chromium import PROGRAM, Chromium

STEADY = Conditions("steady", 64, 0, 0.0, 0, True)
OTHER = Conditions("waiting-work", 8, 4, 200.0, 100, False, 2, False)
HOSTILE = '"><img src=http://127.0.0.1:9/x onerror=alert(1)>, & "co"\n=1+1'


def entry(model: str, rate: float, name: str = "", conditions: Conditions = STEADY, **fields: Any) -> Entry:
    given = {
        "begin": 1_700_000_000.0, "seconds": 10.0, "requests_per_second": rate, "p50": 0.0028, "p99": 0.0055,
        "p999": 0.0098, "failed": 0, "cpu": 98.5, "cpu_per_request": 45.2, "memory": 27_000_000, "workers": 1,
        "histogram": "",
    }  # fmt: skip
    return Entry(model, Row(model=model, conditions=conditions, **(given | fields)), name)


GROUPS = [
    Group(STEADY, (entry("process", 1900.0, workers=64, memory=62_000_000), entry("epoll", 21_408.4, HOSTILE))),
    Group(OTHER, (entry("nonblocking", 210.0, conditions=OTHER, failed=12, p50=0.0, load_limited=True),)),
]
ENTRIES = [each for group in GROUPS for each in group.entries]


def test_what_the_system_did_not_tell_is_no_zero() -> None:
    made = entry("epoll", 100.0, cpu=0.0, cpu_per_request=0.0, memory=0)
    (line,) = csv.DictReader(io.StringIO(csv_text([made])))
    assert [value for name, value in line.items() if name.startswith(("cpu", "memory"))] == ["", "", ""]
    assert "0 MiB" not in report_html([Group(STEADY, (made,))], "", {}, {})


@pytest.fixture
def plot(qtbot: QtBot, themed: appearance.Theme) -> Card:
    """A card with a title and a plot with a curve, as the panels make them."""
    card = set_accessible_name(Card(), "Requests <per> second")
    qtbot.addWidget(card)
    view = pg.PlotWidget(background=themed.panel)
    view.plot(range(100), [number % 17 for number in range(100)], pen=pg.mkPen(themed.model_line("process")))
    column = QVBoxLayout(card)
    column.addWidget(QLabel("Requests <per> second"))
    column.addWidget(view)
    card.resize(640, 320)
    card.show()
    return card


def test_csv_is_read_back_as_it_was(qtbot: QtBot) -> None:
    text = csv_text(ENTRIES)
    assert text.count("\r\n") == len(ENTRIES) + 1, "RFC 4180: each line ends so, the last one too"
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert [row["model"] for row in rows] == ["process", "epoll", "nonblocking"]
    assert rows[1]["name"] == HOSTILE
    assert rows[1]["requests_per_second"] == "21408.4"
    assert (rows[1]["p50_ms"], rows[1]["p99_ms"], rows[1]["p99.9_ms"]) == ("2.8", "5.5", "9.8")
    assert (rows[1]["cpu_us_per_request"], rows[1]["memory_bytes"]) == ("45.2", "27000000")
    assert rows[1]["begin_utc"] == "2023-11-14T22:13:20+00:00"
    names = (
        "workload",
        "clients",
        "slow_clients",
        "rate_per_second",
        "work_ms",
        "keep_alive",
        "load_processes",
        "alone",
    )
    assert [rows[2][name] for name in names] == ["waiting-work", "8", "4", "200.0", "100", "no", "2", "no"]
    assert (rows[2]["failed"], rows[2]["load_was_the_limit"]) == ("12", "yes")


def test_a_picture_is_twice_as_sharp(plot: Card, tmp_path: Path) -> None:
    save_png(plot, tmp_path / "plot.png")
    image = QImage(str(tmp_path / "plot.png"))
    assert (image.width(), image.height()) == (2 * plot.width(), 2 * plot.height())
    colours = {image.pixelColor(x, y).name() for x in range(200, 1200, 3) for y in range(100, 600, 3)}
    assert QColor(appearance.LIGHT.model_line("process")).name() in colours, "the curve is on it"


def test_an_svg_is_drawn_and_not_made_of_pixels(plot: Card, tmp_path: Path) -> None:
    save_svg(plot, tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text("utf-8")
    root = ElementTree.fromstring(text)
    assert root.get("viewBox") == f"0 0 {plot.width()} {plot.height()}"
    assert "<image" not in text
    assert appearance.LIGHT.model_line("process") in text
    written = ["".join(each.itertext()).strip() for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "Requests <per> second" in written
    assert 'sans-serif"' in text


def test_a_report_has_all_that_was_measured(qtbot: QtBot) -> None:
    text = report_html(
        GROUPS, "epoll answered 11× as many.", {}, system_info() | {"Folder": "/a<b>"}, {"p<99>": "≥ 3 s"}
    )
    assert "<dt>p&lt;99&gt;</dt><dd>≥ 3 s</dd>" in text
    for said in ("epoll answered 11× as many.", "21,408", "2.80 ms", "64 processes", "⚠ 12", "59 MiB", "45 µs", "–"):
        assert said in text
    assert "Steady visitors · 64 clients · closed loop · connections kept" in text
    assert "Waiting work · 8 clients · 4 slow clients · open loop at 200/s" in text
    assert text.count("<table>") == 2, "rows under other settings have a table of their own"
    assert "--share: 8.9%" in text, "1,900 of 21,408"
    assert text.count("The load itself was the limit") == 1
    assert "/a&lt;b&gt;" in text
    assert MODELS["epoll"].colour in text
    for name, value in system_info().items():
        assert name in text
        assert value in text


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_nothing_in_a_report_is_taken_for_markup(qtbot: QtBot, plot: Card) -> None:
    tags = Tags(report_html(GROUPS, HOSTILE, {HOSTILE: svg_text(plot)}, {HOSTILE: HOSTILE})).found
    assert not {"script", "link", "iframe", "object", "a"} & {tag for tag, _ in tags}
    (picture,) = [attributes for tag, attributes in tags if tag == "img"]
    assert set(picture) == {"alt", "src"}
    assert picture["alt"] == HOSTILE
    assert (picture["src"] or "").startswith("data:image/svg+xml;base64,")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.mark.skipif(not PROGRAM, reason="the browser Chromium is not installed (Debian's package: chromium)")
@pytest.mark.timeout(180)
def test_a_browser_shows_a_report_without_asking_for_anything(
    qtbot: QtBot, plot: Card, tmp_path: Path, browser: Chromium
) -> None:
    path = tmp_path / "report.html"
    write(path, report_html(GROUPS, HOSTILE, {"A plot": svg_text(plot)}, {HOSTILE: HOSTILE}).encode())
    browser.open(path.as_uri())
    assert browser.problems == []
    asked = "performance.getEntriesByType('resource').map(entry => entry.name)"
    assert [name for name in browser.evaluate(asked) if not name.startswith("data:")] == []
    assert browser.evaluate("[...document.images].map(image => image.naturalWidth)") == [plot.width()]
    assert browser.evaluate("document.querySelectorAll('tbody tr').length") == len(ENTRIES)
    assert browser.evaluate("document.querySelector('.finding').textContent") == HOSTILE
    wide = "Math.round(document.documentElement.scrollWidth - document.documentElement.clientWidth)"
    assert browser.evaluate(wide) == 0, "nothing hangs out at the right"


def test_what_cannot_be_written_is_said_and_leaves_what_was_there(tmp_path: Path, qtbot: QtBot) -> None:
    with pytest.raises(ExportError, match=r"“a\.csv” could not be written: There is no such"):
        write(tmp_path / "missing" / "a.csv", b"new")
    with pytest.raises(ExportError, match="is a folder"):
        write(tmp_path, b"new")
    assert list(tmp_path.parent.glob(".*.part")) == []


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    write(path, b"old")
    write(path, b"newer")
    assert path.read_bytes() == b"newer"

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="The disk is full"):
        write(path, b"newest")
    assert path.read_bytes() == b"newer"
    assert os.listdir(tmp_path) == ["a.csv"]
