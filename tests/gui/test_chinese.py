"""The window in Chinese: every text is translated and shown, and the language changes while all goes on."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QLocale, QSettings, QTranslator
from PySide6.QtGui import QFontMetrics, QRawFont, QTextLayout
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import models
from gui import app, appearance, language
from gui.app import Shown
from gui.glossary import explained, words, words_in
from gui.panels.settings_dialog import SettingsDialog
from gui.runs.processes import ProcessState
from gui.source.docstrings import heads
from gui.views import VIEWS
from gui.window import Window
from tests.gui import pseudo
from tests.gui.conftest import RATE
from tests.gui.rows import CROWDED, row
from tests.gui.test_translation import PATIENCE_MS, clipped

ASSETS = pseudo.PROJECT / "assets"
TRANSLATIONS = ASSETS / "translations" / "servescope_zh.ts"
CHINESE = QLocale(QLocale.Language.Chinese, QLocale.Country.China)
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
SAME = re.compile(
    r"ServeScope|English|https?://\S+|(GET|POST) \S+|\d{3} [A-Z][A-Za-z ]*|[\w/.…]*\.(py|html)|\w+\(\)|"
    r"asyncio|select|e?poll|Linux|macOS|Enter|Esc|Ctrl|Alt|Shift|p\d\d(\.9)?|ms|MiB|GiB|[\w.…]+_test|"
    r"event == EPOLLIN|accept|Host|Return|HTTP",
    re.IGNORECASE,
)
"""What is the same in Chinese: names, addresses, requests, files, calls, keys, units and programs' words."""


@pytest.fixture
def in_chinese(qapp: QApplication) -> Iterator[None]:
    """Chinese instead of English."""
    QLocale.setDefault(CHINESE)
    language.install(qapp, CHINESE)
    yield
    language.install(qapp, QLocale(QLocale.Language.English))


def messages() -> Iterator[tuple[str, str, bool, list[str]]]:
    """Each text that is translated: its context, the text, whether it counts, and its translations."""
    for context in ElementTree.parse(TRANSLATIONS).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            counts = message.get("numerus") == "yes"
            forms = [str(form.text) for form in translation] if counts else [translation.text or ""]
            assert not translation.get("type"), f"unfinished: {message.findtext('source')}"
            yield str(context.findtext("name")), str(message.findtext("source")), counts, forms


def test_every_text_is_translated_and_keeps_what_is_put_in(tmp_path: Path) -> None:
    texts = pseudo.collect_texts(tmp_path)
    translated = {(context, text): counts for context, text, counts, _ in messages()}
    assert translated == texts, "run assets/translations/make.py"
    kept = re.compile(r"\{[^{}]*\}|%L?n|\*\.\w+")
    for _, text, counts, forms in messages():
        assert len(forms) == 1, f"Chinese has one form: {text}"
        assert sorted(kept.findall(text)) == sorted(kept.findall(forms[0])), text
        assert counts or bool(text.strip()) == bool(forms[0].strip())


def test_the_compiled_file_has_these_translations(qapp: QApplication) -> None:
    translator = QTranslator()
    assert translator.load(CHINESE, "servescope", "_", str(TRANSLATIONS.parent))
    stale = [text for context, text, _, forms in messages() if translator.translate(context, text, None, 1) != forms[0]]
    assert stale == [], "run assets/translations/make.py"


def test_the_site_says_the_same_of_the_models() -> None:
    models_said = {text: forms[0] for context, text, _, forms in messages() if context == "models"}
    said = json.loads((pseudo.PROJECT / "html_test" / "zh.json").read_text("utf-8"))
    assert said == {text: form for text, form in models_said.items() if form != text}, "run assets/translations/make.py"


def test_the_font_has_every_character(qapp: QApplication) -> None:
    files = [TRANSLATIONS, ASSETS / "glossary.toml", ASSETS / "models.toml", *ASSETS.glob("lessons/*.toml")]
    needed = {character for file in files for character in file.read_text("utf-8") if HAN.match(character)}
    font = QRawFont(str(ASSETS / "fonts" / "zh" / "ServeScopeSC-Regular.otf"), 16)
    missing = "".join(sorted(character for character in needed if not font.supportsCharacter(ord(character))))
    assert missing == "", "run assets/fonts/zh/make.py"
    inter = QRawFont(str(ASSETS / "fonts" / "Inter-Regular.otf"), 16)
    assert font.ascent() + font.descent() == pytest.approx(inter.ascent() + inter.descent(), abs=0.1)
    appearance.load_chinese_font()
    for asked in (appearance.text_font(), appearance.code_font(12)):
        layout = QTextLayout("中", asked)
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        assert [run.rawFont().familyName() for run in layout.glyphRuns()] == [appearance.CHINESE]
    assert QFontMetrics(appearance.code_font(12)).horizontalAdvance("il") == pytest.approx(
        QFontMetrics(appearance.code_font(12)).horizontalAdvance("MW"), abs=1
    ), "a program's letters are equally wide"


