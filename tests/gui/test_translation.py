"""Every text that the window shows can be translated: `lupdate` finds it, and no longer language is clipped."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QPoint
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QTabBar,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.problems import PROBLEMS
from engine.telemetry import wire
from gui import appearance, errors, language
from gui.controls import Elided
from gui.panels.settings_dialog import SettingsDialog
from gui.views import VIEWS
from gui.window import Window
from tests.gui import pseudo
from tests.gui.conftest import RATE
from tests.gui.rows import CROWDED, row

PATIENCE_MS = 40_000
MARKERS = {"tr": 0, "translate": 1, "QT_TRANSLATE_NOOP": 1}
"""Functions that mark a text, and which of their arguments it is."""
WORD = re.compile(r"[A-Za-z]{2,}")
DATA = (
    "ServeScope",
    "English",  # each language has its own name
    r"http://[\d.]+:\d+",
    r"[\d.]+:\d+",
    r"GET /index\.html",
    "200 OK",
    r"\w+\(\)",
    r"(\S*/)?\w+\.py",
    r"(\S*/|…)?\w*_test",  # the folder of the example site, which may be cut in the middle
    "(ctrl|alt|shift)\\+.*",
)
"""What is no text: a name, addresses, requests and replies, code, files and keys."""


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], bool]:
    """What `pyside6-lupdate` finds in the sources."""
    return pseudo.collect_texts(tmp_path_factory.mktemp("texts"))


@pytest.fixture
def in_pseudo(qapp: QApplication, texts: dict[tuple[str, str], bool]) -> Iterator[None]:
    """The pseudo-language instead of English."""
    translator = pseudo.PseudoLanguage(texts)
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def marked() -> Iterator[tuple[str, str, str]]:
    """Each literal text that is marked in the sources: where, its context and the text."""
    for half in ("engine", "gui"):
        for file in sorted((pseudo.PROJECT / half).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            yield from _marked(tree, "", file.relative_to(pseudo.PROJECT).as_posix())


def _marked(node: ast.AST, scope: str, file: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, ast.ClassDef):
        scope = node.name
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in MARKERS and len(node.args) > MARKERS[name]:
            literals = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
            text = literals[MARKERS[name]]
            if isinstance(text, str):
                yield f"{file}:{node.lineno}", scope if name == "tr" else str(literals[0]), text
    for child in ast.iter_child_nodes(node):
        yield from _marked(child, scope, file)


def test_lupdate_finds_every_marked_text(texts: dict[tuple[str, str], bool]) -> None:
    found = list(marked())
    assert len(found) > 500
    assert [(place, text) for place, context, text in found if (context, text) not in texts] == []
    assert [text for (context, text), plural in texts.items() if ("%Ln" in text) and not plural] == []


def test_a_problem_is_said_by_its_code(in_pseudo: None) -> None:
    for code, text in PROBLEMS.items():
        details: dict[str, str | int] = dict.fromkeys(re.findall(r"\{(\w+)\}", text), 7)
        said = errors.problem_text(wire.Problem(0.0, code, "In English.", details))
        assert said.startswith("⟦")
        assert not WORD.search(said)
        assert ("7" in said) == bool(details)
    assert errors.problem_text(wire.Problem(0.0, "a-newer-one", "In English.")) == "In English."
    assert errors.problem_text(wire.Problem(0.0, "no-workers", "In English.")) == "In English."  # without its details


def test_plurals_are_english_without_a_translation() -> None:
    def said(number: int) -> str:
        return QCoreApplication.translate("workers", "%Ln process(es)", "", number)

    assert [said(number) for number in (0, 1, 2, 1000)] == [
        "0 processes",
        "1 process",
        "2 processes",
        "1,000 processes",
    ]


TRANSLATED = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="pl"><context><name>workers</name>
<message numerus="yes"><source>%Ln process(es)</source><translation>
<numerusform>%Ln proces</numerusform><numerusform>%Ln procesy</numerusform><numerusform>%Ln procesów</numerusform>
</translation></message></context></TS>
"""


