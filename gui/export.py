"""What leaves the window as a file: the scoreboard as CSV, a plot as PNG or SVG, and a report in one HTML file.

Owns the forms of these files and that each is written whole or not at all. Knows nothing of who asks for one.
"""

import base64
import csv
import html
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QDateTime, QIODevice, QLocale, QPoint, QRect
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from engine.lab.rows import Row
from engine.models import MODELS
from engine.settings import CONDITIONS, own_settings
from engine.whole_file import write_whole
from gui import errors, formatting
from gui.appearance import DARK, LIGHT
from gui.scoreboard.scoreboard import Entry, Group

translate = QCoreApplication.translate
SHARPNESS = 2
"""Pixels of a saved picture for each of the screen's."""
PIXELS_AN_INCH = 96
"""Of an SVG, as CSS has it."""


class ExportError(Exception):
    """A file that could not be written; carries what to tell a person."""

    def __init__(self, notice: errors.Notice) -> None:
        super().__init__(f"{notice.title}: {notice.text}")
        self.notice = notice


def csv_text(entries: Iterable[Entry]) -> str:
    """The entries as CSV (RFC 4180), a line each below one of names that end in the unit; the same in any language."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns())
    for entry in entries:
        row = entry.row
        writer.writerow(
            (
                *(row.model, entry.name),
                *(_cell_text(getattr(row.conditions, name)) for name in CONDITIONS),
                datetime.fromtimestamp(row.begin, UTC).isoformat(timespec="seconds"),
                *(_plain(row.seconds), _plain(row.requests_per_second)),
                *(_plain(seconds * 1000) for seconds in (row.p50, row.p99, row.p999)),
                _plain(row.bound * 1000) if row.bound else "",
                row.failed,
                *((_plain(row.cpu), _plain(row.cpu_per_request)) if row.has_usage else ("", "")),
                *(row.memory or "", row.workers),
                _yes_or_no(row.load_limited),
                *(_cell_text(row.settings.get(name, "")) for name in own_settings()),
            )
        )
    return text.getvalue()


def columns() -> tuple[str, ...]:
    """The names of the columns; those of settings that only some models have come last."""
    return (
        *("model", "name"),
        *(row.column or row.name for row in CONDITIONS.values()),
        *("begin_utc", "seconds", "requests_per_second", "p50_ms", "p99_ms", "p99.9_ms", "lower_bound_from_ms"),
        *("failed", "cpu_percent_of_a_core", "cpu_us_per_request", "memory_bytes", "workers", "load_was_the_limit"),
        *(row.column or row.name for row in own_settings().values()),
    )


def svg_text(widget: QWidget) -> str:
    """The widget's picture as SVG, in the colours that it has now."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(PIXELS_AN_INCH)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(), widget.size()))
    generator.setTitle(widget.accessibleName())
    views = widget.findChildren(QGraphicsView)
    caching = [view.cacheMode() for view in views]
    for view in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # what is cached would come as pixels
    painter = QPainter(generator)
    widget.render(painter, QPoint())
    painter.end()
    for view, mode in zip(views, caching, strict=True):
        view.setCacheMode(mode)
    # Where the window's font is not installed, any without serifs does.
    return re.sub(r'font-family="([^"]*)"', r'font-family="\1, sans-serif"', bytes(buffer.data().data()).decode())


