"""The window as a program: its command line, the application around it, and its exit.

Owns what holds for the whole process. Knows nothing of what the window shows.
"""

import argparse
import ctypes
import os
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.load.workloads import WORKLOADS
from engine.mistakes import MISTAKES, checked
from engine.models import FIRST, MODELS
from engine.options import add_options
from engine.settings import Part, by_name
from gui import appearance, language
from gui.lessons import lesson_keys
from gui.placement import USUAL
from gui.settings import ActiveSettings
from gui.views import VIEWS
from gui.window import Window

PICTURED = (USUAL.width(), USUAL.height())
"""The window's size in a picture, whatever the size of the screen."""


def main(argv: list[str]) -> int:
    """Opens the window and returns the exit status once it is closed."""
    parser = command_line()
    options = parser.parse_args(argv)
    if options.mistake:
        options.model = options.model or MISTAKES[options.mistake].model or FIRST
        try:
            checked(MODELS[options.model], options.mistake, fork=options.start_method in (None, "fork"))
        except ValueError as error:
            parser.error(str(error))
    # Without this, Qt hands pieces of each picture to threads: slower for pictures as small as a curve.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"  # another one may be named there for other programs
    if sys.platform == "win32":  # or else the taskbar shows Python's icon
        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID("ServeScope")
    application = QApplication(sys.argv[:1])
    application.setApplicationName("ServeScope")
    application.setDesktopFileName("servescope")
    application.setWindowIcon(appearance.application_icon())
    sys.excepthook = ErrorReport()
    shown = Shown(application, QSettings("ServeScope", "ServeScope"), given(options))
    window = shown.window
    window.placement.is_kept = not (options.size or options.screenshot)
    if options.view:
        window.completed.connect(lambda: window.show_view(options.view))
    if options.beside:
        window.completed.connect(lambda: window.session.set_second_model(options.beside))
    if options.load:
        window.completed.connect(window.session.toggle_load)
    elif options.start:
        window.completed.connect(window.session.start)
    if options.lesson:
        window.completed.connect(lambda: window.open_lesson(options.lesson))
    if options.screenshot:
        window.completed.connect(
            lambda: QTimer.singleShot(round(1000 * options.after), window, lambda: _picture(window, options.screenshot))
        )
    for number in (signal.SIGINT, signal.SIGTERM):
        # It may arrive in the middle of a paint, so the window closes afterwards.
        signal.signal(number, lambda *_: QTimer.singleShot(0, shown.window, shown.window.close))
    size = options.size or (PICTURED if options.screenshot else None)
    if size:
        window.resize(*size)
        window.show()
    else:
        window.open()
    return application.exec()


class Shown:
    """The window that is seen: in another language, another one takes its place."""

    def __init__(self, application: QApplication, store: QSettings, given: dict[str, Any]) -> None:
        self._application = application
        language.use(application, ActiveSettings(store, given).settings.language)
        self.window = Window(store, **given)
        self.window.language_chosen.connect(self._change_language)

    def _change_language(self, name: str) -> None:
        language.use(self._application, name)
        before, self.window = self.window, self.window.renewed()
        self.window.language_chosen.connect(self._change_language)
        before.deleteLater()


class ErrorReport:
    """Shows the first uncaught error in a dialog, later ones only on stderr: one dialog a tick would be no help."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        if self._shown or issubclass(kind, KeyboardInterrupt):
            return
        self._shown = True
        translate = QApplication.translate
        box = QMessageBox(QMessageBox.Icon.Critical, "ServeScope", translate("app", "An error occurred in the window."))
        box.setInformativeText(
            translate("app", "This is a fault in ServeScope. The window may go on, but what it shows may be wrong.")
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
    said = {name: getattr(options, name) for name in by_name(Part.WINDOW)}
    if said["workload"] and said["clients"] is None:
        said["clients"] = WORKLOADS[said["workload"]].clients
    return {name: value for name, value in said.items() if value is not None}


def command_line() -> argparse.ArgumentParser:
    """The window's command line: its settings, and what to do at once."""
    parser = argparse.ArgumentParser(
        prog="servescope", description="See how servers do many things at once.", allow_abbrev=False
    )
    add_options(parser, Part.WINDOW)
    parser.add_argument("--start", action="store_true", help="start the server at once")
    parser.add_argument("--beside", choices=MODELS, help="a second model, to run beside the chosen one")
    parser.add_argument("--load", action="store_true", help="put load on it at once")
    parser.add_argument("--view", choices=VIEWS, help="what is shown below the curves (default: what was seen last)")
    parser.add_argument(
        "--lesson", choices=lesson_keys(appearance.assets() / "lessons"), metavar="KEY", help="open this lesson"
    )
    parser.add_argument(
        "--size",
        type=_size,
        metavar="WxH",
        help=f"the window's size in pixels (of a picture: {PICTURED[0]}x{PICTURED[1]})",
    )
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save a picture of the window and quit")
    parser.add_argument(
        "--after", type=_seconds, default=2.0, metavar="SECONDS", help="when the picture is taken (default: 2)"
    )
    return parser


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
