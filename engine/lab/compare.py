"""The comparison in a terminal: each model in turn under the same load, several rounds, and a summary.

Owns the command's options, its progress, its table and its file. A run is measured by `engine.lab.runs`.
"""

import argparse
import io
import os
import shlex
import signal
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from engine.guest.program import Command
from engine.lab import slowest
from engine.lab.guests import what_decides
from engine.lab.machine import machine, versions
from engine.lab.parts import NAMES, Percentile
from engine.lab.rows import Row, combined
from engine.lab.runs import Plan, RunFailed, measure
from engine.lab.summary import Summary, sentence, summarize
from engine.load.options import CHANGE, first_change
from engine.load.requests import FRONT_PAGE
from engine.load.workloads import WORKLOADS
from engine.model import Model
from engine.models import MODELS
from engine.options import own_values, values
from engine.persistence import ALWAYS_KEPT, AS_TAUGHT, ONE_A_REQUEST, Mode, server_keeps
from engine.settings import (
    APP,
    APP_DIR,
    CONDITIONS,
    CONNECTIONS,
    HELD,
    KEEP_ALIVE,
    ROOT,
    SECONDS,
    SERVED,
    Part,
    Setting,
    in_words,
    settings,
    what_is_served,
)
from engine.telemetry import wire
from engine.telemetry.wire import encode_value
from engine.whole_file import write_whole
from engine.windows import real_interpreter

INTERRUPTED = 130
"""The exit status after Ctrl+C."""
UNKNOWN = "–"
AS_IT_IS = "connections as the program keeps them"
WIDEST = 1000
"""Characters that no table takes."""
MIB = 1024 * 1024


@dataclass
class Result:
    """The rows of one model."""

    model: str
    rows: list[Row] = field(default_factory=list)
    """One per round."""
    failure: str = ""
    """Why there are no more rows."""
    requests: list[wire.Request] = field(default_factory=list)
    """Of all rounds together, those that the servers reported."""
    choices: tuple[str, ...] | None = None
    """Of a program that is not ours: what was chosen of each pair of braces."""

    @cached_property
    def percentiles(self) -> list[Percentile]:
        """What the requests spent their time on in the server; to be asked for when all rounds are over."""
        return slowest.percentiles(self.requests)


def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    """Compare and print the result; returns 1 if a model or the file failed, 130 if it was interrupted."""
    write_plainly()
    try:
        guests = named_guests(options)
        choose_defaults(options)
        change = first_change(options)
        served = serve_values(options)
    except ValueError as error:
        parser.error(str(error))
    plan = Plan(change, options.seconds, served, load_values(options), {name: each.command for name, each in guests})
    able = [key for key in options.models if MODELS[key].available()]
    missing = [key for key in options.models if key not in able]
    results = [*(Result(key) for key in able), *(Result(name, choices=each.choices) for name, each in guests)]
    begun = time.time()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # SIGTERM ends the processes too
    interrupted = False
    try:
        with ProgressDisplay(len(results) * options.repeat) as progress:
            run_rounds(results, plan, options.repeat, progress)
    except KeyboardInterrupt:
        interrupted = True
    show(results, missing, plan, interrupted=interrupted)
    is_written = True
    if options.json:
        is_written = write(
            options.json, document(results, missing, plan, options.repeat, begun, interrupted=interrupted)
        )
    if interrupted:
        return INTERRUPTED
    return 1 if not is_written or any(result.failure for result in results) else 0


