"""The window's appearance: colours, fonts, icons and the style sheet, in a light and a dark theme.

Owns every colour and the places of the icons. Knows nothing of any panel: the window passes a `Theme` to each.
"""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QFontMetrics,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory

from engine.own_model import known

TEXT_POINTS = 16.0 if sys.platform == "darwin" else 12.0  # a point is a pixel there, elsewhere 4/3
SIZES = {
    "figure": 3.4,
    "address": 1.9,
    "title": 1.25,
    "strong": 0.95,
    "heading": 0.8,
    "small": 0.84,
    "table": 0.9,
    "note": 0.88,
}
"""The text size of each role, as a part of the normal size; a label has its role in the property `role`."""
CHINESE = "ServeScope SC"
"""The family of Chinese characters, which `load_chinese_font` adds."""
PRESENTED = 1.5
"""The text's scale in presentation mode, on a screen that is high enough."""
PRESENTED_LEAST = 1.1
PRESENTED_PER_PIXEL = 1 / 720

LIGHTENED = 0.15
"""How much white a model's colour has in the dark theme: its dark shades stay apart there too."""
FALLBACK_ICON = "circle-dot"
PROGRAM = "#7C5CC4"
"""The colour of a program of the user's."""
"""The icon of a server that is not in the table, or whose own icon is missing."""


CODE_COLOURS = {
    "light": {
        "comment": "#5b6672",
        "constant": "#8f4700",
        "keyword": "#8f24a3",
        "name": "#0b57a8",
        "string": "#2a7036",
    },
    "dark": {
        "comment": "#a0abb6",
        "constant": "#f0b072",
        "keyword": "#d7a2f2",
        "name": "#74b8f7",
        "string": "#8fd3a0",
    },
}
"""The colours of a program's text, by kind and theme."""


STATE_COLOURS = {
    "light": {
        "waiting": "#b4bcc5",
        "accepting": "#cc79a7",
        "reading": "#56b4e9",
        "handling": "#e69f00",
        "computing": "#a85f00",
        "in_call": "#d08a00",
        "not_running": "#a85f00",
        "writing": "#009e73",
        "runnable": "#7b5cc9",
        "blocked_by_client": "#d55e00",
        "not_known": "#8b93a1",
        "free": "#7fb08f",
    },
    "dark": {
        "waiting": "#5b6672",
        "accepting": "#d98bb6",
        "reading": "#56b4e9",
        "handling": "#e8a723",
        "computing": "#ffd27a",
        "in_call": "#e8a723",
        "not_running": "#ffd27a",
        "writing": "#1fb389",
        "runnable": "#9b80e6",
        "blocked_by_client": "#ee7a29",
        "not_known": "#7f8794",
        "free": "#5f8f70",
    },
}
"""The colours of the states of a lane (after Okabe and Ito, 2008), by state and theme."""


@dataclass(frozen=True)
class Theme:
    """One theme: every colour as `#rrggbb`."""

    name: str
    window: str
    panel: str
    hover: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    stop: str
    good: str
    good_back: str
    busy: str
    busy_back: str
    bad: str
    bad_back: str
    calm_back: str
    selection: str
    grid: str

    def model_text(self, key: str) -> str:
        """The model's colour, darkened or lightened until small text in it can be read on a panel."""
        return readable(self._model_colour(key), self.panel)

    def model_line(self, key: str) -> str:
        """The model's colour for a line or border on a panel."""
        return readable(self._model_colour(key), self.panel, contrast=2.4)

    def model_fill(self, key: str) -> str:
        """A pale, opaque form of the model's colour, for the area under a curve."""
        return mixed(self.model_line(key), self.panel, 0.14 if self.name == "light" else 0.2)

    def model_bar(self, key: str) -> str:
        """A form of the model's colour that is visible from afar, and on which text can be read."""
        return mixed(self.model_line(key), self.panel, 0.34 if self.name == "light" else 0.42)

    def _model_colour(self, key: str) -> str:
        model = known(key)
        colour = model.colour if model else PROGRAM
        return colour if self.name == "light" else mixed("#ffffff", colour, LIGHTENED)

    def state_colour(self, state: str) -> str:
        """The colour of a state of a lane."""
        return STATE_COLOURS[self.name][state]

    def code_colour(self, kind: str) -> str:
        """The colour of this kind of program text; that of plain text for kinds without one."""
        return CODE_COLOURS[self.name].get(kind, self.text)


