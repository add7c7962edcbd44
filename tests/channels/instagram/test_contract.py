"""Instagram keeps the channels' contract."""

from broadcasts.channels.instagram import errors
from tests.channels.contract import ChannelContract
from tests.channels.instagram import samples
from tests.channels.meta import samples as shared


class TestInstagram(ChannelContract):
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
    codes = {"rate limit": (613, 2534040), "window closed": (10, 2534022), "credentials": 190}
