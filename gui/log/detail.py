"""One request in full: the heads of the request and of its reply.

Owns nothing but what it shows.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from gui import theme, words
from gui.controls import IconButton, ReadText, with_role

if TYPE_CHECKING:
    from gui.request_log import Row


class RequestDetail(QWidget):
    """The pane that opens when a request is picked."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = with_role(QLabel(), "strong")
        self.title.setWordWrap(True)
        self.request = ReadText(self.tr("Head of the request"))
        self.reply = ReadText(self.tr("Head of the reply"))
        self.close_button = IconButton("x", self.tr("Close the details"), self.tr("Close the details (Esc)"))
        self.close_button.clicked.connect(self.closed)
        self._columns = QSplitter()
        self._columns.setChildrenCollapsible(False)
        for caption, text in (
            (self.tr("Request"), self.request),
            (self.tr("Reply, without Date, Served-By and Server-Timing: they are not kept"), self.reply),
        ):
            self._columns.addWidget(self._captioned(caption, text))
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._columns, 1)

    def tell(self, row: "Row") -> None:
        """Shows `row`."""
        asked = f"{row.method} {row.target}" if row.method else self.tr("No HTTP")
        parts = (
            asked,
            self.tr("connection {n}").format(n=row.connection),
            row.worker,
            self.tr("{size} bytes in {time}").format(
                size=words.whole(row.bytes), time=words.duration_text(row.waited + row.took)
            ),
        )
        self.title.setText(" · ".join(parts))
        self.request.setPlainText(row.request_head or self.tr("No head that could be understood."))
        self.reply.setPlainText(row.reply_head or self.tr("No head: the reply was not HTTP."))

    def arrange(self, orientation: Qt.Orientation) -> None:
        """Puts the two heads side by side or one above the other."""
        self._columns.setOrientation(orientation)

    def set_look(self, look: theme.Look) -> None:
        """Draws itself in `look`."""
        self.close_button.set_look(look)

    def _captioned(self, caption: str, text: ReadText) -> QWidget:
        pane = QWidget()
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        column.addWidget(with_role(QLabel(caption), "small", muted=True))
        text.setProperty("role", "head")
        text.setMinimumHeight(24)
        column.addWidget(text, 1)
        return pane