LIGHT = Theme(
    name="light",
    window="#f3f5f7",
    panel="#ffffff",
    hover="#eef2f6",
    border="#d9dee4",
    text="#1b2129",
    muted="#5b6672",
    accent="#0072b2",
    on_accent="#ffffff",
    stop="#c0392b",
    good="#186a34",
    good_back="#e1f4e7",
    busy="#7a5200",
    busy_back="#fdf1d6",
    bad="#b3261e",
    bad_back="#fdeceb",
    calm_back="#e9edf1",
    selection="#dcecf8",
    grid="#e9edf1",
)
DARK = Theme(
    name="dark",
    window="#14181d",
    panel="#1d2228",
    hover="#262d35",
    border="#323a43",
    text="#e8ebee",
    muted="#a0abb6",
    accent="#4aa3e0",
    on_accent="#0d1a24",
    stop="#c0392b",
    good="#6fdd92",
    good_back="#17351f",
    busy="#f2c265",
    busy_back="#3a2e13",
    bad="#ff8f85",
    bad_back="#43201d",
    calm_back="#2a3139",
    selection="#20405a",
    grid="#2a3139",
)


def chosen(name: str) -> Theme:
    """The theme `light` or `dark`; for anything else the system's."""
    if name in ("light", "dark"):
        return LIGHT if name == "light" else DARK
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def apply_theme(application: QApplication, theme: Theme, scale: float = 1.0) -> None:
    """Gives the whole application `theme`'s style, palette and text, `scale` times the normal size."""
    style_sheet = _style_sheet(theme, scale)
    if application.styleSheet() == style_sheet:
        return  # each of these visits every widget
    if not application.styleSheet():
        application.setStyle(QStyleFactory.create("fusion"))
    application.setFont(text_font(scale))
    application.setPalette(_palette(theme))
    application.setStyleSheet(style_sheet)


def text_font(scale: float = 1.0) -> QFont:
    """The text's font: Inter, with digits of equal width, so that a changing number does not move."""
    _load_fonts()
    general = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font = QFont(["Inter", CHINESE, *general.families()])
    font.setPointSizeF(TEXT_POINTS * scale)
    return font


def sized(font: QFont, ratio: float, bold: bool = False) -> QFont:
    """`font`, `ratio` times as big."""
    other = QFont(font)
    other.setPointSizeF(font.pointSizeF() * ratio)
    other.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return other


def code_font(points: float) -> QFont:
    """The font of a program's text: not hinted, or the width of letters would be whole pixels."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setFamilies(
        [QFontInfo(font).family(), CHINESE]
    )  # the system's may be an alias, which is no family beside ours
    font.setPointSizeF(points)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


def line_height() -> int:
    """The height of a line of normal text in pixels."""
    return QFontMetrics(QApplication.font()).height()


@cache
def assets() -> Path:
    """The folder of pictures and fonts: inside an installed package, beside it in a checkout."""
    inside = Path(__file__).parent / "assets"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "assets"


def presented(height: int) -> float:
    """The text's scale in presentation mode, on a screen of this height in pixels."""
    return min(PRESENTED, max(PRESENTED_LEAST, height * PRESENTED_PER_PIXEL))


def icon(name: str, colour: str) -> QIcon:
    """The icon `assets/icons/NAME.svg` in `colour`, sharp on any screen."""
    icon = QIcon()
    for pixels in (16, 20, 24, 32, 48, 64):
        icon.addPixmap(_drawn(name, colour, pixels))
    return icon


def model_icon(key: str) -> str:
    """The name of the model's icon, or `FALLBACK_ICON` if its file is missing."""
    model = known(key)
    return known_icon(model.icon if model else FALLBACK_ICON)


@cache
def known_icon(name: str) -> str:
    """`name`, or `FALLBACK_ICON` if there is no such file, which is said once on stderr."""
    file = assets() / "icons" / f"{name}.svg"
    if file.is_file():
        return name
    print(f"The icon {name} is missing: {file}. Another one is shown.", file=sys.stderr)
    return FALLBACK_ICON


def application_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(assets() / "icon.svg"))


@cache
def mixed(colour: str, other: str, share: float) -> str:
    """`share` of `colour` painted over `other`."""
    parts = zip(_parts(colour), _parts(other), strict=True)
    return QColor(*(round(above * share + below * (1 - share)) for above, below in parts)).name()


@cache
def readable(colour: str, back: str, contrast: float = 4.5) -> str:
    """`colour`, moved towards black or white until its contrast with `back` is at least `contrast` (WCAG 2)."""
    target = "#000000" if _luminance(back) > 0.2 else "#ffffff"
    for step in range(101):
        tried = mixed(target, colour, step / 100)
        if contrast_between(tried, back) >= contrast:
            return tried
    return target


