"""`stadtbote` as it is installed without the extra `postgres`: the tests' own psycopg is hidden.

Owns: hiding it, in the web server's process too (it imports this module first). Used by idle.
"""

import sys

for name in ("psycopg", "psycopg2"):
    # None: an import of it fails, as where it is not installed. The types know only modules there.
    sys.modules[name] = None  # type: ignore[assignment]

if __name__ == "__main__":
    from bot.cli import main

    sys.exit(main())
