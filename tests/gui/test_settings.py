"""What is kept between runs, and what becomes of it when it is damaged."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from engine.settings import Part, by_name
from gui import settings
from gui.settings import Settings

OTHER = Settings(
    app="shop:app", app_dir="/", app_python="/usr/bin/python3", requests=__file__,
    model="epoll", host="0.0.0.0", port=0, backlog=64, root='/srv/pages, old; "new" = ä', keep_alive=False,
    theme="dark", language="zh",
    workload="busy-work", clients=1_500, slow=12, rate=250, work_ms=40, connections="as-taught",
    all_cores=True, start_method="spawn", to_thread=True, reuseport=True, workers=2, threads=2, queue_length=3,
    restart_when_saved=True,
)  # fmt: skip


PROJECT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds."""


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
        settings.save(store, each.values(Part.WINDOW))
    store.sync()
    return settings.load(reopened(path))


def test_nothing_kept_gives_the_defaults(path: Path) -> None:
    assert settings.load(reopened(path)) == Settings()


@pytest.mark.parametrize("chosen", [OTHER, replace(OTHER, keep_alive=True), Settings(port=65535)])
def test_what_was_saved_comes_back(path: Path, chosen: Settings) -> None:
    assert kept(path, chosen) == chosen


def test_it_comes_back_before_it_is_written_to_disk(path: Path) -> None:
    store = reopened(path)
    settings.save(store, OTHER.given)
    assert settings.load(store) == OTHER


def test_back_to_the_defaults(path: Path) -> None:
    assert kept(path, OTHER, Settings()) == Settings()
    assert reopened(path).allKeys() == [], "a default is not kept, so that it can move"


def test_other_things_in_the_store_stay(path: Path) -> None:
    store = reopened(path)
    store.setValue("geometry", "of the window")
    settings.save(store, OTHER.given)
    settings.save(store, Settings().values(Part.WINDOW))
    assert store.value("geometry") == "of the window"


DAMAGED = {
    "model": "punched-cards",
    "host": "",
    "port": "65536",
    "backlog": "0",
    "root": "  ",
    "app": "shop.py",
    "app_dir": "",
    "app_python": " ",
    "requests": " ",
    "keep_alive": "perhaps",
    "connections": "sometimes",
    "theme": "plaid",
    "language": "klingon",
    "workload": "nap",
    "clients": "10001",
    "slow": "-1",
    "rate": "fast",
    "work_ms": "1e3",
    "all_cores": "some",
    "start_method": "teleport",
    "to_thread": "some",
    "reuseport": "some",
    "workers": "0",
    "threads": "many",
    "queue_length": "-1",
    "restart_when_saved": "sometimes",
}


def test_every_setting_is_among_those_that_are_tried() -> None:
    kept_ones = {name for name, row in by_name(Part.WINDOW).items() if row.is_kept}
    assert DAMAGED.keys() == kept_ones == OTHER.given.keys()


def test_a_mistake_is_not_kept(path: Path) -> None:
    assert kept(path, Settings(mistake="joinall")) == Settings()
    reopened(path).setValue("mistake", "joinall")
    assert settings.load(reopened(path)) == Settings()


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
    active_settings = settings.ActiveSettings(reopened(path), {"port": 0, "theme": "dark"})
    active_settings.change(model="epoll")
    active_settings.override(host="0.0.0.0")
    assert active_settings.settings == Settings(model="epoll", host="0.0.0.0", port=0, theme="dark")
    assert settings.load(reopened(path)) == Settings(model="epoll")


def windows(path: Path) -> tuple[settings.ActiveSettings, settings.ActiveSettings]:
    """Two windows that keep their settings in one file."""
    return settings.ActiveSettings(reopened(path), {}), settings.ActiveSettings(reopened(path), {})


def test_two_windows_keep_what_each_has_changed(path: Path) -> None:
    first, second = windows(path)
    first.change(theme="dark", root="/srv/pages")
    second.change(clients=500)
    first.change(port=81)
    assert settings.load(reopened(path)) == Settings(theme="dark", root="/srv/pages", clients=500, port=81)
    assert second.settings == Settings(clients=500), "it goes on as it was"


def test_a_default_chosen_again_takes_the_place_of_what_another_window_kept(path: Path) -> None:
    first, second = windows(path)
    first.change(theme="dark", port=81)
    second.change(theme="system")
    assert settings.load(reopened(path)) == Settings(port=81)


def test_two_windows_that_are_processes_of_their_own(path: Path) -> None:
    first = settings.ActiveSettings(reopened(path), {})
    code = """
import sys
from PySide6.QtCore import QSettings
from gui.settings import ActiveSettings
active = ActiveSettings(QSettings(sys.argv[1], QSettings.Format.IniFormat), {})
print(flush=True)
input()
active.change(clients=500, workload="visitors")
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline()
        first.change(theme="dark", root="/srv/pages")
        other.stdin.write("\n")
        other.stdin.close()
        assert other.wait(PATIENCE) == 0
    first.change(slow=7)
    assert settings.load(reopened(path)) == Settings(
        theme="dark", root="/srv/pages", clients=500, workload="visitors", slow=7
    )


def test_a_folder_whose_name_ends_in_a_space_comes_back(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pages "
    folder.mkdir()
    assert kept(path, Settings(root=str(folder))).root == str(folder)


def test_what_a_person_wrote_into_the_file_is_read_as_meant(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path.write_text('[General]\nhost=[::1]\nroot=~/pages\nport=" 81 "\n')
    assert settings.load(reopened(path)) == Settings(host="::1", root=str(tmp_path / "pages"), port=81)


def test_there_is_no_other_setting() -> None:
    with pytest.raises(TypeError, match="colour"):
        Settings(colour="red")
    with pytest.raises(AttributeError, match="colour"):
        _ = Settings().colour