def test_a_translation_is_loaded_by_locale(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "translations" / "servescope_pl.ts"
    file.parent.mkdir()
    file.write_text(TRANSLATED, "utf-8")
    subprocess.run([pseudo.tool("lrelease"), file], check=True, capture_output=True, timeout=60)
    monkeypatch.setattr(appearance, "assets", lambda: tmp_path)
    language.install(qapp, QLocale(QLocale.Language.Polish, QLocale.Country.Poland))
    said = [QCoreApplication.translate("workers", "%Ln process(es)", "", number) for number in (1, 2, 5)]
    cancel = QCoreApplication.translate("QPlatformTheme", "Cancel")
    language.install(qapp, QLocale(QLocale.Language.English))
    assert said == ["1 proces", "2 procesy", "5 procesów"]
    assert cancel == "Anuluj"


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every text that is painted by hand from now on."""
    seen: set[str] = set()
    paint = QPainter.drawText

    def draw(painter: QPainter, *arguments: Any) -> Any:
        seen.update(argument for argument in arguments if isinstance(argument, str))
        return paint(painter, *arguments)

    monkeypatch.setattr(QPainter, "drawText", draw)
    return seen


@pytest.fixture
def busy_window(qtbot: QtBot, in_pseudo: None, painted: set[str], open_window: Callable[..., Window]) -> Window:
    """A small window in the pseudo-language, with a server under load and rows on the scoreboard."""
    window = open_window(model="thread", clients=4, slow=1, rate=RATE)
    window.resize(1280, 720)
    for made in (row("thread"), row("epoll", milliseconds=2.0), row("process", CROWDED, failed=3)):
        window.scoreboard_data.add(made)
    window.session.toggle_load()
    window.show_view("timeline")
    qtbot.waitUntil(lambda: window.live.first.clients.answered_per_second() > 0, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(window.live.first.server.usages), timeout=PATIENCE_MS)
    return window


CUT = re.compile(r"\w*…\w*")
"""What is left of words where a text is elided."""


def leaks(texts: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """The texts with words that are neither translated nor data."""
    data = re.compile("|".join(DATA), re.IGNORECASE)
    return [(place, text) for place, text in texts if WORD.search(data.sub("", CUT.sub("", text)))]


def above(widget: QWidget) -> Iterator[QWidget]:
    """The widgets that it is in, the nearest first."""
    while parent := widget.parentWidget():
        yield parent
        widget = parent


def clipped(window: QWidget) -> Iterator[str]:
    """What is in sight, neither elides nor scrolls, and has less room than its text."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget.parent(), QAbstractScrollArea):
            continue
        name = f"{type(widget).__name__} {widget.accessibleName()}: "
        metrics = QFontMetricsF(widget.font())
        match widget:
            case Elided():
                continue
            case QLabel() if widget.wordWrap():
                if widget.heightForWidth(widget.width()) > widget.height():
                    yield name + widget.text()
            case QLabel():
                if widget.sizeHint().width() > widget.width():
                    yield name + widget.text()
            case QAbstractButton() if not isinstance(widget, QToolButton):
                if metrics.horizontalAdvance(widget.text()) > widget.width():
                    yield name + widget.text()
            case QComboBox():
                if metrics.horizontalAdvance(widget.currentText()) > widget.width():
                    yield name + widget.currentText()
            case QTabBar():
                if widget.tabRect(widget.count() - 1).right() > widget.width():
                    yield name
            case QTableView():
                if widget.horizontalScrollBar().maximum():
                    yield name
        corner = widget.mapTo(window, QPoint(widget.width(), widget.height()))
        if not scrolls(widget) and (corner.x() > window.width() or corner.y() > window.height()):
            yield name + "outside"


def scrolls(widget: QWidget) -> bool:
    """Whether the widget is in an area that scrolls, where it may be out of sight."""
    above = widget.parentWidget()
    return above is not None and (isinstance(above, QAbstractScrollArea) or scrolls(above))


def test_every_text_is_translated_and_has_room(qtbot: QtBot, busy_window: Window, painted: set[str]) -> None:
    window, escaped = busy_window, set()
    dialog = SettingsDialog(window.settings, True, window)
    qtbot.addWidget(dialog)
    window.notice.show_notice(errors.cannot_write(Path("7"), OSError(28, "")))
    window.session.set_second_model("epoll")
    for view in VIEWS:
        window.show_view(view)
        painted.clear()
        qtbot.waitUntil(lambda: len(painted) > 20, timeout=PATIENCE_MS)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)  # of texts that just grew
        window.grab()
        escaped |= set(leaks(pseudo.shown_texts(window)))
        escaped |= set(leaks(("painted", text) for text in painted))
        assert list(clipped(window)) == []
    assert escaped == set()
    assert any("⟦" in text for text in painted)
