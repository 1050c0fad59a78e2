"""Colours, fonts and pictures."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication

from engine.models import MODELS
from gui import theme

LOOKS = pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)


@LOOKS
@pytest.mark.parametrize("key", MODELS)
def test_models_can_be_read_in_their_colours(look: theme.Look, key: str) -> None:
    assert theme.contrast_between(look.model_text(key), look.panel) >= 4.5
    assert theme.contrast_between(look.model_line(key), look.panel) >= 2.4


@LOOKS
def test_texts_can_be_read(look: theme.Look) -> None:
    pairs = [
        (look.text, look.panel),
        (look.text, look.window),
        (look.text, look.selection),
        (look.muted, look.panel),
        (look.muted, look.window),
        (look.good, look.panel),
        (look.bad, look.panel),
        (look.good, look.good_back),
        (look.busy, look.busy_back),
        (look.muted, look.calm_back),
        (look.text, look.bad_back),
        (look.on_accent, look.accent),
        ("#ffffff", look.stop),
    ]
    assert [pair for pair in pairs if theme.contrast_between(*pair) < 4.5] == []


def test_models_differ_in_each_look() -> None:
    for look in (theme.LIGHT, theme.DARK):
        assert len({look.model_line(key) for key in MODELS}) == len(MODELS)


def test_contrast_is_that_of_the_standard() -> None:
    assert theme.contrast_between("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast_between("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_mixed_lies_between() -> None:
    assert theme.mixed("#000000", "#ffffff", 0) == "#ffffff"
    assert theme.mixed("#000000", "#ffffff", 1) == "#000000"
    assert theme.mixed("#0a0000", "#140000", 0.5) == "#0f0000"


def test_digits_are_as_wide_as_each_other(dressed: theme.Look) -> None:
    for bold in (False, True):
        metrics = QFontMetrics(theme.sized(QApplication.font(), 2, bold))
        assert len({metrics.horizontalAdvance(digit * 9) for digit in "0123456789"}) == 1


def test_the_font_comes_along(dressed: theme.Look) -> None:
    assert "Inter" in QFontDatabase.families()
    assert {"Regular", "Semi Bold"} <= set(QFontDatabase.styles("Inter"))


@pytest.mark.parametrize("name", [*map(theme.model_icon, MODELS), theme.FALLBACK_ICON, "play", "square", "settings"])
def test_icons_are_drawn_in_their_colour(qapp: QApplication, name: str) -> None:
    picture = theme.icon(name, "#ff0000").pixmap(QSize(32, 32), 1.0).toImage()
    inks = {picture.pixelColor(x, y).getRgb() for x in range(32) for y in range(32)}
    assert (255, 0, 0, 255) in inks
    assert all(ink[1:3] == (0, 0) or ink[3] == 0 for ink in inks)


def test_each_model_has_an_icon_and_the_program_one_of_its_own(qapp: QApplication) -> None:
    assert [theme.model_icon(key) for key in MODELS] == [model.icon for model in MODELS.values()]
    assert not theme.application_icon().pixmap(64, 64).isNull()


def test_a_named_theme_is_taken_whatever_the_system_has(qapp: QApplication) -> None:
    assert theme.chosen("dark") is theme.DARK
    assert theme.chosen("light") is theme.LIGHT
    assert theme.chosen("system") in (theme.LIGHT, theme.DARK)
