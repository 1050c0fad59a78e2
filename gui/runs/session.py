"""The session: the run of the chosen model, a second run to compare it with, and trials: a sweep, or a lesson's.

Owns both runs and what they are to do. Knows nothing of widgets: calls ask for changes, signals report them.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.clock import monotonic
from engine.mistakes import MISTAKES
from engine.models import MODELS
from engine.persistence import KEPT
from engine.settings import what_is_served
from engine.telemetry import wire
from gui.runs.processes import Ending, ProcessState, engine_command, wanted_change
from gui.runs.run import Run
from gui.runs.streams import ENGINE, FIRST, LOAD, SECOND, USAGE
from gui.settings import ActiveSettings, Settings, for_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from engine.lab.guests import Variant
    from engine.lab.rows import Row
    from engine.lab.session import LabSession, Trial, TrialResult

SWITCHED = "?"
"""Stands between a model and a setting of it that is to be the other way."""


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
    """The sweep ended, with the models and the command lines that could not be measured."""
    decided = Signal(object)
    """Which choices of a command line decide, after a sweep through them: an `engine.lab.guests.Decision`."""
    trials_ended = Signal(list)
    """A lesson's trials are over, with what each gave; with nothing if they were cancelled."""

    def __init__(self, active_settings: ActiveSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.first, self.second = self.both = Run(FIRST, self), Run(SECOND, self)
        self.second_model = ""
        """The key of the model that runs whenever the chosen one does, to compare the two; empty: none."""
        self.second_switch = ""
        """The setting that the second one has the other way, if it is the chosen model as well; empty: none."""
        self.is_lesson = False
        """Whether a lesson is open: what is measured in it is not for the scoreboard."""
        self.sweep: LabSession | None = None
        """The sweep through all models while it runs, otherwise None."""
        self.trials: LabSession | None = None
        """A lesson's trials while they run, otherwise None."""
        self._active_settings = active_settings
        self._variants: dict[str, Variant] = {}
        """The command lines of the last sweep, by their text."""
        self._compared_programs: set[str] = set()
        """What the programs of the sweep that runs are called in their rows, if models are compared with them."""
        self._before_sweep: dict[str, Any] = {}
        """What the settings were that say how the programs of the sweep are run."""
        self._own_port = 0
        """The port of the last run with a mistake that must not have the usual one; 0: a free one is taken."""
        self.first.engine.state_changed.connect(self._on_state)
        self.first.message_arrived.connect(self._on_message)
        self.first.engine.ended.connect(self._on_ended)
        self.first.load.ended.connect(self._on_ended)
        self.first.message_arrived.connect(self._note_port)

    def complete(self) -> None:
        """Adds the parts whose modules take long to import."""
        for run in self.both:
            run.complete()

    def start(self) -> None:
        """Runs the chosen model with the settings, and ends a running one."""
        self._start(self._settings)

    def toggle(self) -> None:
        """Starts the chosen model, or stops the running one."""
        self._cancel()
        if self.first.engine.state in (ProcessState.STOPPED, ProcessState.STOPPING):
            self.start()
        else:
            self._stop()

    def run_program(self, program: dict[str, Any]) -> None:
        """Runs a program of the user's instead of a model: the settings that name it."""
        self._cancel()
        self._active_settings.override(mistake="", **program)
        self.chosen.emit(self._settings.model)
        self.start()

    def choose(self, key: str) -> None:
        """Marks the model, and switches to it if one runs."""
        self._cancel()
        changed = key != self._settings.model or bool(self._settings.guest)
        if self.is_compared_with_right and changed:
            self.set_second_model("")
        if changed:
            self._active_settings.override(mistake="", guest=None)  # it is one of the other model's
        self._active_settings.change(model=key)
        if (key == self.second_model and not self.is_compared_with_right) or (changed and self.second_switch):
            self.set_second_model("")
        self.chosen.emit(key)
        if self.first.serves and changed:
            self.start()

    def choose_mistake(self, key: str) -> None:
        """Runs the chosen model with this mistake, until another model is chosen; empty: as it is taught."""
        self._cancel()
        changed = key != self._settings.mistake
        if not key and self.second_model == self._settings.model and not self.second_switch:
            self.set_second_model("")  # it would be compared with itself
        self._active_settings.override(mistake=key)
        self.chosen.emit(self._settings.model)
        if self.first.serves and changed:
            self.start()

    def show_mistake(self) -> None:
        """Puts the load on the server that shows what follows from the chosen mistake."""
        mistake = MISTAKES.get(self._settings.mistake)
        if mistake:
            self.change_load({"slow": 0, "rate": 0, "work_ms": 0, "connections": KEPT, **mistake.load})
            self._cancel()
            self.wanted.emit()
            self._put_load()

    def choose_second(self, choice: str) -> None:
        """Runs what is chosen in the list of what can run beside: a model by its key, or the chosen one with `SWITCHED`
        and the setting that it has the other way; empty: nothing."""
        key, _, switch = choice.partition(SWITCHED)
        self.set_second_model(key, switch)

    @property
    def second_choice(self) -> str:
        """What was chosen so."""
        return self.second_model + (SWITCHED + self.second_switch if self.second_switch else "")

    @property
    def is_compared_with_right(self) -> bool:
        """Whether the chosen model runs with a mistake, and beside it as it is taught."""
        return bool(self._settings.mistake) and self.second_choice == self._settings.model

    def compare_mistake(self) -> None:
        """Runs the chosen model as it is taught beside the one with the mistake, under the load that shows that."""
        if self._settings.mistake:
            self.set_second_model(self._settings.model)
            self.show_mistake()

    def set_second_model(self, key: str, switch: str = "") -> None:
        """Runs a second model beside the chosen one, under the same load; empty: only the chosen one. The same model
        runs with the setting `switch` the other way, or without the mistake that is chosen."""
        self._cancel()
        if key == self._settings.model and not switch and not self._settings.mistake:
            key = ""  # it would be compared with itself
        if (key, switch) == (self.second_model, self.second_switch):
            return
        self.wanted.emit()
        self.second_model, self.second_switch = key, switch
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
        self._cancel()
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

    def begin_sweep(
        self,
        seconds: float,
        models: "Collection[str]" = MODELS,
        programs: "Sequence[Variant]" = (),
        named: dict[str, Any] | None = None,
        rounds: int = 1,
    ) -> None:
        """Measures these models, as far as they are available, in turn for `seconds` under the load that is set.

        In each of the `rounds`, the `programs` follow, with the settings `named` that say how they are run.
        """
        from engine.lab.measurement import MIN_STEADY
        from engine.lab.session import LabSession, Trial
        from gui.runs.trials import SweepRunner

        self.set_second_model("")
        wanted = self._settings
        if programs:  # all are asked for the same
            wanted = wanted.changed(requests=wanted.changed(guest=programs[0].text).sent_requests or None)
        clients, start_method = wanted.clients + wanted.slow, wanted.start_method
        there = [model for model in MODELS.values() if model.key in models and model.available()]
        able = [model.key for model in there if model.most_clients(start_method) >= clients]
        change, seconds = wanted_change(wanted), max(seconds, MIN_STEADY)
        trials = [Trial(key, seconds, change=change, name=key) for key in able]
        for each in programs:
            serve = {**(named or {}), "guest": each.text}
            trials.append(Trial("", seconds, serve=serve, change=change, name=each.text))
        self.cancel_trials()
        self._variants = {each.text: each for each in programs}
        self._before_sweep = {name: getattr(self._settings, name) for name in named or {}}
        self.sweep = LabSession(trials * rounds, SweepRunner(self), self.first.measurement)
        if len(able) < len(there):
            self.overloaded.emit([model.key for model in there if model.key not in able])
        self.sweep.begin()
        self._put_load(wanted)

    def begin_trials(self, trials: "Sequence[Trial]", figures: "Collection[str]") -> None:
        """Runs a lesson's trials one after the other; the last one goes on running."""
        from engine.lab.session import LabSession
        from gui.runs.trials import LessonRunner

        self.set_second_model("")
        self.trials = LabSession(trials, LessonRunner(self), self.first.measurement, figures)
        self.trials.begin()

    def cancel_trials(self) -> None:
        """Ends a lesson's trials; the running server goes on."""
        if self.trials:
            self.trials = None
            self.trials_ended.emit([])

    def run_trial(self, settings: Settings) -> None:
        """Runs a server with these settings instead of the one that runs, and without its load."""
        self._active_settings.settings = settings
        self.chosen.emit(settings.model)
        self.wanted.emit()
        self.first.remove_load()
        self.first.start(settings)

    def run_next(self, changes: dict[str, Any]) -> None:
        """Runs what is next in the sweep, with these changes of the settings; the load goes on."""
        self._active_settings.override(mistake="", **changes)
        self.chosen.emit(self._settings.model)
        self.sweep_changed.emit()
        self._start(self._settings)

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._active_settings.settings

    def cancel_sweep(self) -> None:
        """Ends the sweep; the running model goes on."""
        if self.sweep:
            self.sweep = None
            self._compared_programs.clear()
            if not self._settings.guest:  # a program that goes on is run as it was
                self._active_settings.override(**self._before_sweep)
            self.sweep_changed.emit()

    def end_sweep(self) -> None:
        """Ends the sweep and what runs."""
        if self.sweep:
            results = self.sweep.results
            for row in self.first.measurement.finish():
                self.measured.emit(self._as_asked(row))
            if self._settings.guest:
                self._active_settings.override(guest=None)
                self.chosen.emit(self._settings.model)
            self.cancel_sweep()
            self._stop()
            self.sweep_ended.emit(list(dict.fromkeys(each.trial.name for each in results if not each.row)))
            self._decide(results)

    def _decide(self, results: "Sequence[TrialResult]") -> None:
        """Emits which choices of a command line decide, if that was what was measured."""
        from engine.lab.guests import decision

        rates: dict[tuple[str, ...], list[float]] = {}
        for each in results:
            variant = self._variants.get(each.trial.name)
            if variant and each.row:
                rates.setdefault(variant.choices, []).append(each.row.requests_per_second)
        if len(rates) == len(self._variants) and (found := decision(rates)):
            self.decided.emit(found)

    def _as_asked(self, row: "Row") -> "Row":
        """The row of a program that models were compared with is taken to serve what they do."""
        if row.model not in self._compared_programs:
            return row
        served = what_is_served(self._settings.app, self._settings.root)
        return replace(row, conditions=replace(row.conditions, served=served))

    def measure(self) -> None:
        """Emits finished rows and those that still grow, and continues the sweep when it is time."""
        now = monotonic()
        for run in self.both:
            run.measurement.set_exclusive(not self.second.serves)
            for row in run.measurement.advance(now):
                if not self.is_lesson:
                    self.measured.emit(self._as_asked(row))
        growing = [None if self.is_lesson else run.measurement.row() for run in self.both]
        self.growing.emit([row and self._as_asked(row) for row in growing])
        self._advance()

    def close(self) -> None:
        """Ends everything within a second, and emits the last rows."""
        for run in self.both:
            run.stop()  # all are asked before any is waited for
        for run in self.both:
            for row in run.close():
                if not self.is_lesson:
                    self.measured.emit(row)

    @property
    def _settings(self) -> Settings:
        return self._active_settings.settings

    def _start(self, wanted: Settings) -> None:
        self.wanted.emit()
        if wanted.phones and wanted.guest:
            wanted = for_this_machine(wanted)  # phones get one page, and a program serves what it likes
        mistake = MISTAKES.get(wanted.mistake)
        self.first.start(wanted.changed(port=self._own_port) if mistake and mistake.own_port else wanted)
        if self.second_model and not self._second_is_current():
            self._start_second()

    def _second_is_current(self) -> bool:
        return self.second.serves and engine_command(self.second.ran_with) == engine_command(self._second_settings())

    def _second_settings(self) -> Settings:
        switch = self.second_switch
        switched = {switch: not getattr(self._settings, switch)} if switch else {}
        mistake = self._settings.mistake if switch else ""
        own = for_this_machine(self._settings) if self._settings.phones else self._settings
        return own.changed(model=self.second_model, mistake=mistake, guest=None, port=0, **switched)

    def _start_second(self) -> None:
        self.second.start(self._second_settings())
        if self.first.is_loaded:
            self.second.put_load(self._settings)

    def _stop(self) -> None:
        for run in self.both:
            run.stop()

    def _put_load(self, wanted: Settings | None = None) -> None:
        """Puts load on both runs, as soon as their servers run: that of the settings, or of others."""
        if not self.first.serves:
            self.start()
        self.first.put_load(wanted or self._settings)
        if self.second_model:
            self.second.put_load(self._settings)

    def _cancel(self) -> None:
        """Ends what goes on by itself: the user does something else."""
        self.cancel_sweep()
        self.cancel_trials()

    def _advance(self) -> None:
        """Continues the sweep, or a lesson's trials, when it is time."""
        if self.sweep:
            self.sweep.advance()
            if not self.sweep.trial:
                self.end_sweep()
        elif trials := self.trials:
            trials.advance()
            if not trials.trial:
                self.trials = None
                self.trials_ended.emit(trials.results)

    def _on_message(self, stream: str, message: Any) -> None:
        sweep = self.sweep
        if sweep and sweep.has_models and self._settings.guest and isinstance(message, wire.Ready) and stream == ENGINE:
            self._compared_programs.add(message.model)
        if running := self.sweep or self.trials:
            receivers: dict[str, Callable[[Any], None]] = {
                ENGINE: running.receive_engine,
                LOAD: running.receive_load,
                USAGE: running.receive_usage,
            }
            if receive := receivers.get(stream):
                receive(message)

    def _on_ended(self, ending: Ending) -> None:
        """A server or a load that ends by itself ends the trial."""
        if self.trials and not ending.asked:
            self.trials.fail(ending.problem.message if ending.problem else ending.stderr_tail or "It has ended.")

    def _note_port(self, stream: str, message: Any) -> None:
        """Started again, a run with such a mistake asks for its port, and is refused it; then it gets another one."""
        if isinstance(message, wire.Ready):
            mistake = MISTAKES.get(message.mistake)
            self._own_port = message.port if mistake and mistake.own_port else 0
        elif isinstance(message, wire.Problem) and self.first.ready is None:
            self._own_port = 0

    def _on_state(self, state: ProcessState) -> None:
        if state is ProcessState.STOPPED:
            self.second.stop()
