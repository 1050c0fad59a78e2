"""What switching at random under load leaves behind: `python tests/benchmarks/switching.py --seconds 600`.

A real window with real engines and loads of its own. Every 0.2 to 4 seconds a model is chosen at random, and now and
then one beside it, or the load is taken away or put on, another view, workload or theme chosen. Some ten times all is
stopped and looked at: the window's memory (USS), descriptors, threads and Python objects, and every process that was
started. Before the first look, a tenth of the time goes by, a minute at most, and then a steady load while the timeline
is watched fills the logs of requests and the spans: what is bounded shall not be taken for what grows.

The exit status is 1 if a process or a zombie was left, a process ended unasked, descriptors or threads grew, or memory
grew by more than `--growth` MiB a minute. Runs offscreen unless a display is chosen by QT_QPA_PLATFORM.
"""

import argparse
import gc
import os
import random
import statistics
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

import psutil
from PySide6.QtCore import QCoreApplication, QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from engine.clock import monotonic
from engine.load import wire
from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from gui.history.clients import KINDS
from gui.history.request_log import CAPACITY, RequestLog
from gui.runs.processes import Ending, EngineProcess, LoadProcess, Owner, ProcessState
from gui.settings import THEMES
from gui.window import Window

MARK = "SERVESCOPE_SWITCHING"
"""In the environment of whatever this script's processes start."""
EACH = (0.2, 4.0)
"""Seconds that a model is left to run."""
CLIENTS = (4, 32)
LOOKS = 10
SETTLING = 1.0
"""Seconds without an engine before a look: what is to be deleted later is deleted by then."""
FILLING = 180.0
"""Seconds at most that the logs take to fill."""
PATIENCE = 30.0
"""Seconds in which all has stopped."""


class Parts(NamedTuple):
    """What a window runs, and the requests that it keeps."""

    engine: EngineProcess
    children: tuple[Owner, ...]
    """The engine, the one beside it, and their loads."""
    loads: tuple[LoadProcess, ...]
    logs: tuple[RequestLog, ...]


def parts(window: Window) -> Parts:
    """Where a window has them."""
    session = (window.session.first, window.session.second)
    return Parts(
        engine=window.session.first.engine,
        children=tuple(child for run in session for child in (run.engine, run.load)),
        loads=tuple(run.load for run in session),
        logs=tuple(history.server.log for history in (window.live.first, window.live.second)),
    )


@dataclass(frozen=True)
class Theme:
    """What the window holds on to when nothing runs."""

    minutes: float
    memory: float
    """MiB that would be free without it."""
    descriptors: int
    threads: int
    objects: int
    """Python's, as far as its collector knows of them."""
    processes: int
    """Living ones that were started and should have ended."""
    zombies: int
    rows: int
    """Of the scoreboard."""


