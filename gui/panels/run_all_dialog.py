"""Asks which models are measured in turn, family by family, and says how long that takes.

Owns the choice while the dialog is open. Knows nothing of how they are measured.
"""

from collections.abc import Collection

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from engine.lab.measurement import WARM_UP
from engine.model import Model
from engine.models import families
from gui import formatting
from gui.controls import set_accessible_name, set_role

SWITCHING = 1.5
"""Seconds to end a server, to start the next one, and to connect all clients: with a thousand clients some more."""
LEAST, USUAL, MOST = 3, 10, 600
"""Seconds for which each is measured."""


class RunAllDialog(QDialog):
    """A switch for each family, the seconds for each model, and the sum."""

    def __init__(self, left_out: Collection[str] = (), parent: QWidget | None = None) -> None:
        """`left_out`: the families, by their English names, that are off at first."""
        super().__init__(parent)
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
        self.duration = set_role(QLabel(), "strong")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Run"))
        self._lay_out()
        for switch in self.switches.values():
            switch.toggled.connect(self._show_duration)
        self.seconds.valueChanged.connect(self._show_duration)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._show_duration()

    @property
    def models(self) -> list[str]:
        """The keys of the models that are to be measured, in the order of the table."""
        return [model.key for family, models in self._families.items() if self._is_on(family) for model in models]

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
        count = len(self.models)
        seconds = count * (self.seconds.value() + WARM_UP + SWITCHING)
        self.duration.setText(self.tr("%Ln model(s), about {time}", "", count).format(time=formatting.minutes(seconds)))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(count > 0)

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
        column.addWidget(self.seconds)
        column.addWidget(self.duration)
        column.addWidget(self.buttons)
        self.setMinimumWidth(440)
