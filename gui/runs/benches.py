"""What runs: the chosen model, the one beside it if there is one, the load on both, and the round through all models.

Owns both benches and what is wanted of them. Knows nothing of widgets: it is asked by calls, and tells by signals.
"""

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from gui.runs.bench import Bench
from gui.runs.processes import State, engine_command
from gui.runs.streams import FIRST, SECOND
from gui.settings import InForce, Settings

if TYPE_CHECKING:
    from engine.lab.rows import Row
    from gui.runs.round import Round


class Benches(QObject):
    """Two benches: what is chosen runs on the first, and what it is compared with beside it on the second."""

    wanted = Signal()
    """Somebody wants to see what runs: whatever else is shown makes room. Comes before anything is done."""
    chosen = Signal(str)
    """The key of the model that is chosen now."""
    beside_changed = Signal()
    """Another model, or none, is to run beside the chosen one."""
    measured = Signal(object)
    """A row for the scoreboard."""
    round_changed = Signal()
    """The round through all models begins, goes on to the next, or is over."""
    round_ended = Signal(list)
    """It came to its end, or was ended early; the keys of the models that could not be measured."""

    def __init__(self, in_force: InForce, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first, self.second = self.both = Bench(FIRST, self), Bench(SECOND, self)
        self.beside = ""
        """Key of the model that runs beside the chosen one whenever that runs; empty: none."""
        self.round: Round | None = None
        """The round through all models, while it goes on."""
        self._in_force = in_force
        self.first.engine.state_changed.connect(self._on_state)

    def complete(self) -> None:
        """Adds the parts whose modules take long to import."""
        for bench in self.both:
            bench.complete()

    def start(self) -> None:
        """Runs the chosen model as the settings want it, instead of the one that runs if there is one."""
        self._start(self._settings)

    def toggle(self) -> None:
        """Starts the chosen model, or stops the one that runs."""
        self.cancel_round()
        if self.first.engine.state in (State.STOPPED, State.STOPPING):
            self.start()
        else:
            self._stop()

    def choose(self, key: str) -> None:
        """Marks the model, and switches to it if one runs."""
        self.cancel_round()
        changed = key != self._settings.model
        self._in_force.change(model=key)
        if key == self.beside:
            self.put_beside("")
        self.chosen.emit(key)
        if self.first.serves and changed:
            self.start()

    def put_beside(self, key: str) -> None:
        """Runs a second model beside the chosen one, under the same load, whenever that runs; empty: no more."""
        self.cancel_round()
        if key == self._settings.model:
            key = ""  # it would stand beside itself
        if key == self.beside:
            return
        self.wanted.emit()
        self.beside = key
        self.beside_changed.emit()
        if not key:
            self.second.stop()
        elif self.first.serves and _comparable(self._settings).keep_alive != self.first.ran_with.keep_alive:
            self.start()
        elif self.first.serves:
            self._start_beside()

    def restart(self, bench: Bench) -> None:
        """Runs the model of this bench anew, as after its source was edited."""
        if bench is self.second:
            self._start_beside()
        else:
            self.start()

    def toggle_load(self) -> None:
        """Puts load on the server, which is started if none runs; or takes it away."""
        self.cancel_round()
        self.wanted.emit()
        if self.first.load.state in (State.STOPPED, State.STOPPING):
            self._put_load()
        else:
            for bench in self.both:
                bench.take_load_away()

    def change_load(self, fields: dict[str, Any]) -> None:
        """Changes these settings of the load, also while it runs."""
        self._in_force.change(**fields)
        for bench in self.both:
            bench.change_load(self._settings)

    def begin_round(self, seconds: float) -> None:
        """Measures each model that this system has for so long, one after the other, under the load as it is set."""
        from gui.runs.round import Round

        self.put_beside("")
        self.round = Round([model.key for model in MODELS.values() if model.available()], seconds)
        self._run_next()
        self._put_load()

    def cancel_round(self) -> None:
        """Measures no more models; the one that runs goes on."""
        if self.round:
            self.round = None
            self.round_changed.emit()

    def end_round(self) -> None:
        """Measures no more models, and ends the one that runs."""
        if self.round:
            left_out = self.round.left_out
            self.cancel_round()
            self._stop()
            self.round_ended.emit(left_out)

    def measure(self) -> "Row | None":
        """Tells the rows that are whole, and goes on with the round when it is time; gives the row that still grows."""
        now = time.monotonic()
        for bench in self.both:
            bench.keeper.set_exclusive(not self.second.serves)
            for row in bench.keeper.advance(now):
                self.measured.emit(row)
        growing = self.first.keeper.row()
        if self.round and self.round.look(growing):
            self._run_next()
        return growing

    def close(self) -> None:
        """Ends all within a second for each bench, and tells the last rows."""
        for bench in self.both:
            for row in bench.close():
                self.measured.emit(row)

    @property
    def _settings(self) -> Settings:
        return self._in_force.settings

    def _start(self, wanted: Settings) -> None:
        self.wanted.emit()
        self.first.start(_comparable(wanted) if self.beside else wanted)
        if self.beside and not self._is_beside_as_wanted():
            self._start_beside()

    def _is_beside_as_wanted(self) -> bool:
        return self.second.serves and engine_command(self.second.ran_with) == engine_command(self._wanted_beside())

    def _wanted_beside(self) -> Settings:
        return _comparable(self._settings).changed(model=self.beside, port=0)

    def _start_beside(self) -> None:
        self.second.start(self._wanted_beside())
        if self.first.is_loaded:
            self.second.put_load(self._settings)

    def _stop(self) -> None:
        for bench in self.both:
            bench.stop()

    def _put_load(self) -> None:
        """As soon as a server runs."""
        if not self.first.serves:
            self.start()
        self.first.put_load(self._settings)
        if self.beside:
            self.second.put_load(self._settings)

    def _run_next(self) -> None:
        """Runs the model whose turn it is; all keep connections alike, or their rows could not be compared."""
        assert self.round
        key = self.round.model
        if key is None:
            self.end_round()
            return
        self._in_force.change_for_now(model=key)
        self.chosen.emit(key)
        self.round_changed.emit()
        self._start(_comparable(self._settings))

    def _on_state(self, state: State) -> None:
        if state is State.STOPPED:
            self.second.stop()


def _comparable(wanted: Settings) -> Settings:
    """As `wanted`, but keeping connections as the workload does, whatever the model: or nothing would compare."""
    return wanted.changed(keep_alive=WORKLOADS[wanted.workload].kept)
