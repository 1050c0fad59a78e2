"""Exports to files: a report in one HTML file, and how any export is written.

Owns the report's form, and that each file is written whole or not at all. Knows nothing of what starts an export.
"""

import base64
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from engine.lab.rows import Row
from engine.own_model import known
from engine.whole_file import write_whole
from gui import errors, formatting
from gui.appearance import DARK, LIGHT
from gui.scoreboard.scoreboard import Entry, Group

translate = QCoreApplication.translate


class ExportError(Exception):
    """A file that could not be written, with a `Notice` for the user."""

    def __init__(self, notice: errors.Notice) -> None:
        super().__init__(f"{notice.title}: {notice.text}")
        self.notice = notice


def write(path: Path, data: bytes) -> None:
    """Replaces the file's content by `data`, or changes nothing and raises `ExportError`."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise ExportError(errors.cannot_write(path, error)) from error


def report_html(
    groups: Sequence[Group],
    finding: str,
    pictures: Mapping[str, bytes],
    facts: Mapping[str, str],
    figures: Mapping[str, str] | None = None,
) -> str:
    """The report as one self-contained page: the finding, a table for each group of rows that can be compared,
    pictures (titles and SVG), the figures of what runs, and facts about the machine (both as names and values)."""
    made = QLocale().toString(QDateTime.currentDateTime(), QLocale.FormatType.ShortFormat)
    heading = translate("export", "ServeScope report")
    parts = [
        f"<header><h1>{_text(heading)}</h1><p>{_text(made)}</p></header>",
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
    model = translate("export", "Model")
    return f"""<section>
<h2>{_text(" · ".join(formatting.conditions(group.conditions)))}</h2>
<div class="wide"><table>
<thead><tr><th scope="col">{_text(model)}</th>{head}</tr></thead>
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
    return f'<th scope="row" style="--colour: {colour}"><span class="sign"></span>{called}{sign}</th>'


def _colour(model: str) -> str:
    found = known(model)
    return found.colour if found else "#808080"


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
    bar = f' style="--share: {share:.1f}%; --colour: {_colour(row.model)}"' if share else ""
    return f"<td{kind}{bar}>{_text(measure.text(row))}</td>"


def _pictures(pictures: Mapping[str, bytes]) -> str:
    # Each is an image of its own: two of them may use the same ids, and no script in it can run.
    figures = (
        f'<figure><img alt="{_text(title)}" src="data:image/svg+xml;base64,{_base64(svg)}">'
        f"<figcaption>{_text(title)}</figcaption></figure>"
        for title, svg in pictures.items()
    )
    return '<div class="pictures">\n' + "\n".join(figures) + "\n</div>" if pictures else ""


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _facts(title: str, facts: Mapping[str, str]) -> str:
    rows = "\n".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in facts.items())
    return f"<section><h2>{_text(title)}</h2><dl>\n{rows}\n</dl></section>" if facts else ""


def _latency(row: Row, seconds: float) -> str:
    return formatting.latency(row, seconds) if seconds else "–"


def _duration(seconds: float) -> str:
    return formatting.duration_text(seconds) if seconds else "–"


def _text(text: str) -> str:
    return html.escape(text, quote=True)


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
