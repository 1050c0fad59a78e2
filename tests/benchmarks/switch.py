"""How long a switch takes: `python tests/benchmarks/switch.py [ROUNDS]`, without load and under it.

For each model: milliseconds from the click until the old engine is gone, until the new one is ready, and until it
has answered a request; and the longest time that the event loop was away. Medians of the rounds, the worst in brackets.
"""

import contextlib
import http.client
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer

from engine.clock import monotonic
from engine.models import MODELS
from gui.history.server import ServerHistory
from gui.runs.processes import EngineProcess, ProcessState
from gui.settings import Settings

CLIENTS = 16
LOAD = f"""
import http.client, sys, threading
def ask():
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
        except (OSError, http.client.HTTPException):
            pass
for _ in range({CLIENTS}):
    threading.Thread(target=ask, daemon=True).start()
sys.stdin.read()
"""


class Run:
    """An engine as the window has it, in an event loop whose lag is watched."""

    def __init__(self) -> None:
        self.engine = EngineProcess()
        self.server = ServerHistory()
        self.engine.message_arrived.connect(self.server.receive)
        self.engine.ended.connect(lambda ending: setattr(self, "gone", monotonic()))
        self.gone = self.lag = self._last = 0.0
        self._ticks = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._tick)
        self._ticks.start()

    def run(self, model: str) -> None:
        """Runs `model`, instead of what runs."""
        self.engine.start(Settings(model=model, port=0))
        self.until(lambda: self.engine.state is ProcessState.RUNNING)

    def switch(self, model: str) -> tuple[float, float, float, float]:
        """Milliseconds until the old one was gone, the new one ready, its first reply there; and the worst lag."""
        self._last, self.lag = monotonic(), 0.0
        begun = monotonic()
        self.run(model)
        ready = monotonic()
        lag = self.lag
        assert self.server.ready
        answered(self.server.ready.port)
        return tuple(1000 * each for each in (self.gone - begun, ready - begun, monotonic() - begun, lag))

    def until(self, look: Callable[[], bool]) -> None:
        while not look():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def rest(self, seconds: float) -> None:
        end = monotonic() + seconds
        self.until(lambda: monotonic() > end)

    def _tick(self) -> None:
        now = monotonic()
        self.lag, self._last = max(self.lag, now - self._last - self._ticks.interval() / 1000), now


def answered(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/")
        assert connection.getresponse().read()


@contextlib.contextmanager
def load(port: int) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", LOAD, str(port)], stdin=subprocess.PIPE) as clients:
        yield
        clients.kill()


def measure(run: Run, models: list[str], rounds: int) -> None:
    figures: dict[str, list[tuple[float, float, float, float]]] = {model: [] for model in models}
    for _ in range(rounds):
        for model in models:
            run.rest(0.7)
            figures[model].append(run.start(model))
    print(f"{'to':<12} {'old one gone':>15} {'ready':>15} {'answered':>15} {'lag':>15}   ms")
    for model, taken in figures.items():
        cells = (f"{statistics.median(each):.0f} ({max(each):.0f})" for each in zip(*taken, strict=True))
        print(f"{model:<12}", *(f"{cell:>15}" for cell in cells))


def main(rounds: int = 5) -> None:
    application = QCoreApplication.instance() or QCoreApplication([])
    models = [model.key for model in MODELS.values() if model.available()]
    run = Run()
    run.run(models[-1])
    print("without load")
    measure(run, models, rounds)
    assert run.server.ready
    with load(run.server.ready.port):
        print(f"under {CLIENTS} clients, a connection a request")
        measure(run, models, rounds)
    run.engine.close()
    del application


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
