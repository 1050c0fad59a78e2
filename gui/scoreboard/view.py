"""Draws the scoreboard's rows: a bar in each cell, long enough to be compared from the last row of a lecture hall.

Owns the columns' widths and which columns there is room for. Knows nothing of which rows there are.
"""

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui import appearance, formatting
from gui.controls import is_text_key, set_accessible_name
from gui.scoreboard.table import (
    CPU,
    FAILED,
    LEFT,
    MEMORY,
    MODEL,
    P999,
    RATE,
    RIGHT,
    WORKERS,
    AnyIndex,
    ScoreboardLine,
    ScoreboardModel,
)

GAP = 5
"""Pixels at either side of a cell's text."""
ARRANGEMENTS: tuple[tuple[float, bool, frozenset[int]], ...] = (
    (1.2, False, frozenset()),
    (1.1, False, frozenset()),
    (1.0, False, frozenset()),
    (0.9, False, frozenset()),
    (0.9, True, frozenset()),
    (0.84, True, frozenset()),
    (0.84, True, frozenset({P999})),
    (0.84, True, frozenset({P999, CPU})),
    (0.84, True, frozenset({P999, CPU, WORKERS})),
    (0.84, True, frozenset({P999, CPU, WORKERS, MEMORY})),
)
"""The text's size as a part of the normal one, whether texts are shortened, and the columns left out. The first entry
that fits is used, or the last, which scrolls. The row's tooltip has what is left out, and the curves show p99.9."""
LEAST_TITLE = 0.55
"""To which part of its width a model's column may shrink where texts are shortened."""


class ScoreboardView(QTableView):
    """The table; it leaves letters, digits and Space to the window."""

    def __init__(self, table: ScoreboardModel) -> None:
        super().__init__()
        self._table = table
        self._theme = appearance.LIGHT
        self._picked: set[str] = set()
        self.cell_font = QFont()
        """The font of the cells: as large as fits."""
        self._delegate = _Cells(table, self)
        self.setModel(table)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(self.tr("Scoreboard"))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QTableView.EditTrigger.EditKeyPressed | QTableView.EditTrigger.DoubleClicked)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(24)
        self.horizontalHeader().sectionClicked.connect(table.ordered_by)
        table.modelAboutToBeReset.connect(self._remember)
        table.modelReset.connect(self._rebuild)

    @property
    def editing(self) -> bool:
        """Whether a name is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def picked(self) -> set[str]:
        """The keys of the rows that are selected."""
        lines = (self._table.lines[index.row()] for index in self.selectionModel().selectedRows())
        return {line.entry.key for line in lines if line.entry}

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_text_key(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _remember(self) -> None:
        self._picked = self.picked()

    def _rebuild(self) -> None:
        """Restores the spans and the selection after a reset of the table model."""
        self.clearSpans()
        selection = QItemSelection()
        for row, line in enumerate(self._table.lines):
            if not line.entry:
                self.setSpan(row, 0, 1, len(self._table.columns))
            elif line.entry.key in self._picked:
                selection.select(self._table.index(row, 0), self._table.index(row, WORKERS))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._fit()

    def least_width(self) -> int:
        """Pixels in which no column has to be left out."""
        size, short, _ = next(each for each in reversed(ARRANGEMENTS) if not each[2])
        needs = self._needs(appearance.sized(QApplication.font(), size), short)
        return sum(needs.values()) + self.verticalScrollBar().sizeHint().width()

    def _fit(self) -> None:
        """Gives each column the width it needs, and the rest to the bars; hides columns that do not fit."""
        room = self.viewport().width()
        for size, short, without in ARRANGEMENTS:
            self.cell_font = font = appearance.sized(QApplication.font(), size)
            widths = {column: need for column, need in self._needs(font, short).items() if column not in without}
            spare = room - sum(widths.values())
            if spare >= 0:
                break
        self._share(widths, max(0, spare), 0 if not short else self._needs(font, short=False)[MODEL])
        for column in range(len(self._table.columns)):
            self.setColumnHidden(column, column not in widths)
            if column in widths:
                self.setColumnWidth(column, widths[column])
        self.verticalHeader().setDefaultSectionSize(round(QFontMetrics(font).height() * 1.25) + 8)
        self._delegate.apply_theme(self._theme, font)
        self.viewport().update()

    @staticmethod
    def _share(widths: dict[int, int], spare: int, title: int) -> None:
        """Distributes the spare width: first to the titles until they are whole, then to the bars."""
        whole = min(spare, max(0, title - widths[MODEL]))
        widths[MODEL] += whole
        share, rest = divmod(spare - whole, len(widths))
        for column in widths.keys() - {MODEL}:
            widths[column] += share
        widths[RATE] += share + rest

    def _needs(self, font: QFont, short: bool) -> dict[int, int]:
        """The width of each column's texts."""
        metrics, bold = QFontMetrics(font), QFontMetrics(appearance.sized(font, 1.0, bold=True))
        head = QFontMetrics(appearance.sized(QApplication.font(), appearance.SIZES["note"]))
        needs = {}
        for number, column in enumerate(self._table.columns):
            sample = column.sample.split("\x9c")[-1 if short else 0]
            needs[number] = max(head.horizontalAdvance(column.title), bold.horizontalAdvance(sample)) + 2 * GAP + 2
        titles = [formatting.longest(self._table.text(line, MODEL)) for line in self._table.lines if line.entry]
        title = max(map(bold.horizontalAdvance, titles), default=0) + 2 * _icon_side(metrics) + 3 * GAP
        needs[MODEL] = max(needs[MODEL], round(title * (LEAST_TITLE if short else 1.0)))
        return needs


