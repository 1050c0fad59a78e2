"""A program's text with its colours, line numbers, and a ground for lines that matter.

Owns the size of the text: as large as its lines fit the room, within bounds. Knows nothing of what makes a line matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextDocument,
)
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QToolTip, QWidget

from gui import appearance
from gui.controls import ReadText

if TYPE_CHECKING:
    from gui.source.highlight import ColourRange

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class CodeLine:
    """One row of the text."""

    text: str = ""
    number: int | None = None
    """As the file counts; None for a row that is no line of it."""
    colour_ranges: "Sequence[ColourRange]" = ()
    sign: str = ""
    """What stands beside the number: `+` or `−`."""
    differs: Sequence[tuple[int, int]] = ()
    """Begin and length of what is emphasised."""


def coloured(text: str) -> list[CodeLine]:
    """The lines of a Python text, in its colours."""
    from gui.source.highlight import colour_ranges  # only here: Pygments is slow to import

    rows = zip(text.split("\n"), colour_ranges(text), strict=True)
    return [CodeLine(line, number, found) for number, (line, found) in enumerate(rows, 1)]


class CodeView(ReadText):
    """A text to read and copy, from its first function on as large as possible."""

    smallest: ClassVar[float] = 0.8
    comfortable: ClassVar[float] = 1.0
    largest: ClassVar[float] = 1.35
    """Sizes of the text, as parts of the normal one; only for the width's sake is it less than comfortable."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.lines: list[CodeLine] = []
        self.theme = appearance.LIGHT
        self.margin = Margin(self)
        self._points = 0.0
        self.scrolled = False
        """Whether a person chose which lines are seen."""
        self._at_code = False  # whether the first function shall stay on top when the room changes
        self.verticalScrollBar().actionTriggered.connect(self.let_go)
        self._colours = Colours(self.document(), self)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.updateRequest.connect(self._on_update)

    def show_lines(self, lines: Sequence[CodeLine]) -> None:
        """Shows another text."""
        self.lines = list(lines)
        self.setPlainText("\n".join(line.text for line in lines))
        self.fit()

    def scroll_to_code(self) -> None:
        """Puts the first function on top, if not all can be seen, and keeps it there until something scrolls."""
        self.scrolled = False
        self._at_code = True
        first, visible = self._first_row(), self.verticalScrollBar().pageStep()
        self.verticalScrollBar().setValue(first if len(self.lines) > visible else 0)
        self.horizontalScrollBar().setValue(0)

    def let_go(self) -> None:
        """Leaves it to the person which lines are seen."""
        self.scrolled = True
        self._at_code = False

    def bring_into_sight(self, row: int) -> None:
        """Scrolls if the row can't be seen."""
        if not self.is_in_sight(row):
            bar = self.verticalScrollBar()
            bar.setValue(row - bar.pageStep() // 2)
            self._at_code = False

    def is_in_sight(self, row: int) -> bool:
        """Whether the whole row is seen."""
        bar = self.verticalScrollBar()
        return bar.value() <= row < bar.value() + bar.pageStep() - 1

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.theme = theme
        self._colours.rehighlight()
        self._points = 0.0  # another style sheet took the font away
        self.fit()
        self.update_all()

    def update_all(self) -> None:
        """Paints it anew."""
        self.viewport().update()
        self.margin.update()

    def fit(self) -> None:
        """Gives the text the size that suits it."""
        self.set_points(self.fitting())

    def set_points(self, points: float) -> None:
        """Writes the text in that size."""
        if points != self._points:
            self._points = points
            self.setFont(appearance.code_font(points))
        self._place_margin()

    def fitting(self) -> float:
        """The size, in points, in which all from the first function on can be seen, as far as that is readable."""
        base = QApplication.font().pointSizeF()
        lines = self.lines[self._first_row() :]
        metrics = QFontMetricsF(appearance.code_font(base * 10))
        wide = max((metrics.horizontalAdvance(line.text) for line in lines), default=1.0)
        wide += metrics.horizontalAdvance("0") * self.margin_width() / self.digit()
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 4 * self.document().documentMargin()
        high = metrics.lineSpacing() * (len(lines) + 1)
        size = min(10 * room / wide, max(10 * self.height() / high, self.comfortable))
        return round(base * min(max(size, self.smallest), self.largest), 1)

    # ---- what other views have of their own

    def background(self, row: int) -> str:
        """The colour under a row; empty where nothing is special."""
        return ""

    def difference(self, row: int) -> str:
        """The colour under what is emphasised in a row."""
        return self.theme.selection

    def margin_width(self) -> float:
        """Pixels that the margin takes."""
        return self.digit() * (self.digits() + 3.5)

    def paint_margin(self, painter: QPainter, row: int, place: QRectF) -> None:
        """Paints what stands left of a row: its number and its sign."""
        line = self.lines[row]
        painter.setFont(self.font())
        painter.setPen(QColor(self.theme.text if line.sign else self.theme.muted))
        edge = self.digit() * (self.digits() + 1)
        if line.number:
            painter.drawText(QRectF(0, place.top(), edge, place.height()), RIGHT, str(line.number))
        painter.drawText(QRectF(edge, place.top(), self.digit() * 2, place.height()), RIGHT, line.sign)

    def margin_tip(self, row: int) -> str:
        """What the tooltip says left of a row."""
        return self.toolTip()

    # ---- where things are

    def digit(self) -> float:
        """Pixels that a digit is wide."""
        return QFontMetricsF(self.font()).horizontalAdvance("0")

    def digits(self) -> int:
        """How many digits the numbers of the lines have."""
        return max(2, len(str(len(self.lines))))

    def rows_in_sight(self) -> Iterator[tuple[int, QRectF]]:
        """The rows that can be seen, whole or in part, and where, in the viewport's pixels."""
        block = self.firstVisibleBlock()
        while block.isValid():
            place = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if place.top() > self.viewport().height():
                return
            yield block.blockNumber(), QRectF(0, place.top(), self.viewport().width(), place.height())
            block = block.next()

    def text_end(self, row: int) -> float:
        """Where the text of a row ends, in the viewport's pixels."""
        length = QFontMetricsF(self.font()).horizontalAdvance(self.lines[row].text)
        return self.contentOffset().x() + self.document().documentMargin() + length

    # ---- Qt's own

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        for row, place in self.rows_in_sight():
            if background := self.background(row):
                painter.fillRect(place, QColor(background))
        painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
        if self._at_code:
            self.scroll_to_code()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._place_margin()

    def _place_margin(self) -> None:
        width = round(self.margin_width())
        self.setViewportMargins(width, 0, 0, 0)
        inside = self.contentsRect()
        self.margin.setGeometry(QRect(inside.left(), inside.top(), width, self.viewport().height()))

    def _first_row(self) -> int:
        """Where the first function begins; the top if there is none."""
        return next((row for row, line in enumerate(self.lines) if line.text.startswith("def ")), 0)

    def _on_update(self, area: QRect, scrolled: int) -> None:
        self.margin.update()


class Margin(QWidget):
    """What stands left of the text; the view knows what that is."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(self._view.theme.panel))
        for row, place in self._view.rows_in_sight():
            whole = QRectF(0, place.top(), self.width(), place.height())
            if background := self._view.background(row):
                painter.fillRect(whole, QColor(background))
            self._view.paint_margin(painter, row, whole)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            row = self._view.cursorForPosition(QPoint(0, event.pos().y())).blockNumber()
            QToolTip.showText(event.globalPos(), self._view.margin_tip(row), self)
            return True
        return super().event(event)


class Colours(QSyntaxHighlighter):
    """Writes each stretch of the text in the colour of what it is."""

    def __init__(self, document: QTextDocument, view: CodeView) -> None:
        super().__init__(document)
        self._view = view

    def highlightBlock(self, text: str) -> None:
        row = self.currentBlock().blockNumber()
        if row >= len(self._view.lines):
            return
        line, theme = self._view.lines[row], self._view.theme
        for colour in line.colour_ranges:
            self.setFormat(colour.start, colour.length, _written(colour.kind, theme))
        for begin, length in line.differs:
            for at in range(begin, begin + length):
                written = self.format(at)
                written.setBackground(QColor(self._view.difference(row)))
                self.setFormat(at, 1, written)


def _written(kind: str, theme: appearance.Theme) -> QTextCharFormat:
    written = QTextCharFormat()
    written.setForeground(QColor(theme.code_colour(kind)))
    if kind == "waits":
        written.setForeground(QColor(theme.busy))
        written.setBackground(QColor(theme.busy_back))
        written.setFontWeight(QFont.Weight.Bold)
    return written
