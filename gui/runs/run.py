"""One engine and the load on it, run together: the load is sent to the engine's address, and ends with the engine.

Owns both processes, the connections made by hand, the sampler of what they use, and the measurement that turns their
messages into rows. All messages are emitted by one signal, each with the name of its stream. Knows nothing of widgets.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.persistence import AS_TAUGHT
from engine.telemetry import wire
from gui import formatting
from gui.runs.by_hand import HandClients
from gui.runs.processes import Ending, EngineProcess, LoadProcess, ProcessState, starts_program
from gui.runs.streams import Streams
from gui.settings import Settings

if TYPE_CHECKING:
    from engine.lab.measurement import Measurement
    from engine.lab.rows import Row
    from gui.runs.usage import UsageSampler

SERVING = (ProcessState.STARTING, ProcessState.RUNNING, ProcessState.SWITCHING)
"""The states of an engine that serves, or will soon."""


class Run(QObject):
    """An engine and its load. Complete it before anything is started, and close it before it is deleted."""

    message_arrived = Signal(str, object)
    """A stream's name and its message, in the stream's order."""

    measurement: "Measurement"
    usage: "UsageSampler"

    def __init__(self, streams: Streams, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine = EngineProcess(self)
        self.load = LoadProcess(self)
        self.by_hand = HandClients(self)
        self.ready: wire.Ready | None = None
        """The running engine's first message; None if none runs."""
        self.ran_with = Settings()
        """The settings of the running engine, or the last one."""
        self._streams = streams
        self._load_settings: Settings | None = None
        """The settings of the load; None: no load is wanted."""
        self._is_complete = False
        self.engine.message_arrived.connect(self._on_engine_message)
        self.engine.state_changed.connect(self._on_state)
        self.load.message_arrived.connect(self._on_load_message)
        self.load.ended.connect(self._on_load_ended)
        self.by_hand.act_done.connect(lambda act: self.message_arrived.emit(self._streams.by_hand, act))

    def complete(self) -> None:
        """Adds the parts whose modules take long to import."""
        from engine.lab.measurement import Measurement
        from gui.runs.usage import UsageSampler

        self.measurement = Measurement()
        self.usage = UsageSampler(self)
        self.usage.sampled.connect(self._note_usage)
        self._is_complete = True

    @property
    def url(self) -> str:
        """The URL of the running engine; empty if none runs."""
        return formatting.address(self.ready.host, self.ready.port) if self.ready else ""

    @property
    def serves(self) -> bool:
        """Whether an engine runs, or will soon."""
        return self.engine.state in SERVING

    @property
    def is_loaded(self) -> bool:
        """Whether the engine is under load, or will be as soon as it runs."""
        return self._load_settings is not None

    def start(self, wanted: Settings) -> None:
        """Runs an engine with the settings `wanted`, and ends a running one."""
        self.ran_with = wanted
        self.engine.start(wanted)

    def stop(self) -> None:
        """Ends engine and load; never waits."""
        self.engine.stop()
        self.remove_load()

    def put_load(self, wanted: Settings) -> None:
        """Puts load on the engine as soon as it runs."""
        self._load_settings = wanted
        self.engine.order_connections(wanted.connection_mode)
        self._follow()

    def change_load(self, wanted: Settings) -> None:
        """Changes the load to `wanted`; without one nothing happens."""
        if self._load_settings:
            self._load_settings = wanted
            self.engine.order_connections(wanted.connection_mode)
            self.load.change(wanted)

    def remove_load(self) -> None:
        """Ends the load; never waits."""
        self._forget_load()
        self.load.stop()

    def close(self) -> "list[Row]":
        """Ends engine and load within a second; returns the last rows."""
        self.load.close()
        self.engine.close()
        self.by_hand.leave()
        if not self._is_complete:
            return []
        self.usage.close()
        return self.measurement.finish()

    def _on_engine_message(self, message: wire.AnyMessage) -> None:
        if isinstance(message, wire.Ready):
            self.by_hand.leave()  # they were connections to the server before
            self.ready = message
        elif isinstance(message, wire.Amended) and self.ready:
            self.ready = wire.amended(self.ready, message)
        elif isinstance(message, wire.Stopped):
            self.ready = None
        self.measurement.receive_engine(message)
        self.message_arrived.emit(self._streams.engine, message)

    def _on_load_message(self, message: Any) -> None:
        self.measurement.receive_load(message)
        self.message_arrived.emit(self._streams.load, message)

    def _note_usage(self, usage: Any) -> None:
        self.measurement.receive_usage(usage)
        self.message_arrived.emit(self._streams.usage, usage)

    def _on_state(self, state: ProcessState) -> None:
        # Which process it is it says itself: what was started may be something that starts it.
        pid = self.ready.pid if self.ready and state is ProcessState.RUNNING else None
        self.usage.watch(pid, with_root=not starts_program(self.ran_with))  # the engine of a program serves nobody
        if state is ProcessState.RUNNING:
            self._follow()
        elif state is ProcessState.STOPPED:
            self.remove_load()  # there is no server any more
            self.by_hand.leave()

    def _on_load_ended(self, ending: Ending) -> None:
        if not ending.asked:
            self._forget_load()

    def _forget_load(self) -> None:
        """Without a load, connections last as the model is taught."""
        self._load_settings = None
        self.engine.order_connections(AS_TAUGHT)

    def _follow(self) -> None:
        """Sends the load to the engine's address."""
        if not self._load_settings or self.engine.state is not ProcessState.RUNNING:
            return
        if self.load.state in (ProcessState.STOPPED, ProcessState.STOPPING) or self.url != self.load.url:
            self.load.start(self._load_settings, self.url)
