"""Telegram: the folder of the second channel."""

from broadcasts.channels.telegram.channel import build

__all__ = ["build"]
