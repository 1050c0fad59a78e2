"""The window as a program of its own, to be run on another system: `python elsewhere.py FOLDER MODEL PYTHON OTHER`.

It serves with the model under a small load, switches to the other one, ends both, and prints what it saw as JSON. Its
children are started by the program PYTHON.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from engine.clock import monotonic
from gui.runs.processes import ProcessState
from gui.window import Window

PATIENCE = 40.0
RATE = 200


def until(look: Callable[[], object]) -> None:
    """Let the window go on until `look` is true."""
    loop, timer = QEventLoop(), QTimer()
    deadline = monotonic() + PATIENCE

    def check() -> None:
        if look() or monotonic() > deadline:
            loop.quit()

    timer.timeout.connect(check)
    timer.start(20)
    loop.exec()
    if not look():
        raise SystemExit(f"it never came: {look.__doc__ or look}")


def main(folder: str, model: str, python: str, other: str) -> None:
    """Run the window once through."""
    sys.executable = vars(sys)["_base_executable"] = python
    application = QApplication([])
    store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
    window = Window(store, port=0, model=model, clients=4, rate=RATE, theme="light")
    window.resize(1000, 620)
    window.show()
    window.complete()
    run, seen = window.session.first, window.live.first
    seen_rows: dict[str, object] = {}
    window.session.toggle_load()
    for key in (model, other):
        if key != model:
            window.session.choose(key)
        until(lambda key=key: run.ready and run.ready.model == key and run.engine.state is ProcessState.RUNNING)
        before = seen.clients.crowd.answered if seen.clients.crowd else 0
        until(lambda before=before: seen.clients.crowd and seen.clients.crowd.answered > before + 50)
        until(lambda: seen.server.usage)
        crowd, usage = seen.clients.crowd, seen.server.usage
        assert crowd
        assert usage
        assert run.ready
        seen_rows[key] = {
            "failed": crowd.bad_reply + crowd.wrong_bytes + crowd.timed_out,
            "processes": usage.processes,
            "memory": usage.memory,
            "is_started_by_another": run.ready.pid != run.engine.pid,
        }
    window.session.toggle()
    until(lambda: run.engine.state is ProcessState.STOPPED and run.load.state is ProcessState.STOPPED)
    assert window.grab().width() >= 1000
    window.close()
    application.processEvents()
    print(json.dumps(seen_rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
