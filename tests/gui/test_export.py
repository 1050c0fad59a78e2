"""What leaves the window as a file."""

import csv
import io
import math
import os
import random
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout
from pytestqt.qtbot import QtBot

import pyqtgraph as pg  # isort: skip

from engine.lab.rows import Conditions, Row
from engine.models import MODELS
from gui import appearance
from gui.controls import Card, set_accessible_name
from gui.export import ExportError, report_html, write
from gui.exported_picture import Caption, CaptionedPicture
from gui.exported_table import csv_bytes, tabbed_text
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


def read(data: bytes) -> list[dict[str, str]]:
    """The rows as a program reads them that takes the file for what it says it is."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_what_the_system_did_not_tell_is_no_zero() -> None:
    made = entry("epoll", 100.0, cpu=0.0, cpu_per_request=0.0, memory=0)
    (line,) = read(csv_bytes([made]))
    assert [value for name, value in line.items() if name.startswith(("cpu", "memory"))] == ["", "", ""]
    assert "0 MiB" not in report_html([Group(STEADY, (made,))], "", {}, {})


STRANGE_NAMES = {
    "=1+1": "'=1+1",
    "+49 30": "'+49 30",
    "-5": "'-5",
    "@SUM(A1)": "'@SUM(A1)",
    "＝1": "'＝1",
    "\t=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    "\r=1": "'=1",
    "a\tb\r\nc\vd\x85e\u2028f": "a b c d e f",
    'Grüße, 名字 = 5; "so"': 'Grüße, 名字 = 5; "so"',
    "": "",
}


def test_no_name_is_a_formula_or_makes_a_cell_more(qtbot: QtBot) -> None:
    entries = [entry("epoll", 1.0, name) for name in STRANGE_NAMES]
    assert [row["name"] for row in read(csv_bytes(entries))] == list(STRANGE_NAMES.values())
    lines = tabbed_text(entries).split("\n")
    assert lines.pop() == ""
    assert {line.count("\t") for line in lines} == {lines[0].count("\t")}
    assert [line.split("\t")[1] for line in lines[1:]] == list(STRANGE_NAMES.values())


@pytest.mark.parametrize(
    ("locale", "point"),
    [("en_US", "."), ("de_DE", ","), ("fr_FR", ","), ("de_CH", "."), ("ar_EG", "."), ("hi_IN", ".")],
)
def test_what_is_exported_or_pasted_is_numbers(qtbot: QtBot, locale: str, point: str) -> None:
    """A file is read as it says; what is pasted, as the user's own system writes numbers."""
    QLocale.setDefault(QLocale(locale))
    made = [entry("epoll", rate) for rate in (0.25, 21_408.4, 2_140_840.4)]
    rates = ["0.25", "21408.4", "2140840"]
    assert [row["requests_per_second"] for row in read(csv_bytes(made))] == rates
    head, *rows = (line.split("\t") for line in tabbed_text(made).splitlines())
    column = head.index("requests_per_second")
    assert [row[column] for row in rows] == [rate.replace(".", point) for rate in rates]
    assert [row[head.index("memory_bytes")] for row in rows] == ["27000000"] * 3


@pytest.mark.parametrize("seeds", [range(300), pytest.param(range(1000, 6000), marks=pytest.mark.slow)], ids=str)
def test_strange_names_and_numbers(qtbot: QtBot, seeds: range) -> None:
    letters = "=+-@\t\r\n\v\x00\x1c\x85\u2028\"',; aä名😀0"
    for seed in seeds:
        chance = random.Random(seed)
        name = "".join(chance.choices(letters, k=chance.randint(0, 12)))
        made = [entry("thread", 10.0 ** chance.uniform(-12, 12), name, p50=10.0 ** chance.uniform(-300, 3))]
        (line,) = read(csv_bytes(made))
        assert None not in line, seed
        assert not line["name"].startswith(("=", "+", "-", "@")), seed
        assert math.isclose(float(line["requests_per_second"]), made[0].row.requests_per_second, rel_tol=1e-5), seed
        head, pasted = tabbed_text(made).splitlines()
        assert head.count("\t") == pasted.count("\t"), seed
        assert b"</script" not in report_html([Group(STEADY, (made[0],))], name, {}, {name: name}).encode(), seed


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
    data = csv_bytes(ENTRIES)
    assert data.startswith(b"\xef\xbb\xbf"), "or Excel takes it for another encoding"
    assert data.count(b"\r\n") == len(ENTRIES) + 1, "RFC 4180: each line ends so, the last one too"
    rows = read(data)
    assert [row["model"] for row in rows] == ["process", "epoll", "nonblocking"]
    assert rows[1]["name"] == HOSTILE.replace("\n", " "), "a line each, also for what reads line by line"
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
    assert [rows[2][name] for name in names] == ["waiting-work", "8", "4", "200", "100", "no", "2", "no"]
    assert (rows[2]["failed"], rows[2]["load_was_the_limit"]) == ("12", "yes")


