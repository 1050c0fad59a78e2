"""The curtain over the picture, which is not to be seen before a guess.

Owns its widgets and its place. Knows nothing of lessons.
"""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import appearance
from gui.controls import no_click_focus, set_accessible_name, set_role


class Curtain(QFrame):
    """Covers a widget while it is shown."""

    opened = Signal()
    """The picture is to be seen anyway."""

    def __init__(self, widget: QWidget) -> None:
        """It covers `widget`, as a neighbour of it: what scrolls lays its scroll bars over its children."""
        super().__init__(widget.parentWidget())
        self._widget = widget
        self.setObjectName("curtain")
        self.sign = QLabel("?")
        self.text = set_role(QLabel(self.tr("The picture is shown when you have guessed.")), muted=True)
        self.anyway = no_click_focus(QPushButton(self.tr("Show it anyway")))
        set_accessible_name(self.anyway, self.tr("Show the picture without a guess"))
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(1)
        for each in (self.sign, self.text, self.anyway):
            column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.anyway.clicked.connect(self.opened)
        widget.installEventFilter(self)
        self.hide()

    def draw(self, covers: bool) -> None:
        """Covers the picture, or shows it."""
        self.setGeometry(self._widget.geometry())
        self.setVisible(covers)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.setGeometry(self._widget.geometry())
        return False

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.sign.setFont(appearance.sized(QApplication.font(), 3.0))
        self.setStyleSheet(
            f"QFrame#curtain {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: 8px; }}"
            f"QLabel {{ color: {theme.muted}; }}"
        )
