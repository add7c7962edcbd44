"""What went wrong, for the log: where and of which kind, never with whose data.

Owns: the form of a failure in a log line. Never: an exception's own text, which may repeat what a
person wrote (invariant 9). Used wherever something unforeseen is caught.
"""

import os
import traceback
from pathlib import Path

FRAMES = 4
"""How many of the innermost frames of our own are named."""

OURS = tuple(f"{Path(__file__).parents[1] / package}{os.sep}" for package in ("bot", "broadcasts"))


def where(error: BaseException) -> str:
    """`KindOfError [CODE] at file.py:12 function < file.py:34 function …`, innermost first.

    CODE: the database's own word (SQLITE_FULL, 53100), which names nobody. A library's frames are
    left out but for the innermost: four of Peewee's own do not say which statement failed.
    """
    found = traceback.extract_tb(error.__traceback__)
    outer, last = found[:-1], found[-1:]
    frames = [*[frame for frame in outer if frame.filename.startswith(OURS)][-FRAMES:], *last]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames
    ]
    first = first_cause(error)
    code = getattr(first, "sqlite_errorname", None) or getattr(first, "sqlstate", None)
    named = f" [{code}]" if code else ""
    at = f" at {' < '.join(reversed(places))}" if places else ""
    return f"{type(error).__name__}{named}{at}"


def let_go(error: BaseException) -> None:
    """Frees what the frames of a failure hold, once it is logged. A cursor that was not read to its
    end is one of it: on SQLite it keeps its connection's reading open, and the next who gets that
    connection cannot write. Left alone, a failure in a circle goes only when garbage is collected,
    which is seldom (bot/processes)."""
    failed: BaseException | None = error
    while failed is not None:
        traceback.clear_frames(failed.__traceback__)
        failed = failed.__cause__ or failed.__context__


def first_cause(error: BaseException) -> BaseException:
    """What began it: a failed ROLLBACK after a full disk hides that the disk is full."""
    while (earlier := error.__cause__ or error.__context__) is not None:
        error = earlier
    return error
