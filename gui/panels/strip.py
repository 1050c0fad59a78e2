"""The strip of the presentation: what runs, how it works, three figures, and what the picture proves in words.

Owns how large they are, and that nothing moves when they change. Knows nothing of which view is seen below it.
"""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.lab.figures import FIGURES, Figure
from engine.own_model import known
from gui import appearance, formatting
from gui.controls import Card, Elided, set_accessible_name, set_role
from gui.timeline.canvas import LAG
from gui.timeline.sentence import LINES, SAID, SentenceLine, proven_sentences

if TYPE_CHECKING:
    from gui.history.histories import Histories, RunHistory

SHOWN = ("connections", "requests_per_second", "p50")
"""The figures, by their names."""
UNKNOWN = "–"
BIG, SMALL = 1.5, 0.75
"""Sizes of a figure and of its title, as parts of the normal one."""
WIDEST = "100,000"
"""The widest number that has room."""


class BigFigure(QWidget):
    """A figure with its unit, and its title below; as wide whatever the number is."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._title = formatting.shortest(formatting.figure_title(figure, brief=True))
        self.value, self._unit = UNKNOWN, ""
        self._theme = appearance.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_accessible_name(self, self._title, formatting.translate("figures", figure.tip))

    def show_value(self, value: str, unit: str) -> None:
        """Shows a number and its unit."""
        if (value, unit) != (self.value, self._unit):
            self.value, self._unit = value, unit
            self.setAccessibleDescription(f"{value} {unit}".strip())
            self.update()

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        base = QApplication.font()
        self._big, self._small = appearance.sized(base, BIG, bold=True), appearance.sized(base, SMALL)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        big, small = (QFontMetricsF(font) for font in (self._big, self._small))
        width = max(
            big.horizontalAdvance(WIDEST) + small.horizontalAdvance(" MiB"), small.horizontalAdvance(self._title)
        )
        return QSize(math.ceil(width), math.ceil(big.height() + small.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        big, small = (QFontMetricsF(font) for font in (self._big, self._small))
        font = appearance.sized(QApplication.font(), BIG, bold=True)
        room = self.width() - small.horizontalAdvance(f" {self._unit}")
        font.setPointSizeF(font.pointSizeF() * min(1.0, room / max(1.0, big.horizontalAdvance(self.value))))
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(QPointF(0, big.ascent()), self.value)
        x = painter.fontMetrics().horizontalAdvance(self.value) + small.horizontalAdvance(" ")
        painter.setFont(self._small)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QPointF(x, big.ascent()), self._unit)
        painter.drawText(QPointF(0, big.height() + small.ascent()), self._title)
        painter.end()


class RunStrip(QWidget):
    """What is said of one run."""

    def __init__(self) -> None:
        super().__init__()
        self.sign = QLabel()
        self.title = set_role(QLabel(), "strong")
        self.idea = set_role(Elided(), "small", muted=True)
        self.sentence = SentenceLine()
        self.figures = {name: BigFigure(FIGURES[name]) for name in SHOWN}
        self._model = ""
        self._theme = appearance.LIGHT
        self._run = self._said_at = -math.inf
        set_accessible_name(self.sentence, self.tr("What the picture proves"))
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.sign)
        first.addWidget(self.title)
        first.addWidget(self.idea, 1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(first)
        words.addWidget(self.sentence)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(22)
        row.addLayout(words, 1)
        for figure in self.figures.values():
            row.addWidget(figure)

    def show_run(self, history: "RunHistory", now: float, is_slow: bool = False) -> None:
        """Shows what is known of it at `now`; no sentence while the picture `is_slow`: that is of an earlier moment."""
        ready, seen = history.server.ready, history.server.seen(history.clients)
        for name, shown in self.figures.items():
            shown.show_value(*(formatting.figure(FIGURES[name], seen) or (UNKNOWN, "")))
        self.title.setText(formatting.run_title(ready) if ready else self.tr("Nothing runs"))
        hint = self.tr("Ctrl+Enter starts what is chosen, L puts load on it")
        idea = formatting.model_idea(ready.model) if ready and known(ready.model) else ""
        self.idea.setText(idea if ready else hint)
        self._show_sign(ready.model if ready else "")
        began = ready.time if ready else 0.0
        if is_slow:
            self.sentence.say([])
            self._said_at = -math.inf
        elif began != self._run or abs(now - self._said_at) >= SAID:
            self._run, self._said_at = began, now
            shape = history.server.shape(now)
            server = history.server
            proven = proven_sentences(
                history.lanes, now - LAG, shape[1] if shape else None, server.consequence(), server.idle_processors
            )
            self.sentence.say(proven if ready else [])

    def show_lines(self, lines: int) -> None:
        """Gives the sentence so many lines."""
        self.sentence.most_lines = lines
        self.sentence.setFixedHeight(lines * (appearance.line_height() + 2))

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        for figure in self.figures.values():
            figure.set_theme(theme)
        self.show_lines(self.sentence.most_lines)
        model, self._model = self._model, ""
        self._show_sign(model)

    def _show_sign(self, model: str) -> None:
        if model != self._model:
            self._model = model
            side = appearance.line_height()
            icon = appearance.icon(appearance.model_icon(model), self._theme.model_line(model))
            self.sign.setPixmap(icon.pixmap(side, side))
        self.sign.setVisible(bool(model))


class Strip(Card):
    """A row for each run that is seen: one, or two."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = (RunStrip(), RunStrip())
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 14, 6)
        column.setSpacing(6)
        for run in self.runs:
            column.addWidget(run)
        self.runs[1].hide()

    def show_histories(self, histories: "Histories", now: float, is_slow: bool = False) -> None:
        """Shows what is known at `now`; `is_slow`: the picture below shows an earlier moment in slow motion."""
        shown = (histories.first, histories.second)
        beside = histories.second.server.ready is not None
        if beside == self.runs[1].isHidden():
            self.runs[1].setVisible(beside)
            for run in self.runs:
                run.show_lines(1 if beside else LINES)
        for run, history in zip(self.runs[: 1 + beside], shown, strict=False):
            run.show_run(history, now, is_slow)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        for run in self.runs:
            run.set_theme(theme)
