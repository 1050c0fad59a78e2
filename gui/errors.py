"""Error messages for the user: what happened, why, and what to do about it.

Owns the sentences and the offered remedies. Knows nothing of how they are shown.
"""

import errno
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from engine.problems import PROBLEMS
from engine.setting import SettingError
from gui import formatting

if TYPE_CHECKING:
    from engine.lab.guests import Decision
    from engine.own_model import Fault
    from engine.telemetry import wire
    from gui.runs.processes import Ending
    from gui.settings import Settings

translate = QCoreApplication.translate
UNPRIVILEGED = 8080
"""The first port to try instead of a privileged one."""
NEXT_PORTS = 50
"""The number of ports that are tried."""
LAST_LINES = 3


@dataclass(frozen=True)
class Offer:
    """A remedy for an error, offered as a button."""

    label: str
    changes: dict[str, Any] | None
    """The settings to change before starting again; None: ask for the folder to serve."""
    asks_application: bool = False
    """Whether to ask for the application to serve instead."""


@dataclass(frozen=True)
class Notice:
    """One message to the user."""

    title: str
    text: str
    offer: Offer | None = None
    serious: bool = True
    """False: the server goes on."""
    lasting: bool = False
    """True: starting the server does not remedy it, so it stays until it is dismissed."""
    good: bool = False
    """True: something was done as it was asked; it hides by itself after a while."""
    details: Callable[[], str] | None = None
    """Gives what a program wrote on its stderr, as a traceback; None: nothing that helps."""


REMARKS = ("address-missing", "guest-other-listeners")
"""The codes of what is no problem."""


def why_ended(ending: "Ending", settings: "Settings") -> Notice | None:
    """The notice about the end of an engine that ran with `settings`; None if it ended as asked."""
    if ending.problem and ending.problem.code in _REASONS:
        return _REASONS[ending.problem.code](ending.problem, settings)
    again = Offer(translate("errors", "Start again"), {})
    if ending.problem and ending.problem.code.startswith(("app-", "environment-")):
        again = Offer(translate("errors", "Choose…"), {}, asks_application=True)
    title = formatting.settings_title(settings)
    return None if ending.asked else _broke_off(title, ending, again)


def saved(path: Path) -> Notice:
    """The notice that a file was written."""
    title = translate("errors", "“{name}” is saved").format(name=path.name)
    folder = translate("errors", "It is in {folder}").format(folder=path.absolute().parent)
    return Notice(title, folder, serious=False, good=True)


def why_load_ended(ending: "Ending") -> Notice | None:
    """The notice about the end of a load; None if it ended as asked."""
    return None if ending.asked else _broke_off(translate("errors", "The load"), ending)


def not_measured(titles: list[str]) -> Notice:
    """The notice about models that a sweep could not measure."""
    title = translate("errors", "Not all models could be measured")
    text = translate("errors", "Too few requests were answered by {models}. Try fewer clients or another load.")
    return Notice(title, text.format(models=", ".join(titles)), serious=False)


def decided(found: "Decision") -> Notice:
    """The notice about which choices of a command line decide."""
    spread = translate("errors", "The spread of the rounds is {noise}×.").format(noise=f"{found.noise:.2f}")
    if not found.choices:
        return Notice(translate("errors", "No choice makes a difference beyond the spread"), spread, serious=False)
    text = translate("errors", "{best} instead of {worst} gives {ratio}× the requests.")
    said = [text.format(best=best, worst=worst, ratio=f"{ratio:.1f}") for ratio, best, worst in found.choices]
    return Notice(translate("errors", "What decides"), " ".join([*said, spread]), serious=False)


def overloaded(titles: list[str]) -> Notice:
    """The notice about models that a sweep leaves out, as the load is too large for them."""
    title = translate("errors", "Not all models are measured")
    text = translate(
        "errors", "{models} would need a new interpreter for each client, and the load has too many. Try fewer clients."
    )
    return Notice(title, text.format(models=", ".join(titles)), serious=False)


def problem_text(problem: "wire.Problem") -> str:
    """The text of a problem; without a known code, the problem's own message in English."""
    return _said(problem.code, problem.details, problem.message)


def seen_text(seen: "wire.Visibility") -> str:
    """How a program of the user's is seen, and why no more of it is."""
    if seen.way == "traced":
        return translate("errors", "Traced: its workers, their lines and its requests are seen")
    return _said(seen.code, seen.details, seen.code)


def not_traced(seen: "wire.Visibility") -> Notice:
    """The notice about a program of which not all is seen."""
    return Notice(translate("errors", "Not all of it is seen"), seen_text(seen), serious=False)


def went_wrong(problem: "wire.Problem", stderr: Callable[[], str] | None = None) -> Notice:
    """The notice about a problem of an engine that goes on; `stderr` gives the end of what it wrote there."""
    details = stderr if problem.code == "application-failed" else None
    if problem.code in REMARKS:
        return Notice(translate("errors", "Good to know"), problem_text(problem), serious=False, good=True)
    title = translate("errors", "The server reports a problem")
    return Notice(title, problem_text(problem), serious=False, details=details)


