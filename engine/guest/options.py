"""The options of `python -m engine guest`, for the parser alone: nothing of a guest is imported for them."""

import argparse
from pathlib import Path

DETAILS = ("off", "counters", "requests", "full")
EXAMPLES = """\
examples:
  python -m engine guest -- server.py 8000
  python -m engine guest --cwd shop -- -m gunicorn -w 3 shop:app
  python -m engine guest -- nginx -p . -c nginx.conf
  python -m engine guest --attach 8000
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command, and the program after `--`."""
    add = parser.add_argument
    add("--python", default="", metavar="PY", help="The interpreter (default: its folder's environment, or python3)")
    add("--cwd", default=".", type=Path, metavar="DIR", help="The folder in which it runs")
    add("--env", action="append", default=[], metavar="K=V", help="A variable of its environment; may be repeated")
    add("--port", type=int, default=0, help="Which of its ports is shown (default: the first that accepts)")
    add("--attach", type=int, default=0, metavar="PORT", help="Watch the server that already listens at PORT")
    add("--telemetry", choices=DETAILS, default="requests", help="How much is reported (default: requests)")
    add("--stop-on-eof", action="store_true", help="Stop when stdin is closed")
    add("program", nargs="*", metavar="-- PROGRAM", help="A file, -m MODULE or a command, and its arguments")
