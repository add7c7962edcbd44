"""A person's telephone with Telegram on it: what they do, and the update it makes.

Owns: inbound shapes. Never: what the city answers. Called by tests and by the phone page.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from bot.sandbox.attachments import photograph
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.world import TelegramPerson, TelegramWorld
from bot.sandbox.world import Bubble

T = TypeVar("T")


def text(world: TelegramWorld, updates: Updates, person: TelegramPerson, body: str) -> str:
    """Writes; returns the message's id. Whoever writes has started the bot."""
    person.started = True
    return _send(world, updates, person, body, _content(body))


def _content(body: str) -> dict[str, Any]:
    content: dict[str, Any] = {"text": body}
    if body.startswith("/"):
        command = {"type": "bot_command", "offset": 0, "length": len(body.split()[0])}
        content["entities"] = [command]
    return content


def _send(
    world: TelegramWorld,
    updates: Updates,
    person: TelegramPerson,
    body: str,
    content: dict[str, Any],
    picture: str | None = None,
) -> str:
    number = world.next_id()
    bubble = Bubble(str(number), "", True, world.now(), "text", body, picture=picture)
    world.show(person, bubble)
    head = {"message_id": number, "date": int(bubble.at)}
    people = {"from": person.as_user(), "chat": person.as_chat()}
    updates.tell("message", {**head, **people, **content})
    return str(number)


def photo(world: TelegramWorld, updates: Updates, person: TelegramPerson, caption: str) -> str:
    file_id = f"AgACAgIAAxU{world.next_id():012d}"
    world.files[file_id] = photograph()
    sizes = [
        {"file_id": f"{file_id}s", "file_unique_id": "a", "width": 90, "height": 67},
        {"file_id": file_id, "file_unique_id": "b", "width": 640, "height": 480},
    ]
    content = {"photo": sizes} | ({"caption": caption} if caption else {})
    return _send(world, updates, person, caption, content, picture=file_id)


def tap(world: TelegramWorld, updates: Updates, person: TelegramPerson, choice: str) -> str:
    """Taps the newest button with this label or id. LookupError when there is none."""
    for bubble in reversed(person.screen):
        for button in bubble.buttons:
            if choice in (button["id"], button["title"]):
                return _tapped(world, updates, person, bubble, button)
    raise LookupError(f"no button {choice!r}")


def _tapped(
    world: TelegramWorld,
    updates: Updates,
    person: TelegramPerson,
    bubble: Bubble,
    button: dict[str, str],
) -> str:
    query = f"48{world.next_id():016d}"
    world.queries[query] = False
    rows = [[{"text": b["title"], "callback_data": b["id"]}] for b in bubble.buttons]
    message = {
        "message_id": int(bubble.id),
        "from": world.bot(),
        "chat": person.as_chat(),
        "date": int(bubble.at),
        "text": bubble.body,
        "reply_markup": {"inline_keyboard": rows},
    }
    updates.tell(
        "callback_query",
        {
            "id": query,
            "from": person.as_user(),
            "message": message,
            "chat_instance": "1",
            "data": button["id"],
        },
    )
    return query


def block(world: TelegramWorld, updates: Updates, person: TelegramPerson, blocked: bool) -> None:
    """Blocks the bot, or takes it back: the one thing that comes by itself."""
    states = ("member", "kicked") if blocked else ("kicked", "member")
    person.blocked = blocked
    world.version += 1
    old, new = (_membership(world, state) for state in states)
    change = {"from": person.as_user(), "chat": person.as_chat(), "date": int(world.now())}
    updates.tell("my_chat_member", {**change, "old_chat_member": old, "new_chat_member": new})


def _membership(world: TelegramWorld, state: str) -> dict[str, Any]:
    until = {"until_date": 0} if state == "kicked" else {}
    return {"user": world.bot(), "status": state, **until}


class Stage(Protocol):
    """The stand-in, as far as a telephone needs it."""

    telegram: TelegramWorld
    updates: Updates

    def call(self, function: Callable[[], T]) -> T: ...

    def wait_for(self, condition: Callable[[], bool], seconds: float = 120.0) -> None: ...


class TelegramPhone:
    """In a test's hand; every method may be called from any thread."""

    def __init__(self, stage: Stage, person: TelegramPerson) -> None:
        self._stage, self.person = stage, person

    def _do(self, act: Callable[..., T], *arguments: Any) -> T:
        world, updates = self._stage.telegram, self._stage.updates
        return self._stage.call(lambda: act(world, updates, self.person, *arguments))

    def text(self, body: str) -> str:
        return self._do(text, body)

    def tap(self, choice: str) -> str:
        return self._do(tap, choice)

    def photo(self, caption: str = "") -> str:
        return self._do(photo, caption)

    def block(self, blocked: bool = True) -> None:
        self._do(block, blocked)

    @property
    def messages(self) -> list[Bubble]:
        """What the city wrote, as on the screen."""
        return self._stage.call(lambda: [replace(b) for b in self.person.screen if not b.mine])

    @property
    def bodies(self) -> list[str]:
        return [bubble.body for bubble in self.messages]

    def wait_for(self, number: int, seconds: float = 120.0) -> list[Bubble]:
        """Until the city has written at least so many messages."""
        self._stage.wait_for(
            lambda: sum(not bubble.mine for bubble in self.person.screen) >= number, seconds
        )
        return self.messages
