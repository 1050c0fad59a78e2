"""What is kept between runs, and what becomes of it when it is damaged."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from gui import settings
from gui.settings import Settings

OTHER = Settings(
    model="epoll", host="0.0.0.0", port=0, root='/srv/pages, old; "new" = ä', keep_alive=False, theme="dark",
    workload="busy-work", clients=1_500, slow=12, rate=250, work_ms=40,
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the settings are kept."""
    return tmp_path / "settings.ini"


def reopened(path: Path) -> QSettings:
    """The store as the next run of the program finds it."""
    return QSettings(str(path), QSettings.Format.IniFormat)


def kept(path: Path, *chosen: Settings) -> Settings:
    """What is there in the next run after `chosen` were saved, one after the other."""
    store = reopened(path)
    for each in chosen:
        settings.save(store, each)
    store.sync()
    return settings.load(reopened(path))


def test_nothing_kept_gives_the_defaults(path: Path) -> None:
    assert settings.load(reopened(path)) == Settings()


@pytest.mark.parametrize("chosen", [OTHER, replace(OTHER, keep_alive=True), Settings(port=65535)])
def test_what_was_saved_comes_back(path: Path, chosen: Settings) -> None:
    assert kept(path, chosen) == chosen


def test_it_comes_back_before_it_is_written_to_disk(path: Path) -> None:
    store = reopened(path)
    settings.save(store, OTHER)
    assert settings.load(store) == OTHER


def test_back_to_the_defaults(path: Path) -> None:
    assert kept(path, OTHER, Settings()) == Settings()
    assert reopened(path).allKeys() == [], "a default is not kept, so that it can move"


def test_other_things_in_the_store_stay(path: Path) -> None:
    store = reopened(path)
    store.setValue("geometry", "of the window")
    settings.save(store, OTHER)
    settings.save(store, Settings())
    assert store.value("geometry") == "of the window"


DAMAGED = {
    "model": "punched-cards",
    "host": "",
    "port": "65536",
    "root": "  ",
    "keep_alive": "perhaps",
    "theme": "plaid",
    "workload": "nap",
    "clients": "10001",
    "slow": "-1",
    "rate": "fast",
    "work_ms": "1e3",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_each_damaged_value_falls_back_alone(path: Path, name: str) -> None:
    kept(path, OTHER)
    store = reopened(path)
    store.setValue(name, DAMAGED[name])
    store.sync()
    assert settings.load(reopened(path)) == replace(OTHER, **{name: getattr(Settings(), name)})


@pytest.mark.parametrize("port", ["", "-1", "80.5", "eighty", "٨٠", "1e3", "99999999999", "²"])
def test_no_port(path: Path, port: str) -> None:
    store = reopened(path)
    store.setValue("port", port)
    assert settings.load(store).port == Settings().port


def test_a_file_of_garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xff[[[=\nport\nmodel=a, b\nroot=@ByteArray(\xff)\ntheme=@Variant(\x00\x00)\n")
    assert settings.load(reopened(path)) == Settings()


def test_the_work_is_the_workloads_own_unless_a_person_says_otherwise() -> None:
    assert Settings(workload="waiting-work").works_ms == 100
    assert Settings(workload="waiting-work", work_ms=7).works_ms == 7
    assert Settings(workload="steady", work_ms=7).works_ms == 0, "it has none"


def test_the_site_that_comes_along_is_there() -> None:
    assert (Path(Settings().root) / "index.html").is_file()


def test_what_was_given_for_a_run_holds_and_is_not_kept(path: Path) -> None:
    in_force = settings.InForce(reopened(path), {"port": 0, "theme": "dark"})
    in_force.change(model="epoll")
    in_force.change_for_now(host="0.0.0.0")
    assert in_force.settings == Settings(model="epoll", host="0.0.0.0", port=0, theme="dark")
    assert settings.load(reopened(path)) == Settings(model="epoll")
