"""``python -m asyncplot`` is the command ``asyncplot``."""

import sys

from .commands import main

if __name__ == "__main__":
    sys.exit(main())
