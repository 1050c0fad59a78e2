"""A file holds all of what was written, or what it held before; what is no file stays what it is."""

import os
import stat
import threading
from pathlib import Path

import pytest

from engine.lab.compare import write
from engine.whole_file import write_whole


def test_new_and_old_files(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    for data in (b"first", b"second, and longer", b""):
        write_whole(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


def test_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    for data in (b"made", b"changed"):
        write_whole(tmp_path / "link", data)
        assert (tmp_path / "real").read_bytes() == data
    assert (tmp_path / "link").is_symlink()


def test_name_of_any_length(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_whole(path, b"data")
    assert path.read_bytes() == b"data"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_whole(tmp_path / "pipe", b"data")
    reader.join()
    assert got == [b"data"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
def test_device_stays_one_and_the_reason_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert not write(Path("/dev/full"), {"a": 1})
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)
    assert "could not be written to /dev/full: No space left on device." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["missing/result.json", "n" * 300, "."])
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert not write(tmp_path / name, {"root": "caf\udce9"})
    assert "could not be written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_result_with_a_folder_that_is_no_unicode(tmp_path: Path) -> None:
    assert write(tmp_path / "result.json", {"root": "caf\udce9"})
    assert "caf\ufffd" in (tmp_path / "result.json").read_text("utf-8")
