"""The choice of the models that are run in turn."""

from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from engine.models import MODELS, families
from gui import appearance, formatting
from gui.panels.run_all_dialog import RunAllDialog


def test_families_are_ticked_and_the_duration_follows(qtbot: QtBot, themed: appearance.Theme) -> None:
    first, second, *_ = families()
    dialog = RunAllDialog([first])
    qtbot.addWidget(dialog)
    assert dialog.left_out == [first]
    assert dialog.models == [model.key for model in MODELS.values() if model.family != first and model.available()]
    before = dialog.duration.text()
    dialog.switches[second].setChecked(False)
    assert not {model.key for model in families()[second]} & set(dialog.models)
    assert dialog.duration.text() != before
    dialog.seconds.setValue(60)
    assert formatting.minutes(62.5 * len(dialog.models)) in dialog.duration.text()
    for switch in dialog.switches.values():
        switch.setChecked(False)
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_a_duration_is_said_to_plan_with(qtbot: QtBot) -> None:
    assert [formatting.minutes(each) for each in (31, 60, 142.5, 600)] == ["40 s", "1 min", "2 min 30 s", "10 min"]
