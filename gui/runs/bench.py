"""One engine and the load on it, run together: the load is where the engine is, and goes when the engine goes.

Owns both processes, the sampler of what they use, and the scorekeeper that turns it all into rows. All that is told
leaves by one signal, each message with the name of its stream. Knows nothing of widgets.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.telemetry import wire
from gui import words
from gui.runs.processes import Ending, EngineProcess, LoadProcess, State
from gui.runs.streams import Streams
from gui.settings import Settings

if TYPE_CHECKING:
    from engine.lab.measurement import Measurement
    from engine.lab.rows import Row
    from gui.runs.usage import UsageSampler

ON_ITS_WAY = (State.STARTING, State.RUNNING, State.SWITCHING)
"""The states of an engine that serves, or is about to."""


class Bench(QObject):
    """An engine and its load. To be completed before anything is started, and closed before it is let go."""

    told = Signal(str, object)
    """A stream's name and its message, in the stream's order."""

    keeper: "Measurement"
    usage: "UsageSampler"

    def __init__(self, streams: Streams, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = EngineProcess(self)
        self.load = LoadProcess(self)
        self.ready: wire.Ready | None = None
        """The engine that runs, as it said itself."""
        self.ran_with = Settings()
        """What the engine that runs, or ran last, was started with."""
        self._streams = streams
        self._crowd: Settings | None = None
        """The load that is wanted."""
        self._is_complete = False
        self.engine.message_arrived.connect(self._hear_engine)
        self.engine.state_changed.connect(self._on_state)
        self.load.message_arrived.connect(self._hear_load)
        self.load.ended.connect(self._on_load_ended)

    def complete(self) -> None:
        """Adds the parts whose modules take long to import."""
        from engine.lab.measurement import Measurement
        from gui.runs.usage import UsageSampler

        self.keeper = Measurement()
        self.usage = UsageSampler(self)
        self.usage.sampled.connect(self._note_usage)
        self._is_complete = True

    @property
    def url(self) -> str:
        """Where the engine that runs is reached; empty if none does."""
        return words.address(self.ready.host, self.ready.port) if self.ready else ""

    @property
    def serves(self) -> bool:
        """Whether an engine runs, or is about to."""
        return self.engine.state in ON_ITS_WAY

    @property
    def is_loaded(self) -> bool:
        """Whether load is on the engine, or will be as soon as it runs."""
        return self._crowd is not None

    def start(self, wanted: Settings) -> None:
        """Runs an engine with `wanted`, instead of the one that runs if there is one."""
        self.ran_with = wanted
        self.engine.start(wanted)

    def stop(self) -> None:
        """Ends engine and load; never waits."""
        self.engine.stop()
        self.take_load_away()

    def put_load(self, wanted: Settings) -> None:
        """Puts load on the engine as soon as it runs."""
        self._crowd = wanted
        self._follow()

    def change_load(self, wanted: Settings) -> None:
        """Lets the load go on with `wanted`; without one nothing happens."""
        if self._crowd:
            self._crowd = wanted
            self.load.change(wanted)

    def take_load_away(self) -> None:
        """Ends the load; never waits."""
        self._crowd = None
        self.load.stop()

    def close(self) -> "list[Row]":
        """Ends all within a second; gives the last rows."""
        self.load.close()
        self.engine.close()
        if not self._is_complete:
            return []
        self.usage.close()
        return self.keeper.finish()

    def _hear_engine(self, message: wire.AnyMessage) -> None:
        if isinstance(message, wire.Ready):
            self.ready = message
        elif isinstance(message, wire.Amended) and self.ready:
            self.ready = wire.amended(self.ready, message)
        elif isinstance(message, wire.Stopped):
            self.ready = None
        self.keeper.receive_engine(message)
        self.told.emit(self._streams.engine, message)

    def _hear_load(self, message: Any) -> None:
        self.keeper.receive_load(message)
        self.told.emit(self._streams.load, message)

    def _note_usage(self, usage: Any) -> None:
        self.keeper.receive_usage(usage)
        self.told.emit(self._streams.usage, usage)

    def _on_state(self, state: State) -> None:
        self.usage.watch(self.engine.pid if state is State.RUNNING else None)
        if state is State.RUNNING:
            self._follow()
        elif state is State.STOPPED:
            self.take_load_away()  # nobody is there to ask

    def _on_load_ended(self, ending: Ending) -> None:
        if not ending.asked:
            self._crowd = None

    def _follow(self) -> None:
        """The load is where the engine is."""
        if not self._crowd or self.engine.state is not State.RUNNING:
            return
        if self.load.state in (State.STOPPED, State.STOPPING) or self.url != self.load.url:
            self.load.start(self._crowd, self.url)