class _Cells(QStyledItemDelegate):
    """Draws one cell: the background, the bar, a sign where one is needed, and the text."""

    def __init__(self, table: ScoreboardModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._table = table
        self.apply_theme(appearance.LIGHT, QFont())

    def apply_theme(self, theme: appearance.Theme, font: QFont) -> None:
        """Draws in `theme`, with texts in `font`."""
        self._theme = theme
        self._font, self._bold = font, appearance.sized(font, 1.0, bold=True)
        self._note = appearance.sized(font, appearance.SIZES["note"])

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(10, 10)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        line, column, area = self._table.lines[index.row()], index.column(), option.rect
        painter.save()
        if not line.entry:
            seen = option.widget.viewport().rect() if isinstance(option.widget, QAbstractScrollArea) else area
            self._paint_heading(painter, line, area & seen)
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(area, QColor(self._theme.selection))
            if column == MODEL:
                self._paint_title(painter, line, area)
            else:
                self._paint_value(painter, line, column, area)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        entry = self._table.lines[index.row()].entry
        assert entry
        editor = set_accessible_name(QLineEdit(parent), self.tr("Name of the row"))
        editor.setPlaceholderText(formatting.model_title(entry.row.model))
        editor.setStyleSheet("padding: 0 4px; border-radius: 3px;")
        return editor

    def _paint_heading(self, painter: QPainter, line: ScoreboardLine, area: QRect) -> None:
        theme = self._theme
        if line.foreign:
            painter.fillRect(area.adjusted(0, 3, 0, -1), QColor(theme.busy_back))
        painter.setFont(self._note)
        painter.setPen(QColor(theme.busy if line.foreign else theme.muted))
        inside = area.adjusted(GAP, 2, -GAP, 0)
        shown = painter.fontMetrics().elidedText(line.title, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, LEFT, shown)

    def _paint_title(self, painter: QPainter, line: ScoreboardLine, area: QRect) -> None:
        theme, entry = self._theme, line.entry
        assert entry
        side = _icon_side(QFontMetrics(self._font))
        middle = area.center().y() - side // 2 + 1
        model = appearance.icon(appearance.model_icon(entry.row.model), theme.model_line(entry.row.model))
        model.paint(painter, area.left() + GAP, middle, side, side)
        inside = area.adjusted(2 * GAP + side, 0, -GAP, 0)
        if entry.pinned:
            appearance.icon("pin", theme.muted).paint(painter, inside.right() - side, middle, side, side)
            inside.setRight(inside.right() - side - 2)
        painter.setFont(self._font if line.growing else self._bold)
        wrong = bool(entry.row.conditions.mistake)
        painter.setPen(QColor(theme.bad if wrong else theme.model_text(entry.row.model)))
        text = self._table.text(line, MODEL)
        painter.drawText(
            inside, LEFT, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        )

    def _paint_value(self, painter: QPainter, line: ScoreboardLine, column: int, area: QRect) -> None:
        theme, entry = self._theme, line.entry
        assert entry
        wrong = column == FAILED and entry.row.failed > 0
        bar = QRectF(area).adjusted(3, 3, -3, -3)
        bar.setWidth(bar.width() * self._table.share(line, column))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.bad_back if wrong else theme.model_bar(entry.row.model)))
        if bar.width() >= 1:
            painter.drawRoundedRect(bar, 3, 3)
        painter.setFont(self._bold if wrong else self._font)
        painter.setPen(QColor(theme.bad if wrong else theme.text))
        inside = area.adjusted(GAP, 0, -GAP, 0)
        text = self._table.text(line, column)
        if wrong:
            side = _icon_side(QFontMetrics(self._font))
            left = inside.right() - painter.fontMetrics().horizontalAdvance(text) - side - 4
            appearance.icon("triangle-alert", theme.bad).paint(
                painter, max(inside.left(), left), area.center().y() - side // 2 + 1, side, side
            )
        painter.drawText(
            inside, RIGHT, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        )


def _icon_side(metrics: QFontMetrics) -> int:
    return round(metrics.height() * 0.85)
