"""The session: the run of the chosen model, a second run to compare it with, and the sweep through all models.

Owns both runs and what they are to do. Knows nothing of widgets: calls ask for changes, signals report them.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.clock import monotonic
from engine.models import MODELS
from gui.runs.processes import ProcessState, engine_command
from gui.runs.run import Run
from gui.runs.streams import FIRST, SECOND
from gui.settings import ActiveSettings, Settings

if TYPE_CHECKING:
    from gui.runs.sweep import Sweep


class Session(QObject):
    """Two runs: the first serves with the chosen model, the second with the model it is compared with."""

    wanted = Signal()
    """The live runs are to be shown, so a replay must end. Emitted before anything else is done."""
    chosen = Signal(str)
    """The key of the model that is chosen now."""
    second_changed = Signal()
    """The second model has changed; there may be none."""
    measured = Signal(object)
    """A row for the scoreboard."""
    growing = Signal(list)
    """The rows that still grow, each or None: of the first run and of the second."""
    sweep_changed = Signal()
    """The sweep through all models began, went on to the next model, or ended."""
    overloaded = Signal(list)
    """A sweep began without these models: the load has more clients than they can serve at once."""
    sweep_ended = Signal(list)
    """The sweep ended, with the keys of the models that could not be measured."""

    def __init__(self, active_settings: ActiveSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first, self.second = self.both = Run(FIRST, self), Run(SECOND, self)
        self.second_model = ""
        """The key of the model that runs whenever the chosen one does, to compare the two; empty: none."""
        self.sweep: Sweep | None = None
        """The sweep through all models while it runs, otherwise None."""
        self._active_settings = active_settings
        self.first.engine.state_changed.connect(self._on_state)

    def complete(self) -> None:
        """Adds the parts whose modules take long to import."""
        for run in self.both:
            run.complete()

    def start(self) -> None:
        """Runs the chosen model with the settings, and ends a running one."""
        self._start(self._settings)

    def toggle(self) -> None:
        """Starts the chosen model, or stops the running one."""
        self.cancel_sweep()
        if self.first.engine.state in (ProcessState.STOPPED, ProcessState.STOPPING):
            self.start()
        else:
            self._stop()

    def choose(self, key: str) -> None:
        """Marks the model, and switches to it if one runs."""
        self.cancel_sweep()
        changed = key != self._settings.model
        self._active_settings.change(model=key)
        if key == self.second_model:
            self.set_second_model("")
        self.chosen.emit(key)
        if self.first.serves and changed:
            self.start()

    def set_second_model(self, key: str) -> None:
        """Runs a second model beside the chosen one, under the same load; empty: only the chosen one."""
        self.cancel_sweep()
        if key == self._settings.model:
            key = ""  # it would be compared with itself
        if key == self.second_model:
            return
        self.wanted.emit()
        self.second_model = key
        self.second_changed.emit()
        if not key:
            self.second.stop()
        elif self.first.serves:
            self._start_second()

    def restart(self, run: Run) -> None:
        """Restarts the model of this run, for example after its source was edited."""
        if run is self.second:
            self._start_second()
        else:
            self.start()

    def toggle_load(self) -> None:
        """Puts load on the server, which is started if needed, or ends the load."""
        self.cancel_sweep()
        self.wanted.emit()
        if self.first.load.state in (ProcessState.STOPPED, ProcessState.STOPPING):
            self._put_load()
        else:
            for run in self.both:
                run.remove_load()

    def change_load(self, fields: dict[str, Any]) -> None:
        """Changes these settings of the load, also while it runs."""
        self._active_settings.change(**fields)
        for run in self.both:
            run.change_load(self._settings)

    def begin_sweep(self, seconds: float) -> None:
        """Measures each available model in turn for `seconds` under the load that is set."""
        from gui.runs.sweep import Sweep

        self.set_second_model("")
        clients, start_method = self._settings.clients + self._settings.slow, self._settings.start_method
        there = [model for model in MODELS.values() if model.available()]
        able = [model.key for model in there if model.most_clients(start_method) >= clients]
        self.sweep = Sweep(able, seconds)
        if len(able) < len(there):
            self.overloaded.emit([model.key for model in there if model.key not in able])
        self._run_next()
        self._put_load()

    def cancel_sweep(self) -> None:
        """Ends the sweep; the running model goes on."""
        if self.sweep:
            self.sweep = None
            self.sweep_changed.emit()

    def end_sweep(self) -> None:
        """Ends the sweep and the running model."""
        if self.sweep:
            left_out = self.sweep.left_out
            self.cancel_sweep()
            self._stop()
            self.sweep_ended.emit(left_out)

    def measure(self) -> None:
        """Emits finished rows and those that still grow, and continues the sweep when it is time."""
        now = monotonic()
        for run in self.both:
            run.measurement.set_exclusive(not self.second.serves)
            for row in run.measurement.advance(now):
                self.measured.emit(row)
        growing = [run.measurement.row() for run in self.both]
        if self.sweep and self.sweep.is_due(growing[0]):
            self._run_next()
        self.growing.emit(growing)

    def close(self) -> None:
        """Ends everything within a second for each run, and emits the last rows."""
        for run in self.both:
            for row in run.close():
                self.measured.emit(row)

    @property
    def _settings(self) -> Settings:
        return self._active_settings.settings

    def _start(self, wanted: Settings) -> None:
        self.wanted.emit()
        self.first.start(wanted)
        if self.second_model and not self._second_is_current():
            self._start_second()

    def _second_is_current(self) -> bool:
        return self.second.serves and engine_command(self.second.ran_with) == engine_command(self._second_settings())

    def _second_settings(self) -> Settings:
        return self._settings.changed(model=self.second_model, port=0)

    def _start_second(self) -> None:
        self.second.start(self._second_settings())
        if self.first.is_loaded:
            self.second.put_load(self._settings)

    def _stop(self) -> None:
        for run in self.both:
            run.stop()

    def _put_load(self) -> None:
        """Puts load on both runs, as soon as their servers run."""
        if not self.first.serves:
            self.start()
        self.first.put_load(self._settings)
        if self.second_model:
            self.second.put_load(self._settings)

    def _run_next(self) -> None:
        """Runs the next model of the sweep."""
        assert self.sweep
        key = self.sweep.model
        if key is None:
            self.end_sweep()
            return
        self._active_settings.override(model=key)
        self.chosen.emit(key)
        self.sweep_changed.emit()
        self._start(self._settings)

    def _on_state(self, state: ProcessState) -> None:
        if state is ProcessState.STOPPED:
            self.second.stop()
