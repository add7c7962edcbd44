"""Figures that several areas show: each is counted once, and known by its age.

Owns: the names they are kept under. Never: how one is counted. Used by pages of the desk.
"""

from datetime import timedelta
from typing import Any

from bot.desk import here
from broadcasts import clock, figures
from broadcasts.figures import Recent
from broadcasts.newsroom import digests, readiness
from broadcasts.newsroom.readiness import ChannelReadiness
from broadcasts.saying import pack

SOON = timedelta(minutes=2)


def digest_readers() -> Recent:
    """As `digests.preview` takes them."""
    room = here.newsroom()
    return figures.recent(
        f"digest readers {room.public_url}",
        lambda: digests.counted(room, clock.now()),
        max_age=SOON,
    )


def ready() -> Recent | None:
    """What readiness says, its sentences packed; None: is being counted."""
    room = here.newsroom()

    def look() -> dict[str, Any]:
        found = readiness.look(room, clock.now())
        return {
            "verdict": pack(found.verdict),
            "ready": found.is_ready,
            "channels": [_channel(channel) for channel in found.channels],
        }

    return figures.later("readiness by channel", look, max_age=SOON)


def _channel(channel: ChannelReadiness) -> dict[str, Any]:
    return {**channel.as_json(), "obstacles": [pack(said) for said in channel.obstacles]}
