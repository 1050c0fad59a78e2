"""Measures models under the same load: rows of the scoreboard, their summary, and the comparison."""
