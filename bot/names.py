"""What channels are called where people read it.

Owns: proper names. Never: a branch by one. Used by the desk and citizens' pages.
"""

from collections.abc import Mapping

CHANNELS: Mapping[str, str] = {
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "messenger": "Messenger",
    "instagram": "Instagram",
    "email": "E-Mail",
}
