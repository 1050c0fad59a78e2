"""The settings as a form."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFileDialog, QLabel, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from engine.models import MODELS
from engine.settings import Part, settings
from gui.panels.settings_dialog import SettingsDialog
from gui.settings import Settings

OK = QDialogButtonBox.StandardButton.Ok


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(model="epoll", host="::1", port=0, keep_alive=True, all_cores=True, theme="dark"),
        Settings(model="gevent", keep_alive=False, theme="light"),
    ],
)
def test_untouched_fields_say_what_they_were_given(qtbot: QtBot, settings: Settings) -> None:
    dialog = SettingsDialog(settings, running=False)
    qtbot.addWidget(dialog)
    assert dialog.chosen() == settings


def editor(dialog: SettingsDialog, name: str) -> QLineEdit:
    """Where a person types the setting."""
    widget = dialog.fields[name].widget
    line = widget if isinstance(widget, QLineEdit) else widget.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    return line


def pick(dialog: SettingsDialog, name: str, value: object) -> None:
    """Picks one of the choices of a setting."""
    box = dialog.fields[name].widget
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(value))
    assert box.currentData() == value


@pytest.fixture
def dialog(qtbot: QtBot) -> SettingsDialog:
    """The form with nothing chosen, while a server runs."""
    dialog = SettingsDialog(Settings(), running=True)
    qtbot.addWidget(dialog)
    return dialog


def test_what_is_typed_and_picked_is_chosen(dialog: SettingsDialog, tmp_path: Path) -> None:
    editor(dialog, "host").setText(" 0.0.0.0 ")
    port = dialog.fields["port"].widget
    assert isinstance(port, QSpinBox)
    port.setValue(9000)
    editor(dialog, "root").setText(str(tmp_path))
    pick(dialog, "keep_alive", False)
    pick(dialog, "theme", "dark")
    pick(dialog, "start_method", "spawn")
    assert dialog.chosen() == Settings(
        host="0.0.0.0", port=9000, root=str(tmp_path), keep_alive=False, theme="dark", start_method="spawn"
    )


def test_a_folder_can_be_looked_for(dialog: SettingsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browse = dialog.fields["root"].widget.findChild(QPushButton)
    assert isinstance(browse, QPushButton)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: "")
    browse.click()
    assert dialog.chosen() == Settings()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    browse.click()
    assert dialog.chosen().root == str(tmp_path)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("~/pages", "pages"), ("pages", "pages"), (" pages ", "pages"), ("./with space ", "with space ")],
)
def test_a_folder_is_where_it_was_meant(
    dialog: SettingsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, meant: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / meant).mkdir()
    editor(dialog, "root").setText(typed)
    assert dialog.problem.text() == ""
    assert dialog.chosen().root == str(tmp_path / meant)


@pytest.mark.parametrize(
    ("typed", "meant"), [("[::1]", "::1"), ("fe80::1%lo", "fe80::1%lo"), (" localhost ", "localhost")]
)
def test_a_host_is_an_address_without_what_a_url_has_around_it(dialog: SettingsDialog, typed: str, meant: str) -> None:
    editor(dialog, "host").setText(typed)
    assert dialog.chosen().host == meant


@pytest.mark.parametrize(
    ("name", "nonsense", "said"),
    [
        ("host", "  ", "not a host"),
        ("host", "/tmp/site", "not a host"),
        ("host", "http://localhost", "not a host"),
        ("host", "[::1", "not a host"),
        ("root", "  ", "No folder is named"),
        ("root", "/nowhere/at all", "no folder /nowhere/at all"),
        ("root", "~nobody-of-that-name/pages", "no folder"),
    ],
)
def test_what_can_not_be_is_said_before_anything_is_stopped(
    dialog: SettingsDialog, name: str, nonsense: str, said: str
) -> None:
    kept = editor(dialog, name).text()
    editor(dialog, name).setText(nonsense)
    assert said in dialog.problem.text()
    assert not dialog.buttons.button(OK).isEnabled()
    editor(dialog, name).setText(kept)
    assert dialog.problem.text() == ""
    assert dialog.buttons.button(OK).isEnabled()


@pytest.mark.parametrize("running", [True, False])
def test_a_restart_is_announced(qtbot: QtBot, running: bool) -> None:
    dialog = SettingsDialog(Settings(), running=running)
    qtbot.addWidget(dialog)
    assert any("restarted" in label.text() for label in dialog.findChildren(QLabel)) == running


@pytest.mark.parametrize("model", MODELS)
def test_the_chosen_model_has_its_own_fields(qtbot: QtBot, model: str) -> None:
    dialog = SettingsDialog(Settings(model=model), running=False)
    qtbot.addWidget(dialog)
    shared = [row.name for row in settings(Part.DIALOG)]
    assert shared == ["host", "port", "root", "keep_alive", "theme", "language"]
    offered = [name for name in shared if name not in MODELS[model].in_file]
    assert list(dialog.fields) == [*offered, *(row.name for row in MODELS[model].settings)]


def test_what_the_models_file_decides_is_not_offered_and_stays_as_it_was(qtbot: QtBot) -> None:
    for model in ("nonblocking", "keepalive"):
        dialog = SettingsDialog(Settings(model=model, keep_alive=True), running=False)
        qtbot.addWidget(dialog)
        assert "keep_alive" not in dialog.fields
        assert dialog.chosen() == Settings(model=model, keep_alive=True)


def test_every_field_has_a_name_and_says_what_it_is_for(dialog: SettingsDialog) -> None:
    for field in dialog.fields.values():
        assert field.widget.accessibleName()
        assert field.widget.toolTip() != field.widget.accessibleName()
