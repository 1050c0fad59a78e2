"""Two programs side by side: the lines that differ coloured and signed, and scrolled together.

Owns the two views. Knows nothing of models.
"""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QVBoxLayout, QWidget

from gui import appearance
from gui.controls import set_role
from gui.source.comparison import compared, differing
from gui.source.view import CodeLine, CodeView, coloured
from gui.splitter import Splitter

REMOVED, ADDED = "−", "+"
NOTHING = CodeLine()
"""The row beside a line that only the other text has."""


class DiffSide(CodeView):
    """One of the two texts."""

    comfortable: ClassVar[float] = 0.8

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.beside: list[DiffSide] = [self]
        """Both texts, which share one font size."""

    def fit(self) -> None:
        points = min(side.fitting() for side in self.beside)
        for side in self.beside:
            side.set_points(points)

    def background(self, row: int) -> str:
        line, theme = self.lines[row], self.theme
        if line.number is None:
            return appearance.mixed(theme.calm_back, theme.panel, 0.5)
        return {REMOVED: theme.bad_back, ADDED: theme.good_back}.get(line.sign, "")

    def difference(self, row: int) -> str:
        theme = self.theme
        colour, back = (theme.bad, theme.bad_back) if self.lines[row].sign == REMOVED else (theme.good, theme.good_back)
        return appearance.mixed(colour, back, 0.22)


class DiffView(QWidget):
    """The two texts."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = DiffSide(self.tr("The other model's file")), DiffSide(self.tr("This model's file"))
        self.titles = set_role(QLabel(), "small", muted=True), set_role(QLabel(), "small", muted=True)
        split = Splitter()
        for title, side in zip(self.titles, (self.left, self.right), strict=True):
            pane = QWidget()
            column = QVBoxLayout(pane)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(2)
            title.setContentsMargins(12, 0, 0, 0)
            column.addWidget(title)
            column.addWidget(side, 1)
            split.addWidget(pane)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(split)
        for one, other in ((self.left, self.right), (self.right, self.left)):
            one.beside = [self.left, self.right]
            one.verticalScrollBar().valueChanged.connect(partial(_follow, other.verticalScrollBar()))
            one.horizontalScrollBar().valueChanged.connect(partial(_follow, other.horizontalScrollBar()))
        self.left.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_texts(self, left: tuple[str, str], right: tuple[str, str]) -> None:
        """Shows two texts, each with its title before it."""
        for label, (title, _) in zip(self.titles, (left, right), strict=True):
            label.setText(title)
        before, after = _numbered(left[1]), _numbered(right[1])
        sides: tuple[list[CodeLine], list[CodeLine]] = [], []
        for pair in compared(left[1].split("\n"), right[1].split("\n")):
            one, other = before.get(pair.left, NOTHING), after.get(pair.right, NOTHING)
            if not pair.same:
                parts = differing(one.text, other.text)
                one = replace(one, sign=REMOVED if one.number else "", differs=parts[0])
                other = replace(other, sign=ADDED if other.number else "", differs=parts[1])
            sides[0].append(one)
            sides[1].append(other)
        self.left.show_lines(sides[0])
        self.right.show_lines(sides[1])
        self.left.scroll_to_code()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.left.set_theme(theme)
        self.right.set_theme(theme)


def _numbered(text: str) -> dict[int | None, CodeLine]:
    return {line.number: line for line in coloured(text)}


def _follow(bar: QScrollBar, value: int) -> None:
    """Moves `bar` to the other one's value, unless its range ends before: then it would move the other one back."""
    if value <= bar.maximum():
        bar.setValue(value)
