"""What is done to a module right after it was imported, wherever that is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from typing import Any

_wanted: dict[str, Callable[[Any], None]] = {}


def when_imported(name: str, do: Callable[[Any], None]) -> None:
    """Call `do` with the module `name` once it is there."""
    if name in sys.modules:
        do(sys.modules[name])
        return
    if not _wanted:
        sys.meta_path.insert(0, _Finder())
    _wanted[name] = do


class _Finder(MetaPathFinder):
    """Finds nothing itself; what others find is loaded as always, and then changed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in _wanted:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, _wanted.pop(name))
                return spec
        return None


class _Loader(Loader):
    """Loads as another loader does."""

    def __init__(self, loader: Any, do: Callable[[Any], None]) -> None:
        self._loader = loader
        self._do = do

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._do(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