def write_plainly() -> None:
    """Write to a file or a pipe in UTF-8, whatever this system's own encoding: it may lack some of the signs."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")


@dataclass(frozen=True)
class NamedGuest:
    """A program that is not ours."""

    command: list[str]
    """What runs it under our engine."""
    choices: tuple[str, ...]


def named_guests(options: argparse.Namespace) -> list[tuple[str, NamedGuest]]:
    """The programs with what they are called. Raises `ValueError` for a load that asks for our own pages."""
    workload = WORKLOADS[options.workload]
    if options.guests and not workload.takes_requests:
        able = " or ".join(key for key, each in WORKLOADS.items() if each.takes_requests)
        raise ValueError(f"--guests can't be put under {workload.key}, which asks for our own pages: use {able}.")
    folder = Path(options.guest_dir or os.curdir).resolve()
    found = []
    for variant in options.guests or ():
        program = Command(shlex.split(variant.text), options.guest_python or "", folder, {})
        detail = "requests" if options.telemetry == "sampled" else options.telemetry
        python = ["--python", options.guest_python] if options.guest_python else []
        line = [real_interpreter()[0], "-m", "engine", "guest", "--stop-on-eof", "--telemetry", detail, *python]
        found.append((program.title, NamedGuest([*line, "--cwd", str(folder), "--", *program.words], variant.choices)))
    return found


def choose_defaults(options: argparse.Namespace) -> None:
    """Choose what follows from whether there are guests: then no models, and only `/` is asked for."""
    if options.models is None:
        options.models = [] if options.guests else list(MODELS)
    if options.guests and not options.requests:
        options.requests = FRONT_PAGE


def serve_values(options: argparse.Namespace) -> dict[str, Any]:
    """The settings for each server.

    Raises `ValueError` for a setting that none of the models has.
    """
    servers = {row.name for row in settings(Part.SERVER)}
    given = {name: value for name, value in values(Part.COMPARE, options).items() if name in servers}
    if given[APP.name] and not given[APP_DIR.name]:
        given[APP_DIR.name] = os.getcwd()  # the servers run in another folder
    return {**given, **own_values(options, options.models)}


def load_values(options: argparse.Namespace) -> dict[str, Any]:
    """The load's settings, without those that make a change."""
    names = {row.name for row in settings(Part.LOAD) if row not in (*CHANGE, SECONDS)}
    return {name: value for name, value in values(Part.COMPARE, options).items() if name in names}


def run_rounds(results: Sequence[Result], plan: Plan, rounds: int, progress: "ProgressDisplay") -> None:
    """Measure each model once, then each again, so that a disturbance of the machine affects all models alike."""
    for number in range(1, rounds + 1):
        for result in results:
            progress.begin(f"{result.model}, {number} of {rounds}" if rounds > 1 else result.model)
            if result.failure:
                progress.end("has failed before")
                continue
            try:
                measured = measure(result.model, plan)
            except RunFailed as failure:
                result.failure = str(failure)
                progress.end(result.failure)
            else:
                result.rows.append(measured.row if result.choices is None else as_asked(measured.row, plan))
                result.requests += measured.requests
                progress.end(f"{measured.row.requests_per_second:,.0f} requests/s")


def as_asked(row: Row, plan: Plan) -> Row:
    """The row of a guest, which is taken to serve what the models do: that is what it is compared with."""
    served = what_is_served(plan.serve.get(APP.name), plan.serve[ROOT.name])
    return replace(row, conditions=replace(row.conditions, served=served))


class ProgressDisplay:
    """The progress on stderr: a line for each run, and a progress bar on a terminal."""

    def __init__(self, runs: int) -> None:
        self._console = Console(stderr=True, soft_wrap=True)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task = self._bar.add_task("", total=runs)
        self._run = ""

    def __enter__(self) -> "ProgressDisplay":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, run: str) -> None:
        """Show `run` as the current run."""
        self._run = run
        self._bar.update(self._task, description=run)

    def end(self, outcome: str) -> None:
        """Show the outcome of the current run."""
        self._console.print(f"{self._run}: {outcome}", markup=False, highlight=False)
        self._bar.advance(self._task)


