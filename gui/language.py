"""The language of the window: translations for the system's locale, from `assets/translations` and from Qt itself.

Owns which translators are installed, and the form of numbers. Knows nothing of the texts. Each text is marked where it
stands, by `tr` or `translate` here and by `engine.texts` in the engine's tables, and `assets/translations/make.py`
collects them all.
"""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from engine.texts import plural
from gui import appearance

LOCALES = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedStates),
    "zh": QLocale(QLocale.Language.Chinese, QLocale.Country.China),
}
"""The languages that can be chosen, by name, each as where the system has another one."""
OURS = "language"
"""The name of the translators that were installed here."""


class EnglishPlurals(QTranslator):
    """The language of the sources: it needs no file, but the plural endings that suit a number."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        return plural(text, n) if n >= 0 else None


def use(application: QCoreApplication, name: str) -> None:
    """Show `application` in the language `en` or `zh`, with its numbers; for anything else in the system's."""
    system = QLocale.system()
    if system.language() == QLocale.Language.C:
        system = LOCALES["en"]
    chosen = LOCALES.get(name, system)
    locale = system if system.language() == chosen.language() else chosen  # which has a region of its own
    QLocale.setDefault(locale)
    install(application, locale)


def install(application: QCoreApplication, locale: QLocale) -> None:
    """Show texts in the language of `locale`, and in no other; what is not translated stays English."""
    for translator in application.findChildren(QTranslator, OURS):
        application.removeTranslator(translator)
        translator.deleteLater()
    _add(application, EnglishPlurals(application))
    if locale.language() == QLocale.Language.English:
        return
    for name, folder in (
        ("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        ("servescope", str(appearance.assets() / "translations")),
    ):
        translator = QTranslator(application)
        if translator.load(locale, name, "_", folder):
            _add(application, translator)
    if current() == "zh":
        appearance.load_chinese_font()


def _add(application: QCoreApplication, translator: QTranslator) -> None:
    translator.setObjectName(OURS)
    application.installTranslator(translator)


def current() -> str:
    """The language of texts that stand in both beside each other: `zh` or `en`."""
    return "zh" if QLocale().language() == QLocale.Language.Chinese else "en"
