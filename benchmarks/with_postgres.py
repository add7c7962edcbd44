"""`stadtbote` as it is installed with the extra `postgres`, without what only tests need.

Owns: hiding that. Used by idle.
"""

import sys

sys.modules["rich"] = None  # type: ignore[assignment]  # the types know only modules there

if __name__ == "__main__":
    from bot.__main__ import main

    sys.exit(main())
