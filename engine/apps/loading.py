"""The user's application, found by its name: `module:callable`.

Owns how it is imported, whether it is WSGI or ASGI, and the words for why it can't be had. Knows nothing of how it is
called.
"""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from engine.apps.errors import ApplicationError

Kind = Literal["wsgi", "asgi"]
SHOWN = 12
"""Names that a sentence lists at most."""
MOST = 1000
"""Characters of a path, or of an error's own message, that a sentence holds at most."""
_PARAMETERS: dict[int, Kind] = {2: "wsgi", 3: "asgi"}
"""What a callable is by the number of its positional parameters."""


@dataclass(frozen=True)
class Loaded:
    """An application that was found."""

    name: str
    application: Callable[..., Any]
    kind: Kind
    folders: tuple[str, ...]
    """Where its own code is."""


def load(name: str, folder: str) -> Loaded:
    """The application `name`, a `module:callable`, whose modules are in `folder`. Raises `ApplicationError`.

    The folder becomes the first on `sys.path` and the current one, as programs expect that read files beside them.
    """
    module_name, _, attribute = name.partition(":")
    try:
        os.chdir(folder)
    except OSError:
        raise ApplicationError("app-folder-missing", folder=folder) from None
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = _imported(module_name, folder)
    application = _found(module, attribute, name)
    return Loaded(name, application, kind_of(application, name), (folder, _home(module)))


def kind_of(application: Any, name: str) -> Kind:
    """What `application` is, by how it can be called. Raises `ApplicationError`."""
    call = application if inspect.isroutine(application) or inspect.isclass(application) else type(application).__call__
    if inspect.iscoroutinefunction(call):
        return "asgi"
    try:
        counts = _counts(inspect.signature(application))
    except (TypeError, ValueError):  # of a callable in C nothing is known
        return "wsgi"
    kinds = [kind for count, kind in _PARAMETERS.items() if count in counts]
    if not kinds:
        code = "app-factory" if 0 in counts else "app-unlike"
        raise ApplicationError(code, app=name, parameters=str(inspect.signature(application)))
    return kinds[0]


def _counts(signature: inspect.Signature) -> range:
    """How many positional arguments a call may have."""
    parameters = signature.parameters.values()
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    needed = sum(each.default is each.empty for each in positional)
    any_more = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    return range(needed, max(_PARAMETERS) + 1 if any_more else len(positional) + 1)


def _imported(name: str, folder: str) -> ModuleType:
    """The module `name`, imported."""
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            searched = ", ".join(dict.fromkeys(filter(None, sys.path)))[:MOST]
            raise ApplicationError("app-module-missing", module=error.name, folder=folder, searched=searched) from None
        raise _import_failure(name, error, "app-package-missing") from error
    except (Exception, SystemExit) as error:
        raise _import_failure(name, error) from error
    first = name.partition(".")[0]
    found = getattr(sys.modules[first], "__file__", None) or "Python"
    meant = [path for path in (Path(folder, first, "__init__.py"), Path(folder, f"{first}.py")) if path.exists()]
    if meant and os.path.realpath(found) != os.path.realpath(meant[0]):
        raise ApplicationError("app-name-taken", module=first, meant=str(meant[0]), found=found)
    return module


def _import_failure(name: str, error: BaseException, code: str = "app-failed") -> ApplicationError:
    """The sentence about an exception while `name` was imported: where, in the user's own code if it was there."""
    trace, at = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith("<frozen") and file != __file__ and file != importlib.__file__:
            at = f"{os.path.basename(file)}:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        at = f"{os.path.basename(error.filename)}:{error.lineno}"
    return ApplicationError(code, module=name, place=at, error=f"{type(error).__name__}: {error}"[:MOST])


def _found(module: ModuleType, attribute: str, name: str) -> Any:
    """What `module` has under the name `attribute`, or makes by a call if that ends with `()`."""
    path = attribute.removesuffix("()")
    value: Any = module
    for part in path.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            names = ", ".join(_callables(module)[:SHOWN]) or "none"
            raise ApplicationError("app-attribute-missing", module=module.__name__, name=path, names=names) from None
    if path != attribute:
        try:
            value = value()
        except Exception as error:
            raise _import_failure(name, error) from error
    if not callable(value):
        names = ", ".join(_callables(module)[:SHOWN]) or "none"
        raise ApplicationError("app-not-callable", app=name, kind=type(value).__name__, names=names)
    return value


def _callables(module: ModuleType) -> list[str]:
    """The names of what `module` has made that can be called; not of what it has imported."""
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and (not (inspect.isroutine(value) or inspect.isclass(value)) or value.__module__ == module.__name__)
    ]


def _home(module: ModuleType) -> str:
    """The folder of the file of `module`."""
    return os.path.dirname(os.path.abspath(module.__file__)) if module.__file__ else os.getcwd()
