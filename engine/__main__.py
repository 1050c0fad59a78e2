"""The engine's command line: `python -m engine serve`, `guest`, `load`, `compare` and `models`."""

import argparse
import json
import os
import sys
from dataclasses import asdict, fields
from typing import Any

from engine import mistakes
from engine.guest import options as guest_options
from engine.listing import listed
from engine.load.workloads import WORKLOADS
from engine.model import START_METHOD
from engine.models import families
from engine.options import add_options, check_file, own_values, values
from engine.own_model import fault_of, find
from engine.settings import Part
from engine.web.limits import NO_LIMIT, Limits


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m engine", description="A small web server in several concurrency models, and a load for it."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    serve_parser = _add_command(commands, "serve", "Serve a folder, or an application, with one concurrency model")
    add_options(serve_parser, Part.SERVER)
    guest_parser = _add_command(
        commands, "guest", "Run a program of yours and see its connections", guest_options.EXAMPLES
    )
    guest_options.add(guest_parser)
    load_parser = _add_command(commands, "load", "Send requests to a server from many clients", _workloads())
    add_options(load_parser, Part.LOAD)
    compare_parser = _add_command(commands, "compare", "Measure models under the same load, in turn", _workloads())
    add_options(compare_parser, Part.COMPARE)
    check_parser = _add_command(commands, "check", "Say what is wrong with a model of yours, as one JSON object")
    check_parser.add_argument("file", metavar="FILE.py")
    models_parser = _add_command(commands, "models", "List the concurrency models in the order to read them in")
    models_parser.add_argument("--json", action="store_true", help="Print one JSON object, for programs")
    options, unknown = parser.parse_known_args(arguments)
    if unknown:  # the command's own parser says what it takes
        commands.choices[options.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    if options.command == "load":
        from engine.load import command  # only here: it imports gevent, and a server decides itself when to import that

        return command.run(load_parser, options)
    if options.command == "guest":
        from engine.guest import command as guest_command

        return guest_command.run(guest_parser, options)
    if options.command == "check":
        fault = fault_of(os.path.abspath(options.file))
        print(json.dumps({"ok": fault is None, **(asdict(fault) if fault else {})}))
        return 1 if fault else 0
    if options.command == "compare":
        from engine.lab import compare

        return compare.run(compare_parser, options)
    return serve(serve_parser, options) if options.command == "serve" else list_models(as_json=options.json)


def _add_command(commands: Any, name: str, text: str, epilog: str = "") -> argparse.ArgumentParser:
    """A command, which `text` describes in the list of commands and in its own help."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _workloads() -> str:
    """What each workload is, for the end of a help text."""
    return "\n".join(["workloads:", *(f"  {each.key:<14} {each.description}" for each in WORKLOADS.values())])


def serve(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Serve until the end; returns only if the server could not start, with the exit status."""
    model = find(options.model)
    try:
        own = own_values(options, [model.key])
        check_file(model, vars(options))
        fork = own.get(START_METHOD.name, START_METHOD.default) == "fork"
        mistake = mistakes.checked(model, options.mistake, fork=fork)
        if options.app and mistake and mistake.place == "application":
            raise ValueError(f"--mistake {mistake.key} is one of the site: leave out --app.")
    except ValueError as error:
        parser.error(str(error))
    if model.patched and not (mistake and mistake.patches):
        from gevent import monkey

        # Before any import that could keep an unpatched function. An application may use ssl and subprocess; else they
        # are not used, and slow to import.
        monkey.patch_all(ssl=bool(options.app), subprocess=bool(options.app))
    from engine import server

    given = values(Part.SERVER, options)
    limits = {each.name: given.pop(each.name) for each in fields(Limits)}
    if limits["max_body"] is None:
        limits["max_body"] = NO_LIMIT if options.app else Limits.max_body
    return server.run(server.Options(**given, limits=Limits(**limits), own=own))


def list_models(*, as_json: bool) -> int:
    """Print the table of models; returns the exit status."""
    if as_json:
        print(json.dumps({"models": listed()}, indent=1))
        return 0
    line = "  {:<12} {:<9} {:<14} {}"
    print(line.format("MODEL", "WORKER", "CONNECTIONS", "IDEA"))
    for family, models in families().items():
        print(f"{family}:")
        for model in models:
            kept = "kept" if model.keep_alive else "one a request"
            missing = "" if model.available() else f" (needs {model.systems})"
            print(line.format(model.key, model.worker, kept, model.idea + missing))
    print("\nConnections are kept after a response, or made anew for each request, where no option says otherwise.")
    print("Read their files in engine/models in this order.")
    return 0


def run() -> int:
    """`main`; 1 without a word where the reader of the output has left, as `head` does."""
    try:
        try:
            return main()
        finally:  # also after the help, which ends the program itself
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left at its end
        return 1


if __name__ == "__main__":
    sys.exit(run())
