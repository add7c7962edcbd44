"""Instagram: what is its own; the rest it shares with Messenger (channels/meta)."""

from broadcasts.channels.instagram.channel import build

__all__ = ["build"]
