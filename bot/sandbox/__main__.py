"""`python -m bot.sandbox`: the stand-in as a process of its own.

Secrets come from SANDBOX_TOKEN, SANDBOX_APP_SECRET and SANDBOX_VERIFY_TOKEN, so that no process
list shows them.
"""

import argparse
import os
import signal
import sys

from bot.sandbox.server import Sandbox
from bot.sandbox.world import Number, SandboxSettings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--webhook", required=True, metavar="URL")
    parser.add_argument("--phone-id", default="1234567890")
    parser.add_argument("--waba-id", default="9876543210")
    parser.add_argument("--number", default="+49 176 04069000")
    parser.add_argument("--rate", type=int, default=80)
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--tier", default="TIER_UNLIMITED", help="e.g. TIER_250")
    parser.add_argument("--counters-only", action="store_true", help="for benchmarks")
    options = parser.parse_args()
    try:
        token, app_secret, verify_token = (
            os.environ[f"SANDBOX_{name}"] for name in ("TOKEN", "APP_SECRET", "VERIFY_TOKEN")
        )
    except KeyError as error:
        parser.error(f"the environment lacks {error}")
    settings = SandboxSettings(
        token=token,
        app_secret=app_secret,
        verify_token=verify_token,
        webhook_url=options.webhook,
        waba_id=options.waba_id,
        numbers=(Number(options.phone_id, options.number, options.rate),),
        tier=options.tier,
        latency=(options.latency * 0.8, options.latency),
        everybody_exists=options.counters_only,
        keep_messages=not options.counters_only,
    )
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with Sandbox(settings, host=options.host, port=options.port) as sandbox:
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        signal.sigwait(signals)
    return 0


if __name__ == "__main__":
    sys.exit(main())
