"""Each way in which an engine can end, said to a person."""

import socket
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication

from engine.telemetry import wire
from gui import errors
from gui.runs.processes import Ending
from gui.settings import Settings

SETTINGS = Settings(model="epoll", port=8888, root="/nowhere", host="127.0.0.1")


def ending(*, asked: bool = False, code: int | None = 1, signal: int | None = None, stderr_tail: str = "") -> Ending:
    return Ending(asked=asked, code=code, signal=signal, problem=None, stderr_tail=stderr_tail)


def failed(code: str, **details: str | int) -> Ending:
    return replace(ending(), problem=wire.Problem(0.0, code, "In English.", details))


def told(ending: Ending, settings: Settings = SETTINGS) -> errors.Notice:
    notice = errors.why_ended(ending, settings)
    assert notice
    return notice


def test_what_was_asked_for_is_no_error() -> None:
    assert errors.why_ended(ending(asked=True, code=0), SETTINGS) is None
    assert errors.why_ended(ending(asked=True, code=None, signal=9), SETTINGS) is None


def test_a_taken_port_is_named_with_its_program() -> None:
    notice = told(failed("port-in-use", port=8888, program="nginx", pid=4312))
    assert "8888" in notice.title
    assert "nginx (process 4312)" in notice.text
    assert notice.offer
    assert notice.offer.changes
    assert notice.offer.changes["port"] > 8888


def test_a_port_taken_by_an_unknown_program_is_still_an_answer() -> None:
    notice = told(failed("port-in-use", port=8888, program="", pid=0))
    assert "process" not in notice.text
    assert "port" in notice.text


def test_a_privileged_port_is_replaced_by_one_for_everybody() -> None:
    notice = told(failed("port-privileged", port=80, first=1000), replace(SETTINGS, port=80))
    assert "80" in notice.title
    assert "from 1000 on" in notice.text
    assert notice.offer
    assert notice.offer.changes
    assert notice.offer.changes["port"] >= 1024


def test_a_port_that_the_system_keeps_is_not_the_administrators() -> None:
    notice = told(failed("port-reserved", port=8888))
    assert "8888" in notice.title
    assert "administrator" not in notice.title + notice.text
    assert "1024" not in notice.text
    assert notice.offer
    assert notice.offer.changes
    assert notice.offer.changes["port"] > 8888


def test_an_unknown_host_is_replaced_by_this_machine() -> None:
    notice = told(failed("host-unknown", host="nobody.invalid"), replace(SETTINGS, host="nobody.invalid"))
    assert "nobody.invalid" in notice.title
    assert notice.offer == errors.Offer("Use 127.0.0.1", {"host": "127.0.0.1"})


def test_a_missing_folder_asks_for_another() -> None:
    notice = told(failed("root-missing", root="/nowhere"))
    assert "nowhere" in notice.text
    assert notice.offer == errors.Offer("Choose folder…", None)


def test_a_model_that_is_not_there_says_where_it_is() -> None:
    notice = told(failed("model-unavailable", model="epoll", systems="Linux"))
    assert "epoll" in notice.title
    assert "Linux" in notice.text


def test_any_other_refusal_has_the_systems_reason() -> None:
    assert "no buffer space" in told(failed("cannot-listen", reason="no buffer space")).text


@pytest.mark.parametrize("code", ["something-new", "cannot-start"])
def test_an_unknown_code_is_told_in_the_engines_words(code: str) -> None:
    notice = told(failed(code))
    assert notice.text == "In English."
    assert notice.offer == errors.Offer("Start again", {})


def test_a_signal_has_its_number_and_name() -> None:
    assert "9 (SIGKILL)" in told(ending(code=None, signal=9)).text
    assert "77" in told(ending(code=None, signal=77)).text


def test_a_crash_has_its_status_and_last_words() -> None:
    notice = told(ending(code=3, stderr_tail="Traceback\n  one\n  two\nValueError: no\n"))
    assert "3" in notice.title
    assert notice.text.endswith("ValueError: no")
    assert "Traceback" not in notice.text, "only the end fits in a bar"
    assert told(ending(code=3)).text


def test_a_load_that_broke_off_is_told_and_offers_no_server() -> None:
    assert errors.why_load_ended(ending(asked=True)) is None
    for how, said in (
        (failed("host-unknown"), ("The load could not start", "In English.")),
        (ending(code=None, signal=9), ("The load was ended from outside", "SIGKILL")),
        (ending(code=1, stderr_tail="MemoryError\n"), ("The load ended with exit status 1", "MemoryError")),
    ):
        notice = errors.why_load_ended(how)
        assert notice
        assert notice.title == said[0]
        assert said[1] in notice.text
        assert notice.offer is None


def test_a_problem_of_a_running_engine_is_no_end() -> None:
    notice = errors.went_wrong(wire.Problem(0.0, "no-descriptors", "None are left."))
    assert (notice.text, notice.serious, notice.offer) == ("None are left.", False, None)


def test_free_port_skips_those_that_are_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = errors.free_port("127.0.0.1", port)
        assert found == 0 or port < found < port + errors.NEXT_PORTS
    assert errors.free_port("no such host.invalid", 8000) == 0


class Shouting(QTranslator):
    """A language in which everything is said louder."""

    def translate(self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1) -> str:
        return sourceText.upper().replace("{PORT}", "{port}")

    def isEmpty(self) -> bool:
        return False


def test_errors_are_said_in_the_readers_language(qapp: QApplication) -> None:
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    try:
        assert told(failed("port-in-use", program="", pid=0)).title == "PORT 8888 IS IN USE"
    finally:
        QCoreApplication.removeTranslator(translator)
