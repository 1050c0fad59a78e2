"""Lets a class in, and ends that: the address, the server that listens there, and the card that invites.

Owns whether the class is in. What the phones then do arrives like all else, in the history of the run.
"""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.clock import monotonic
from engine.settings import HOST
from engine.telemetry import wire
from gui import errors
from gui.history.phones import PhoneHistory
from gui.phones.addresses import local_addresses
from gui.phones.card import PhonesCard
from gui.phones.dialog import InviteDialog
from gui.runs.drips import Drips
from gui.runs.processes import ProcessState
from gui.runs.session import Session
from gui.runs.streams import ENGINE
from gui.settings import ActiveSettings

COUNTED_MS = 500
"""Milliseconds between two looks at how many phones are here."""


class PhonesController(QObject):
    """The class of one window."""

    changed = Signal(bool)
    """The class is in from now on, or is not."""
    invitation_changed = Signal()
    """The card is seen from now on, or is not."""
    named = Signal(str, object)
    """The stream and a message that belongs into it: which phones the requests are of that are sent slowly from here,
    whose own heads say so only once they are whole."""
    notice_raised = Signal(object)
    """An `errors.Notice`."""

    def __init__(
        self, session: Session, active_settings: ActiveSettings, card: PhonesCard, phones: PhoneHistory, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._active_settings, self._card, self._phones = session, active_settings, card, phones
        self._window = window
        self._host_before = ""
        self.is_in = False
        self.drips = Drips(self)
        self._counting = QTimer(self, interval=COUNTED_MS)
        self._counting.timeout.connect(lambda: card.show_here(phones.here(monotonic())))
        window.installEventFilter(self)
        card.fit(window.height())
        card.end_requested.connect(self.end)
        session.first.message_arrived.connect(self._on_message)
        session.first.engine.state_changed.connect(self._on_state)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._card.fit(self._window.height())
        return super().eventFilter(watched, event)

    def toggle(self) -> None:
        """Asks whether to let the class in, and at which address; or lets nobody in any more."""
        if self.is_in:
            self.end()
            return
        addresses = local_addresses()
        if not addresses:
            self.notice_raised.emit(errors.no_network())
            return
        dialog = InviteDialog(addresses, self._window)
        if dialog.exec():
            self.begin(dialog.chosen())

    def begin(self, address: str) -> None:
        """Lets the class in at this address of the machine."""
        host_before = self._active_settings.settings.host
        self._active_settings.override(host=address, phones=True, guest=None)
        self._session.set_second_model("")
        self._begin(host_before)
        self._session.start()

    def take_over(self, other: "PhonesController") -> None:
        """Goes on where the one of another window ends."""
        self._session.first.message_arrived.disconnect(other._on_message)
        self._session.first.engine.state_changed.disconnect(other._on_state)
        if other.is_in:
            other.is_in = False
            other._counting.stop()
            other.drips.stop()
            self._begin(other._host_before)
            self._follow()

    def end(self) -> None:
        """Lets nobody in any more; the server, if it runs, is for this machine again."""
        if not self.is_in:
            return
        self.is_in = False
        self._active_settings.override(host=self._host_before, phones=False)
        self._counting.stop()
        self.drips.stop()
        self._show_card(False)
        if self._session.first.serves:
            self._session.start()
        self.changed.emit(False)

    def _begin(self, host_before: str) -> None:
        self._host_before = host_before
        self.is_in = True
        self._counting.start()
        self.changed.emit(True)

    def _follow(self) -> None:
        """Shows the invitation if what runs lets phones in, as it does with `--phones` too; a lesson's run does not."""
        run = self._session.first
        lets_in = run.ready is not None and run.ran_with.phones and not run.ran_with.guest
        if lets_in and not self.is_in:
            self._begin(HOST.default)
        if lets_in:
            self._card.show_url(run.url)
        self._show_card(lets_in)

    def _show_card(self, shown: bool) -> None:
        if self._card.isHidden() == shown:
            self._card.setVisible(shown)
            self.invitation_changed.emit()

    def _on_message(self, stream: str, message: Any) -> None:
        ready = self._session.first.ready
        if stream == ENGINE and isinstance(message, wire.Ready):
            self._follow()
        if stream != ENGINE or not self.is_in:
            return
        match message:
            case wire.Opened():
                if phones := self.drips.phones({row.client: row.connection for row in message.rows}):
                    self.named.emit(ENGINE, wire.Phones(phones))
            case wire.Phones() if ready:
                for phone in message.rows:
                    if phone.wants_drip:
                        self.drips.send(ready.host, ready.port, phone)

    def _on_state(self, state: ProcessState) -> None:
        if state is ProcessState.STOPPED:
            self.end()
