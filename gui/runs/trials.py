"""What runs trials in the window: those of a sweep, and those of a lesson.

Knows nothing of when a trial is over: `engine.lab.session` does.
"""

from typing import TYPE_CHECKING

from engine.mistakes import MISTAKES
from engine.settings import MISTAKE
from gui.settings import Settings, for_this_machine

if TYPE_CHECKING:
    from engine.lab.session import Trial
    from gui.runs.session import Session

KEPT = ("host", "port", "theme", "language")
"""The user's own settings that a lesson runs with; the others have their defaults."""


class SweepRunner:
    """Each model of a sweep, and each program, under the load that is set, which goes on from one to the next."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def start(self, trial: "Trial") -> None:
        """Runs its model, or its program, instead of what runs."""
        self._session.run_next({"guest": None, **trial.serve} | ({"model": trial.model} if trial.model else {}))

    def put_load(self, trial: "Trial") -> None:
        """The load is there already, or comes as soon as the first server runs."""


class LessonRunner:
    """Each trial with its own settings and its own load."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        own = for_this_machine(session.settings) if session.settings.phones else session.settings
        self._own = {name: getattr(own, name) for name in KEPT}

    def start(self, trial: "Trial") -> None:
        """Runs its server; one that still runs is ended first, with its load."""
        ready = self._session.first.ready
        mistake = MISTAKES.get(str(trial.serve.get(MISTAKE.name, "")))
        own = self._own
        if trial.same_port and ready:
            own = {**own, "port": ready.port}
        elif mistake and mistake.own_port:
            own = {**own, "port": 0}  # the usual one could not be had for a while
        self._session.run_trial(trial_settings(trial, own))

    def put_load(self, trial: "Trial") -> None:
        """Puts its load on the server, which is ready."""
        self._session.first.put_load(self._session.settings)


def trial_settings(trial: "Trial", own: dict[str, object]) -> Settings:
    """The window's settings that run this trial."""
    change = trial.change
    load: dict[str, object] = {}
    if change:
        load = {
            "workload": change.workload, "clients": change.clients, "slow": change.slow, "rate": round(change.rate),
            "work_ms": change.work_ms, "connections": change.connections,
        }  # fmt: skip
    return Settings({**own, **load, **trial.serve, "model": trial.model})
