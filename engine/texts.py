"""The marker for a text that a table holds and a person reads. Translators find it; it changes nothing."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """`text` as it is; Qt's `lupdate` collects it under `context`, and the window translates it when it shows it."""
    return text