def contrast_between(one: str, two: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = (part / 255 for part in _parts(colour))
    red, green, blue = (each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in shares)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _parts(colour: str) -> tuple[int, int, int]:
    known = QColor(colour)
    return known.red(), known.green(), known.blue()


def _icon_file(name: str) -> str:
    """The path of an icon as a style sheet wants it; its colour is the file's own."""
    return (assets() / "icons" / f"{name}.svg").as_posix()


def _fixed_family() -> str:
    return code_font(1.0).family()


@cache
def _load_fonts() -> None:
    for file in sorted((assets() / "fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))


@cache
def load_chinese_font() -> None:
    """Adds the font for Chinese, which is needed only where such a text is shown."""
    QFontDatabase.addApplicationFont(str(assets() / "fonts" / "zh" / "ServeScopeSC-Regular.otf"))


@cache
def _icon_text(name: str) -> str:
    return (assets() / "icons" / f"{name}.svg").read_text("utf-8")


@cache
def _drawn(name: str, colour: str, pixels: int) -> QPixmap:
    source = _icon_text(name).replace("currentColor", colour)
    picture = QPixmap(QSize(pixels, pixels))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return picture


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for colour, roles in {
        theme.window: (role.Window,),
        theme.panel: (role.Base, role.Button, role.ToolTipBase),
        theme.hover: (role.AlternateBase,),
        theme.text: (role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText),
        theme.muted: (role.PlaceholderText,),
        theme.border: (role.Mid, role.Dark, role.Midlight),
        theme.accent: (role.Highlight, role.Link, role.Accent),
        theme.on_accent: (role.HighlightedText,),
    }.items():
        for each in roles:
            palette.setColor(each, QColor(colour))
    faded = QColor(mixed(theme.muted, theme.panel, 0.65))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, faded)
    return palette


def _style_sheet(theme: Theme, scale: float) -> str:
    points = {role: f"{TEXT_POINTS * scale * ratio:.2f}pt" for role, ratio in SIZES.items()}
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.panel}; border: 1px solid {theme.border}; padding: 4px; }}
    QFrame[card="true"] {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: 8px; }}
    QFrame#header {{ background: {theme.panel}; border: none; border-bottom: 1px solid {theme.border}; }}
    QLabel[muted="true"] {{ color: {theme.muted}; }}
    QLabel[role="figure"] {{ font-size: {points["figure"]}; font-weight: 600; }}
    QLabel[role="address"] {{ font-size: {points["address"]}; font-weight: 600; }}
    QLabel[role="title"] {{ font-size: {points["title"]}; font-weight: 600; }}
    QLabel[role="strong"] {{ font-size: {points["strong"]}; font-weight: 600; }}
    QLabel[role="heading"] {{ font-size: {points["heading"]}; font-weight: 600; }}
    QLabel[role="small"] {{ font-size: {points["small"]}; }}
    QLabel[role="frozen"] {{
        color: {theme.accent}; border: 1px solid {theme.accent}; border-radius: 9px; padding: 5px 10px;
        font-weight: 600; }}
    QLabel[role="recording"] {{
        color: {theme.bad}; border: 1px solid {theme.bad}; border-radius: 9px; padding: 5px 10px; font-weight: 600; }}
    QPushButton, QToolButton {{
        color: {theme.text}; background: {theme.panel}; border: 1px solid {theme.border};
        border-radius: 7px; padding: 5px 12px; }}
    QToolButton {{ padding: 6px; }}
    QToolButton::menu-indicator {{ image: none; }}
    QPushButton[dense="true"] {{ padding: 3px 10px; font-size: {points["small"]}; }}
    QPushButton[link="true"] {{
        color: {theme.accent}; background: transparent; border: 1px solid transparent; padding: 0 3px;
        font-size: {points["small"]}; }}
    QPushButton[fold="true"], QPushButton[fold="true"]:checked {{
        background: transparent; border: 1px solid transparent; padding: 1px 2px; text-align: left;
        font-size: {points["small"]}; }}
    QPushButton[fold="true"]:hover, QPushButton[fold="true"]:focus {{ border-color: {theme.border}; }}
    QCheckBox {{ font-size: {points["small"]}; spacing: 8px; }}
    QCheckBox::indicator {{ width: 26px; height: 14px; border-radius: 7px; border: 1px solid {theme.muted};
        background: qlineargradient(x1: 0, y1: 0, x2: 1, y2: 0, stop: 0 {theme.muted}, stop: 0.46 {theme.muted},
            stop: 0.47 {theme.panel}, stop: 1 {theme.panel}); }}
    QCheckBox::indicator:checked {{ border-color: {theme.accent};
        background: qlineargradient(x1: 0, y1: 0, x2: 1, y2: 0, stop: 0 {theme.selection}, stop: 0.53 {theme.selection},
            stop: 0.54 {theme.accent}, stop: 1 {theme.accent}); }}
    QCheckBox:focus {{ color: {theme.accent}; }}
    QPushButton[title="true"] {{ border: none; background: transparent; padding: 0; font-weight: 600; }}
    QPushButton:hover, QToolButton:hover {{ background: {theme.hover}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {theme.calm_back}; }}
    QPushButton:focus, QToolButton:focus, QLineEdit:focus {{ border: 1px solid {theme.accent}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {theme.muted}; }}
    QPushButton:checked, QToolButton:checked {{
        background: {theme.selection}; border-color: {theme.accent}; }}
    QPushButton[action="start"] {{
        color: {theme.on_accent}; background: {theme.accent}; border-color: {theme.accent}; font-weight: 600; }}
    QPushButton[action="stop"] {{
        color: #ffffff; background: {theme.stop}; border-color: {theme.stop}; font-weight: 600; }}
    QPushButton[action]:hover {{ border-color: {theme.text}; }}
    QPushButton[action]:disabled {{
        color: {theme.muted}; background: {theme.calm_back}; border-color: {theme.border}; }}
    QComboBox, QSpinBox {{
        color: {theme.text}; background: {theme.panel}; border: 1px solid {theme.border};
        border-radius: 7px; padding: 3px 8px; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QSpinBox {{ padding: 2px 0; }}
    QSpinBox QLineEdit {{ border: none; background: transparent; }}
    QDialog QSpinBox {{ padding: 2px 7px; }}
    QComboBox:focus, QSpinBox:focus {{ border: 1px solid {theme.accent}; }}
    QComboBox::drop-down {{ border: none; width: 28px; }}
    QComboBox::down-arrow {{ image: url("{_icon_file("chevron-down")}"); width: 14px; height: 14px; }}
    QSpinBox::up-button, QSpinBox::down-button {{ border: none; background: transparent; width: 26px; }}
    QSpinBox::up-arrow {{ image: url("{_icon_file("chevron-up")}"); width: 12px; height: 12px; }}
    QSpinBox::down-arrow {{ image: url("{_icon_file("chevron-down")}"); width: 12px; height: 12px; }}
    QLineEdit {{
        color: {theme.text}; background: {theme.panel}; border: 1px solid {theme.border};
        border-radius: 7px; padding: 5px 8px; selection-background-color: {theme.accent};
        selection-color: {theme.on_accent}; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {theme.border}; }}
    QTabBar::tab {{
        color: {theme.muted}; background: transparent; border: none;
        border-bottom: 2px solid transparent; padding: 8px 16px; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; font-weight: 600; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QTableView {{
        color: {theme.text}; background: {theme.panel}; border: none; outline: none;
        font-size: {points["table"]};
        selection-background-color: {theme.selection}; selection-color: {theme.text}; }}
    QHeaderView {{ background: {theme.panel}; border: none; }}
    QHeaderView::section {{
        color: {theme.muted}; background: {theme.panel}; border: none;
        border-bottom: 1px solid {theme.border}; padding: 6px 4px; font-size: {points["note"]}; }}
    QPlainTextEdit {{ color: {theme.text}; background: {theme.panel}; border: none; }}
    QPlainTextEdit[role="head"] {{ font-family: "{_fixed_family()}"; font-size: {points["note"]}; }}
    QComboBox, QSpinBox {{ min-height: 28px; }}
    QSpinBox[dense="true"] {{ min-height: 22px; font-size: {points["note"]}; }}
    QSpinBox[dense="true"]::up-button, QSpinBox[dense="true"]::down-button {{ width: 1px; }}
    QSpinBox[dense="true"]::up-arrow, QSpinBox[dense="true"]::down-arrow {{ image: none; }}
    QComboBox[dense="true"] {{ min-height: 24px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.border}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {theme.accent}; }}
    QSlider::handle:horizontal {{
        width: 14px; height: 14px; margin: -6px 0; border-radius: 7px; background: {theme.accent};
        border: 1px solid {theme.panel}; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ border-color: {theme.text}; }}
    QSplitter::handle {{ background: transparent; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
    QScrollBar::handle {{ background: {mixed(theme.muted, theme.panel, 0.45)}; border-radius: 4px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: 28px; }}
    QScrollBar::handle:horizontal {{ min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {theme.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
