"""The window as a program: its command line, the application around it, and its exit.

Owns what holds for the whole process. Knows nothing of what the window shows.
"""

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLocale, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.load.workloads import WORKLOADS
from engine.models import MODELS
from gui import theme
from gui.settings import MOST_CLIENTS, MOST_RATE, MOST_SLOW, THEMES
from gui.window import VIEWS, Window


def main(argv: list[str]) -> int:
    """Opens the window and returns the exit status once it is closed."""
    options = command_line().parse_args(argv)
    # Without this, Qt hands pieces of each picture to threads: slower for pictures as small as a curve.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("ServeScope")
    application.setDesktopFileName("servescope")
    application.setWindowIcon(theme.application_icon())
    if QLocale().language() == QLocale.Language.C:
        QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    sys.excepthook = ErrorReport()
    window = Window(QSettings("ServeScope", "ServeScope"), **given(options))
    window.keeps_size = not (options.size or options.screenshot)
    if options.view:
        window.completed.connect(lambda: window.show_view(options.view))
    if options.beside:
        window.completed.connect(lambda: window.benches.put_beside(options.beside))
    if options.load:
        window.completed.connect(window.benches.toggle_load)
    elif options.start:
        window.completed.connect(window.benches.start)
    if options.screenshot:
        window.completed.connect(
            lambda: QTimer.singleShot(round(1000 * options.after), window, lambda: _picture(window, options.screenshot))
        )
    for number in (signal.SIGINT, signal.SIGTERM):
        # It may arrive in the middle of a paint, so the window closes afterwards.
        signal.signal(number, lambda *_: QTimer.singleShot(0, window, window.close))
    if options.size:
        window.resize(*options.size)
        window.show()
    else:
        window.open()
    return application.exec()


class ErrorReport:
    """Shows the first error that nobody caught in a dialog, the others only on stderr: one a tick helps nobody."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        if self._shown or issubclass(kind, KeyboardInterrupt):
            return
        self._shown = True
        tr = QApplication.translate
        box = QMessageBox(QMessageBox.Icon.Critical, "ServeScope", tr("app", "Something went wrong in the window."))
        box.setInformativeText(
            tr("app", "This is a fault in ServeScope. The window may go on, but what it shows may be wrong.")
        )
        box.setDetailedText("".join(traceback.format_exception(kind, error, trace)))
        box.exec()


def _picture(window: Window, file: Path) -> None:
    saved = window.grab().save(str(file))
    if not saved:
        print(
            f"The picture could not be written to {file}. Choose a folder that exists and may be written to, "
            "and a name that ends in .png.",
            file=sys.stderr,
        )
    QApplication.setQuitOnLastWindowClosed(False)  # which would quit with 0
    window.close()
    QApplication.exit(0 if saved else 1)


def given(options: argparse.Namespace) -> dict[str, object]:
    """The settings that the command line gave."""
    names = ("model", "host", "port", "root", "theme", "keep_alive", "workload", "clients", "slow", "rate")
    said = {name: getattr(options, name) for name in names}
    if said["workload"] and said["clients"] is None:
        said["clients"] = WORKLOADS[said["workload"]].clients
    return {name: value for name, value in said.items() if value is not None}


def command_line() -> argparse.ArgumentParser:
    """What the window can be told when it is started."""
    parser = argparse.ArgumentParser(
        prog="servescope", description="See how servers do many things at once.", allow_abbrev=False
    )
    parser.add_argument("--model", choices=MODELS, help="the concurrency model to choose")
    parser.add_argument("--start", action="store_true", help="start it at once")
    parser.add_argument("--host", help="where the server listens")
    parser.add_argument("--port", type=_port, help="where the server listens; 0 takes any free port")
    parser.add_argument("--root", help="the folder that is served")
    keep_alive = parser.add_mutually_exclusive_group()
    keep_alive.add_argument(
        "--keep-alive", dest="keep_alive", action="store_true", default=None, help="connections stay open"
    )
    keep_alive.add_argument(
        "--short", dest="keep_alive", action="store_false", default=None, help="a connection for each request"
    )
    parser.add_argument("--beside", choices=MODELS, help="a second model, to run beside the chosen one")
    parser.add_argument("--load", action="store_true", help="put load on it at once")
    parser.add_argument("--workload", choices=WORKLOADS, help="what the load's clients do")
    parser.add_argument("--clients", type=_count(MOST_CLIENTS), metavar="N", help="how many clients there are")
    parser.add_argument("--slow", type=_count(MOST_SLOW), metavar="N", help="how many slow ones there are beside them")
    parser.add_argument(
        "--rate", type=_count(MOST_RATE), metavar="R", help="requests a second that are due; 0: as fast as answered"
    )
    parser.add_argument("--view", choices=VIEWS, help="what is shown below the curves (default: requests)")
    parser.add_argument("--theme", choices=THEMES, help="how the window looks")
    parser.add_argument("--size", type=_size, metavar="WxH", help="the window's size in pixels")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture of the window and quit")
    parser.add_argument(
        "--after", type=_seconds, default=2.0, metavar="SECONDS", help="when the picture is taken (default: 2)"
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _count(most: int) -> Callable[[str], int]:
    def count(text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or int(text) > most:
            raise argparse.ArgumentTypeError(f"a whole number from 0 to {most}, not {text!r}")
        return int(text)

    return count


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"a size is like 1600x1000, not {text!r}")
    return int(width), int(height)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"seconds are a number from 0 on, not {text!r}")
    return seconds
