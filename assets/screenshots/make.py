"""Takes the README's pictures of the window, from real runs: `python assets/screenshots/make.py`.

One window runs four models one after the other under the same load; then each model is run by itself under the same
mixed load, by the command line as the README says; one serves the shop beside this file, and gunicorn does. Nothing in
the pictures is made up.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QCoreApplication, QEventLoop, QLocale, QSettings
from PySide6.QtWidgets import QApplication

from engine.clock import monotonic
from engine.models import MODELS
from gui import language
from gui.runs.processes import ProcessState
from gui.window import Window

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
ONE_AFTER_THE_OTHER = ("thread", "gevent", "keepalive", "epoll")
SECONDS = 11
CLIENTS = 64
SIZES = {"window": (1600, 1000), "window-projector": (1280, 720), "window-monitor": (1920, 1080)}
MIXED = ("--load", "--keep-alive", "--workload", "waiting-work", "--clients", "6", "--slow", "2")
SHOP = HERE / "shop"
OWN = ("--app", "shop:app", "--app-dir", str(SHOP), "--load", "--requests", str(SHOP / "shop.txt"), "--clients", "8")
RUN = "-m gunicorn -w 3 -b 127.0.0.1:0 shop:app"
PROGRAM = (f"--guest={RUN}", "--guest-dir", str(SHOP), "--guest-python", sys.executable)
VIEWED = ("--view", "timeline", "--theme", "light", "--size", "1280x720", "--after", "10")


def rest(seconds: float) -> None:
    """Lets the window go on for so long."""
    end = monotonic() + seconds
    while monotonic() < end:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)


def switching(folder: Path) -> None:
    """Pictures of a window that went through several models under load: in three sizes, light and dark."""
    store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    window = Window(store, theme="light", port=0, clients=CLIENTS, keep_alive=True)
    window.resize(*SIZES["window"])
    window.show()
    window.session.toggle_load()
    for model in ONE_AFTER_THE_OTHER:
        window.session.choose(model)
        while window.session.first.engine.state is not ProcessState.RUNNING or not window.session.first.ready:
            rest(0.05)
        rest(SECONDS)
    for name, size in SIZES.items():
        window.resize(*size)
        rest(1)
        window.grab().save(str(HERE / f"{name}.png"))
    window.resize(*SIZES["window"])
    window.header.theme_requested.emit("dark")
    rest(1)
    window.grab().save(str(HERE / "window-dark.png"))
    window.close()


def by_hand(folder: Path) -> None:
    """A picture of three clients by hand: one sends half a head, two wait behind it, of which one resets."""
    store = QSettings(str(folder / "by-hand.ini"), QSettings.Format.IniFormat)
    window = Window(store, theme="light", port=0, model="iterative")
    window.resize(*SIZES["window-projector"])
    window.show()
    window.session.start()
    while window.session.first.engine.state is not ProcessState.RUNNING:
        rest(0.05)
    window.show_view("timeline")
    window.by_hand.toggle()
    window.timeline.canvas.zoom(2.5)
    panel = window.by_hand.panel
    for key, act in (("half", panel.send), ("whole", panel.send), ("byte", panel.send)):
        rest(0.6)
        panel.open.click()
        panel.payload.setCurrentIndex(panel.payload.findData(key))
        panel.payload.activated.emit(panel.payload.currentIndex())
        rest(0.3)
        act.click()
    rest(0.4)
    panel.reset.click()
    rest(0.6)
    panel.clients[0].click()
    panel.payload.setCurrentIndex(panel.payload.findData("rest"))
    panel.payload.activated.emit(panel.payload.currentIndex())
    panel.send.click()
    rest(0.8)
    window.grab().save(str(HERE / "by-hand.png"))
    window.close()


def main() -> None:
    application = QApplication.instance() or QApplication([])
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    language.install(application, QLocale())
    with tempfile.TemporaryDirectory() as folder:
        switching(Path(folder))
        by_hand(Path(folder))
    for model in MODELS:
        picture = HERE / f"mixed-{model}.png"
        command = [sys.executable, "-m", "gui", "--model", model, "--port", "0", *MIXED, *VIEWED]
        subprocess.run([*command, "--screenshot", str(picture)], cwd=PROJECT, check=True)
    command = [sys.executable, "-m", "gui", "--model", "thread", "--port", "0", *OWN, *VIEWED]
    subprocess.run([*command, "--screenshot", str(HERE / "application.png")], cwd=PROJECT, check=True)
    command = [sys.executable, "-m", "gui", *PROGRAM, *OWN[4:], *VIEWED]
    subprocess.run([*command, "--screenshot", str(HERE / "program.png")], cwd=PROJECT, check=True)
    del application


if __name__ == "__main__":
    main()
