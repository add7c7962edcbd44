"""WhatsApp keeps the channels' contract."""

from broadcasts.channels.whatsapp import errors
from tests.channels.contract import ChannelContract
from tests.channels.whatsapp import samples


class TestWhatsApp(ChannelContract):
    channel = samples.channel()
    sign = staticmethod(samples.sign)
    forge = staticmethod(samples.forge)
    message = samples.message()
    opt_out = samples.preference()
    statuses = {name: samples.status(name) for name in ("sent", "delivered", "read", "failed")}
    batch = staticmethod(samples.batch)
    outcome = staticmethod(errors.outcome)
    codes = {"rate limit": 130429, "window closed": 131047, "credentials": 190}