def png_bytes(widget: QWidget) -> bytes:
    """The widget's picture as PNG, in the colours that it has now, twice as sharp as on an ordinary screen."""
    image = QImage(widget.size() * SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(QColor("white"))
    widget.render(image, QPoint())
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


def save_png(widget: QWidget, path: Path) -> None:
    """Writes the widget's picture; raises `ExportError`."""
    write(path, png_bytes(widget))


def save_svg(widget: QWidget, path: Path) -> None:
    """Writes the widget's picture; raises `ExportError`."""
    write(path, svg_text(widget).encode())


def write(path: Path, data: bytes) -> None:
    """Writes all of `data` in place of what the file held, or changes nothing and raises `ExportError`."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise ExportError(errors.cannot_write(path, error)) from error


def report_html(
    groups: Sequence[Group],
    finding: str,
    pictures: Mapping[str, str],
    facts: Mapping[str, str],
    figures: Mapping[str, str] | None = None,
) -> str:
    """One page that needs nothing else: the finding in a sentence, a table for each group of rows that compare,
    pictures (titles and SVG), the figures of what runs, and facts (what the machine is); both as names and values."""
    made = QLocale().toString(QDateTime.currentDateTime(), QLocale.FormatType.ShortFormat)
    parts = [
        f"<header><h1>{_text(translate('export', 'ServeScope report'))}</h1><p>{_text(made)}</p></header>",
        f'<p class="finding">{_text(finding)}</p>' if finding else "",
        *(_group(group) for group in groups),
        _pictures(pictures),
        _facts(translate("export", "Figures at this moment"), figures or {}),
        _facts(translate("export", "Settings, machine and versions"), facts),
    ]
    title = translate("export", "ServeScope report, {date}").format(date=made)
    return PAGE.format(
        language=QLocale().bcp47Name(), title=_text(title), style=STYLE, body="\n".join(part for part in parts if part)
    )


def _group(group: Group) -> str:
    rows = [entry.row for entry in group.entries]
    measures = _measures()
    most = [max(measure.value(row) for row in rows) for measure in measures]
    head = "".join(f'<th scope="col">{_text(measure.title)}</th>' for measure in measures)
    body = "\n".join(
        f"<tr>{_name(entry)}"
        + "".join(_cell(entry.row, measure, top) for measure, top in zip(measures, most, strict=True))
        + "</tr>"
        for entry in group.entries
    )
    notes = [
        translate("export", "Latencies are as the clients saw them."),
        translate("export", "A bar is relative to the highest value of its column."),
    ]
    if any(row.bound for row in rows):
        notes.append(
            translate("export", "≥: requests that timed out count with the time after which they were given up.")
        )
    if any(row.load_limited for row in rows):
        notes.append(translate("export", "* The load itself was the limit: the server could have done more."))
    return f"""<section>
<h2>{_text(" · ".join(formatting.conditions(group.conditions)))}</h2>
<div class="wide"><table>
<thead><tr><th scope="col">{_text(translate("export", "Model"))}</th>{head}</tr></thead>
<tbody>
{body}
</tbody></table></div>
<p class="note">{_text(" ".join(notes))}</p>
</section>"""


def _name(entry: Entry) -> str:
    title = formatting.contestant(entry.row)
    sign = " *" if entry.row.load_limited else ""
    called = f"{_text(entry.name)} <small>{_text(title)}</small>" if entry.name else _text(title)
    colour = _colour(entry.row.model)
    return f'<th scope="row" style="--ink: {colour}"><span class="sign"></span>{called}{sign}</th>'


def _colour(model: str) -> str:
    return MODELS[model].colour if model in MODELS else "#808080"


@dataclass(frozen=True)
class Measure:
    """A column of the report."""

    title: str
    value: Callable[[Row], float]
    text: Callable[[Row], str]
    is_bad: Callable[[Row], bool] = lambda row: False


def _measures() -> list[Measure]:
    return [
        Measure(
            translate("export", "Requests/s"),
            lambda row: row.requests_per_second,
            lambda row: formatting.whole(row.requests_per_second),
        ),
        Measure("p50", lambda row: row.p50, lambda row: _latency(row, row.p50)),
        Measure("p99", lambda row: row.p99, lambda row: _latency(row, row.p99)),
        Measure("p99.9", lambda row: row.p999, lambda row: _latency(row, row.p999)),
        Measure(
            translate("export", "Failed"),
            lambda row: row.failed,
            lambda row: ("⚠ " if row.failed else "") + formatting.whole(row.failed),
            lambda row: row.failed > 0,
        ),
        Measure(
            translate("export", "CPU per request"),
            lambda row: row.cpu_per_request,
            lambda row: _duration(row.cpu_per_request / 1e6),
        ),
        Measure(
            translate("export", "Memory"),
            lambda row: row.memory,
            lambda row: (
                translate("export", "{size} MiB").format(size=formatting.mebibytes(row.memory)) if row.memory else "–"
            ),
        ),
        Measure(translate("export", "Workers"), lambda row: 0, lambda row: formatting.row_workers(row)),
    ]


def _cell(row: Row, measure: Measure, most: float) -> str:
    share = 100 * measure.value(row) / most if most else 0.0
    kind = ' class="bad"' if measure.is_bad(row) else ""
    bar = f' style="--share: {share:.1f}%; --ink: {_colour(row.model)}"' if share else ""
    return f"<td{kind}{bar}>{_text(measure.text(row))}</td>"


def _pictures(pictures: Mapping[str, str]) -> str:
    # Each is an image of its own: two of them may use the same ids, and nothing in it can run.
    figures = (
        f'<figure><img alt="{_text(title)}" src="data:image/svg+xml;base64,{_base64(svg)}">'
        f"<figcaption>{_text(title)}</figcaption></figure>"
        for title, svg in pictures.items()
    )
    return '<div class="pictures">\n' + "\n".join(figures) + "\n</div>" if pictures else ""


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _facts(title: str, facts: Mapping[str, str]) -> str:
    rows = "\n".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in facts.items())
    return f"<section><h2>{_text(title)}</h2><dl>\n{rows}\n</dl></section>" if facts else ""


def _latency(row: Row, seconds: float) -> str:
    return formatting.latency(row, seconds) if seconds else "–"


def _duration(seconds: float) -> str:
    return formatting.duration_text(seconds) if seconds else "–"


def _text(text: str) -> str:
    return html.escape(text, quote=True)


def _cell_text(value: object) -> str:
    return _yes_or_no(value) if isinstance(value, bool) else str(value)


def _yes_or_no(truth: bool) -> str:
    return "yes" if truth else "no"


def _plain(number: float) -> str:
    return f"{number:.6g}" if number < 1e6 else f"{number:.0f}"


PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
STYLE = f"""
:root {{ color-scheme: light dark; --back: {LIGHT.window}; --panel: {LIGHT.panel};
  --text: {LIGHT.text}; --muted: {LIGHT.muted}; --line: {LIGHT.border}; --bad: {LIGHT.bad};
  --strength: 34%; }}
@media (prefers-color-scheme: dark) {{ :root {{ --back: {DARK.window}; --panel: {DARK.panel};
  --text: {DARK.text}; --muted: {DARK.muted}; --line: {DARK.border}; --bad: {DARK.bad};
  --strength: 48%; }} }}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 72rem; background: var(--back); color: var(--text);
  font: 16px/1.45 Inter, system-ui, sans-serif; }}
