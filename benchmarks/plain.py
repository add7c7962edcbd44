"""`stadtbote` as it is installed without any extra, and without what only tests need.

Owns: hiding the extra `postgres`, too. Never: how. Used by idle, beside with_postgres.
"""

import sys

from benchmarks.with_postgres import hide

hide("psycopg", "psycopg2")

if __name__ == "__main__":
    from bot.__main__ import main

    sys.exit(main())
