"""E-mail: the folder of the channel that has no chat."""

from broadcasts.channels.email.channel import build

__all__ = ["build"]