def wrong_model(path: str, fault: "Fault") -> Notice:
    """The notice about a file of the user's that was saved and can't be run."""
    title = translate("errors", "“{name}” can't be run").format(name=Path(path).name)
    where = translate("errors", "Line {line}: {error}") if fault.line else "{error}"
    goes_on = translate("errors", "What was started with it before goes on.")
    return Notice(title, f"{where.format(line=fault.line, error=fault.error)} {goes_on}", serious=False, lasting=True)


def no_network() -> Notice:
    """There is no network in which phones could be."""
    return Notice(
        translate("errors", "This machine is in no network"),
        translate("errors", "Phones reach it only in one that they are in too: join it, and try again."),
        serious=False,
    )


def wrong_requests(error: SettingError) -> Notice:
    """The notice about a file of requests that can't be sent."""
    return Notice(translate("errors", "These requests can't be sent"), error.text(translate))


def cannot_write(path: Path, error: OSError) -> Notice:
    """The notice about a file that can't be written, or not to its end."""
    title = translate("errors", "“{name}” could not be written").format(name=path.name)
    return Notice(title, _file_trouble(path, error))


def cannot_read(path: Path, error: OSError) -> Notice:
    """The notice about a file that can't be opened."""
    title = translate("errors", "“{name}” could not be opened").format(name=path.name)
    return Notice(title, _file_trouble(path, error))


def recording_ended(notice: Notice) -> Notice:
    """The notice about a recording that ended because of the error in `notice`."""
    text = translate("errors", "{reason} The recording has ended; what was written until then can be replayed.")
    return Notice(notice.title, text.format(reason=notice.text), serious=False)


def disk_too_slow(path: Path) -> Notice:
    """The notice about a disk that is too slow for a recording."""
    title = translate("errors", "“{name}” could not be written fast enough").format(name=path.name)
    text = translate("errors", "The disk is too slow for this much data. Choose another place, or a smaller load.")
    return Notice(title, text)


def no_recording(path: Path) -> Notice:
    """The notice about a file that is no recording, or whose beginning is damaged."""
    title = translate("errors", "“{name}” is not a recording").format(name=path.name)
    text = translate("errors", "It was not written by ServeScope, or its beginning is damaged. Choose another file.")
    return Notice(title, text)


def recording_empty(path: Path) -> Notice:
    """The notice about an empty recording."""
    title = translate("errors", "“{name}” is empty").format(name=path.name)
    text = translate("errors", "It ended before anything was recorded. Choose another file.")
    return Notice(title, text)


def recording_newer(path: Path) -> Notice:
    """The notice about a recording of a newer version."""
    title = translate("errors", "“{name}” comes from a newer ServeScope").format(name=path.name)
    text = translate("errors", "This version cannot read it. Update ServeScope, then open it again.")
    return Notice(title, text)


def recording_damaged(path: Path, reason: str) -> Notice:
    """The notice about a recording that is damaged from here on."""
    title = translate("errors", "“{name}” is damaged from here on").format(name=path.name)
    text = translate("errors", "The replay ends here; everything before can be shown. ({reason})").format(reason=reason)
    return Notice(title, text, serious=False)


def no_editor(path: Path) -> Notice:
    """The notice that no editor was found."""
    return Notice(
        translate("errors", "No editor was found"),
        translate(
            "errors",
            "The file is {path}. Open it in any editor, or name one that has a window of its own in the environment"
            " variable VISUAL.",
        ).format(path=path),
        serious=False,
    )


def free_port(host: str, first: int) -> int:
    """The first port from `first` on that can be listened at now, or 0 (any free one) if none nearby can."""
    for port in range(first, min(first + NEXT_PORTS, 65536)):
        try:
            with socket.create_server((host, port), family=_family(host)):
                return port
        except OSError:
            continue
    return 0


def _said(code: str, details: dict[str, Any], otherwise: str) -> str:
    """The text of the problem with this code; `otherwise` where it has none, or needs other details."""
    text = PROBLEMS.get(code)
    try:
        return translate("problems", text).format(**details) if text else otherwise
    except KeyError:  # an older engine, in a recording, reported others
        return otherwise


def _broke_off(name: str, ending: "Ending", offer: Offer | None = None) -> Notice:
    if ending.problem:
        title = translate("errors", "{name} could not start").format(name=name)
        details = (lambda: ending.stderr_tail.strip()) if "Traceback" in ending.stderr_tail else None
        return Notice(title, problem_text(ending.problem), offer, details=details)
    if ending.signal is not None:
        title = translate("errors", "{name} was ended from outside").format(name=name)
        text = translate(
            "errors", "Another program, or the system, sent it signal {number} ({signal}). Its connections are closed."
        )
        return Notice(title, text.format(number=ending.signal, signal=_signal_name(ending.signal)), offer)
    last = "\n".join(ending.stderr_tail.strip().splitlines()[-LAST_LINES:])
    said = translate("errors", "Its last output: {words}").format(words=last)
    title = translate("errors", "{name} ended with exit status {code}").format(name=name, code=ending.code)
    return Notice(title, said if last else translate("errors", "It gave no reason."), offer)


