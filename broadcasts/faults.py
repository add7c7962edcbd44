"""What went wrong, for the log: where and of which kind, never with whose data.

Owns: the form of a failure in a log line. Never: an exception's own text, which may repeat what a
person wrote (invariant 9). Used wherever something unforeseen is caught.
"""

import traceback

FRAMES = 4
"""How many of the innermost frames are named."""


def where(error: BaseException) -> str:
    """`KindOfError at file.py:12 function < file.py:34 function …`, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return f"{type(error).__name__} at {' < '.join(reversed(places))}"
