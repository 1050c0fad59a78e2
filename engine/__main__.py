"""The engine's command line: `python -m engine serve`, `load`, `compare` and `models`."""

import argparse
import json
import os
import sys
from pathlib import Path

from engine.lab.options import add_options as add_compare
from engine.load.options import add_options as add_load
from engine.models import MODELS, families, listed
from engine.web.limits import Limits, described


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m engine", description="A small web server in many models.")
    commands = parser.add_subparsers(dest="command", required=True)
    add_serve(commands.add_parser("serve", help="serve a folder with one concurrency model"))
    load_parser = commands.add_parser("load", help="put a crowd of clients on a server")
    add_load(load_parser)
    compare_parser = commands.add_parser("compare", help="measure several models under the same load")
    add_compare(compare_parser, default_root())
    models_parser = commands.add_parser("models", help="list the concurrency models, in the order to read them in")
    models_parser.add_argument("--json", action="store_true", help="as one JSON object, for programs")
    options = parser.parse_args(arguments)
    if options.command == "load":
        from engine.load import command  # only here: it needs gevent, which a server chooses itself when to load

        return command.run(load_parser, options)
    if options.command == "compare":
        from engine.lab import compare

        return compare.run(compare_parser, options)
    return serve(options) if options.command == "serve" else list_models(as_json=options.json)


def add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", choices=MODELS, required=True, help="how to serve many clients at once")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--port", type=port, default=8888, help="0 picks a free one (default: %(default)s)")
    parser.add_argument("--root", type=Path, default=default_root(), help="folder to serve (default: %(default)s)")
    connections = parser.add_mutually_exclusive_group()
    connections.add_argument(
        "--keep-alive", action="store_true", default=None, dest="keep_alive", help="keep connections open"
    )
    connections.add_argument(
        "--short", action="store_false", dest="keep_alive", help="close each connection after its reply"
    )
    parser.add_argument(
        "--telemetry",
        choices=("off", "counters", "requests", "full"),
        default="full",
        help="what is told on stdout (default: %(default)s)",
    )
    parser.add_argument(
        "--all-cores",
        action="store_true",
        help="let the model thread run on every core: slower, as its threads hand one lock from core to core",
    )
    parser.add_argument(
        "--start-method",
        choices=("fork", "spawn") if hasattr(os, "fork") else ("spawn",),
        default="fork" if hasattr(os, "fork") else "spawn",
        help="how processes are made, in the model that makes them (default: %(default)s)",
    )
    parser.add_argument("--stop-on-eof", action="store_true", help="leave when stdin is closed")
    parser.add_argument(
        "--work-pages",
        action=argparse.BooleanOptionalAction,
        help="serve /work/, pages that wait and compute, in place of a folder of that name"
        " (default: only where nobody but this machine can ask for it)",
    )
    limits = parser.add_argument_group("limits of one client")
    for name, kind, default, meaning in described():
        limits.add_argument(
            f"--{name.replace('_', '-')}", type=kind, default=default, help=f"{meaning} (default: {default})"
        )


def serve(options: argparse.Namespace) -> int:
    if MODELS[options.model].patched:
        from gevent import monkey

        # Before anything is imported that could hold on to an unpatched call. Nothing here uses ssl or subprocess,
        # and they take long to load.
        monkey.patch_all(ssl=False, subprocess=False)
    from engine import server

    return server.run(
        server.Options(
            model=options.model,
            host=options.host,
            port=options.port,
            root=options.root,
            keep_alive=options.keep_alive,
            telemetry=options.telemetry,
            stop_on_eof=options.stop_on_eof,
            all_cores=options.all_cores,
            start_method=options.start_method,
            limits=Limits(**{name: getattr(options, name) for name, *_ in described()}),
            work_pages=options.work_pages,
        )
    )


def list_models(*, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"models": listed()}, indent=1))
        return 0
    for family, models in families().items():
        print(f"{family}:")
        for model in models:
            kept = "kept" if model.keep_alive else "short"
            missing = "" if model.available() else f"  (needs {model.systems})"
            print(f"  {model.key:<12} {model.worker:<9} {kept:<6} {model.idea}{missing}")
    print("Read their files in engine/models in this order: each differs from the one before it in a few lines.")
    return 0


def port(text: str) -> int:
    """The port number in `text`. Raises what argparse shows as an error."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: use a number from 0 to 65535")
    return int(text)


def default_root() -> Path:
    """The folder `html_test`, in a checkout or beside the installed engine."""
    here = Path(__file__).resolve().parent
    return next((p for p in (here.parent / "html_test", here / "html_test") if p.is_dir()), Path("html_test"))


if __name__ == "__main__":
    sys.exit(main())
