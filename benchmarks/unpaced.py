"""`stadtbote`, but without the number's pace: what the machine could send if the provider let it.

Owns: taking the pace away. Never: used by anything but the throughput benchmark.
"""

import sys
from unittest import mock

from bot.cli import main
from broadcasts.delivery.pacing import Pacer


def as_much_as_there_is(self: Pacer, now: float) -> int:
    return 10**6


# In every process that imports this, until its end.
mock.patch.object(Pacer, "grant", as_much_as_there_is).start()

if __name__ == "__main__":
    sys.exit(main())
