"""What an administrator asks of Telegram: the bot, the webhook, a file that somebody sent.

Owns: the blocking calls beside sending. Never: a message to a person. Each raises ProviderError.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from telegram import Bot, WebhookInfo
from telegram.error import TelegramError

from broadcasts import clock
from broadcasts.channels.base import AccountState, Finding, Outcome, ProviderError
from broadcasts.channels.telegram import door, errors
from broadcasts.channels.telegram.receive import ALLOWED_UPDATES
from broadcasts.channels.telegram.settings import POLLING, TelegramSecrets, TelegramSettings
from broadcasts.channels.telegram.transport import (
    AiohttpRequest,
    RefusedError,
    StrangerError,
    make_bot,
)
from broadcasts.saying import Said, say

T = TypeVar("T")
SECONDS = 15.0
FILE_ID = re.compile(r"[A-Za-z0-9_-]{8,250}")
FILE_PATH = re.compile(r"[\w-]+(/[\w-]+)*(\.\w{1,8})?")
LATELY = timedelta(hours=1)
CONNECT = say("Run: stadtbote connect telegram")


class Admin:
    def __init__(self, settings: TelegramSettings, secrets: Callable[[], TelegramSecrets]) -> None:
        self._settings = settings
        self._secrets = secrets

    def _ask(self, errand: Callable[[Bot, AiohttpRequest], Awaitable[T]]) -> T:
        """One errand in a loop of its own; whatever goes wrong becomes a ProviderError."""

        async def run() -> T:
            request = AiohttpRequest(connections=4, seconds=SECONDS)
            try:
                bot = make_bot(self._secrets().token, self._settings.api_url, request)
                return await errand(bot, request)
            finally:
                await request.shutdown()

        try:
            return asyncio.run(run())
        except ProviderError:
            raise
        except RefusedError as error:
            outcome = errors.outcome(error.code)
            raise ProviderError(outcome, str(error.code), "the provider refuses it") from None
        except StrangerError as error:
            text = "something else than the provider has answered"
            raise ProviderError(Outcome.NETWORK, str(error.status), text) from None
        except TelegramError as error:
            name = type(error).__name__
            raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None
        except (KeyError, TypeError, ValueError) as error:
            name = type(error).__name__
            raise ProviderError(Outcome.TRANSIENT, name, "the answer cannot be read") from None

    # ------------------------------------------------------------ the bot and its door

    def account_states(self, account: str) -> list[AccountState]:
        """Telegram names no limits: that the token is good is what is learned."""
        self._ask(lambda bot, request: bot.get_me())
        return [AccountState(account, limit=None, quality="UNKNOWN")]

    def look(self, public_url: str) -> list[Finding]:
        me = self._ask(lambda bot, request: bot.get_me())
        info = self._ask(lambda bot, request: bot.get_webhook_info())
        return [self._name(me.username or ""), self._door(info, public_url)]

    def _name(self, username: str) -> Finding:
        return Finding(
            "bot",
            username.lower() == self._settings.username.lower(),
            say("the token belongs to @%(name)s", name=username),
            say("Put this bot's own name into config.toml, or the right token into .env."),
        )

    def _door(self, info: WebhookInfo, public_url: str) -> Finding:
        """Never shows the address itself: a part of it is secret."""
        waiting = say("%(number)s updates wait", number=info.pending_update_count)
        if self._settings.receive == POLLING:
            detail = say("updates go to a webhook, but we ask for them") if info.url else waiting
            return Finding("webhook", not info.url, detail, CONNECT)
        if info.url != self.address(public_url):
            detail = (
                say("Telegram knocks at another address") if info.url else say("is not set up yet")
            )
            return Finding("webhook", False, detail, CONNECT)
        if set(ALLOWED_UPDATES) - set(info.allowed_updates):
            return Finding("webhook", False, say("not everything is asked for"), CONNECT)
        since, lately = info.last_error_date, clock.now() - LATELY
        if since is not None and since > lately and info.pending_update_count:
            detail = say(
                "Telegram could not get through: %(why)s; %(number)s updates wait",
                why=info.last_error_message or "",
                number=info.pending_update_count,
            )
            remedy = say(
                "Is the address reachable from outside, with a valid certificate, at port 443, 80,"
                " 88 or 8443? After a new secret: stadtbote connect telegram"
            )
            return Finding("webhook", False, detail, remedy)
        return Finding("webhook", True, waiting)

    def address(self, public_url: str) -> str:
        path = door.path(self._secrets().webhook_secret)
        return f"{public_url.rstrip('/')}/webhooks/telegram/{path}"

    def connect(self, public_url: str) -> Said:
        """core.telegram.org/bots/api#setwebhook; nothing that waits is dropped."""
        if self._settings.receive == POLLING:
            self._ask(lambda bot, request: bot.delete_webhook(drop_pending_updates=False))
            return say("no webhook any more: updates are asked for")
        self._ask(
            lambda bot, request: bot.set_webhook(
                self.address(public_url),
                secret_token=self._secrets().webhook_secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=40,
                drop_pending_updates=False,
            )
        )
        return say("Telegram knocks at %(address)s from now on", address=public_url)

    # ------------------------------------------------------------ taps and files

    def acknowledge(self, taps: Sequence[str]) -> None:
        """Without it the button keeps turning for a while; nothing else hangs on it."""

        async def answer(bot: Bot, request: AiohttpRequest) -> None:
            calls = (bot.answer_callback_query(tap) for tap in taps)
            await asyncio.gather(*calls, return_exceptions=True)

        self._ask(answer)

    def fetch_media(self, media: str, *, most: int) -> bytes:
        if not FILE_ID.fullmatch(media):
            raise ProviderError(Outcome.MEDIA, "no_id", "no file has such an id")

        async def fetch(bot: Bot, request: AiohttpRequest) -> bytes:
            try:
                file = await bot.get_file(media)
            except RefusedError as error:
                if error.code == 400:
                    raise ProviderError(Outcome.MEDIA, "400", "the file is gone") from None
                raise
            # The library makes a whole address of it; only the end is Telegram's word.
            start = f"{self._settings.api_url.rstrip('/')}/file/bot{bot.token}/"
            path = (file.file_path or "").removeprefix(start)
            if not FILE_PATH.fullmatch(path):
                raise ProviderError(Outcome.MEDIA, "no_path", "the file has no address")
            return await _download(request, start + path, most)

        return self._ask(fetch)


async def _download(request: AiohttpRequest, url: str, most: int) -> bytes:
    """At most `most` bytes: what a person sends is of any size."""
    try:
        async with request.session().get(url, allow_redirects=False) as answer:
            if answer.status != 200:
                outcome = Outcome.MEDIA if answer.status == 404 else Outcome.TRANSIENT
                raise ProviderError(outcome, str(answer.status), "the file is not given")
            found = bytearray()
            async for chunk in answer.content.iter_chunked(64 * 1024):
                found += chunk
                if len(found) > most:
                    raise ProviderError(Outcome.MEDIA, "too_large", "the file is too large")
            return bytes(found)
    except (TimeoutError, OSError) as error:
        name = type(error).__name__
        raise ProviderError(Outcome.NETWORK, name, "the provider does not answer") from None
