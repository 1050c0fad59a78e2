"""What is served: the line above the models, its menu, and the dialog that names an application."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from engine.settings import example_site
from gui import appearance
from gui.panels.serves import ApplicationDialog, ServesRow, example, served_by
from gui.recent import MOST, SERVED, note, recent
from gui.settings import Settings

SHOP = {"root": example_site(), "app": "shop:app", "app_dir": "/srv/shop", "app_python": None}


@pytest.fixture
def row(qtbot: QtBot, themed: appearance.Theme) -> ServesRow:
    row = ServesRow()
    qtbot.addWidget(row)
    row.set_theme(themed)
    row.resize(300, row.sizeHint().height())
    row.show()
    return row


def test_it_says_what_is_served_and_offers_what_was(qtbot: QtBot, row: ServesRow) -> None:
    assert "html_test" in row.button.text()
    row.show_served(Settings(SHOP), [SHOP, example() | {"root": "/srv/pages"}])
    assert row.button.text().startswith("shop:app · shop")
    names = [action.text() for action in row.menu.actions() if action.text()]
    assert names == [
        "The example site · html_test", "A folder …", "An application …", "shop:app · shop", "Folder · pages",
    ]  # fmt: skip
    assert [action.text() for action in row.menu.actions() if action.isChecked()] == ["shop:app · shop"]
    with qtbot.waitSignal(row.chosen) as chosen:
        row.menu.actions()[-1].trigger()
    assert chosen.args == [example() | {"root": "/srv/pages"}]
    with qtbot.waitSignal(row.application_requested):
        row.menu.actions()[2].trigger()


def test_a_long_name_is_cut_and_nothing_grows(row: ServesRow) -> None:
    wide = row.sizeHint().width()
    row.show_served(Settings(SHOP | {"app": "a_module_with_a_name.that_is_very_long:and_a_callable_too"}), [])
    assert "…" in row.button.text()
    assert row.sizeHint().width() == wide
    assert "a_callable_too" in row.button.toolTip()


def test_an_application_is_named_with_its_folder_and_its_environment(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ApplicationDialog(Settings())
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.app.setText("shop.py")
    assert "does not name an application" in dialog.problem.text()
    dialog.app.setText("shop:app")
    dialog.folder.editor.setText(str(tmp_path))
    assert ok.isEnabled()
    assert dialog.chosen() == SHOP | {"app_dir": str(tmp_path)}
    dialog.python.editor.setText(str(tmp_path / "venv"))
    assert dialog.chosen()["app_python"] == str(tmp_path / "venv")
    with qtbot.waitSignal(dialog.accepted):
        ok.click()
    with qtbot.waitSignal(dialog.rejected):
        dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()


@pytest.mark.parametrize("damaged", ["", "{", '[1, "x"]', "null"])
def test_what_was_served_is_kept_the_newest_first(store: QSettings, damaged: str) -> None:
    served: list[dict[str, Any]] = [SHOP | {"app": f"shop{number}:app"} for number in range(MOST + 1)]
    store.setValue(SERVED, damaged)
    assert recent(store, SERVED) == []
    for each in (*served, served[2]):
        note(store, SERVED, each)
    kept = recent(store, SERVED)
    assert len(kept) == MOST
    assert kept[:2] == [served[2], served[MOST]]
    assert served_by(Settings(kept[0])) == served[2]
