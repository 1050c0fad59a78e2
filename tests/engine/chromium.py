"""A headless Chromium, driven over its debugging pipe: opens pages and reports errors on them.

Owns one browser process and its profile. Speaks the Chrome DevTools Protocol as JSON ended by NUL bytes, over two
pipes that the browser finds as descriptors 3 and 4, so that no port is needed.
"""

import json
import os
import select
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.clock import monotonic

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
]
PATIENCE = 40.0
"""Seconds that a page may take, however busy the machine."""


class Chromium:
    """A running browser with one page; a context manager that ends it."""

    def __init__(self, profile: Path, before: tuple[str, ...] = ()) -> None:
        """`before` is put before the command, as to run it in another network."""
        self.problems: list[str] = []
        """Errors on the console, uncaught exceptions and failed loads since the last `open`."""
        self._events: list[dict[str, Any]] = []
        self._unread = b""
        self._number = 0
        its_input, self._to = os.pipe()
        self._from, its_output = os.pipe()
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{its_input} 4>&{its_output}', "bash", *before, PROGRAM, *OPTIONS,
             f"--user-data-dir={profile}"],
            pass_fds=(its_input, its_output),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(its_input)
        os.close(its_output)
        self._session = ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Network", "Page"):
            self._ask(f"{domain}.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._session = ""
        self._ask("Browser.close")
        self._process.wait(PATIENCE)
        os.close(self._to)
        os.close(self._from)

    def open(self, url: str) -> None:
        """Opens a page and waits until all of it has loaded."""
        self.problems.clear()
        self._events.clear()
        self._ask("Page.navigate", url=url)
        deadline = monotonic() + PATIENCE
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._read(deadline)

    def evaluate(self, script: str) -> Any:
        """What a script on the page comes to; a promise is waited for."""
        reply = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in reply, reply
        return reply["result"].get("value")

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        deadline = monotonic() + PATIENCE
        while (reply := self._read(deadline)).get("id") != self._number:
            pass
        assert "error" not in reply, reply
        result: dict[str, Any] = reply["result"]
        return result

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - monotonic()))
            data = os.read(self._from, 1 << 16) if ready else b""
            assert data, "the browser says nothing more"
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        if "method" in message:
            self._events.append(message)
            self._note(message["method"], message["params"])
        return message

    def _note(self, method: str, facts: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.problems.append(str(facts["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and facts["type"] in ("error", "warning", "assert"):
            self.problems.append(str(facts["args"]))
        elif method == "Log.entryAdded" and facts["entry"]["level"] in ("error", "warning"):
            self.problems.append(f"{facts['entry']['text']} {facts['entry'].get('url', '')}")
        elif method == "Network.loadingFailed" and not facts.get("canceled"):
            self.problems.append(str(facts))
