"""Asks which models and programs are measured in turn, and says how long that takes.

Owns the choice while the dialog is open. Knows nothing of how they are measured.
"""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.lab.guests import Variant, variants
from engine.lab.measurement import WARM_UP
from engine.load.workloads import WORKLOADS
from engine.model import Model
from engine.models import families
from engine.setting import SettingError
from gui import formatting
from gui.controls import set_accessible_name, set_role
from gui.folder_edit import FolderEdit
from gui.settings import Settings

SWITCHING = 1.5
"""Seconds to end a server, to start the next one, and to connect all clients: with a thousand clients some more."""
LEAST, USUAL, MOST = 3, 10, 600
"""Seconds for which each is measured."""
MOST_ROUNDS = 20
WIDTH = 640


class RunAllDialog(QDialog):
    """A switch for each family, the programs, the seconds for each, the rounds, and the sum."""

    def __init__(
        self, left_out: Collection[str] = (), settings: Settings | None = None, parent: QWidget | None = None
    ) -> None:
        """`left_out`: the families, by their English names, that are off at first; `settings`: those in force."""
        super().__init__(parent)
        settings = settings or Settings()
        self._takes_programs = WORKLOADS[settings.workload].takes_requests
        self.setWindowTitle(self.tr("Run all models"))
        self._families = {
            family: able
            for family, models in families().items()
            if (able := [model for model in models if model.available()])
        }
        self.switches = {family: self._switch(family, models) for family, models in self._families.items()}
        """By the family's English name."""
        for family, switch in self.switches.items():
            switch.setChecked(family not in left_out)
        self.seconds = set_accessible_name(
            QSpinBox(), self.tr("Seconds for each"), self.tr("For how long each model is measured, after its warm-up")
        )
        self.seconds.setRange(LEAST, MOST)
        self.seconds.setValue(USUAL)
        self.seconds.setSuffix(self.tr(" s each"))
        self.rounds = set_accessible_name(
            QSpinBox(), self.tr("Rounds"), self.tr("How often all are measured, one after the other in each round")
        )
        self.rounds.setRange(1, MOST_ROUNDS)
        self.rounds.setPrefix(self.tr("Rounds: "))
        self.commands = set_accessible_name(
            QLineEdit(settings.guest or ""),
            self.tr("Programs"),
            self.tr("Programs to measure as well: braces make a row for each choice, a semicolon separates programs"),
        )
        self.commands.setPlaceholderText("-m gunicorn -w {2,4,8} -k {sync,gthread} shop:app")
        self.commands.setCursorPosition(0)
        self.commands.setEnabled(self._takes_programs)
        if not self._takes_programs:
            self.commands.clear()
        name, tip = self.tr("Folder"), self.tr("The folder in which the programs are run")
        self.folder = FolderEdit(settings.guest_dir or "", name, tip, self.tr("Folder of the programs"))
        self._python = settings.guest_python
        self.duration = set_role(QLabel(), "strong")
        self.duration.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Run"))
        self._lay_out()
        for switch in self.switches.values():
            switch.toggled.connect(self._show_duration)
        self.seconds.valueChanged.connect(self._show_duration)
        self.rounds.valueChanged.connect(self._show_duration)
        self.commands.textChanged.connect(self._show_duration)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._show_duration()

    @property
    def models(self) -> list[str]:
        """The keys of the models that are to be measured, in the order of the table."""
        return [model.key for family, models in self._families.items() if self._is_on(family) for model in models]

    @property
    def programs(self) -> list[Variant]:
        """The command lines that are to be measured. Raises `SettingError`."""
        text = self.commands.text().strip()
        return variants(text) if text else []

    @property
    def named(self) -> dict[str, Any]:
        """The settings that say how they are run."""
        return {"guest_dir": self.folder.editor.text().strip() or None, "guest_python": self._python}

    @property
    def left_out(self) -> list[str]:
        """The families that are off."""
        return [family for family in self._families if not self._is_on(family)]

    def _is_on(self, family: str) -> bool:
        return self.switches[family].isChecked()

    @staticmethod
    def _switch(family: str, models: list[Model]) -> QCheckBox:
        name = formatting.translate("models", family)
        return set_accessible_name(
            QCheckBox(name), name, ", ".join(formatting.model_title(each.key) for each in models)
        )

    def _show_duration(self) -> None:
        run = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            count = len(self.models) + len(self.programs)
        except SettingError as error:
            run.setEnabled(False)
            self.duration.setText(error.text(QCoreApplication.translate))
            return
        seconds = self.rounds.value() * count * (self.seconds.value() + WARM_UP + SWITCHING)
        if self.commands.text():
            text = self.tr("%Ln row(s), about {time}", "", count)
        else:
            text = self.tr("%Ln model(s), about {time}", "", count)
        self.duration.setText(text.format(time=formatting.minutes(seconds)))
        run.setEnabled(count > 0)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(12)
        says = set_role(
            QLabel(
                self.tr("Each model runs in turn under the load that is set. Each becomes a row of the scoreboard.")
            ),
            muted=True,
        )
        says.setWordWrap(True)
        column.addWidget(says)
        for family, switch in self.switches.items():
            column.addWidget(switch)
            titles = set_role(QLabel(switch.toolTip()), "small", muted=True)
            titles.setWordWrap(True)
            titles.setContentsMargins(36, 0, 0, 0)
            titles.setAccessibleName(formatting.translate("models", family))
            column.addWidget(titles)
        programs = QLabel(self.tr("Your programs"))
        braces = set_role(
            QLabel(
                self.tr("Braces make a row for each choice. All are asked for the same: your own requests, or /.")
                if self._takes_programs
                else self.tr(
                    "This workload asks for pages of the example site. Choose another one to measure programs."
                )
            ),
            "small",
            muted=True,
        )
        braces.setWordWrap(True)
        for widget in (programs, braces, self.commands, self.folder):
            column.addWidget(widget)
        often = QHBoxLayout()
        often.addWidget(self.seconds, 1)
        often.addWidget(self.rounds, 1)
        column.addLayout(often)
        column.addWidget(self.duration)
        column.addWidget(self.buttons)
        self.setMinimumSize(WIDTH, column.totalHeightForWidth(WIDTH))
