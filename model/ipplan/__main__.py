"""``python -m ipplan`` is ``ipplan``."""

import sys

from ipplan.cli import main

if __name__ == "__main__":
    sys.exit(main())