class Person:
    """A restless user of a window."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._mark = uuid.uuid4().hex
        os.environ[MARK] = self._mark
        self._me = psutil.Process()
        self._chance = random.Random(seed)
        self._models = [model.key for model in MODELS.values() if model.available()]
        self.window = Window(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat), port=0, theme="light")
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.complete()
        self.switches = 0
        self.unasked: list[Ending] = []
        self.failed: Counter[str] = Counter()
        self._crowds: dict[LoadProcess, wire.LoadStats] = {}
        for load in parts(self.window).loads:
            load.message_arrived.connect(lambda message, load=load: self._hear(load, message))
        for child in parts(self.window).children:
            child.ended.connect(self._note_ending)

    def play(self, seconds: float) -> None:
        """Switches for so long, under load."""
        end = monotonic() + seconds
        if self._load_is_off():
            self.window.session.toggle_load()
        while (now := monotonic()) < end:
            self._act()
            due = min(end, now + self._chance.uniform(*EACH))
            self._until(lambda due=due: monotonic() >= due)

    def fill(self) -> bool:
        """Lets what the window keeps of the past grow as large as it gets; returns whether it did in time."""
        window = self.window
        window.session.choose("gevent")
        window.session.set_second_model("epoll")
        window.load_panel.changed.emit({"workload": "visitors", "clients": CLIENTS[1]})
        window.show_view("timeline")
        if self._load_is_off():
            window.session.toggle_load()
        given_up = monotonic() + FILLING
        self._until(lambda: self._is_full() or monotonic() > given_up)
        window.session.set_second_model("")
        return self._is_full()

    def look(self, begin: float) -> Theme:
        """Stops all and looks."""
        if parts(self.window).engine.state not in (ProcessState.STOPPED, ProcessState.STOPPING):
            self.window.session.toggle()
        given_up = monotonic() + PATIENCE
        self._until(lambda: self._all_stopped() or monotonic() > given_up)
        settled = monotonic() + SETTLING
        self._until(lambda: monotonic() > settled)
        gc.collect()
        return Theme(
            minutes=(monotonic() - begin) / 60,
            memory=self._me.memory_full_info().uss / 2**20,
            descriptors=self._me.num_fds(),
            threads=self._me.num_threads(),
            objects=len(gc.get_objects()),
            processes=len(self._left()),
            zombies=sum(child.status() == psutil.STATUS_ZOMBIE for child in self._me.children()),
            rows=len(self.window.scoreboard_data.entries),
        )

    def leave(self) -> int:
        """Closes the window under load; returns how many processes are left."""
        self.play(1)
        self.window.close()
        given_up = monotonic() + PATIENCE
        self._until(lambda: not self._left() or monotonic() > given_up)
        return len(self._left())

    def _act(self) -> None:
        chance, window = self._chance, self.window
        window.session.choose(chance.choice([key for key in self._models if key != window.settings.model]))
        self.switches += 1
        if self._load_is_off() or chance.random() < 0.1:
            window.session.toggle_load()
        if chance.random() < 0.15:
            workload = chance.choice(list(WORKLOADS))
            window.load_panel.changed.emit({"workload": workload, "clients": chance.randint(*CLIENTS)})
        if chance.random() < 0.15:
            window.session.set_second_model(
                chance.choice(["", *(key for key in self._models if key != window.settings.model)])
            )
        if chance.random() < 0.15:
            window.tabs.setCurrentIndex(chance.randrange(window.tabs.count()))
        if chance.random() < 0.05:
            window.apply(replace(window.settings, theme=chance.choice(THEMES)))

    def _load_is_off(self) -> bool:
        return parts(self.window).loads[0].state in (ProcessState.STOPPED, ProcessState.STOPPING)

    def _all_stopped(self) -> bool:
        return all(child.state is ProcessState.STOPPED for child in parts(self.window).children)

    def _is_full(self) -> bool:
        return all(len(log) >= CAPACITY for log in parts(self.window).logs)

    def _left(self) -> list[psutil.Process]:
        return [
            process
            for process in psutil.process_iter(["environ"])
            if process.pid != self._me.pid and (process.info["environ"] or {}).get(MARK) == self._mark
        ]

    def _hear(self, load: LoadProcess, message: wire.AnyLoadMessage) -> None:
        if isinstance(message, wire.LoadReady):
            self._crowds.pop(load, None)
        elif isinstance(message, wire.LoadStats):
            before = self._crowds.get(load)
            for kind in KINDS:
                self.failed[kind] += getattr(message, kind) - getattr(before, kind, 0)
            self._crowds[load] = message

    def _note_ending(self, ending: Ending) -> None:
        if not ending.asked:
            self.unasked.append(ending)

    def _until(self, look: Callable[[], bool]) -> None:
        while not look():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def show(look: Theme) -> None:
    """Prints one line of the table."""
    print(
        f"{look.minutes:>7.1f}{look.memory:>13.1f}{look.descriptors:>13}{look.threads:>9}{look.objects:>11,}"
        f"{look.processes:>11}{look.zombies:>9}{look.rows:>6}",
        flush=True,
    )


def grown(looks: list[Theme]) -> float:
    """MiB a minute, by the line that fits all looks best."""
    return statistics.linear_regression([look.minutes for look in looks], [look.memory for look in looks]).slope


def faults(looks: list[Theme], most_growth: float, person: Person, left: int) -> list[str]:
    """What was left behind, in words."""
    early, end = looks[0], looks[-1]
    found = {
        f"{left} processes after closing": left,
        "processes left": any(look.processes for look in looks),
        "zombies": any(look.zombies for look in looks),
        f"descriptors grew from {early.descriptors} to {end.descriptors}": end.descriptors > early.descriptors,
        f"threads grew from {early.threads} to {end.threads}": end.threads > early.threads,
        f"memory grew by {grown(looks):.2f} MiB a minute": grown(looks) > most_growth,
        f"ended unasked: {person.unasked}": person.unasked,
    }
    return [words for words, is_so in found.items() if is_so]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--growth", type=float, default=1.0, help="MiB a minute (default: %(default)s)")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    print(
        f"{'minutes':>7}{'memory, MiB':>13}{'descriptors':>13}{'threads':>9}{'objects':>11}"
        f"{'processes':>11}{'zombies':>9}{'rows':>6}"
    )
    warm = min(60.0, options.seconds / 10)
    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        begin = monotonic()
        person = Person(Path(folder), options.seed)
        person.play(warm)
        if not person.fill():
            print("What is kept is not full yet: memory may grow by that.")
        looks = [person.look(begin)]
        show(looks[0])
        for _ in range(LOOKS):
            person.play((options.seconds - warm) / LOOKS)
            looks.append(person.look(begin))
            show(looks[-1])
        left = person.leave()
    failed = ", ".join(f"{count:,} {kind}" for kind, count in person.failed.items() if count)
    print(f"{person.switches} switches; failed requests: {failed or 'none'}")
    found = faults(looks, options.growth, person, left)
    print("\n".join(found) or f"nothing is left behind; memory grew by {grown(looks):.2f} MiB a minute")
    del application
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
