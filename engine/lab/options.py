"""What a comparison can be told on its command line.

Knows nothing of how it is made: also a server's command line is parsed with this.
"""

import argparse
import os
from pathlib import Path

from engine.load.options import add_crowd, bounded
from engine.models import MODELS


def add_options(parser: argparse.ArgumentParser, root: Path) -> None:
    """Let `parser` take the comparison's options; `root` is the folder that is served unless told otherwise."""
    parser.add_argument(
        "--models", type=models, default=list(MODELS), metavar="all|KEY,KEY", help="which, in turn (default: all)"
    )
    add_crowd(parser)
    connections = parser.add_mutually_exclusive_group()
    connections.add_argument(
        "--keep-alive",
        action="store_true",
        default=None,
        help="every model keeps connections open (default: if the workload does)",
    )
    connections.add_argument(
        "--short", action="store_false", dest="keep_alive", help="every model closes each after its reply"
    )
    parser.add_argument(
        "--seconds",
        type=bounded(float, 1, 86_400),
        default=5.0,
        metavar="N",
        help="how long to measure each once it is steady (default: %(default)s)",
    )
    parser.add_argument(
        "--repeat", type=bounded(int, 1, 1000), default=3, metavar="N", help="how many rounds (default: %(default)s)"
    )
    parser.add_argument("--json", type=writable, metavar="FILE", help="also write all of it to FILE")
    parser.add_argument("--root", type=folder, default=root, help="folder to serve (default: %(default)s)")
    parser.add_argument(
        "--port", type=bounded(int, 0, 65535), default=0, help="0 picks a free one each time (default: %(default)s)"
    )
    parser.add_argument(
        "--telemetry",
        choices=("counters", "requests", "full"),
        default="counters",
        help="what the models tell meanwhile: all of it takes them some of their speed (default: %(default)s)",
    )


def models(text: str) -> list[str]:
    """The keys in `text`, in the order of the table. Raises what argparse shows as an error."""
    keys = list(MODELS) if text == "all" else [key.strip() for key in text.split(",")]
    for key in keys:
        if key not in MODELS:
            raise argparse.ArgumentTypeError(f"there is no model {key!r}: use all, or some of {','.join(MODELS)}")
    return [key for key in MODELS if key in keys]


def folder(text: str) -> Path:
    """The folder at `text`. Raises what argparse shows as an error."""
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return path


def writable(text: str) -> Path:
    """The path of a file that can be written. Raises what argparse shows as an error."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder: name a file in it")
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"nothing can be written to the folder {str(path.parent)!r}")
    return path
