"""Messenger keeps the channels' contract."""

from broadcasts.channels.messenger import errors
from tests.channels.contract import ChannelContract
from tests.channels.messenger import samples
from tests.channels.meta import samples as shared


class TestMessenger(ChannelContract):
    channel = samples.channel()
    sign = staticmethod(shared.sign)
    forge = staticmethod(shared.forge)
    message = samples.message()
    opt_out = None
    statuses = {}
    batch = staticmethod(shared.batch)
    outcome = staticmethod(
        lambda code: errors.outcome(*code) if isinstance(code, tuple) else errors.outcome(code)
    )
    codes = {"rate limit": 613, "window closed": (10, 2018278), "credentials": 190}
