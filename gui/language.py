"""The language of the window: translations for the system's locale, from `assets/translations` and from Qt itself.

Owns which translators are installed. Knows nothing of the texts. Each text is marked where it stands, by `tr` or
`translate` here and by `engine.texts` in the engine's tables, and `pyside6-lupdate` collects them all.
"""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from engine.texts import plural
from gui import appearance


class EnglishPlurals(QTranslator):
    """The language of the sources: it needs no file, but the plural endings that suit a number."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        return plural(text, n) if n >= 0 else None


def install(application: QCoreApplication, locale: QLocale) -> None:
    """Show `application` in the language of `locale`; what is not translated stays English."""
    application.installTranslator(EnglishPlurals(application))
    if locale.language() == QLocale.Language.English:
        return
    for name, folder in (
        ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        ("servescope", str(appearance.assets() / "translations")),
    ):
        translator = QTranslator(application)
        if translator.load(locale, name, "_", folder):
            application.installTranslator(translator)


def current() -> str:
    """The language of texts that stand in both beside each other: `zh` or `en`."""
    return "zh" if QLocale().language() == QLocale.Language.Chinese else "en"
