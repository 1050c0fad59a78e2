"""Two programs side by side: the lines that differ coloured and signed, and scrolled together.

Owns the two views. Knows nothing of models.
"""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QSplitter, QVBoxLayout, QWidget

from gui import theme
from gui.controls import with_role
from gui.source.comparison import compared, differing
from gui.source.view import CodeView, Line, coloured

REMOVED, ADDED = "−", "+"
NOTHING = Line()
"""What stands beside a line that only the other text has."""


class DiffSide(CodeView):
    """One of the two texts."""

    comfortable: ClassVar[float] = 0.8

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.beside: list[DiffSide] = [self]
        """Both texts, which have one size."""

    def fit(self) -> None:
        points = min(side.fitting() for side in self.beside)
        for side in self.beside:
            side.set_points(points)

    def ground(self, row: int) -> str:
        line, look = self.lines[row], self.look
        if line.number is None:
            return theme.mixed(look.calm_back, look.panel, 0.5)
        return {REMOVED: look.bad_back, ADDED: look.good_back}.get(line.sign, "")

    def difference(self, row: int) -> str:
        look = self.look
        ink, back = (look.bad, look.bad_back) if self.lines[row].sign == REMOVED else (look.good, look.good_back)
        return theme.mixed(ink, back, 0.22)


class DiffView(QWidget):
    """The two texts."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = DiffSide(self.tr("The other model's file")), DiffSide(self.tr("This model's file"))
        self.titles = with_role(QLabel(), "small", muted=True), with_role(QLabel(), "small", muted=True)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
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
        sides: tuple[list[Line], list[Line]] = [], []
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

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self.left.set_look(look)
        self.right.set_look(look)


def _numbered(text: str) -> dict[int | None, Line]:
    return {line.number: line for line in coloured(text)}


def _follow(bar: QScrollBar, value: int) -> None:
    """Moves `bar` as far as the other one, unless it ends before: then it would take the other one back."""
    if value <= bar.maximum():
        bar.setValue(value)
