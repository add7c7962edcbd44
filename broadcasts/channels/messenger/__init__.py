"""Facebook Messenger: what is its own; the rest it shares with Instagram (channels/meta)."""

from broadcasts.channels.messenger.channel import build

__all__ = ["build"]
