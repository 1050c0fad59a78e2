"""One request in full: the parts of its time, and the heads of the request and of its reply.

Owns how they share the room: the heads stand beside the parts, so that both are in view.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from engine.telemetry.bounds import connection_name
from gui import appearance, formatting
from gui.controls import Elided, IconButton, ReadText, set_role
from gui.glossary import plain_tip
from gui.log.waterfall import WaterfallView
from gui.log.words import total_text
from gui.splitter import Splitter

if TYPE_CHECKING:
    from gui.history.lanes import Lanes
    from gui.history.request_log import LoggedRequest

LEAST_LINES = 1
"""The least lines of a head in sight."""
WIDE = 860
"""Pixels of width from which the two heads are side by side."""


class RequestDetail(QWidget):
    """The pane that opens when a request is picked."""

    closed = Signal()

    def __init__(self, lanes: "Lanes") -> None:
        """`lanes` have the intervals of the requests."""
        super().__init__()
        self.waterfall = WaterfallView(lanes)
        self.title = set_role(Elided(), "strong")
        self.request = ReadText(self.tr("Head of the request"))
        self.reply = ReadText(self.tr("Head of the reply"))
        self.close_button = IconButton("x", self.tr("Close the details"), self.tr("Close the details (Esc)"))
        self.close_button.clicked.connect(self.closed)
        self._heads = Splitter(Qt.Orientation.Vertical)
        for caption, text in (
            (self.tr("Request"), self.request),
            (self.tr("Reply, without Date, Served-By and Server-Timing: they are not kept"), self.reply),
        ):
            self._heads.addWidget(self._captioned(caption, text))
        columns = Splitter()
        columns.addWidget(self._scrolled(self.waterfall))
        columns.addWidget(self._heads)
        columns.setSizes([500, 600])
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(columns, 1)

    def show_request(self, row: "LoggedRequest") -> None:
        """Shows `row`."""
        asked = f"{row.method} {row.target}" if row.method else self.tr("No HTTP")
        parts = (
            asked,
            self.tr("connection {n}").format(n=connection_name(row.connection)),
            formatting.worker_name(row.traits, row.worker),
            self.tr("{size} bytes in {time}").format(
                size=formatting.whole(row.bytes), time=total_text(row.parts.total, row.parts.from_arrival)
            ),
        )
        self.title.setText(" · ".join(parts))
        self.title.setToolTip(plain_tip(self.title.text()))
        self.waterfall.show_request(row)
        self.request.setPlainText(row.request_head or self.tr("The head could not be parsed."))
        self.reply.setPlainText(row.reply_head or self.tr("No head: the reply was not HTTP."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._heads.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.close_button.set_theme(theme)
        self.waterfall.set_theme(theme)

    @staticmethod
    def _scrolled(part: QWidget) -> QScrollArea:
        """The part at the top; where there is no room for it, it is scrolled."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(part)
        column.addStretch(1)
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
        text.setLineWrapMode(ReadText.LineWrapMode.WidgetWidth)  # a bar to scroll sideways would take a line's room
        text.setMinimumHeight(LEAST_LINES * text.fontMetrics().lineSpacing())
        column.addWidget(text, 1)
        return pane
