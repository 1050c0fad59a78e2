"""One request in full: the parts of its time, and the heads of the request and of its reply.

Owns nothing but what it shows.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui import appearance, formatting
from gui.controls import Elided, IconButton, ReadText, set_role
from gui.log.waterfall import WaterfallView
from gui.log.words import total_text
from gui.splitter import Splitter

if TYPE_CHECKING:
    from gui.history.lanes import Lanes
    from gui.history.request_log import LoggedRequest

LEAST_LINES = 5
"""The least lines of a head in sight."""


class RequestDetail(QWidget):
    """The pane that opens when a request is picked."""

    closed = Signal()

    def __init__(self, lanes: "Lanes") -> None:
        """`lanes` have the intervals of the requests."""
        super().__init__()
        self.waterfall = WaterfallView(lanes)
        self.title = set_role(QLabel(), "strong")
        self.title.setWordWrap(True)
        self.request = ReadText(self.tr("Head of the request"))
        self.reply = ReadText(self.tr("Head of the reply"))
        self.close_button = IconButton("x", self.tr("Close the details"), self.tr("Close the details (Esc)"))
        self.close_button.clicked.connect(self.closed)
        self._columns = Splitter()
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
        column.addWidget(self._scrolled(self.waterfall, self._columns), 1)

    def show_request(self, row: "LoggedRequest") -> None:
        """Shows `row`."""
        asked = f"{row.method} {row.target}" if row.method else self.tr("No HTTP")
        parts = (
            asked,
            self.tr("connection {n}").format(n=row.connection),
            formatting.worker_name(row.traits, row.worker),
            self.tr("{size} bytes in {time}").format(
                size=formatting.whole(row.bytes), time=total_text(row.parts.total, row.parts.from_arrival)
            ),
        )
        self.title.setText(" · ".join(parts))
        self.waterfall.show_request(row)
        self.request.setPlainText(row.request_head or self.tr("The head could not be parsed."))
        self.reply.setPlainText(row.reply_head or self.tr("No head: the reply was not HTTP."))

    def arrange(self, orientation: Qt.Orientation) -> None:
        """Puts the two heads side by side or one above the other."""
        self._columns.setOrientation(orientation)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.close_button.set_theme(theme)
        self.waterfall.set_theme(theme)

    @staticmethod
    def _scrolled(*parts: QWidget) -> QScrollArea:
        """The parts one below the other; where there is no room for all, they are scrolled."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(4)
        for part in parts:
            column.addWidget(part)
        column.setStretch(len(parts) - 1, 1)
        area = QScrollArea()
        area.setWidget(body)
        body.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _captioned(self, caption: str, text: ReadText) -> QWidget:
        pane = QWidget()
        column = QVBoxLayout(pane)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(0)
        said = set_role(Elided(), "small", muted=True)
        said.setText(caption)
        column.addWidget(said)
        text.setProperty("role", "head")
        text.setMinimumHeight(LEAST_LINES * text.fontMetrics().lineSpacing())
        column.addWidget(text, 1)
        return pane
