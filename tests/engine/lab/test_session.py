"""The steps of a session of the lab, with a clock and a runner of the test's own."""

from dataclasses import replace

import pytest

from engine.lab.measurement import WARM_UP
from engine.lab.rows import Row
from engine.lab.session import NOT_READY, NOT_STEADY, START_TIMEOUT, LabSession, Trial
from engine.load.wire import Change, LoadReady, LoadStats
from engine.telemetry.wire import Counters
from tests.gui.rows import row
from tests.ready import a_ready

CHANGE = Change("steady", 4, 0, 0.0, 0)
UNIX = 1e9


class Stage:
    """A runner that notes what is to run, a measurement whose row is set, and a clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.started: list[str] = []
        self.loaded: list[str] = []
        self.current: Row | None = None

    def start(self, trial: Trial) -> None:
        self.started.append(trial.model)

    def put_load(self, trial: Trial) -> None:
        self.loaded.append(trial.model)

    def row(self) -> Row | None:
        return self.current

    def session(self, *trials: Trial, figures: tuple[str, ...] = ()) -> LabSession:
        made = LabSession(trials, self, self, figures, lambda: self.now)  # type: ignore[arg-type]
        made.begin()
        return made

    def become_ready(self, session: LabSession, model: str) -> None:
        session.receive_engine(replace_clock(a_ready(model, self.now)))

    def measure(self, model: str, seconds: float) -> None:
        self.current = replace(row(model), begin=self.now + UNIX, seconds=seconds)


def replace_clock(ready):  # type: ignore[no-untyped-def]
    ready.clock = UNIX
    return ready


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_each_is_run_until_it_was_measured(stage: Stage) -> None:
    session = stage.session(Trial("thread", 4.0, change=CHANGE), Trial("epoll", 4.0, change=CHANGE))
    assert (stage.started, stage.loaded) == (["thread"], [])
    stage.become_ready(session, "thread")
    assert stage.loaded == ["thread"]
    stage.measure("thread", 3.9)
    session.advance()
    assert (session.number, session.count) == (1, 2)
    stage.measure("thread", 4.0)
    session.advance()
    assert stage.started == ["thread", "epoll"]
    session.advance()
    assert session.number == 2, "the row of the one before is none of this one's"
    stage.become_ready(session, "epoll")
    stage.measure("epoll", 4.1)
    session.advance()
    assert session.trial is None
    assert [(each.trial.model, each.row is not None) for each in session.results] == [("thread", True), ("epoll", True)]


def test_the_row_of_the_same_model_before_is_not_taken_for_this_one(stage: Stage) -> None:
    session = stage.session(Trial("epoll", 4.0, change=CHANGE))
    stage.measure("epoll", 9.0)
    stage.now += 1
    stage.become_ready(session, "epoll")
    session.advance()
    assert session.trial


def test_what_is_not_steady_in_time_ends_without_a_row(stage: Stage) -> None:
    session = stage.session(Trial("thread", 4.0, change=CHANGE, patience=2.0), Trial("epoll", 4.0, change=CHANGE))
    stage.become_ready(session, "thread")
    stage.now += WARM_UP + 4.0 + 2.0
    session.advance()
    assert session.number == 1
    stage.now += 1.0
    session.advance()
    assert (session.number, session.results[0].row, session.results[0].failure) == (2, None, NOT_STEADY)
    stage.now += START_TIMEOUT + 0.1
    session.advance()
    assert session.results[1].failure == NOT_READY


def test_without_clients_time_is_what_ends_it(stage: Stage) -> None:
    session = stage.session(Trial("epoll", 2.0), figures=("requests_per_second", "served", "cpu"))
    stage.become_ready(session, "epoll")
    for _ in range(40):
        stage.now += 0.1
        session.receive_engine(Counters(stage.now, 0, 3, int(stage.now * 50), 0, 0, 0, 1, 1))
        session.advance()
    (result,) = session.results
    assert stage.loaded == []
    assert (result.failure, result.row) == ("", None)
    assert result.figures["requests_per_second"] == pytest.approx(50, rel=0.1)
    assert result.figures["served"] == 3
    assert "cpu" not in result.figures, "it was never reported"


def test_only_the_load_of_this_server_is_measured(stage: Stage) -> None:
    def stats(waiting: int) -> LoadStats:
        return LoadStats(stage.now, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 1.0, waiting=waiting)

    session = stage.session(Trial("epoll", 2.0, change=CHANGE), figures=("waiting",))
    stage.become_ready(session, "epoll")
    session.receive_load(stats(99))
    session.receive_load(LoadReady(1, "", 1, 1, stage.now, UNIX))
    for _ in range(40):
        stage.now += 0.1
        session.receive_load(stats(7))
        session.advance()
    assert session.results[0].figures == {"waiting": 7}


def test_clients_that_never_connect_are_measured_after_a_while(stage: Stage) -> None:
    session = stage.session(Trial("epoll", 2.0, change=CHANGE, patience=3.0), figures=("waiting",))
    stage.become_ready(session, "epoll")
    session.receive_load(LoadReady(1, "", 1, 1, stage.now, UNIX))
    begun = stage.now
    while session.trial:
        stage.now += 0.1
        session.receive_load(LoadStats(stage.now, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 1.0, waiting=3))
        session.advance()
        assert stage.now < begun + START_TIMEOUT
    assert stage.now - begun == pytest.approx(3.0 + WARM_UP + 2.0, abs=0.3)
    assert session.results[0].figures == {"waiting": 3}
    assert session.results[0].failure == ""


def test_clients_that_connect_each_time_are_never_all_connected(stage: Stage) -> None:
    change = Change("visitors", 4, 0, 0.0, 0, connections="one-a-request")
    session = stage.session(Trial("epoll", 2.0, change=change), figures=("waiting",))
    stage.become_ready(session, "epoll")
    session.receive_load(LoadReady(1, "", 1, 1, stage.now, UNIX))
    begun = stage.now
    while session.trial:
        stage.now += 0.1
        session.receive_load(LoadStats(stage.now, 1, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0.0, 1.0, waiting=1))
        session.advance()
        assert stage.now < begun + START_TIMEOUT
    assert stage.now - begun == pytest.approx(WARM_UP + 2.0, abs=0.4)


def test_a_server_that_ends_is_a_failure(stage: Stage) -> None:
    session = stage.session(Trial("epoll", 2.0))
    session.fail("The port is in use.")
    assert (session.results[0].failure, session.results[0].ready, session.trial) == ("The port is in use.", None, None)
