"""Asks before the class is let in: at which address, and what that means."""

import sys

from PySide6.QtWidgets import QComboBox, QWidget

from engine.apps.phone_limits import MOST_PHONES, REQUESTS_EACH
from gui.controls import set_accessible_name
from gui.form_dialog import OK, FormDialog


class InviteDialog(FormDialog):
    """The address at which phones are let in."""

    def __init__(self, addresses: list[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`addresses`: those to choose from, each with the name of its interface."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Let the class in"))
        self.address = set_accessible_name(
            QComboBox(), self.tr("Address"), self.tr("That of the network in which the phones are")
        )
        for address, interface in addresses:
            self.address.addItem(f"{address} · {interface}", address)
        self.form.addRow(self.tr("Address"), self.address)
        self.lay_out(
            520,
            above=self.tr(
                "Phones in the same network reach the server at this address, and get one page made for them: no file,"
                " nothing else of this machine. At most {phones} phones, {requests} requests a second each. It ends"
                " with Stop."
            ).format(phones=MOST_PHONES, requests=REQUESTS_EACH),
            below=self._firewall(),
        )
        self.buttons.button(OK).setText(self.tr("Let the class in"))
        self.check()

    def chosen(self) -> str:
        """The address."""
        return str(self.address.currentData())

    def _firewall(self) -> str:
        if sys.platform == "win32":
            return self.tr("Windows may ask whether Python may be reached: allow it for private networks.")
        if sys.platform == "darwin":
            return self.tr("macOS may ask whether Python may accept connections: allow it.")
        return self.tr(
            "If phones don't reach it: a firewall may be in the way (as root: ufw allow PORT/tcp), or a Wi-Fi for"
            " guests, which keeps its phones apart."
        )
