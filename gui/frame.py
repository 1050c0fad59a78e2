"""The frame around the picture: the header, the list of models and the load's controls.

Owns that they say what runs, or what a replay shows. Knows nothing of how a picture is drawn.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.load.workloads import WORKLOADS
from engine.own_model import known
from engine.settings import own_settings
from gui import formatting
from gui.panels.header import Header
from gui.panels.load import LoadPanel
from gui.panels.models import ModelCards
from gui.panels.programs import program_key
from gui.runs.processes import ProcessState
from gui.runs.session import Session
from gui.settings import ActiveSettings, Settings

if TYPE_CHECKING:
    from engine.load.wire import Change
    from engine.telemetry.wire import Ready
    from gui.history.histories import Histories


class Frame(QObject):
    """The frame of one window."""

    def __init__(
        self,
        session: Session,
        active_settings: ActiveSettings,
        header: Header,
        cards: ModelCards,
        load: LoadPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._active_settings = session, active_settings
        self._header, self._cards, self._load = header, cards, load
        self._replay: Histories | None = None

    @property
    def url(self) -> str:
        """The address of what runs, or the one at which it will; empty if that is not known yet."""
        settings = self._active_settings.settings
        usual = formatting.address(settings.host, settings.port) if settings.port else ""
        return self._session.first.url or usual

    def show_histories(self, shown: "Histories | None") -> None:
        """Says what this replay shows, from now on; None: what runs."""
        if self._replay or shown:
            self._replay = shown
            self._load.show_live(shown is None)
            self.refresh()

    def refresh(self) -> None:
        """Says what is so now."""
        if self._replay:
            self._show_replay(self._replay)
        else:
            self._show_live()

    def show_state(self) -> None:
        """Says what the engines and their load do now."""
        if self._replay:
            return
        first, second = (run.engine.state for run in self._session.both)
        ran_with = [run.ran_with for run in self._session.both]
        titles = [formatting.settings_title(each) for each in ran_with]
        if second is not ProcessState.STOPPED:
            titles = list(formatting.pair_titles((ran_with[0], ran_with[1])))
        wrong = any(each.mistake for each in ran_with)
        self._header.show_state(first, titles[0], second, titles[1], wrong=wrong)
        self._load.show_running(self._session.first.load.state not in (ProcessState.STOPPED, ProcessState.STOPPING))
        if first is not ProcessState.SWITCHING:  # the address stays
            self._header.show_url(self.url)

    def _show_live(self) -> None:
        settings = self._active_settings.settings
        self._header.show_replay(None)
        self._cards.select(program_key(settings) or settings.model, settings.mistake, settings)
        self._load.show_settings(settings)
        self._header.show_second(settings.model, self._session.second_choice, settings.mistake)
        self.show_state()

    def _show_replay(self, shown: "Histories") -> None:
        running = [run.server.ready for run in (shown.first, shown.second) if run.server.ready]
        titles = [formatting.run_title(ready) for ready in running]
        if len(running) > 1:
            titles = list(formatting.pair_titles((running[0], running[1])))
        self._header.show_replay(titles, wrong=any(ready.mistake for ready in running))
        self._header.show_url(formatting.address(running[0].host, running[0].port) if running else "")
        if running and known(running[0].model):
            self._cards.select(running[0].model, running[0].mistake, _own_settings(running[0]))
        clients = shown.first.clients
        self._load.show_running(clients.ready is not None)
        if clients.change and clients.change.workload in WORKLOADS:  # it may be another version's
            self._load.show_settings(_as_settings(clients.change))


def _own_settings(ready: "Ready") -> Settings:
    """The model's own settings that were reported, as settings."""
    return Settings({name: value for name, value in ready.settings.items() if name in own_settings([ready.model])})


def _as_settings(change: "Change") -> Settings:
    """The load that was reported, as settings."""
    return Settings(
        workload=change.workload,
        clients=change.clients,
        slow=change.slow,
        rate=round(change.rate),
        work_ms=change.work_ms,
        connections=change.connections,
    )
