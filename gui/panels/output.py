"""The output of a program of the user's: what it has written to stdout and stderr, and what was reported of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from engine.telemetry import wire
from gui import appearance, errors
from gui.controls import Elided, ReadText, set_accessible_name, set_role

if TYPE_CHECKING:
    from gui.history.histories import RunHistory
    from gui.history.program import ProgramHistory


class OutputPanel(QWidget):
    """Lines in the order in which they came, those that contain the search's words; it follows the newest."""

    def __init__(self) -> None:
        super().__init__()
        self._program: ProgramHistory | None = None
        self._drawn = 0
        self._theme = appearance.LIGHT
        self.search = set_accessible_name(QLineEdit(), self.tr("Search the output"))
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(280)
        self.status = set_role(Elided(), "small", muted=True)
        self.text = ReadText(self.tr("Output of the program"))
        self.text.setMaximumBlockCount(5_000)
        self.empty = set_role(QLabel(self.tr("The program has written nothing yet.")), muted=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.addWidget(self.status, 1)
        top.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 12)
        column.addLayout(top)
        column.addWidget(self.empty, 1)
        column.addWidget(self.text, 1)
        self.search.textChanged.connect(self._show_again)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.text.setFont(appearance.code_font(QApplication.font().pointSizeF() * 0.95))
        self._show_again()

    def show_run(self, history: "RunHistory") -> None:
        """Shows this run from now on; called again when its engine begins or ends."""
        if history.program is not self._program:
            self._program = history.program
            self._show_again()

    def draw(self, now: float) -> None:
        """Shows what was written since the last call."""
        program = self._program
        if program is None or not self.isVisible():
            return
        self.status.setText(errors.seen_text(program.seen) if program.seen else "")
        if program.count == self._drawn:
            return
        bar = self.text.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        new = min(program.count - self._drawn, len(program.lines))
        for stream, said in list(program.lines)[-new:] if new > 0 else ():
            self._append(stream, said)
        self._drawn = program.count
        self.empty.setVisible(not program.lines)
        self.text.setVisible(bool(program.lines))
        if follows:
            bar.setValue(bar.maximum())

    def show_frozen(self, frozen: bool) -> None:
        """Nothing to do: it is not drawn while it is frozen."""

    def select(self, connection: int, moment: float = 0.0) -> None:
        """Nothing to do: its lines are of no connection."""

    def _show_again(self) -> None:
        self.text.clear()
        self._drawn = 0
        self.empty.show()
        self.text.hide()
        self.draw(0.0)

    def _append(self, stream: str, said: str | wire.Problem) -> None:
        text = errors.problem_text(said) if isinstance(said, wire.Problem) else said
        if self.search.text().casefold() not in text.casefold():
            return
        colour = {"stdout": self._theme.text, "stderr": self._theme.busy}.get(stream, self._theme.bad)
        look = QTextCharFormat()
        look.setForeground(QColor(colour))
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.text.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(text, look)
