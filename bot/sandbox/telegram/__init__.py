"""The stand-in's Telegram: a Bot API with its people, strict where Telegram is.

world.py     people, the bot, what was accepted; how fast it may go
markup.py    parse_mode=HTML, as strictly as it is read there
methods.py   what each method takes, and what it refuses
api.py       /bot<token>/<method>: HTTP, the token, faults on request
updates.py   what comes in: brought to a webhook, or fetched by getUpdates
phone.py     a person's telephone in a test's hand
"""

from bot.sandbox.telegram.phone import TelegramPhone
from bot.sandbox.telegram.world import TelegramSettings, TelegramWorld

__all__ = ["TelegramPhone", "TelegramSettings", "TelegramWorld"]
