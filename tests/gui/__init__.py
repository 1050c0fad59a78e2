"""The window and its parts, on an offscreen Qt, with real engines behind them."""