CAPTION = Caption(
    "ServeScope · 2026-11-30 22:33:15",
    ["Running: Threads", "Load: Steady visitors · 64 clients · <closed> loop"],
    [("Processes", appearance.LIGHT.model_line("process")), ("epoll", appearance.LIGHT.model_line("epoll"))],
)


def picture(plot: Card, caption: Caption = CAPTION) -> CaptionedPicture:
    return CaptionedPicture(plot, caption, appearance.LIGHT)


def test_a_picture_is_twice_as_sharp_and_says_what_it_shows(plot: Card) -> None:
    image = QImage.fromData(picture(plot).png())
    caption = picture(plot).size.height() - plot.height()
    assert (image.width(), image.height()) == (2 * plot.width(), 2 * (plot.height() + caption))
    above = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, 2 * caption, 2)}
    assert {QColor(colour).name() for _, colour in CAPTION.legend} <= above, "each colour is named"
    assert QColor(appearance.LIGHT.text).name() in above


def test_a_caption_has_room_in_any_picture(plot: Card, qtbot: QtBot) -> None:
    many = Caption(CAPTION.title, ["Load: " + "wide " * 60], [*CAPTION.legend] * 20)
    for width in (240, 640, 1900):
        plot.resize(width, 200)
        text = ElementTree.fromstring(picture(plot, many).svg())
        for each in text.iter("{http://www.w3.org/2000/svg}text"):
            assert 0 <= float(each.get("x", 0)) < width
        below = picture(plot, many).size.height() - 200
        assert below > picture(plot).size.height() - 200


def test_a_plot_is_as_on_the_screen(plot: Card) -> None:
    drawn = picture(plot)
    image = QImage.fromData(drawn.png()).copy(0, 2 * (drawn.size.height() - plot.height()), 2 * plot.width(), 640)
    colours = {image.pixelColor(x, y).name() for x in range(200, 1200, 3) for y in range(100, 600, 3)}
    assert QColor(appearance.LIGHT.model_line("process")).name() in colours, "the curve is on it"


def test_an_svg_is_drawn_and_not_made_of_pixels(plot: Card) -> None:
    text = picture(plot).svg().decode()
    root = ElementTree.fromstring(text)
    assert root.get("viewBox") == f"0 0 {plot.width()} {picture(plot).size.height()}"
    assert "<image" not in text
    assert appearance.LIGHT.model_line("process") in text
    written = ["".join(each.itertext()).strip() for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Requests <per> second", CAPTION.title, *CAPTION.lines, "Processes", "epoll"} <= set(written)
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
    assert f"--colour: {MODELS['epoll'].colour}" in text
    assert set(re.findall(r"var\((--\w+)", text)) == set(re.findall(r"(--\w+):", text)), "each that is set is used"
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
    tags = Tags(report_html(GROUPS, HOSTILE, {HOSTILE: picture(plot).svg()}, {HOSTILE: HOSTILE})).found
    assert not {"script", "link", "iframe", "object", "a"} & {tag for tag, _ in tags}
    (image,) = [attributes for tag, attributes in tags if tag == "img"]
    assert set(image) == {"alt", "src"}
    assert image["alt"] == HOSTILE
    assert (image["src"] or "").startswith("data:image/svg+xml;base64,")


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
    write(path, report_html(GROUPS, HOSTILE, {"A plot": picture(plot).svg()}, {HOSTILE: HOSTILE}).encode())
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
