"""Makes the font for Chinese beside this file: `python assets/fonts/zh/make.py NotoSansCJK-Regular.ttc`.

It is a subset of Noto Sans CJK SC, Regular (on Debian: the package fonts-noto-cjk): the characters of GB 2312's level 1
and those of our texts, in Inter's line height, so that lines with and without Chinese are equally high.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent
ASSETS = HERE.parents[1]
FILE = HERE / "ServeScopeSC-Regular.otf"
FAMILY = "ServeScope SC"
"""Not the original's name: a font of that name may be installed, in its own line height."""
NAMES = {1: FAMILY, 3: f"{FAMILY} Regular", 4: f"{FAMILY} Regular", 6: "ServeScopeSC-Regular", 16: FAMILY}
LEVEL_1 = (0xB0, 0xD8)
"""The first bytes of GB 2312's level 1, the second ones excluded."""


def level_1() -> set[str]:
    """The 3,755 most frequent characters."""
    codes = [bytes([first, second]) for first in range(*LEVEL_1) for second in range(0xA1, 0xFF)]
    return set("".join(code.decode("gb2312", errors="ignore") for code in codes))


def ours() -> set[str]:
    """The characters of our texts that Inter does not have."""
    files = [*ASSETS.glob("*.toml"), *ASSETS.glob("lessons/*.toml"), *ASSETS.glob("translations/*.ts")]
    found = set("".join(file.read_text("utf-8") for file in files))
    return {character for character in found if character >= "\u2000"}


def chinese(collection: TTCollection) -> TTFont:
    """The font for simplified Chinese."""
    return next(font for font in collection.fonts if font["name"].getDebugName(4) == "Noto Sans CJK SC")


def main(original: str) -> None:
    """Writes the font."""
    font = chinese(TTCollection(original))
    options = Options()
    options.layout_features, options.hinting = [], False
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(level_1() | ours()))
    subsetter.subset(font)
    inter = TTFont(ASSETS / "fonts" / "Inter-Regular.otf")
    scale = font["head"].unitsPerEm / inter["head"].unitsPerEm
    ascent, descent = (round(scale * size) for size in (inter["hhea"].ascent, inter["hhea"].descent))
    font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap = ascent, descent, 0
    metrics = font["OS/2"]
    metrics.sTypoAscender, metrics.sTypoDescender, metrics.sTypoLineGap = ascent, descent, 0
    metrics.usWinAscent, metrics.usWinDescent = ascent, -descent
    for number, text in NAMES.items():
        font["name"].removeNames(nameID=number)
        font["name"].setName(text, number, 3, 1, 0x409)
    font.save(FILE)
    print(f"{FILE.name}: {FILE.stat().st_size / 2**20:.2f} MiB")


if __name__ == "__main__":
    main(*sys.argv[1:])
