"""A client by hand: the connections that a person opens, what is sent on each, and what comes back.

Owns what is to be sent, and which of the connections is chosen. Knows nothing of sockets: what a person asks for leaves
as a signal, what was done arrives by `show_history`.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui import appearance
from gui.by_hand.escapes import EscapeError, parsed, shown
from gui.by_hand.payloads import PAYLOADS
from gui.by_hand.transcript import Transcript
from gui.by_hand.words import client_name, state_sign, state_words
from gui.controls import Elided, no_click_focus, set_accessible_name, set_role
from gui.history.by_hand import LISTED, ClientByHand

if TYPE_CHECKING:
    from gui.history.by_hand import HandHistory

COLUMNS = 4
"""Clients in a line."""
TEXT_LINES = 3
"""Lines of the field for what is to be sent."""
WIDE = 1.5
"""Times the height, from which width on the controls stand beside what came back."""
WIDTH = 15
"""The least width, in heights of a line."""
UNLIMITED = 16_777_215


class PayloadField(QPlainTextEdit):
    """What is to be sent, escaped; Enter sends it, Shift+Enter begins a line."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class ByHandPanel(QWidget):
    """The clients, what can be done with the chosen one, and what came of it."""

    open_requested = Signal()
    send_requested = Signal(int, bytes)
    """The number of a client, as in all of these, and the bytes."""
    hold_requested = Signal(int, bool)
    half_close_requested = Signal(int)
    reset_requested = Signal(int)
    close_requested = Signal(int)
    client_chosen = Signal(int)
    """The user chose this one."""

    def __init__(self) -> None:
        super().__init__()
        self.open = no_click_focus(QPushButton(" " + self.tr("Open a connection")))
        self.note = set_role(Elided(), "small", muted=True)
        self.clients = [no_click_focus(QPushButton()) for _ in range(LISTED)]
        self.about = set_role(Elided(), "small")
        self.payload = no_click_focus(QComboBox())
        self.text = PayloadField()
        self.fault = set_role(Elided(), "small", muted=True)
        self.send = self._act_button(self.tr("Send"), self.tr("Send all of it (Enter in the field)"), "S")
        self.send_byte = self._act_button(
            self.tr("1 byte"), self.tr("Send its first byte; the others stay in the field"), "B"
        )
        self.hold = self._act_button(
            self.tr("Hold"),
            self.tr("Read nothing of what comes back: a server that sends much has to wait"),
            "H",
        )
        self.half_close = self._act_button(
            self.tr("Half-close"), self.tr("Say that nothing more is sent (FIN); what comes back is read"), "E"
        )
        self.reset = self._act_button(
            self.tr("Reset"), self.tr("Break the connection off (RST): the server's next call on it fails"), "R"
        )
        self.close_one = self._act_button(self.tr("Close"), self.tr("Close the connection in order"), "W")
        self.transcript = Transcript()
        self.chosen = 0
        """The number of the client that is chosen; 0: there is none."""
        self._history: HandHistory | None = None
        self._drawn: tuple[object, ...] = ()
        self._newest = 0
        """The number of the newest client that is shown."""
        self._address = ""
        self._why = ""
        self._is_live = False
        self._ending: frozenset[int] = frozenset()
        self._build()
        self._connect()
        self._fill()
        self._show_acts()

    # ---- what is shown

    def show_target(self, address: str, why: str, is_live: bool) -> None:
        """Shows where connections go, `host:port`; or, if none can be opened, why not.

        `is_live`: whether the clients that are shown can be used.
        """
        if (address, why, is_live) == (self._address, self._why, self._is_live):
            return
        if address and address != self._address:
            is_untouched = self.text.toPlainText() == self._chosen_text
            self._address = address
            if is_untouched:
                self._fill()
        self._why, self._is_live = why, is_live
        self.note.setText(why or self.tr("to {address}").format(address=address))
        tip = why or self.tr("Open one more connection to {address}").format(address=address)
        set_accessible_name(self.open, self.tr("Open a connection"), self._with_key(tip, "O"))
        set_accessible_name(self.note, self.note.text())
        self._show_acts()

    def show_ending(self, ending: frozenset[int]) -> None:
        """Shows which clients are to say that nothing more is sent, once all is: nothing can be added to that."""
        if ending != self._ending:
            self._ending = ending
            self._show_acts()

    def show_history(self, history: "HandHistory") -> None:
        """Shows the clients of this history, as far as it is known now."""
        drawn = (history, history.revision, self.chosen)
        if drawn == self._drawn:
            return
        if self._history is not history:
            self._history, self.chosen, self._newest = history, 0, 0
        numbers = list(history.clients)
        newest = numbers[-1] if numbers else 0
        if self.chosen not in history.clients or newest > self._newest:
            self.chosen = newest
        self._newest = newest
        self._drawn = (history, history.revision, self.chosen)
        self._show_clients(list(history.clients.values()))
        self._show_acts()

    def choose(self, number: int) -> None:
        """Chooses a client."""
        self.chosen = number
        if self._history:
            self.show_history(self._history)

    def set_theme(self, theme: appearance.Theme) -> None:
        """Draws itself in `theme`."""
        self.open.setIcon(appearance.icon("hand", theme.text))
        self.transcript.set_theme(theme)
        self.text.setFixedHeight(self.text.fontMetrics().lineSpacing() * TEXT_LINES + 14)
        frame = f"border: 1px solid {theme.border}; border-radius: 7px; background: {theme.panel};"
        focused = f"QPlainTextEdit:focus {{ border-color: {theme.accent}; }}"
        for each in (self.text, self.transcript):
            each.setStyleSheet(f"QPlainTextEdit {{ {frame} }} {focused}")

    @property
    def client(self) -> ClientByHand | None:
        """The one that is chosen."""
        return self._history.clients.get(self.chosen) if self._history else None

    # ---- built once

    def _act_button(self, name: str, tip: str, key: str) -> QPushButton:
        button = no_click_focus(QPushButton(name))
        button.setProperty("dense", "true")
        button.setShortcut(QKeySequence(f"Ctrl+Shift+{key}"))
        return set_accessible_name(button, name, self._with_key(tip, key))

    @staticmethod
    def _with_key(tip: str, key: str) -> str:
        keys = QKeySequence(f"Ctrl+Shift+{key}").toString(QKeySequence.SequenceFormat.NativeText)
        return f"{tip} ({keys})"

    def _build(self) -> None:
        self.open.setShortcut(QKeySequence("Ctrl+Shift+O"))
        set_accessible_name(self.about, self.tr("The chosen connection"))
        set_accessible_name(self.payload, self.tr("What to send"))
        for each in PAYLOADS.values():
            self.payload.addItem(QCoreApplication.translate("by-hand", each.title), each.key)
            shows = QCoreApplication.translate("by-hand", each.shows)
            self.payload.setItemData(self.payload.count() - 1, shows, Qt.ItemDataRole.ToolTipRole)
        self.payload.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_accessible_name(
            self.text,
            self.tr("Bytes to send"),
            self.tr("The bytes to send. Line ends are \\r\\n, other bytes \\x00; a line break here sends nothing."),
        )
        self.text.setTabChangesFocus(True)
        self.text.setProperty("role", "head")
        self.hold.setCheckable(True)
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setSpacing(4)
        for place, button in enumerate(self.clients):
            button.setCheckable(True)
            button.setProperty("dense", "true")
            button.setMinimumWidth(10)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            button.setShortcut(QKeySequence(f"Ctrl+{place + 1}"))
            self._group.addButton(button, place)
            grid.addWidget(button, place // COLUMNS, place % COLUMNS)
        acts = QGridLayout()
        acts.setSpacing(4)
        buttons = (self.send, self.send_byte, self.hold, self.half_close, self.reset, self.close_one)
        for place, button in enumerate(buttons):
            acts.addWidget(button, place // 3, place % 3)
        top = QHBoxLayout()
        top.addWidget(self.open)
        top.addWidget(self.note, 1)
        self._parts = [
            _column(top, grid, self.about),
            _column(self.payload, self.text, self.fault, acts),
        ]
        self._whole = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._whole.setContentsMargins(12, 8, 12, 12)
        self._whole.setSpacing(6)
        for part in self._parts:
            self._whole.addWidget(part)
        self._whole.addWidget(self.transcript, 1)

    def _connect(self) -> None:
        self.open.clicked.connect(self.open_requested)
        self._group.idClicked.connect(self._on_client)
        self.payload.activated.connect(self._fill)
        self.text.textChanged.connect(self._show_acts)
        self.text.entered.connect(self.send.click)
        self.send.clicked.connect(self._send)
        self.send_byte.clicked.connect(self._send_byte)
        self.hold.clicked.connect(lambda held: self.hold_requested.emit(self.chosen, held))
        self.half_close.clicked.connect(lambda: self.half_close_requested.emit(self.chosen))
        self.reset.clicked.connect(lambda: self.reset_requested.emit(self.chosen))
        self.close_one.clicked.connect(lambda: self.close_requested.emit(self.chosen))

    # ---- what the user does

    def _fill(self) -> None:
        """Puts the chosen payload into the field."""
        payload = PAYLOADS[self.payload.currentData()]
        self.text.setPlainText(self._chosen_text)
        self.payload.setToolTip(QCoreApplication.translate("by-hand", payload.shows))

    @property
    def _chosen_text(self) -> str:
        """The chosen payload, escaped."""
        return shown(PAYLOADS[self.payload.currentData()].data(self._address or "localhost"))

    @property
    def _can_send(self) -> bool:
        client = self.client
        return self._is_live and client is not None and client.can_send and client.number not in self._ending

    def _send(self) -> None:
        if self._can_send:  # it may have ended since the buttons were drawn
            self.send_requested.emit(self.chosen, parsed(self.text.toPlainText()))

    def _send_byte(self) -> None:
        if not self._can_send:
            return
        data = parsed(self.text.toPlainText())
        self.text.setPlainText(shown(data[1:]))
        self.send_requested.emit(self.chosen, data[:1])

    def _on_client(self, place: int) -> None:
        if self._history:
            self.choose(list(self._history.clients)[place])
            self.client_chosen.emit(self.chosen)

    # ---- what is shown of it

    def _show_clients(self, clients: list[ClientByHand]) -> None:
        for place, button in enumerate(self.clients):
            client = clients[place] if place < len(clients) else None
            button.setEnabled(client is not None)
            with QSignalBlocker(button):
                self._group.setExclusive(False)
                button.setChecked(client is not None and client.number == self.chosen)
                self._group.setExclusive(True)
            button.setText(f"{client.number} {state_sign(client)}" if client else "")
            name = self._described(client) if client else self.tr("No connection yet")
            set_accessible_name(button, name, f"{name} ({button.shortcut().toString()})" if client else name)

    def _described(self, client: ClientByHand) -> str:
        said = [client_name(client.number), state_words(client)]
        if client.connection:
            said.append(self.tr("connection {n}").format(n=client.connection))
        return " · ".join(said)

    def _show_acts(self) -> None:
        """Allows what can be done with the chosen client."""
        client = self.client
        data, fault = b"", ""
        try:
            data = parsed(self.text.toPlainText())
        except EscapeError as error:
            fault = self.tr("{escape} stands for no byte; a backslash is written \\\\").format(escape=error)
        self.fault.setText(fault or self.tr("%Ln byte(s)", "", len(data)))
        is_open = self._is_live and client is not None and not client.is_over
        can_send = self._can_send
        self.open.setEnabled(self._is_live and not self._why)
        self.send.setEnabled(can_send and bool(data))
        self.send_byte.setEnabled(can_send and bool(data))
        self.half_close.setEnabled(can_send)
        for button in (self.hold, self.reset, self.close_one):
            button.setEnabled(is_open)
        self.hold.setChecked(bool(client and client.is_held and is_open))
        self.about.setText(self._described(client) if client else self.tr("Open a connection, then send something."))
        self.transcript.show_client(client)

    # ---- Qt's own

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """What the controls need where they stand now, and some lines of what came back."""
        line = appearance.line_height()
        heights = [part.minimumSizeHint().height() for part in self._parts]
        high = max(heights) if self._is_wide() else sum(heights) + 4 * line
        return QSize(WIDTH * line, high + 2 * line)

    def _is_wide(self) -> bool:
        return self.width() > WIDE * self.height()

    def _arrange(self) -> None:
        """One below the other, or side by side where it is wide."""
        is_wide = self._is_wide()
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        if direction != self._whole.direction():
            self._whole.setDirection(direction)
            self.updateGeometry()
        for part in self._parts:
            part.setMaximumWidth(WIDTH * appearance.line_height() if is_wide else UNLIMITED)


def _column(*parts: QWidget | QLayout) -> QWidget:
    """The parts one below the other."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    column.addStretch(1)
    return whole
