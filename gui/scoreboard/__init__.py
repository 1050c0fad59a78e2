"""The scoreboard: its rows, where they are kept, the table model, the view that draws it, and the curves beside it."""
