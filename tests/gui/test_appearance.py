"""Colours, fonts and pictures."""

import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication, QComboBox

from engine.models import MODELS
from gui import appearance
from tests.gui.colour_vision import EYES, ciede2000, difference

LOOKS = pytest.mark.parametrize("theme", [appearance.LIGHT, appearance.DARK], ids=lambda theme: theme.name)
OFTEN_COMPARED = (("thread", "epoll"), ("gevent", "nonblocking"), ("nonblocking", "epoll"))


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


@LOOKS
@pytest.mark.parametrize("eye", EYES)
def test_models_are_told_apart_by_every_eye(theme: appearance.Theme, eye: str) -> None:
    """Shades of one colour less, as their dashes and icons differ too; those that are compared most clearly."""
    lines = {key: theme.model_line(key) for key in MODELS}
    apart = {pair: difference(lines[pair[0]], lines[pair[1]], eye) for pair in combinations(MODELS, 2)}
    alike = {pair for pair in apart if kind(pair[0]) == kind(pair[1])}
    assert {pair: by for pair, by in apart.items() if by < (5 if pair in alike else 8)} == {}
    assert {pair: apart[pair] for pair in OFTEN_COMPARED if apart[pair] < 18} == {}


def kind(key: str) -> tuple[str, str]:
    """What a worker is, and how it waits."""
    return MODELS[key].worker, MODELS[key].waits


def test_difference_is_that_of_the_standard() -> None:
    """Pairs of Sharma, Wu and Dalal, in which an angle is halved the right way or not."""
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert ciede2000((50, -1, 2), (50, 0, 0)) == pytest.approx(2.3669, abs=1e-4)
    assert ciede2000((50, 2.5, 0), (50, 0, -2.5)) == pytest.approx(4.3065, abs=1e-4)
    assert ciede2000((50, 2.5, 0), (56, -27, -3)) == pytest.approx(31.9030, abs=1e-4)
    assert ciede2000((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)) == pytest.approx(0.9082, abs=1e-4)
    assert difference("#cc0000", "#008000") > 60 > 30 > difference("#aa0000", "#556600", "protanopia")


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
    assert appearance.known_icon.__wrapped__(MODELS["thread"].icon) == appearance.FALLBACK_ICON
    assert "no-such-icon.svg" in capsys.readouterr().err


def test_a_named_theme_is_taken_whatever_the_system_has(qapp: QApplication) -> None:
    assert appearance.chosen("dark") is appearance.DARK
    assert appearance.chosen("light") is appearance.LIGHT
    assert appearance.chosen("system") in (appearance.LIGHT, appearance.DARK)
