"""The engine's command line: `python -m engine serve`, `load`, `compare` and `models`."""

import argparse
import json
import sys
from dataclasses import fields

from engine.models import MODELS, families, listed
from engine.options import add_options, check_file, own_values, values
from engine.settings import Part
from engine.web.limits import Limits


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m engine", description="A small web server in many models.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve_parser = commands.add_parser("serve", help="serve a folder with one concurrency model")
    add_options(serve_parser, Part.SERVER)
    load_parser = commands.add_parser("load", help="put load on a server with many clients")
    add_options(load_parser, Part.LOAD)
    compare_parser = commands.add_parser("compare", help="measure several models under the same load")
    add_options(compare_parser, Part.COMPARE)
    models_parser = commands.add_parser("models", help="list the concurrency models, in the order to read them in")
    models_parser.add_argument("--json", action="store_true", help="as one JSON object, for programs")
    options = parser.parse_args(arguments)
    if options.command == "load":
        from engine.load import command  # only here: it imports gevent, and a server decides itself when to import that

        return command.run(load_parser, options)
    if options.command == "compare":
        from engine.lab import compare

        return compare.run(compare_parser, options)
    return serve(serve_parser, options) if options.command == "serve" else list_models(as_json=options.json)


def serve(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Serve until the end; returns only if the server could not start, with the exit status."""
    model = MODELS[options.model]
    try:
        own = own_values(options, [model.key])
        check_file(model, vars(options))
    except ValueError as error:
        parser.error(str(error))
    if model.patched:
        from gevent import monkey

        # Before any import that could keep an unpatched function. ssl and subprocess are not used here and are slow
        # to import.
        monkey.patch_all(ssl=False, subprocess=False)
    from engine import server

    given = values(Part.SERVER, options)
    limits = Limits(**{each.name: given.pop(each.name) for each in fields(Limits)})
    return server.run(server.Options(**given, limits=limits, own=own))


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
    print("Read their files in engine/models in this order.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