def _port_in_use(problem: "wire.Problem", settings: "Settings") -> Notice:
    port, program, pid = settings.port, problem.details.get("program"), problem.details.get("pid")
    if program and pid:
        text = translate(
            "errors", "{program} (process {pid}) listens there already. Stop it, or use another port."
        ).format(program=program, pid=pid)
    else:
        text = translate("errors", "A program of another user listens there already. Stop it, or use another port.")
    title = translate("errors", "Port {port} is in use").format(port=port)
    return Notice(title, text, _other_port(settings, port + 1))


def _port_privileged(problem: "wire.Problem", settings: "Settings") -> Notice:
    first = problem.details.get("first", 1024)
    return Notice(
        translate("errors", "Port {port} is for the administrator").format(port=settings.port),
        translate(
            "errors", "The system lets ordinary programs listen only at ports from {first} on. Use one of those."
        ).format(first=first),
        _other_port(settings, UNPRIVILEGED),
    )


def _port_reserved(problem: "wire.Problem", settings: "Settings") -> Notice:
    return Notice(
        translate("errors", "The system keeps port {port} for itself").format(port=settings.port),
        translate(
            "errors",
            "Nothing listens there, but this program may not either: a part of the system, such as Hyper-V or Docker on"
            " Windows, has reserved it, or a security policy forbids it. Use another port.",
        ),
        _other_port(settings, settings.port + 1),
    )


def with_mistake(key: str) -> Notice:
    """What is wrong with a model that is run with this mistake."""
    return Notice(formatting.mistake_title(key), formatting.mistake_sentence(key), serious=False)


def _port_kept(problem: "wire.Problem", settings: "Settings") -> Notice:
    details = problem.details
    return Notice(
        translate("errors", "Port {port} can't be had yet").format(port=details["port"]),
        translate(
            "errors",
            "The server that ended there did not set SO_REUSEADDR, so the system keeps the port for up to {seconds} s,"
            " for connections that it has closed.",
        ).format(seconds=formatting.whole(int(details["seconds"]))),
        _other_port(settings, int(details["port"]) + 1),
    )


def _host_unknown(problem: "wire.Problem", settings: "Settings") -> Notice:
    return Notice(
        translate("errors", "This machine has no address “{host}”").format(host=settings.host),
        translate(
            "errors",
            "A server can only listen at an address of its own machine: 127.0.0.1 for this machine alone, 0.0.0.0 for"
            " everybody who can reach it.",
        ),
        Offer(translate("errors", "Use 127.0.0.1"), {"host": "127.0.0.1"}),
    )


def _root_missing(problem: "wire.Problem", settings: "Settings") -> Notice:
    missing = Path(settings.root)
    text = translate("errors", "{folder} is not there, or is no folder. Choose the folder whose pages are served.")
    return Notice(
        translate("errors", "The folder to serve is missing"),
        text.format(folder=missing),
        Offer(translate("errors", "Choose folder…"), None),
    )


def _model_unavailable(problem: "wire.Problem", settings: "Settings") -> Notice:
    return Notice(
        translate("errors", "{model} does not run on this system").format(model=formatting.model_title(settings.model)),
        translate("errors", "It needs {systems}. Choose another model.").format(
            systems=formatting.model_systems(settings.model)
        ),
    )


def _cannot_listen(problem: "wire.Problem", settings: "Settings") -> Notice:
    where = formatting.address(settings.host, settings.port)
    return Notice(
        translate("errors", "The server cannot listen at {address}").format(address=where),
        translate("errors", "The system says: {reason}. Use another port or host.").format(
            reason=problem.details.get("reason", problem.message)
        ),
        _other_port(settings, settings.port + 1),
    )


_REASONS = {
    "port-in-use": _port_in_use,
    "port-kept": _port_kept,
    "port-privileged": _port_privileged,
    "port-reserved": _port_reserved,
    "host-unknown": _host_unknown,
    "root-missing": _root_missing,
    "model-unavailable": _model_unavailable,
    "cannot-listen": _cannot_listen,
}


def _other_port(settings: "Settings", first: int) -> Offer | None:
    port = free_port(settings.host, first)
    if not port:
        return None
    return Offer(translate("errors", "Use port {port}").format(port=port), {"port": port})


def _file_trouble(path: Path, error: OSError) -> str:
    reasons = {
        errno.ENOSPC: translate("errors", "The disk is full. Make room, or choose another place."),
        errno.EDQUOT: translate("errors", "Your share of the disk is used up. Make room, or choose another place."),
        errno.ENOENT: translate("errors", "There is no such file or folder: {path}"),
        errno.ENOTDIR: translate("errors", "There is no such file or folder: {path}"),
        errno.EISDIR: translate("errors", "{path} is a folder. Choose another name."),
        errno.EACCES: translate("errors", "You may not do that at {path}. Choose another place."),
        errno.EPERM: translate("errors", "You may not do that at {path}. Choose another place."),
        errno.EROFS: translate("errors", "The disk of {path} can only be read. Choose another place."),
    }
    other = translate("errors", "The system says: {reason}. Choose another place.")
    return reasons.get(error.errno or 0, other).format(path=path, reason=error.strerror or error)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return translate("errors", "unknown")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
