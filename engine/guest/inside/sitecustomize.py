"""Starts the tracer in each Python process of a guest, before the program; then runs the `sitecustomize` that it has.

Python imports the first module of this name on its path at each start. Nothing of this may fail: a program that can't
be traced runs as without it.
"""

import sys


def _run_next() -> None:
    """Run the `sitecustomize` that would have run without this one; it takes this one's place."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    sys.modules["sitecustomize"] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


def _begin() -> None:
    """Start the tracer; the program's own path does not have this folder."""
    import os

    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        if "SERVESCOPE_GUEST" in os.environ and sys.version_info >= (3, 9):
            import servescope_inside  # type: ignore[import-not-found]

            servescope_inside.begin()
    except Exception as error:
        if sys.stderr is not None:
            print(f"ServeScope can't trace this process: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.path[:] = [each for each in sys.path if os.path.abspath(each or os.curdir) != folder]


_begin()
_run_next()
