"""The stand-in's Messenger and Instagram: one Send API with its people, strict where Meta is.

manners.py   where the two differ: limits, codes, fields
world.py     people, the page or account, what was accepted
messages.py  what a message must be like, and what is refused
api.py       the Graph API's paths: token, faults on request
webhooks.py  what goes out: signed, several events at once, brought again until it is answered
phone.py     a person's telephone, also in a test's hand
control.py   the stand-in's own paths, for the phone page
stage.py     the parts of one of the two, put together
"""

from bot.sandbox.meta.phone import MetaPhone
from bot.sandbox.meta.stage import MetaStage
from bot.sandbox.meta.world import MetaSettings

__all__ = ["MetaPhone", "MetaSettings", "MetaStage"]
