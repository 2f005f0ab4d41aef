"""``python -m mpnb.cli``: the same as the `mpnb` command."""

import sys

from mpnb.cli import main

if __name__ == "__main__":
    sys.exit(main())
