"""Colours, fonts and pictures."""

import itertools
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication, QComboBox

from engine.models import MODELS
from gui import appearance

Matrix: TypeAlias = tuple[tuple[float, float, float], ...]

VISIONS: dict[str, Matrix] = {
    "usual": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "without red": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ),
    "without green": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ),
    "without blue": (
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900),
    ),
}  # fmt: skip
"""What becomes of linear red, green and blue in eyes that lack one kind of cones (Machado et al., 2009)."""
TO_XYZ: Matrix = ((0.4339, 0.3762, 0.1899), (0.2126, 0.7152, 0.0722), (0.0177, 0.1095, 0.8728))
"""From linear red, green and blue, as shares of white."""
DISTINCT = 7.0
"""A difference in CIELAB that is seen at a glance where colours lie side by side."""


def perceived(colour: str, vision: Matrix) -> tuple[float, float, float]:
    """The colour in CIELAB, as such eyes see it."""
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    light = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    seen = [min(1.0, max(0.0, each)) for each in times(vision, light)]
    x, y, z = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in times(TO_XYZ, seen))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def times(matrix: Matrix, vector: list[float]) -> list[float]:
    return [sum(one * other for one, other in zip(row, vector, strict=True)) for row in matrix]


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


@LOOKS
@pytest.mark.parametrize("vision", VISIONS)
def test_eyes_of_each_kind_distinguish_the_models(theme: appearance.Theme, vision: str) -> None:
    seen = {key: perceived(theme.model_line(key), VISIONS[vision]) for key in MODELS}
    near = [pair for pair in itertools.combinations(MODELS, 2) if math.dist(seen[pair[0]], seen[pair[1]]) < DISTINCT]
    assert near == []


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
