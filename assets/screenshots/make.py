"""Takes the README's pictures of the window, from real runs: `python assets/screenshots/make.py`.

One window runs one model after the other under the same load, which needs wrk. Nothing in the pictures is made up.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEventLoop, QLocale, QSettings
from PySide6.QtWidgets import QApplication

from gui.processes import State
from gui.window import Window

HERE = Path(__file__).parent
MODELS = ("thread", "gevent", "keepalive", "epoll")
SECONDS = 11
CLIENTS = 64
SIZE = (1600, 1000)


def rest(seconds: float) -> None:
    """Lets the window go on for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)


@contextlib.contextmanager
def load(port: int) -> Iterator[None]:
    """wrk, for as long as it takes."""
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        ["wrk", "-t1", f"-c{CLIENTS}", "-d60s", f"{url}/index.html"], stdout=subprocess.DEVNULL
    ) as wrk:
        yield
        wrk.terminate()


def main() -> None:
    application = QApplication.instance() or QApplication([])
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    with tempfile.TemporaryDirectory() as folder:
        store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = Window(store, theme="light", port=0)
        window.resize(*SIZE)
        window.show()
        for model in MODELS:
            window.choose_model(model)
            if window.engine.state is State.STOPPED:
                window.start(window.settings)
            while window.engine.state is not State.RUNNING:
                rest(0.05)
            assert window.record.ready
            with load(window.record.ready.port):
                rest(SECONDS)
                if model == MODELS[-1]:
                    window.grab().save(str(HERE / "window.png"))
                    window.header.theme_requested.emit("dark")
                    rest(1)
                    window.grab().save(str(HERE / "window-dark.png"))
        window.close()
    del application


if __name__ == "__main__":
    main()
