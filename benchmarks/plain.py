"""`stadtbote` as it is installed without the extra `postgres`, and without what only tests need.

Owns: hiding those packages, in the web server's process too (it imports this module first). Used by
idle, beside with_postgres.
"""

import sys

for name in ("psycopg", "psycopg2", "rich"):
    # None: an import of it fails, as where it is not installed. The types know only modules there.
    # httpx loads `rich` for a command line of its own; here the linter of imports has brought it.
    sys.modules[name] = None  # type: ignore[assignment]

if __name__ == "__main__":
    from bot.__main__ import main

    sys.exit(main())
