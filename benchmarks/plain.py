"""`stadtbote` as it is installed without the extra `postgres`: the tests' own psycopg is hidden.

Owns: hiding it, in the web server's process too (it imports this module first). Used by idle.
"""

import sys

for name in ("psycopg", "psycopg2"):
    sys.modules[name] = None  # type: ignore[assignment]

from bot.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
