"""`stadtbote` as it is installed with the extra `postgres`, without what only tests need.

Owns: hiding packages, in the web server's process too (it imports this module first). Used by idle.
"""

import sys
from typing import Any


def hide(*names: str) -> None:
    """An import of it fails, as where it is not installed."""
    modules: Any = sys.modules
    modules.update(dict.fromkeys(names))


# The linter of imports has brought it; httpx loads it for a command line of its own.
hide("rich")

if __name__ == "__main__":
    from bot.__main__ import main

    sys.exit(main())
