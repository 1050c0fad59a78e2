"""What was done on one connection and what came back, as text that grows.

Owns how an act is written. Knows nothing of how it was done.
"""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from gui import appearance, formatting
from gui.by_hand.escapes import shown
from gui.by_hand.words import act_words, arrow, missing_words, since
from gui.controls import ReadText
from gui.history.by_hand import OURS, OVER, Act, ClientByHand

MOST_LINES = 5_000


class Transcript(ReadText):
    """The acts of one client; it follows the newest while its end is in sight."""

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("by-hand", "What was sent and what came back"))
        self.setProperty("role", "head")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setMaximumBlockCount(MOST_LINES)
        self._client: ClientByHand | None = None
        self._written = 0
        self._theme = appearance.LIGHT

    def show_client(self, client: ClientByHand | None) -> None:
        """Shows what is known of this client now."""
        if client is not self._client:
            self._client, self._written = client, 0
            self.clear()
        if client is None or self._written == len(client.acts):
            return
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 2
        for act in client.acts[self._written :]:
            self._write(client, act)
        self._written = len(client.acts)
        if follows:
            bar.setValue(bar.maximum())

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self._theme = theme
        client, self._client = self._client, None
        self.show_client(client)

    def _write(self, client: ClientByHand, act: Act) -> None:
        theme = self._theme
        colour = theme.accent if act.kind in OURS else theme.bad if act.kind in OVER else theme.good
        self._append(f"{since(client, act)}  {arrow(act)} {formatting.capitalized(act_words(act))}", colour, bold=True)
        if act.data:
            self._append(shown(act.data), theme.text)
        if missing := missing_words(act):
            self._append(missing, theme.muted)

    def _append(self, text: str, colour: str, bold: bool = False) -> None:
        if not text.isascii():
            appearance.load_chinese_font()  # as in the example site, whatever the window's language
        look = QTextCharFormat()
        look.setForeground(QColor(colour))
        look.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if self.document().characterCount() > 1:
            cursor.insertBlock()
        cursor.insertText(text, look)
