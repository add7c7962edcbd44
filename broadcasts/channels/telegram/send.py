"""A rendition → one call to the Bot API → its result.

Owns: Telegram's messages (core.telegram.org/bots/api#sendmessage). Never: a table, a retry (a
time-out may mean sent), a log line with a person in it. python-telegram-bot makes the call.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.constants import ParseMode
from telegram.error import TelegramError

from broadcasts.channels import splitting
from broadcasts.channels.base import Address, Button, Content, Outcome, Result, Text, Unit
from broadcasts.channels.telegram import errors
from broadcasts.channels.telegram.markup import to_html
from broadcasts.channels.telegram.settings import TelegramSecrets, TelegramSettings
from broadcasts.channels.telegram.transport import (
    AiohttpRequest,
    NotSentError,
    RefusedError,
    StrangerError,
    make_bot,
)

CONNECTIONS = 64

LONGEST_TEXT = 4096


class TelegramSender:
    """The outgoing half. Made outside the loop; its connections open with the first call."""

    def __init__(
        self,
        settings: TelegramSettings,
        secrets: Callable[[], TelegramSecrets],
        media: Path,
        *,
        seconds: float,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self._media = media
        self._request = AiohttpRequest(connections=CONNECTIONS, seconds=seconds)
        self._bot: Bot | None = None
        self._files: dict[str, str] = {}
        """Picture → Telegram's id of it, since somebody was the first to get it."""
        self._uploading: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def _connected(self) -> Bot:
        token = self._secrets().token
        if self._bot is None or self._bot.token != token:
            # A replaced token works from the next message on.
            self._bot = make_bot(token, self._settings.api_url, self._request)
        return self._bot

    async def send(
        self,
        account: str,
        address: Address,
        content: Content,
        *,
        tracker: str,
        media: str | None = None,
    ) -> Result:
        if not isinstance(content, Text) or address.bsuid is None:
            return Result(Outcome.OUR_MISTAKE, code="no_text")
        chat = int(address.bsuid)
        one = partial(self._send_one, chat)
        return await splitting.send(content, LONGEST_TEXT, Unit.UTF16, one, pause=1.0)

    async def _send_one(self, chat: int, content: Text) -> Result:
        try:
            message = await self._deliver(chat, content)
        except RefusedError as error:
            return await self._refused(chat, content, error)
        except NotSentError as error:
            return Result(Outcome.NETWORK, code=error.message)
        except StrangerError as error:
            return Result(errors.of_stranger(error.status), code=error.message)
        except OSError as error:
            return Result(Outcome.MEDIA, code=type(error).__name__)
        except (TelegramError, ValueError, LookupError, TypeError) as error:
            # No answer, or one nobody can read: it may well be accepted.
            return Result(Outcome.UNKNOWN, code=type(error).__name__)
        return Result(Outcome.ACCEPTED, f"telegram.{chat}.{message.message_id}")

    async def _deliver(self, chat: int, content: Text) -> Message:
        arguments: dict[str, Any] = {
            "parse_mode": ParseMode.HTML,
            "disable_notification": content.silent,
            "reply_markup": _keyboard(content.buttons),
        }
        if content.picture is None:
            return await self._connected().send_message(chat, _html(content.body), **arguments)
        return await self._with_picture(chat, content.picture, _html(content.body), arguments)

    async def _with_picture(
        self, chat: int, picture: str, caption: str, arguments: dict[str, Any]
    ) -> Message:
        """Telegram takes a picture only together with a message: the first one brings it, the rest
        wait for its id instead of bringing it, too."""
        bot = self._connected()
        async with self._uploading[picture]:
            if picture not in self._files:
                content = await asyncio.to_thread((self._media / picture).read_bytes)
                message = await bot.send_photo(
                    chat, content, caption, filename=Path(picture).name, **arguments
                )
                self._files[picture] = message.photo[-1].file_id
                return message
        return await bot.send_photo(chat, self._files[picture], caption, **arguments)

    async def _refused(self, chat: int, content: Text, error: RefusedError) -> Result:
        outcome = errors.outcome(error.code)
        if error.code == 400 and not await self._knows(chat):
            outcome = Outcome.UNREACHABLE
        elif error.code == 400 and content.picture is not None:
            # Perhaps its id is no longer good: it is brought once more.
            self._files.pop(content.picture, None)
            outcome = Outcome.MEDIA
        after = error.retry_after
        return Result(
            outcome,
            code=str(error.code),
            retry_after=None if after is None else timedelta(seconds=after),
        )

    async def _knows(self, chat: int) -> bool:
        """One code for everything that is wrong with a request: whether it is the person is asked
        for, and not read from the description. What it answers is not looked at."""
        try:
            await self._connected().get_chat(chat)
        except RefusedError as error:
            return error.code != 400
        except Exception:
            return True
        return True

    async def upload(self, account: str, path: str) -> str:
        """Nothing yet: see `_with_picture`."""
        return path

    async def close(self) -> None:
        await self._request.shutdown()


@lru_cache(maxsize=64)
def _html(body: str) -> str:
    return to_html(body)


@lru_cache(maxsize=64)
def _keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """One below the other: labels in German are long."""
    rows = [[InlineKeyboardButton(one.label, callback_data=one.id)] for one in buttons]
    return InlineKeyboardMarkup(rows) if rows else None
