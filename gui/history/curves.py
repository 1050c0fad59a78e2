"""What the curves of server and clients have in common: for how long they are kept, and what a point stands for."""

import math

HELD = 120.0
"""Seconds for which curves are kept."""
CURVE_WINDOW = 0.5
"""Seconds that a point of a curve covers."""
UNKNOWN = (math.nan, math.nan)
"""The p50 and p99 of nothing."""
