"""What goes wrong while something runs, and what is offered against it.

Owns which notice is shown for which end, and what accepting its offer does. The words are those of `gui.errors`.
"""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.own_model import known
from engine.telemetry import wire
from gui import errors, formatting
from gui.panels.notice import NoticeBar
from gui.runs.processes import Ending, ProcessState
from gui.runs.run import Run
from gui.runs.session import Session
from gui.runs.streams import FIRST, SECOND
from gui.settings import ActiveSettings, example_site

if TYPE_CHECKING:
    from engine.lab.guests import Decision


class Troubles(QObject):
    """The notices about what runs."""

    application_requested = Signal()
    """A person wants to name another application."""

    def __init__(self, window: QWidget, session: Session, active_settings: ActiveSettings, notice: NoticeBar) -> None:
        super().__init__(window)
        self._window, self._session, self._active_settings, self._notice = window, session, active_settings, notice
        session.first.load.ended.connect(self._on_load_ended)
        session.second.load.ended.connect(self._on_load_ended)
        self._connections = [
            connection
            for run in session.both
            for connection in (
                run.message_arrived.connect(partial(self._on_message, run)),
                run.engine.ended.connect(partial(self._on_ended, run)),
            )
        ]
        session.sweep_ended.connect(self._on_sweep_ended)
        session.overloaded.connect(self._on_overloaded)
        session.decided.connect(self._on_decided)
        notice.accepted.connect(self._on_offer)

    def leave(self) -> None:
        """Shows nothing more: the session goes on in another window."""
        for connection in self._connections:
            QObject.disconnect(connection)

    def _on_message(self, run: Run, stream: str, message: Any) -> None:
        is_engine = stream in (FIRST.engine, SECOND.engine)
        if isinstance(message, wire.Visibility) and message.code:
            self._notice.show_notice(errors.not_traced(message))
        if isinstance(message, wire.Problem) and is_engine and run.engine.state is ProcessState.RUNNING:
            self._notice.show_notice(errors.went_wrong(message, lambda: run.engine.stderr_tail))

    def _on_ended(self, run: Run, ending: Ending) -> None:
        notice = errors.why_ended(ending, run.ran_with)
        if notice and run is self._session.second:
            self._session.set_second_model("")
            notice = replace(notice, offer=None)  # which would be for the chosen one
        self._show(notice)

    def _on_load_ended(self, ending: Ending) -> None:
        self._show(errors.why_load_ended(ending))

    def _on_sweep_ended(self, left_out: list[str]) -> None:
        if left_out:
            titles = [formatting.model_title(key) if known(key) else key for key in left_out]
            self._notice.show_notice(errors.not_measured(titles))

    def _on_overloaded(self, models: list[str]) -> None:
        self._notice.show_notice(errors.overloaded([formatting.model_title(key) for key in models]))

    def _on_decided(self, found: "Decision") -> None:
        self._notice.show_notice(errors.decided(found))

    def _show(self, notice: errors.Notice | None) -> None:
        if notice:
            self._session.cancel_sweep()
            self._notice.show_notice(notice)

    def _on_offer(self, offer: errors.Offer) -> None:
        changes = offer.changes
        if offer.asks_application:
            self.application_requested.emit()
            return
        if changes is None:
            folder = QFileDialog.getExistingDirectory(self._window, self.tr("Folder to serve"), example_site())
            if not folder:
                return
            changes = {"root": folder}
        if "port" in changes:  # for this run only: tomorrow the usual one may be free
            self._active_settings.override(**changes)
        else:
            self._active_settings.change(**changes)
        self._session.start()
