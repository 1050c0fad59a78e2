"""The table of problems while engine and load run: a code each, and the text for the user.

The message on the wire is this text in English; the window shows it in its language.
"""

from engine.telemetry.wire import Problem
from engine.texts import QT_TRANSLATE_NOOP

PROBLEMS = {
    "application-failed": QT_TRANSLATE_NOOP(
        "problems",
        "A request could not be answered: {kind} at {place}. Other requests are answered. The traceback is in the error"
        " output.",
    ),
    "application-text": QT_TRANSLATE_NOOP(
        "problems",
        "The application {app} answers with {kind}. It is sent as it is meant; WSGI wants an iterable of bytes, as in"
        " return [text.encode()].",
    ),
    "package-clash": QT_TRANSLATE_NOOP(
        "problems",
        "Both ServeScope and the application's environment have: {packages}. ServeScope's own are used. Where that does"
        " not fit, run the application's own server as a guest.",
    ),
    "app-module-missing": QT_TRANSLATE_NOOP(
        "problems",
        "There is no module {module} in {folder}. Choose the folder that holds it. Looked for in: {searched}.",
    ),
    "app-folder-missing": QT_TRANSLATE_NOOP(
        "problems", "There is no folder {folder}. Choose the folder that holds the application's modules."
    ),
    "app-attribute-missing": QT_TRANSLATE_NOOP(
        "problems", "The module {module} has no {name}. It has these that can be called: {names}."
    ),
    "app-not-callable": QT_TRANSLATE_NOOP(
        "problems", "{app} is no application but {kind}, which can't be called. What can be called there: {names}."
    ),
    "app-name-taken": QT_TRANSLATE_NOOP(
        "problems",
        "{module} in {meant} can't be imported, as another module has this name already: {found}. Rename the file, or"
        " run the application's own server as a guest.",
    ),
    "app-failed": QT_TRANSLATE_NOOP(
        "problems", "{module} can't be imported: {error} at {place}. The traceback is in the error output."
    ),
    "app-package-missing": QT_TRANSLATE_NOOP(
        "problems",
        "{module} can't be imported: {error} at {place}. Choose the environment that has this package.",
    ),
    "app-factory": QT_TRANSLATE_NOOP(
        "problems", "{app} takes {parameters}, so it is no application, but it may make one: try {app}()."
    ),
    "app-unlike": QT_TRANSLATE_NOOP(
        "problems",
        "{app} is called with {parameters}. A WSGI application takes (environ, start_response), an ASGI application"
        " (scope, receive, send).",
    ),
    "app-asgi": QT_TRANSLATE_NOOP(
        "problems",
        "{app} is an ASGI application, which has to be awaited: {model} calls WSGI applications. Choose {able}, or a"
        " WSGI application.",
    ),
    "app-asgi-thread": QT_TRANSLATE_NOOP(
        "problems", "{app} is an ASGI application and runs in the loop: it can't be called in a thread. Leave that out."
    ),
    "phones-spawned": QT_TRANSLATE_NOOP(
        "problems",
        "A class can't be let in where processes are spawned: each would count its requests by itself. Choose another"
        " model, or --start-method fork where the system has it.",
    ),
    "startup-failed": QT_TRANSLATE_NOOP("problems", "The application did not start: {reason}"),
    "environment-missing": QT_TRANSLATE_NOOP(
        "problems", "There is no Python at {place}. Choose an environment's folder, or its interpreter."
    ),
    "environment-unusable": QT_TRANSLATE_NOOP(
        "problems", "The Python at {place} does not say where its packages are: {reason}"
    ),
    "environment-version": QT_TRANSLATE_NOOP(
        "problems",
        "The environment at {place} is of Python {version}, and ServeScope runs in {ours}: its packages can't be used"
        " here. The same application can run as a guest, in its own Python, or choose an environment of {ours}.",
    ),
    "model-unlike": QT_TRANSLATE_NOOP(
        "problems",
        "{file} does not say which model it is like, and is shown like {like}. Write as its first line, for example:"
        " # ServeScope: like select",
    ),
    "model-failed": QT_TRANSLATE_NOOP(
        "problems", "The model {model} ended with an error in line {line} of {file}: {error}."
    ),
    "worker-failed": QT_TRANSLATE_NOOP(
        "problems", "A worker of the model {model} ended with an error in line {line} of {file}: {error}. Others go on."
    ),
    "no-descriptors": QT_TRANSLATE_NOOP(
        "problems", "No new client can be accepted: {reason}. Clients that wait are accepted as others leave."
    ),
    "too-many-clients": QT_TRANSLATE_NOOP(
        "problems", "Only {most} clients can be connected at once. Others are rejected."
    ),
    "no-workers": QT_TRANSLATE_NOOP("problems", "The system gives no more workers: {reason}. Clients are rejected."),
    "fewer-workers": QT_TRANSLATE_NOOP(
        "problems", "The system gives no more workers: {reason}. Fewer than are set serve clients until it does."
    ),
    "unreadable-order": QT_TRANSLATE_NOOP("problems", "A line on stdin is not an order: {reason}"),
    "exhausted": QT_TRANSLATE_NOOP(
        "problems",
        "This machine gives the load no more connections: {reason}. Use fewer clients, or keep connections.",
    ),
    "other-protocol": QT_TRANSLATE_NOOP(
        "problems", "The server asked to switch to another protocol. Such responses are counted as failures."
    ),
    "no-http": QT_TRANSLATE_NOOP(
        "problems", "The response to {path} is not HTTP: {reason}. Such responses are counted as failures."
    ),
    "wrong-status": QT_TRANSLATE_NOOP(
        "problems",
        "The response to {path} has status {status} instead of {wanted}. Such responses are counted as failures.",
    ),
    "after-end": QT_TRANSLATE_NOOP(
        "problems", "The response to {path} continues after its end. Such responses are counted as failures."
    ),
    "wrong-byte": QT_TRANSLATE_NOOP(
        "problems", "The body of {path} differs at or after byte {byte}. Such responses are counted as failures."
    ),
    "other-body": QT_TRANSLATE_NOOP(
        "problems", "The body of {path} differs from an earlier one. Such responses are counted as failures."
    ),
    "wrong-length": QT_TRANSLATE_NOOP(
        "problems", "The body of {path} has {length} bytes instead of {right}. Such responses are counted as failures."
    ),
    "load-ended": QT_TRANSLATE_NOOP(
        "problems",
        "A process of the load (process {pid}) has ended, and its clients with it. Start the load again.",
    ),
    "guest-not-started": QT_TRANSLATE_NOOP("problems", "{program} can't be started: {reason}."),
    "guest-ended": QT_TRANSLATE_NOOP("problems", "The program has ended with exit status {status}."),
    "guest-killed": QT_TRANSLATE_NOOP("problems", "The program was ended by the signal {signal}."),
    "guest-silent": QT_TRANSLATE_NOOP(
        "problems",
        "The program has run for {seconds} s and does not listen at a TCP port. What it writes may say why; it may need"
        " another folder, or other arguments.",
    ),
    "address-missing": QT_TRANSLATE_NOOP(
        "problems", "This machine does not have the address {host}. The program listens at {instead}, port {port}."
    ),
    "guest-port-taken": QT_TRANSLATE_NOOP(
        "problems", "The program can't listen at port {port}: {program} (process {pid}) listens there. Stop it first."
    ),
    "guest-port-waits": QT_TRANSLATE_NOOP(
        "problems",
        "The program can't listen at port {port} for another {seconds} s: {connections} of its last connections are in"
        " TIME_WAIT, in which the system keeps the port from a server that does not set SO_REUSEADDR.",
    ),
    "guest-port-unclear": QT_TRANSLATE_NOOP(
        "problems", "The program can't listen at port {port}: it is taken, and the system does not report by what."
    ),
    "guest-other-listeners": QT_TRANSLATE_NOOP("problems", "The program listens at {addresses}. {shown} is shown."),
    "not-python": QT_TRANSLATE_NOOP(
        "problems", "{program} is no Python program: its connections, queue and processor are seen, not its calls."
    ),
    "sockets-not-python": QT_TRANSLATE_NOOP(
        "problems",
        "The sockets of {program} are not Python's: its connections, queue and processor are seen, not its calls. With"
        " uvloop, start it with the loop of asyncio to see more (uvicorn: --loop asyncio).",
    ),
    "python-options": QT_TRANSLATE_NOOP(
        "problems",
        "Python was started with {option}, which keeps the tracer out: connections, queue and processor are seen. Start"
        " the program without it to see its calls.",
    ),
    "environment-cleaned": QT_TRANSLATE_NOOP(
        "problems",
        "{program} was started with an environment of its own, which keeps the tracer out: connections, queue and"
        " processor are seen, not its calls.",
    ),
    "python-not-traced": QT_TRANSLATE_NOOP(
        "problems",
        "{program} did not load the tracer, as a frozen program or a Python before 3.9: connections, queue and"
        " processor are seen, not its calls.",
    ),
    "attached-only": QT_TRANSLATE_NOOP(
        "problems",
        "{program} ran before: its connections, queue and processor are seen. Open it from here to see its calls.",
    ),
    "nothing-listens": QT_TRANSLATE_NOOP("problems", "Nothing listens at port {port}. Start the server first."),
    "unreadable-stream": QT_TRANSLATE_NOOP("problems", "What is reported can't be read: {reason}"),
    "bad-change": QT_TRANSLATE_NOOP("problems", "The load continues unchanged: {reason}"),
}
"""`{…}` are the problem's details."""


def problem(time: float, code: str, **details: str | int) -> Problem:
    """The message that reports a problem of the table."""
    return Problem(time, code, PROBLEMS[code].format(**details), details)
