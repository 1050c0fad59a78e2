"""How facts are said."""

import msgspec
import pytest
from PySide6.QtCore import QLocale

from engine.telemetry import wire
from gui import formatting
from gui.settings import Settings
from tests.ready import a_ready


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0.00 ms"),
        (0.000_012, "12 µs"),
        (0.000_099_9, "0.10 ms"),
        (0.000_36, "0.36 ms"),
        (0.009_99, "9.99 ms"),
        (0.009_996, "10.0 ms"),
        (0.0531, "53.1 ms"),
        (0.4, "400 ms"),
        (0.9996, "1.00 s"),
        (12.345, "12.35 s"),
        (150.0, "150 s"),
    ],
)
def test_durations_have_two_or_three_digits(seconds: float, said: str) -> None:
    assert formatting.duration_text(seconds) == said


@pytest.mark.parametrize(
    ("rate", "said"), [(0, "0/s"), (812.4, "812/s"), (1_900, "1.9k/s"), (21_408, "21.4k/s"), (123_456, "123.5k/s")]
)
def test_rates_are_short(rate: float, said: str) -> None:
    assert formatting.rate(rate) == said


@pytest.mark.parametrize(("amount", "said"), [(31 * 2**20, "31"), (2**20 * 1.66, "1.7"), (20 * 1024, "0.02")])
def test_sizes_are_in_mebibytes(amount: float, said: str) -> None:
    assert formatting.mebibytes(amount) == said


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8888"),
        ("localhost", "http://localhost:8888"),
        ("0.0.0.0", "http://127.0.0.1:8888"),
        ("::", "http://[::1]:8888"),
        ("fe80::1", "http://[fe80::1]:8888"),
    ],
)
def test_addresses_are_what_a_browser_takes(host: str, address: str) -> None:
    assert formatting.address(host, 8888) == address


def test_numbers_follow_the_readers_country() -> None:
    assert formatting.whole(1_284_112) == "1,284,112"
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    assert formatting.whole(1_284_112) == "1.284.112"
    assert formatting.rate(1_900) == "1,9k/s"


def test_two_runs_of_one_model_are_told_apart_by_what_differs() -> None:
    def run(model: str, mistake: str = "", **settings: int | bool) -> wire.Ready:
        return msgspec.structs.replace(a_ready(model), settings=settings, mistake=mistake)

    def titles(first: wire.Ready, second: wire.Ready) -> list[str]:
        return list(map(formatting.longest, formatting.pair_titles((first, second))))

    plain = run("prefork", workers=4, reuseport=False)
    title = formatting.model_title("prefork")
    assert titles(plain, run("prefork", workers=4, reuseport=True)) == [title, f"{title} · a socket each"]
    assert titles(plain, run("epoll")) == [title, formatting.model_title("epoll")]
    wrong = titles(run("epoll", "equals-epollin"), run("epoll"))
    assert wrong == [formatting.with_mistake("epoll", "equals-epollin"), "epoll"]
    settings = Settings(model="asyncio"), Settings(model="asyncio", to_thread=True)
    assert list(map(formatting.longest, formatting.pair_titles(settings))) == ["asyncio", "asyncio · in a thread"]
