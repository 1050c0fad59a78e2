"""`python3 -m gui` and `servescope`: opens the window, also where there is only Python."""

import os
import sys

from gui import bootstrap


def main() -> int:
    """Opens the window and returns the exit status once it is closed."""
    if {"-h", "--help"} & set(sys.argv):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # help needs no display
    bootstrap.require_packages(bootstrap.WINDOW)
    bootstrap.require_qt()
    from gui import app

    return app.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
