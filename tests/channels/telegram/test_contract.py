"""Telegram keeps the channels' contract."""

from broadcasts.channels.telegram import errors
from tests.channels.contract import ChannelContract
from tests.channels.telegram import samples


class TestTelegram(ChannelContract):
    channel = samples.channel()
    sign = staticmethod(samples.sign)
    forge = staticmethod(samples.forge)
    message = samples.message()
    opt_out = samples.membership()
    statuses = {}
    batch = staticmethod(samples.batch)
    outcome = staticmethod(errors.outcome)
    codes = {"rate limit": 429, "credentials": 401}
