"""The card that invites phones: the address as a QR code and in letters, and how many are here.

Owns its widgets. Knows nothing of who is here.
"""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.apps.phone_limits import MOST_PHONES, REQUESTS_EACH
from gui import appearance, formatting
from gui.controls import Card, no_click_focus, set_accessible_name, set_role

QUIET = 4
"""Cells of white around a QR code, without which it is not found."""
SHARE = 0.3
"""The side of the code, as a part of the window's height."""
NARROW = 40
"""The width of the card, in heights of a line, up to which the buttons are below the text."""


class QrCode(QWidget):
    """A text as a QR code, as large as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self._cells: list[bytes] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Shows this text."""
        import segno  # only here: few windows need it

        self._cells = [bytes(row) for row in segno.make(text, micro=False).matrix]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))  # in dark too: a code on black is not found by every phone
        count = len(self._cells) + 2 * QUIET
        cell = max(1, self.width() // count)
        left = (self.width() - cell * len(self._cells)) // 2
        for row, cells in enumerate(self._cells):
            for column, dark in enumerate(cells):
                if dark:
                    painter.fillRect(QRectF(left + column * cell, left + row * cell, cell, cell), QColor("black"))
        painter.end()


class PhonesCard(Card):
    """The invitation, and how many have come; folded to a line by its button."""

    folded = Signal(bool)
    end_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_folded = False
        self.code = QrCode()
        self.url = set_role(QLabel(), "address")
        self.url.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = QLabel(
            self.tr(
                "Same Wi-Fi, then scan. Your phone becomes a lane: tap Ask, or hold Read slowly and see who has"
                " to wait."
            )
        )
        self.text.setWordWrap(True)
        self.limits = set_role(
            QLabel(
                self.tr(
                    "Only this port, only one page; ends with Stop. At most {phones} phones, {requests} requests a"
                    " second each."
                ).format(phones=MOST_PHONES, requests=REQUESTS_EACH)
            ),
            "small",
            muted=True,
        )
        self.limits.setWordWrap(True)
        self.count = set_role(QLabel("0"), "figure")
        self.here = set_role(QLabel(), "small", muted=True)
        self.fold = no_click_focus(QPushButton())
        self.end = no_click_focus(QPushButton(self.tr("Let nobody in")))
        set_accessible_name(self.end, self.tr("Let nobody in"), self.tr("The server is for this machine only again"))
        for button in (self.fold, self.end):
            button.setProperty("dense", "true")
        self._build()
        self.fold.clicked.connect(lambda: self.show_folded(not self.is_folded))
        self.end.clicked.connect(self.end_requested)
        self.show_here(0)
        self.show_folded(False)

    def show_url(self, url: str) -> None:
        """Shows this address."""
        self.url.setText(url)
        self.code.show_text(url)
        set_accessible_name(self.code, self.tr("The address as a QR code: {url}").format(url=url))

    def fit(self, height: int) -> None:
        """Takes the size that suits a window of this height, in pixels."""
        self.code.setFixedSize(round(SHARE * height), round(SHARE * height))

    def show_here(self, phones: int) -> None:
        """Shows how many phones are here."""
        self.count.setText(formatting.whole(phones))
        self.here.setText(self.tr("%Ln phone(s) here", "", phones))

    def show_folded(self, folded: bool) -> None:
        """Shows all of it, or a line."""
        self.is_folded = folded
        for each in (self.code, self.text, self.limits):
            each.setVisible(not folded)
        text = self.tr("Show the code") if folded else self.tr("Fold")
        self._place()
        self.fold.setText(text)
        set_accessible_name(self.fold, text, self.tr("Show the address as large as the wall, or in a line"))
        self.folded.emit(folded)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def minimumSizeHint(self) -> QSize:
        """The width without the column at the right, which finds room below."""
        least = super().minimumSizeHint()
        return QSize(min(least.width(), round(NARROW / 2 * appearance.line_height())), least.height())

    def _place(self) -> None:
        """Puts count and buttons beside the text, or below it where there is little room."""
        narrow = not self.is_folded and self.width() <= NARROW * appearance.line_height()
        self._row.removeWidget(self._right)
        self._row.addWidget(self._right, int(narrow), 1 if narrow else 2)
        self._column.setDirection(QBoxLayout.Direction.LeftToRight if narrow else QBoxLayout.Direction.TopToBottom)
        self.count.setVisible(not narrow and not self.is_folded)

    def _build(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(8)
        middle.addStretch(1)
        for each in (self.url, self.text, self.limits):
            middle.addWidget(each)
        middle.addStretch(1)
        self._right = QWidget()
        self._column = column = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        buttons = QHBoxLayout()
        buttons.addWidget(self.fold)
        buttons.addWidget(self.end)
        column.addStretch(1)
        for each in (self.count, self.here):
            column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        column.addLayout(buttons)
        self._row = row = QGridLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setHorizontalSpacing(20)
        row.setColumnStretch(1, 1)
        row.addWidget(self.code, 0, 0, 2, 1)
        row.addLayout(middle, 0, 1)
