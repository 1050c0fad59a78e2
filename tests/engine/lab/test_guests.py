"""Braces make the rows of a comparison, and the spread of the rounds says which choice decides."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.lab.compare import Result, finding
from engine.lab.guests import MOST, variants, what_decides
from engine.setting import SettingError
from tests.engine.guest.support import PROGRAMS, free_port
from tests.engine.lab.test_compare import SHORT, compare, read
from tests.gui.rows import row


def test_braces_stand_for_each_choice() -> None:
    found = variants("gunicorn -w {2,4} -k {sync,gthread} shop:app; server.py {}")
    assert [each.text for each in found] == [
        "gunicorn -w 2 -k sync shop:app",
        "gunicorn -w 2 -k gthread shop:app",
        "gunicorn -w 4 -k sync shop:app",
        "gunicorn -w 4 -k gthread shop:app",
        "server.py {}",
    ]
    assert found[1].choices == ("2", "gthread")
    assert found[4].choices == ()
    assert [each.text for each in variants("a {,-b} {1,1}")] == ["a 1", "a -b 1"]


@pytest.mark.parametrize("text", ["", " ; ", "a " + "{1,2}" * (MOST.bit_length())])
def test_what_stands_for_none_or_too_many_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        variants(text)


def test_what_decides_is_what_differs_by_more_than_the_rounds() -> None:
    rates = {
        ("2", "sync"): [100.0, 110.0],
        ("4", "sync"): [200.0, 210.0],
        ("2", "gthread"): [102.0, 108.0],
        ("4", "gthread"): [204.0, 216.0],
    }
    assert what_decides(rates).startswith("What decides: 4 instead of 2 gives 2.0× the requests;")
    assert "sync" not in what_decides(rates)
    noisy = {chosen: [least / 2, most] for chosen, (least, most) in rates.items()}
    assert what_decides(noisy).startswith("No choice makes a difference beyond the spread of the rounds")
    assert what_decides({("2",): [1.0]}) == ""


def test_rounds_that_overlap_allow_no_difference() -> None:
    def result(model: str, *rates: float) -> Result:
        return Result(model, [replace(row(model), requests_per_second=rate) for rate in rates])

    apart = finding([result("a", 100, 120), result("b", 200, 210)])
    overlapping = finding([result("a", 100, 205), result("b", 200, 210)])
    assert apart
    assert overlapping
    assert (apart.measure, overlapping.measure) == ("requests", "none")


@pytest.mark.slow
def test_guests_and_a_model_under_one_load(tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    file = tmp_path / "compared.json"
    guests = f"-m gunicorn -w {{1,2}} -b 127.0.0.1:{free_port()} shop:app"
    ran = compare(
        "--guests", guests, "--guest-dir", PROGRAMS, "--guest-python", sys.executable, "--models", "epoll",
        "--rate", "50", *SHORT, "--repeat", "2", "--json", file,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    order = [line.partition(":")[0].rpartition(" -b")[0] or line.split(",")[0] for line in ran.stderr.splitlines()]
    assert order == ["epoll", "gunicorn -w 1", "gunicorn -w 2"] * 2
    told = read(file)
    one, two = (name for name in told["models"] if name.startswith("gunicorn"))
    for name, processes in ((one, 1), (two, 2)):
        measured = told["models"][name]
        assert measured["failure"] == ""
        assert {each["failed"] for each in measured["runs"]} == {0}
        assert all(each["requests_per_second"] > 10 for each in measured["runs"])
        assert measured["median"]["memory"] > processes << 20
        assert measured["slowest"]
        assert measured["median"]["conditions"] == told["models"]["epoll"]["median"]["conditions"]
    assert told["decision"]
    assert told["decision"] in ran.stdout
    assert ran.stdout.splitlines()[-1] == told["finding"]


def test_a_guest_that_does_not_start_fails_with_what_it_wrote() -> None:
    ran = compare("--guests", "-c 'raise SystemExit(\"no shop here\")'", "--guest-python", sys.executable, *SHORT)
    assert ran.returncode == 1
    said = " ".join(ran.stdout.split())
    assert "The program has ended with exit status 1. no shop here" in said


def test_a_load_of_our_own_pages_is_not_for_guests() -> None:
    ran = compare("--guests", "server.py", "--workload", "browser")
    assert ran.returncode == 2
    assert "--guests can't be put under browser" in ran.stderr
