"""The bar with an error message and a button for its remedy.

Owns which notice is shown: the latest; a lasting one comes back after it. It covers what is below it, so that
nothing moves when it appears or disappears. Knows nothing of what its button does.
"""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui import appearance
from gui.controls import IconButton, ReadText, set_accessible_name, set_role
from gui.errors import Notice, Offer

GOOD_MS = 8000
"""Milliseconds after which good news hides by itself."""


class NoticeBar(QFrame):
    """One message over the upper edge of a widget; hidden when there is none."""

    accepted = Signal(object)
    """The `Offer` whose button was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.notice: Notice | None = None
        self._lasting: Notice | None = None
        self.sign = QLabel()
        self.title = set_role(QLabel(), "strong")
        self.text = set_role(QLabel())
        self.button = QPushButton()
        self.details = set_accessible_name(
            QPushButton(self.tr("Details")), self.tr("Details"), self.tr("Show what was written to the error output")
        )
        self.dismiss = IconButton("x", self.tr("Dismiss this message"))
        self._theme = appearance.LIGHT
        self.setObjectName("notice")
        self._passing = QTimer(self, interval=GOOD_MS, singleShot=True)
        self._build()
        self.hide()

    def show_notice(self, notice: Notice | None) -> None:
        """Shows `notice` instead of the last one; None hides a notice that starting the server may remedy."""
        if notice and notice.lasting:
            self._lasting = notice
        notice = notice or self._lasting
        self.notice = notice
        if notice:
            self.title.setText(notice.title)
            self.text.setText(notice.text)
            offer = notice.offer.label if notice.offer else ""
            self.button.setText(offer)
            set_accessible_name(self.button, offer)
            self.button.setVisible(bool(offer))
            self.details.setVisible(notice.details is not None)
            self.setAccessibleName(notice.title)
            self.setAccessibleDescription(notice.text)
            self._apply_theme()
        self.setVisible(notice is not None)
        self._passing.stop()
        if notice and notice.good:
            self._passing.start()
        self._place()

    def lie_over(self, widget: QWidget) -> None:
        """Lies over the upper edge of `widget`, with the same width."""
        self.setParent(widget)
        self.setVisible(self.notice is not None)
        widget.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        self.dismiss.set_theme(theme)
        self._apply_theme()
        self._place()

    def _build(self) -> None:
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        says = QVBoxLayout()
        says.setSpacing(1)
        says.addWidget(self.title)
        says.addWidget(self.text)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self.sign)
        row.addLayout(says, 1)
        row.addWidget(self.details)
        row.addWidget(self.button)
        row.addWidget(self.dismiss)
        self.button.clicked.connect(self._accept)
        self.details.clicked.connect(self._show_details)
        self.dismiss.clicked.connect(self._dismiss)
        self._passing.timeout.connect(self._dismiss)

    def _place(self) -> None:
        below = self.parentWidget()
        if below and self.notice:
            self._row.activate()
            self.setGeometry(0, 0, below.width(), self._row.totalHeightForWidth(below.width()))
            self.raise_()

    def _apply_theme(self) -> None:
        theme = self._theme
        serious, good = (self.notice.serious, self.notice.good) if self.notice else (True, False)
        colour, back, icon = theme.busy, theme.busy_back, "triangle-alert"
        if good:
            colour, back, icon = theme.good, theme.good_back, "check"
        elif serious:
            colour, back, icon = theme.bad, theme.bad_back, "circle-alert"
        self.sign.setAccessibleName(self.tr("Done") if good else self.tr("Warning"))
        self.setStyleSheet(
            f"QFrame#notice {{ background: {back}; border: 1px solid {colour}; border-radius: 8px; }}"
            f"QLabel {{ color: {theme.text}; }}"
        )
        side = round(QApplication.font().pointSizeF() * 2)
        self.sign.setPixmap(appearance.icon(icon, colour).pixmap(side, side))

    def _dismiss(self) -> None:
        if self.notice is self._lasting:
            self._lasting = None
        self.show_notice(None)

    def _show_details(self) -> None:
        if self.notice and self.notice.details:
            DetailsDialog(self.notice.title, self.notice.details(), self.window()).open()

    def _accept(self) -> None:
        offer: Offer | None = self.notice.offer if self.notice else None
        self.show_notice(None)
        self.accepted.emit(offer)


class DetailsDialog(QDialog):
    """What a program wrote to its error output, to be read and copied."""

    def __init__(self, title: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.text = ReadText(self.tr("Error output"))
        self.text.setPlainText(details)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
        self.resize(860, 460)
