"""The corpus of requests, fed whole and cut: the exchange at every place, the models through real sockets."""

import re
from pathlib import Path

import pytest

from engine.apps.serving import site_application
from engine.models import MODELS
from engine.web.response import Application
from tests.engine.client import CUTS, Client, Cut, at, by_byte
from tests.engine.support import Engine
from tests.engine.web.corpus import GROUPS, Case, get
from tests.engine.web.test_connection import everything, talk

CASES = {f"{group}: {case.name}": case for group, cases in GROUPS.items() for case in cases}
LAST = get(b"Connection: close")
"""Answered only on a connection that was kept."""
FEW = 4
"""Every fourth case is a quick test; the full run has all."""
LONG = 1500
"""Bytes of a case that is cut at some places only."""


def expected(case: Case) -> list[int]:
    return [*case.statuses, *([200] if case.kept else [])]


def statuses(said: bytes) -> list[int]:
    """Those of all replies in `said`; a greeting is what others answer with 400."""
    greeted = [400] if b"hello~client" in said else []
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [A-Z]", said) if status != b"100"] + greeted


def test_corpus_is_large_and_no_name_is_there_twice() -> None:
    assert len(CASES) == sum(map(len, GROUPS.values())) > 200


@pytest.fixture(scope="module")
def served(site: Path) -> Application:
    """The site without an engine."""
    return site_application(site, work_pages=True)


@pytest.mark.parametrize("first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in range(1, FEW))])
def test_exchange_answers_alike_however_it_is_cut(served: Application, first: int, subtests: pytest.Subtests) -> None:
    for name, case in list(CASES.items())[first::FEW]:
        with subtests.test(name):
            answers_alike_however_it_is_cut(served, case)


def answers_alike_however_it_is_cut(served: Application, case: Case) -> None:
    data = case.sent
    places = range(1, len(data)) if len(data) < LONG else [1, 14, 15, 16, 100, *range(200, len(data), 997)]
    cuts = [[data], *([data[:place], data[place:]] for place in places)]
    cuts.append(by_byte(data) if len(data) < LONG else at(data, range(1, len(data), 613)))
    for segments in cuts:
        said, notes = talk(served, [*filter(None, segments), LAST], everything())
        assert statuses(said) == expected(case), segments
        assert [status for status, _, _ in notes.replies] == expected(case)
        assert all(whole for _, _, whole in notes.replies)


@pytest.mark.quick_with("thread", "epoll")
@pytest.mark.parametrize(
    "cut",
    [pytest.param(CUTS["whole"], marks=pytest.mark.slow, id="whole"), pytest.param(CUTS["at random"], id="cut")],
)
def test_every_model_answers_alike(kept: Engine, cut: Cut, subtests: pytest.Subtests) -> None:
    for group, cases in GROUPS.items():
        with subtests.test(group):
            wrong = {}
            for case in cases:
                with Client(kept.address) as client:
                    client.send(*(cut(case.sent) if case.sent else ()), LAST)
                    answered = statuses(client.rest())
                if answered != expected(case):
                    wrong[case.name] = (answered, expected(case))
            assert wrong == {}
    kept.settled(open=0)
    assert MODELS[kept.model].greets or not kept.stderr()


@pytest.mark.parametrize(
    "sent",
    [get(b"no colon", method=b"HEAD"), b"HEAD / HTTP/1.1\r\n\r\n", get(b"Content-Length: 9999999", method=b"HEAD"),
     get(method=b"HEAD", version=b"HTTP/2.0"), get(method=b"HEAD", target=b"/missing")],
)  # fmt: skip
def test_refused_head_has_no_body(served: Application, sent: bytes) -> None:
    for segments in ([sent], by_byte(sent)):
        said, _ = talk(served, segments, everything())
        assert said.count(b"HTTP/1.1 4") + said.count(b"HTTP/1.1 5") == 1
        assert said.endswith(b"\r\n\r\n")
        assert b"Content-Length: 0\r\n" not in said


def test_endless_empty_lines_are_passed_over_at_once(served: Application) -> None:
    """Two megabytes of them: line by line, with what is left copied each time, that would take minutes."""
    said, _ = talk(served, [b"\r\n" * 1_000_000, LAST], everything())
    assert statuses(said) == [200]
