"""What is painted where: the colours of a picture."""

from collections import Counter

import numpy as np
from PySide6.QtGui import QImage


def colours(image: QImage) -> Counter[str]:
    """How many pixels of `image` have which colour, by `#rrggbb`."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(rgb.constBits(), np.uint32).reshape(rgb.height(), -1)[:, : rgb.width()] & 0xFFFFFF
    colours, counts = np.unique(pixels, return_counts=True)
    return Counter({f"#{colour:06x}": int(count) for colour, count in zip(colours, counts, strict=True)})
