"""A local stand-in for Meta's WhatsApp Cloud API and Send API and Telegram's Bot API, with a phone
page.

Owns: playing the provider, strict where the provider is. Never: imports anything of ours; it knows
the product only by HTTP.

    server.py     Sandbox: starts, stops, and what a test asks of it
    world.py      the citizens, numbers, messages and templates of the stand-in
    rules.py      what is refused: the table of codes
    messages.py   POST /messages: from a request to an accepted message or an error
    templates.py  creating, listing and filling templates
    webhooks.py   what goes out: signed, batched, brought again until it is answered 200
    faults.py     what goes wrong on request
    graph.py      the Graph API's paths
    attachments.py  files that citizens send, and where they lie
    control.py    the stand-in's own paths, and the phone page
    telegram/     Telegram's Bot API and its people
    meta/         Messenger's and Instagram's Send API and their people
    authenticator.py  staff's telephones with their one-time codes
"""

from bot.sandbox.meta import MetaPhone, MetaSettings
from bot.sandbox.server import Phone, Sandbox
from bot.sandbox.telegram import TelegramPhone, TelegramSettings
from bot.sandbox.world import Number, SandboxSettings

__all__ = [
    "MetaPhone",
    "MetaSettings",
    "Number",
    "Phone",
    "Sandbox",
    "SandboxSettings",
    "TelegramPhone",
    "TelegramSettings",
]
