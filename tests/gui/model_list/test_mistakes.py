"""The list of a model's mistakes, and the button that shows one."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from engine.mistakes import MISTAKES, mistakes_of
from engine.models import MODELS
from gui import appearance
from gui.model_list.mistakes import MistakePicker

OWNER = MODELS[MISTAKES["joinall"].model]


@pytest.fixture
def picker(qtbot: QtBot, themed: appearance.Theme) -> Iterator[MistakePicker]:
    picker = MistakePicker()
    qtbot.addWidget(picker)
    picker.set_theme(themed)
    picker.show()
    yield picker
    picker.close()


def keys(picker: MistakePicker) -> list[str]:
    return [picker.list.itemData(place) for place in range(picker.list.count())]


@pytest.mark.parametrize("model", MODELS)
def test_each_model_offers_its_mistakes_and_none_of_them_at_first(picker: MistakePicker, model: str) -> None:
    picker.show_chosen(model, "")
    assert keys(picker) == ["", *(each.key for each in mistakes_of(MODELS[model]))]
    assert picker.list.currentData() == ""
    assert not picker.show_it.isEnabled()


def test_a_chosen_one_is_red_and_says_what_is_wrong(picker: MistakePicker) -> None:
    picker.show_chosen(OWNER.key, "")
    assert appearance.LIGHT.bad not in picker.list.styleSheet()
    picker.show_chosen(OWNER.key, "joinall")
    assert picker.list.currentData() == "joinall"
    assert appearance.LIGHT.bad in picker.list.styleSheet()
    assert picker.list.toolTip() == MISTAKES["joinall"].sentence


def test_only_the_user_chooses(qtbot: QtBot, picker: MistakePicker) -> None:
    with qtbot.assertNotEmitted(picker.chosen):
        picker.show_chosen(OWNER.key, "joinall")
    with qtbot.waitSignal(picker.chosen) as chosen:
        picker.list.setCurrentIndex(0)
        picker.list.activated.emit(0)
    assert chosen.args == [""]
    with qtbot.waitSignal(picker.show_requested):
        picker.show_it.click()