def show(results: Sequence[Result], missing: Sequence[str], plan: Plan, *, interrupted: bool) -> None:
    """Print the conditions, the table, why the slowest are slow, the errors and the summary to stdout."""
    console = Console()
    console.print(
        conditions_text(plan, [result.model for result in results]), markup=False, highlight=False, soft_wrap=True
    )
    print_whole(console, table(results, plain=not console.is_terminal))
    found = {result.model: result.percentiles for result in results if result.percentiles}
    if found:
        print_whole(console, slowest.table(found, plain=not console.is_terminal))
    for result in results:
        if result.percentiles:
            line = slowest.sentence(result.model, result.percentiles[-1], len(result.requests))
            rest = slowest.before_reading(result.model, combined(result.rows).p99, result.percentiles[-1])
            for text in filter(None, (line, rest)):
                console.print(text, markup=False, highlight=False, soft_wrap=True)
    for line in remarks(results, missing, interrupted=interrupted):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def print_whole(console: Console, made: Table) -> None:
    """Print a table with every cell whole: where it is too wide, closer together, and if need be beyond the screen."""

    def width() -> int:
        return console.measure(made, options=console.options.update(max_width=WIDEST)).maximum

    if made.box and width() > console.width:
        made.padding, made.show_edge = (0, 0), False
    made.width = width()
    console.print(made, soft_wrap=True)


def table(results: Sequence[Result], *, plain: bool) -> Table:
    """A row for each model: medians, and below them the least and the most of several rounds.

    Below the model stands how long its connections lasted.
    """
    made = Table(box=None if plain else SIMPLE, pad_edge=False, collapse_padding=not plain)
    made.add_column("\nmodel", no_wrap=True)
    for heading in (
        "\nrequests/s", "p50\nms", "p99\nms", "p99.9\nms", "\nfailed", "CPU µs\na request", "memory\nMiB",
        "\nworkers",
    ):  # fmt: skip
        made.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        made.add_row(*(cells(result.rows) if result.rows else [result.model, "failed"]))
    return made


def cells(rows: Sequence[Row]) -> list[str]:
    """The cells of the table for a model's rows."""
    row = combined(rows)
    limited = "≥ " if row.load_limited else ""
    return [
        f"{row.model}\n{CONNECTIONS.texts[row.conditions.connections] if row.model in MODELS else AS_IT_IS}",
        limited + spread([each.requests_per_second for each in rows]),
        bound(row, row.p50) + rounded(row.p50 * 1000) if row.histogram else UNKNOWN,
        bound(row, row.p99) + spread([each.p99 * 1000 for each in rows]) if row.histogram else UNKNOWN,
        bound(row, row.p999) + rounded(row.p999 * 1000) if row.histogram else UNKNOWN,
        f"{row.failed:,}",
        rounded(row.cpu_per_request) if row.requests_per_second and row.has_usage else UNKNOWN,
        rounded(row.memory / MIB) if row.memory else UNKNOWN,
        f"{row.workers:,}" if row.workers else UNKNOWN,
    ]


def bound(row: Row, latency: float) -> str:
    """The sign before one of the row's latencies."""
    return "≥ " if row.is_bound(latency) else ""


def spread(values: Sequence[float]) -> str:
    """The median, and below it the least and the most."""
    middle, least, most = (rounded(choose(values)) for choose in (statistics.median, min, max))
    return middle if least == most else f"{middle}\n{least}–{most}"


def rounded(value: float) -> str:
    """`value` with one decimal below 100, and none from there on."""
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def conditions_text(plan: Plan, models: Iterable[str]) -> str:
    """The conditions of all models as a text, then the models' own settings."""
    known = {**{row.name: getattr(plan.change, row.name) for row in CHANGE}, **plan.serve, **plan.load}
    known |= lasting(plan.change.connections)
    known[SERVED.name] = what_is_served(plan.serve.get(APP.name), plan.serve[ROOT.name])

    def text(rows: Iterable[Setting]) -> str:
        return ", ".join(in_words(known, rows, whole="{:,}".format, rate="{:,g}/s".format))

    mode = plan.change.connections
    shared = [text(CONDITIONS.values()), *(["connections as taught"] if mode == AS_TAUGHT else [])]
    own = {
        key: ", ".join(filter(None, (text(MODELS[key].settings), *what_differs(MODELS[key], mode))))
        for key in models
        if key in MODELS
    }
    return "; ".join([", ".join(shared), *(f"{key}: {own_text}" for key, own_text in own.items() if own_text)])


