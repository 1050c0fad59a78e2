"""Collects the texts of the window and compiles their translations: `python assets/translations/make.py`.

What the example site says of the models is taken from there too.

The `.ts` files beside this one are what is written by hand: a text that is new in the sources appears there as
unfinished. Translate it, in Qt Linguist or any editor, and run this again. What is still unfinished is printed, with
exit status 1. Another language is an empty file `servescope_LANGUAGE.ts` here.
"""

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
SITE = PROJECT / "html_test"


def tool(name: str) -> Path:
    """One of PySide6's programs for translators."""
    return Path(sysconfig.get_path("scripts")) / f"pyside6-{name}{'.exe' if sys.platform == 'win32' else ''}"


def collect(file: Path) -> None:
    """Brings the texts of the sources into a `.ts` file, and drops those that are gone."""
    sources = sorted(str(path) for half in ("engine", "gui") for path in (PROJECT / half).rglob("*.py"))
    options = ("-locations", "none", "-no-obsolete", "-sort-messages", "-disable-heuristic", "similartext", "-silent")
    subprocess.run([tool("lupdate"), *options, *sources, "-ts", file], check=True, timeout=120)


def unfinished(file: Path) -> Iterator[str]:
    """The texts of a `.ts` file that are not translated, with their contexts."""
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is None or translation.get("type") or not "".join(translation.itertext()).strip():
                yield f"{context.findtext('name')}: {message.findtext('source')}"


def of_models(file: Path) -> dict[str, str]:
    """What the example site says of the models, by the English text; without what is the same."""
    contexts = ElementTree.parse(file).getroot().iter("context")
    messages = [message for context in contexts if context.findtext("name") == "models" for message in context]
    texts = {
        str(each.findtext("source")): each.findtext("translation") or "" for each in messages if each.tag != "name"
    }
    return {text: translated for text, translated in texts.items() if translated not in (text, "")}


def main() -> int:
    """Returns the exit status: 1 if anything is unfinished."""
    left = []
    for file in sorted(HERE.glob("*.ts")):
        collect(file)
        left += [f"{file.name}: {each}" for each in unfinished(file)]
        language = file.stem.removeprefix("servescope_")
        (SITE / f"{language}.json").write_text(
            json.dumps(of_models(file), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        subprocess.run([tool("lrelease"), "-silent", file], check=True, timeout=120)
    print("\n".join(left) or "All texts are translated.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
