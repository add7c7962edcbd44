"""`stadtbote`, but without the number's pace: what the machine could send if the provider let it.

Owns: taking the pace away. Never: used by anything but the throughput benchmark.
"""

import sys

from bot.cli import main
from broadcasts.delivery.pacing import Pacer

Pacer.grant = lambda self, now: 10**6  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(main())
