"""The settings as a form."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from gui.panels.settings_dialog import SettingsDialog
from gui.settings import Settings

OK = QDialogButtonBox.StandardButton.Ok


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(model="epoll", host="::1", port=0, root="/srv", keep_alive=True, theme="dark"),
        Settings(model="gevent", keep_alive=False, theme="light"),
    ],
)
def test_untouched_fields_say_what_they_were_given(qtbot: QtBot, settings: Settings) -> None:
    dialog = SettingsDialog(settings, running=False)
    qtbot.addWidget(dialog)
    assert dialog.chosen() == settings


def test_what_is_typed_and_picked_is_chosen(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), running=False)
    qtbot.addWidget(dialog)
    dialog.host.setText(" 0.0.0.0 ")
    dialog.port.setValue(9000)
    dialog.root.setText("/srv")
    dialog.keep_alive.setCurrentIndex(dialog.keep_alive.findData(False))
    dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    assert dialog.chosen() == Settings(host="0.0.0.0", port=9000, root="/srv", keep_alive=False, theme="dark")


def test_a_folder_can_be_looked_for(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = SettingsDialog(Settings(root="/srv"), running=False)
    qtbot.addWidget(dialog)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: "")
    dialog.browse.click()
    assert dialog.chosen().root == "/srv"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    dialog.browse.click()
    assert dialog.chosen().root == str(tmp_path)


def test_no_host_and_no_folder_is_no_answer(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), running=False)
    qtbot.addWidget(dialog)
    for field in (dialog.host, dialog.root):
        kept = field.text()
        field.setText("  ")
        assert not dialog.buttons.button(OK).isEnabled()
        field.setText(kept)
        assert dialog.buttons.button(OK).isEnabled()


def test_what_can_not_be_is_said_before_anything_is_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = SettingsDialog(Settings(), running=True)
    qtbot.addWidget(dialog)
    for field, nonsense, word in ((dialog.host, "/tmp/site", "host"), (dialog.root, str(tmp_path / "gone"), "folder")):
        kept = field.text()
        field.setText(nonsense)
        assert word in dialog.problem.text()
        assert not dialog.buttons.button(OK).isEnabled()
        field.setText(kept)
        assert dialog.problem.text() == ""


@pytest.mark.parametrize("running", [True, False])
def test_a_restart_is_announced(qtbot: QtBot, running: bool) -> None:
    dialog = SettingsDialog(Settings(), running=running)
    qtbot.addWidget(dialog)
    assert any("started again" in label.text() for label in dialog.findChildren(QLabel)) == running


def test_every_field_has_a_name_and_says_what_it_is_for(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), running=False)
    qtbot.addWidget(dialog)
    for field in (dialog.host, dialog.port, dialog.root, dialog.browse, dialog.keep_alive, dialog.theme):
        assert field.accessibleName()
        assert field.toolTip()