def test_heads_of_models_are_translated_as_they_stand() -> None:
    folder = Path(models.__file__).parent
    files = [file for file in sorted(folder.glob("*.py")) if file.name != "__init__.py"]
    assert sorted(heads()) == [file.stem for file in files]
    for file in files:
        said = ast.get_docstring(ast.parse(file.read_text("utf-8")))
        assert heads()[file.stem]["en"] == said, f"{file.name}: translate it again in assets/models.toml"
        assert HAN.search(heads()[file.stem]["zh"])


def test_words_are_explained_in_chinese_sentences(in_chinese: None) -> None:
    found = [word.word.en for word in words_in("服务器的延迟，长连接与僵尸进程，内核的accept 队列", words())]
    assert found == ["latency", "keep-alive", "zombie", "backlog"]
    assert "延迟" in explained("服务器的延迟")


@pytest.mark.parametrize(
    ("system", "name", "shown"),
    [("zh_CN", "system", "zh"), ("en_GB", "zh", "zh"), ("zh_CN", "en", "en"), ("de_DE", "system", "en")],
)
def test_the_language_follows_the_system_unless_one_is_chosen(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, system: str, name: str, shown: str
) -> None:
    monkeypatch.setattr(language.QLocale, "system", lambda: QLocale(system))
    language.use(qapp, name)
    said = QCoreApplication.translate("workers", "%Ln process(es)", "", 1000)
    language.install(qapp, QLocale(QLocale.Language.English))
    assert language.current() == shown
    assert said == {"zh": "1,000 个进程", "en": "1.000 processes" if system == "de_DE" else "1,000 processes"}[shown]


def left_in_english(window: Window) -> set[str]:
    """What the window shows without a Chinese character, though it has words."""
    return {text for _, text in pseudo.shown_texts(window) if not HAN.search(text) and LATIN.search(SAME.sub("", text))}


@pytest.mark.slow
def test_the_language_changes_while_all_goes_on(
    qapp: QApplication, qtbot: QtBot, store: QSettings, tmp_path: Path
) -> None:
    shown = Shown(qapp, store, {"port": 0, "theme": "light", "language": "en", "clients": 2, "slow": 1, "rate": RATE})
    try:
        before = shown.window
        before.resize(1280, 720)
        before.show()
        before.complete()
        before.session.toggle_load()
        qtbot.waitUntil(lambda: before.live.first.clients.answered_per_second() > 0, timeout=PATIENCE_MS)
        session, live = before.session, before.live
        process = session.first.engine
        before.recording.record(tmp_path / "lesson.servescope", {})
        before.apply(before.settings.changed(language="zh"))
        after = shown.window
        assert after is not before
        assert after.session is session
        assert after.live is live
        assert process.state is ProcessState.RUNNING
        assert after.recording.is_recording
        assert after.header.record.isChecked()
        after.recording.stop_recording()
        qtbot.waitUntil(lambda: not after.recording.is_recording, timeout=PATIENCE_MS)
        assert store.value("language") == "zh"
        for made in (row("thread"), row("epoll", milliseconds=2.0), row("process", CROWDED, failed=3)):
            after.scoreboard_data.add(made)
        qtbot.waitUntil(lambda: not shiboken6.isValid(before), timeout=PATIENCE_MS)
        seen = live.first.clients.revision
        qtbot.waitUntil(lambda: live.first.clients.revision > seen + 3, timeout=PATIENCE_MS)
        dialog = SettingsDialog(after.settings, True, after)
        qtbot.addWidget(dialog)
        for view in VIEWS:
            after.show_view(view)
            qtbot.wait(300)
            assert left_in_english(after) == set()
            assert list(clipped(after)) == []
    finally:
        shown.window.close()
        shown.window.deleteLater()
        language.install(qapp, QLocale(QLocale.Language.English))


def test_the_command_line_chooses_a_language() -> None:
    options = app.command_line().parse_args(["--language", "zh"])
    assert app.given(options)["language"] == "zh"
