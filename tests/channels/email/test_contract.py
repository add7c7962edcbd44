"""E-mail keeps the channels' contract."""

from broadcasts.channels.email import errors
from tests.channels.contract import ChannelContract
from tests.channels.email import samples


class TestEmail(ChannelContract):
    channel = samples.channel()
    sign = staticmethod(samples.sign)
    forge = staticmethod(samples.forge)
    message = samples.pressed()
    opt_out = samples.complaint()
    statuses = {"failed": samples.postfix()}
    batch = None
    outcome = staticmethod(errors.outcome)
    codes = {"rate limit": 421, "credentials": 535}
