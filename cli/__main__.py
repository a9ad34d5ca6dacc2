"""Makes `python -m storage_conductor_cli` the command."""

import sys

from . import main

if __name__ == "__main__":
    sys.exit(main())
