"""The scoreboard's parts: the table model, the view that draws it, and the curves beside it."""
