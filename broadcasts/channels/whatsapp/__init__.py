"""WhatsApp Cloud API: the folder of the first channel."""

from broadcasts.channels.whatsapp.channel import build

__all__ = ["build"]
