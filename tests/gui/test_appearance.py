"""Colours, fonts and pictures."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication, QComboBox

from engine.models import MODELS
from gui import appearance

LOOKS = pytest.mark.parametrize("theme", [appearance.LIGHT, appearance.DARK], ids=lambda theme: theme.name)


@LOOKS
@pytest.mark.parametrize("key", MODELS)
def test_models_can_be_read_in_their_colours(theme: appearance.Theme, key: str) -> None:
    assert appearance.contrast_between(theme.model_text(key), theme.panel) >= 4.5
    assert appearance.contrast_between(theme.model_line(key), theme.panel) >= 2.4


@LOOKS
def test_texts_can_be_read(theme: appearance.Theme) -> None:
    pairs = [
        (theme.text, theme.panel),
        (theme.text, theme.window),
        (theme.text, theme.selection),
        (theme.muted, theme.panel),
        (theme.muted, theme.window),
        (theme.good, theme.panel),
        (theme.bad, theme.panel),
        (theme.good, theme.good_back),
        (theme.busy, theme.busy_back),
        (theme.muted, theme.calm_back),
        (theme.text, theme.bad_back),
        (theme.on_accent, theme.accent),
        ("#ffffff", theme.stop),
    ]
    assert [pair for pair in pairs if appearance.contrast_between(*pair) < 4.5] == []


def test_models_differ_in_each_look() -> None:
    for theme in (appearance.LIGHT, appearance.DARK):
        assert len({theme.model_line(key) for key in MODELS}) == len(MODELS)


def test_contrast_is_that_of_the_standard() -> None:
    assert appearance.contrast_between("#000000", "#ffffff") == pytest.approx(21)
    assert appearance.contrast_between("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mixed_lies_between() -> None:
    assert appearance.mixed("#000000", "#ffffff", 0) == "#ffffff"
    assert appearance.mixed("#000000", "#ffffff", 1) == "#000000"
    assert appearance.mixed("#0a0000", "#140000", 0.5) == "#0f0000"


def test_digits_are_as_wide_as_each_other(themed: appearance.Theme) -> None:
    for bold in (False, True):
        metrics = QFontMetrics(appearance.sized(QApplication.font(), 2, bold))
        assert len({metrics.horizontalAdvance(digit * 9) for digit in "0123456789"}) == 1


def test_the_font_comes_along(themed: appearance.Theme) -> None:
    assert "Inter" in QFontDatabase.families()
    assert {"Regular", "Semi Bold"} <= set(QFontDatabase.styles("Inter"))


@pytest.mark.parametrize("folder", ["R&D", "O'Neil", "a (1", "b [2", "with blanks", "张三", "50 %", "c#", "semi;colon"])
def test_style_sheet_is_read_wherever_the_program_lies(
    qapp: QApplication, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt says of one that it can't read that it could not parse it, which fails the test."""
    copied = tmp_path / folder / "assets"
    shutil.copytree(appearance.assets(), copied)
    monkeypatch.setattr(appearance, "assets", lambda: copied)
    box = QComboBox()
    box.setStyleSheet(appearance._style_sheet(appearance.LIGHT, 1.0))
    box.ensurePolished()
    box.grab()


@pytest.mark.parametrize(
    "name", [*map(appearance.model_icon, MODELS), appearance.FALLBACK_ICON, "play", "square", "settings"]
)
def test_icons_are_drawn_in_their_colour(qapp: QApplication, name: str) -> None:
    picture = appearance.icon(name, "#ff0000").pixmap(QSize(32, 32), 1.0).toImage()
    colours = {picture.pixelColor(x, y).getRgb() for x in range(32) for y in range(32)}
    assert (255, 0, 0, 255) in colours
    assert all(colour[1:3] == (0, 0) or colour[3] == 0 for colour in colours)


def test_each_model_has_an_icon_and_the_program_one_of_its_own(qapp: QApplication) -> None:
    assert [appearance.model_icon(key) for key in MODELS] == [model.icon for model in MODELS.values()]
    assert not appearance.application_icon().pixmap(64, 64).isNull()


def test_an_icon_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(MODELS, "thread", replace(MODELS["thread"], icon="no-such-icon"))
    assert appearance.model_icon.__wrapped__("thread") == appearance.FALLBACK_ICON
    assert "no-such-icon.svg" in capsys.readouterr().err


def test_a_named_theme_is_taken_whatever_the_system_has(qapp: QApplication) -> None:
    assert appearance.chosen("dark") is appearance.DARK
    assert appearance.chosen("light") is appearance.LIGHT
    assert appearance.chosen("system") in (appearance.LIGHT, appearance.DARK)
