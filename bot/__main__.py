"""Where `stadtbote` and `python -m bot` begin.

Owns: nothing but the beginning. Never: imports at its top. The web server's process reads this
module again and needs none of the commands.
"""

import sys


def main() -> int:
    from bot import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
