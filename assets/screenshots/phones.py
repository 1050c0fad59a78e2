"""Takes the README's picture of a class, from a real run: `python assets/screenshots/phones.py`, as root on Linux.

The phones are in a network namespace: one is a browser that reads slowly, the others ask for a page that waits.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

from make import rest
from PySide6.QtCore import QLocale, QSettings
from PySide6.QtWidgets import QApplication

from gui import language
from gui.runs.processes import ProcessState
from gui.window import Window
from tests.engine.chromium import Chromium
from tests.network import second_network

HERE = Path(__file__).parent
NAMES = ("Otter", "Fox", "Owl", "Whale", "Tiger", "Koala")
READS_SLOWLY = """
document.getElementById('name').value = 'Panda';
document.getElementById('large').dispatchEvent(new PointerEvent('pointerdown'))
"""


def main() -> None:
    application = QApplication.instance() or QApplication([])
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    language.install(application, QLocale())
    with tempfile.TemporaryDirectory() as folder, second_network() as network:
        store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = Window(store, theme="light", port=8888, model="threadpool", threads=4)
        window.resize(1280, 720)
        window.show()
        window.complete()
        window.show_view("timeline")
        window.phones.begin(network.here)
        while window.session.first.engine.state is not ProcessState.RUNNING or not window.session.first.ready:
            rest(0.05)
        with Chromium(Path(folder) / "profile", network.inside) as browser:
            browser.open(window.session.first.url)
            browser.evaluate(READS_SLOWLY)
            asking = []
            for number, name in enumerate(NAMES):
                rest(0.4)
                asking.append(network.begin_ask(8888, f"/phone/wait?phone=phone{number}&name={name}"))
            rest(0.4)
            window.grab().save(str(HERE / "class.png"))
            for client in asking:
                client.wait()
        window.close()


if __name__ == "__main__":
    main()