header {{ display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; justify-content: space-between; }}
h1 {{ font-size: 1.6rem; margin: 0; }}
h2 {{ font-size: 1.05rem; margin: 0 0 .75rem; }}
header p, .note, figcaption, small, dt, thead th {{ color: var(--muted); }}
small {{ font-weight: 400; }}
.finding {{ font-size: 1.35rem; line-height: 1.35; margin: 1rem 0 1.5rem; }}
section, figure {{ margin: 0 0 1.25rem; padding: 1rem 1.25rem; background: var(--panel); border: 1px solid var(--line);
  border-radius: 8px; break-inside: avoid; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: separate; border-spacing: 0 3px; width: 100%; font-size: .92rem;
  font-variant-numeric: tabular-nums; }}
th, td {{ padding: .45rem .5rem; white-space: nowrap; text-align: right; }}
th:first-child {{ text-align: left; padding-left: 0; }}
thead th {{ font-weight: 400; font-size: .82rem; border-bottom: 1px solid var(--line); }}
tbody th {{ font-weight: 600; white-space: normal; overflow-wrap: anywhere; min-width: 9em; }}
td {{ background: linear-gradient(to right, color-mix(in srgb, var(--colour, transparent) var(--strength), var(--panel))
  var(--share, 0%), transparent 0); border-left: 6px solid transparent; background-clip: padding-box; }}
td.bad {{ color: var(--bad); font-weight: 600; }}
.sign {{ display: inline-block; width: .7em; height: .7em; margin-right: .5em; border-radius: 2px;
  background: var(--colour); }}
.note {{ font-size: .85rem; margin: .6rem 0 0; }}
.pictures {{ display: flex; flex-wrap: wrap; gap: 0 1.25rem; }}
figure img {{ display: block; max-width: 100%; height: auto; border-radius: 8px; }}
figcaption {{ font-size: .85rem; margin-top: .5rem; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; margin: 0; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
@media print {{
  :root {{ color-scheme: light; --back: #ffffff; --panel: #ffffff; --text: {LIGHT.text};
    --muted: {LIGHT.muted}; --line: {LIGHT.border}; --bad: {LIGHT.bad}; --strength: 34%; }}
  @page {{ size: A4 landscape; margin: 12mm; }}
  body {{ padding: 0; max-width: none; font-size: 12px; }}
  td, .sign {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""
