"""What holds for ServeScope, proved through its real parts; the folders mirror `engine/` and `gui/`."""
