"""The scoreboard: its rows and where they are kept, the table model, the view that draws it, and the curves beside it."""