def lasting(mode: Mode) -> dict[str, bool]:
    """The conditions that follow from the mode; none where they differ from model to model."""
    return {} if mode == AS_TAUGHT else {KEEP_ALIVE.name: mode != ONE_A_REQUEST, HELD.name: mode == ALWAYS_KEPT}


def what_differs(model: Model, mode: Mode) -> list[str]:
    """What this model does with connections, where the mode alone doesn't say it."""
    kept = mode != ONE_A_REQUEST and server_keeps(model, mode)
    texts = [] if lasting(mode).get(KEEP_ALIVE.name) == kept else [KEEP_ALIVE.condition_texts[kept]]
    if kept and mode != ALWAYS_KEPT and model.traits.shares_workers:
        texts.append("each until others wait for a worker")
    return texts


def remarks(results: Sequence[Result], missing: Sequence[str], *, interrupted: bool) -> list[str]:
    """The lines below the table."""
    lines = []
    if interrupted:
        lines.append("Ended early: only the runs until then were measured.")
    rows = [combined(result.rows) for result in results if result.rows]
    if any(row.load_limited for row in rows):
        lines.append("≥: the load used its whole processor core, so the model may be faster than shown.")
    if any(row.is_bound(row.p999) for row in rows):
        lines.append("≥ before a latency: requests that timed out count with the time after which they were given up.")
    lines += [f"{each.model} failed: {each.failure}" for each in results if each.failure]
    lines += [f"{key} needs {MODELS[key].systems}: left out." for key in missing]
    lines += filter(None, [decision(results)])
    found = finding(results)
    return [*lines, sentence(found)] if found else lines


def decision(results: Sequence[Result]) -> str:
    """What decides of the choices in one command line; empty where there are several command lines, or no choices."""
    guests = [result for result in results if result.choices]
    rates = {each.choices or (): [row.requests_per_second for row in each.rows] for each in guests}
    return what_decides(rates) if len(rates) == len(guests) else ""


def finding(results: Sequence[Result]) -> Summary | None:
    """The summary of the medians; with nothing to distinguish them where the rounds of best and worst overlap."""
    found = summarize([combined(result.rows) for result in results if result.rows])
    if not found or found.measure == "none":
        return found
    name = "requests_per_second" if found.measure == "requests" else found.measure
    of = {result.model: [float(getattr(row, name)) for row in result.rows] for result in results}
    best, worst = of[found.best.model], of[found.worst.model]
    are_apart = max(worst) < min(best) or max(best) < min(worst)
    return found if are_apart else replace(found, measure="none")


def document(
    results: Sequence[Result], missing: Sequence[str], plan: Plan, rounds: int, begun: float, *, interrupted: bool
) -> dict[str, Any]:
    """Everything as data: settings, machine, versions, each run, the medians and the summary."""
    measured = [result for result in results if result.rows]
    found = finding(measured)
    return {
        "begun": datetime.fromtimestamp(begun, UTC).isoformat(timespec="seconds"),
        "complete": not interrupted,
        "settings": {
            **{row.name: getattr(plan.change, row.name) for row in CHANGE},
            **plan.load,
            **plan.serve,
            "seconds": plan.seconds,
            "repeat": rounds,
        },
        "machine": machine(),
        "versions": versions(),
        "models": {
            result.model: {
                "median": combined(result.rows) if result.rows else None,
                "runs": result.rows,
                "failure": result.failure,
                "slowest": [
                    {
                        "percent": at.percent,
                        "seconds": at.total,
                        "parts": [
                            {"names": [NAMES[part] for part in key], "seconds": at.seconds[key]} for key in at.seconds
                        ],
                    }
                    for at in result.percentiles
                ],
            }
            for result in results
        },
        "guests": {name: list(command) for name, command in plan.guests.items()},
        "left_out": list(missing),
        "decision": decision(results),
        "finding": sentence(found) if found else "",
    }


def write(path: Path, content: dict[str, Any]) -> bool:
    """Whether the file was written; if not, say why on stderr."""
    try:
        write_whole(path, msgspec.json.format(encode_value(content)) + b"\n")
    except OSError as error:
        print(f"The results could not be written to {path}: {error.strerror}.", file=sys.stderr)
        return False
    return True
