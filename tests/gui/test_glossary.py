"""The glossary: its words are found in texts, and explained on hover and by F1."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QLocale, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from engine.lab.figures import FIGURES
from gui.glossary import GlossaryError, explained, load_glossary, words, words_in
from gui.panels.glossary_dialog import GlossaryDialog
from gui.window import Window

ASKED_FOR = (
    "p50", "p99", "backlog", "zombie", "voluntary switch", "descriptor", "closed loop", "coordinated omission",
)  # fmt: skip


@pytest.fixture
def chinese() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    yield
    QLocale.setDefault(before)


def named(text: str) -> list[str]:
    return [word.word.en for word in words_in(text, words())]


def test_the_words_are_there_in_one_sentence_each() -> None:
    known = {word.word.en for word in words()}
    assert set(ASKED_FOR) <= known
    assert len(known) == len(words())
    forms = [form.lower() for word in words() for form in word.forms]
    assert len(forms) == len(set(forms)), "a form has one meaning"
    for word in words():
        assert word.text.en.endswith(".")
        assert ". " not in word.text.en
        assert word.text.zh.count("。") == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Latency: p50 and p99.9, no zombies", ["latency", "p50", "p99.9", "zombie"]),
        ("Involuntary switches in an open loop", ["involuntary switch", "open loop"]),
        ("multithreaded, p501, already", []),
        ("Non-blocking", ["non-blocking"]),
    ],
)
def test_words_are_found_whole(text: str, found: list[str]) -> None:
    assert named(text) == found


def test_the_figures_use_words_that_are_explained() -> None:
    with_words = [name for name, figure in FIGURES.items() if named(f"{figure.title[0]} {figure.tip}")]
    assert {"p50", "queued", "zombies", "descriptors", "voluntary_switches"} <= set(with_words)


def test_a_tooltip_explains_its_words(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: shown.append(text))
    tile = window.tiles.small["zombies"]
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), tile.mapToGlobal(QPoint(3, 3)))
    QApplication.sendEvent(tile, event)
    assert len(shown) == 1
    assert tile.toolTip().split(".")[0] in shown[0]
    assert "whose exit status its parent has not asked for yet" in shown[0]
    assert explained("nothing to see <here>") == ""


def test_f1_lists_the_words_near_the_keyboard_first(qtbot: QtBot, window: Window) -> None:
    window.open_lesson("closed-and-open-loop")
    window.lessons.flow.stage = 3  # type: ignore[union-attr,assignment]
    window.lessons._draw()
    window.open_glossary()
    dialog = window.findChild(GlossaryDialog)
    assert dialog.list.toPlainText().index("coordinated omission") < dialog.list.toPlainText().index("backlog")
    dialog.filter.setText("zomb")
    assert dialog.list.toPlainText().startswith("zombie")
    dialog.close()


def test_in_chinese(chinese: None, qtbot: QtBot, window: Window) -> None:
    assert "僵尸进程" in explained("3 zombies")
    assert "阻塞" in explained("阻塞 recv")


def test_what_is_wrong_in_its_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    file.write_text('[[words]]\nforms = ["a"]\nword = {en = "a"}\n', "utf-8")
    with pytest.raises(GlossaryError, match=r"words.toml: .*`zh`.*words\[0\].word"):
        load_glossary(file)
