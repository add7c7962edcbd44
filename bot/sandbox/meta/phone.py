"""A person's telephone with Messenger or Instagram on it: what they do, and the event it makes.

Owns: inbound shapes. Never: what the city answers. Called by tests and by the phone page.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from bot.sandbox.attachments import photograph
from bot.sandbox.meta.webhooks import MetaWebhooks
from bot.sandbox.meta.world import MetaPerson, MetaWorld
from bot.sandbox.world import Bubble

T = TypeVar("T")


class Stage(Protocol):
    """The stand-in, as far as a telephone needs it."""

    world: MetaWorld
    webhooks: MetaWebhooks


def text(stage: Stage, person: MetaPerson, body: str, *, at: float | None = None) -> str:
    """Writes; returns the message's id."""
    return _send(stage, person, {"text": body}, body, at=at)


def _send(
    stage: Stage,
    person: MetaPerson,
    content: dict[str, Any],
    shown: str,
    *,
    picture: str | None = None,
    at: float | None = None,
) -> str:
    world = stage.world
    now = world.now() if at is None else at
    bubble = Bubble(world.mid(), "", True, now, "text", shown, picture=picture)
    person.acted_at = max(person.acted_at, now)
    world.show(person, bubble)
    stage.webhooks.tell("messages", person, {"message": {"mid": bubble.id, **content}}, now)
    return bubble.id


def tap(stage: Stage, person: MetaPerson, choice: str) -> str:
    """Taps a quick reply; they stand below the newest message only. LookupError: there is none."""
    newest = person.screen[-1] if person.screen else None
    for button in newest.buttons if newest is not None else ():
        if choice in (button["id"], button["title"]):
            content = {"text": button["title"], "quick_reply": {"payload": button["id"]}}
            return _send(stage, person, content, button["title"])
    raise LookupError(f"no button {choice!r}")


def image(stage: Stage, person: MetaPerson, origin: str) -> str:
    """A photograph; `origin` is where the stand-in stands."""
    world = stage.world
    name = f"{world.next_id():012d}"
    world.files[name] = photograph()
    url = f"{origin}/{world.manners.kind}/files/{name}.jpg?oe=6A&signature=x"
    attachment = {"type": "image", "payload": {"url": url}}
    return _send(stage, person, {"attachments": [attachment]}, "", picture=name)


def react(stage: Stage, person: MetaPerson, emoji: str) -> str:
    """To the city's newest message."""
    world = stage.world
    last = next((bubble.id for bubble in reversed(person.screen) if not bubble.mine), "m_none")
    reaction = {"mid": last, "action": "react", "reaction": "other", "emoji": emoji}
    person.acted_at = world.now()
    stage.webhooks.tell("message_reactions", person, {"reaction": reaction}, person.acted_at)
    return last


def follow(stage: Stage, person: MetaPerson, ref: str) -> None:
    """Taps a link of the city's, in a conversation that there is already."""
    person.acted_at = stage.world.now()
    field = "messaging_referral" if stage.world.manners.unsends else "messaging_referrals"
    referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    stage.webhooks.tell(field, person, {"referral": referral}, person.acted_at)


def unsend(stage: Stage, person: MetaPerson, mid: str = "") -> str:
    """Takes a message back, the newest if none is named. LookupError: there is none, or people
    cannot do that here."""
    mine = [bubble for bubble in person.screen if bubble.mine and mid in ("", bubble.id)]
    if not mine or not stage.world.manners.unsends:
        raise LookupError("nothing that could be taken back")
    person.screen.remove(mine[-1])
    stage.world.version += 1
    gone = {"mid": mine[-1].id, "is_deleted": True}
    stage.webhooks.tell("messages", person, {"message": gone}, stage.world.now())
    return mine[-1].id


class Whole(Stage, Protocol):
    """The same from another thread."""

    def call(self, function: Callable[[], T]) -> T: ...

    def wait_for(self, condition: Callable[[], bool], seconds: float = 120.0) -> None: ...

    @property
    def origin(self) -> str: ...


class MetaPhone:
    """In a test's hand; every method may be called from any thread."""

    def __init__(self, stage: Whole, person: MetaPerson) -> None:
        self._stage, self.person = stage, person

    def _do(self, act: Callable[..., T], *arguments: Any, **more: Any) -> T:
        return self._stage.call(lambda: act(self._stage, self.person, *arguments, **more))

    def text(self, body: str, *, at: float | None = None) -> str:
        return self._do(text, body, at=at)

    def tap(self, choice: str) -> str:
        return self._do(tap, choice)

    def image(self) -> str:
        return self._do(image, self._stage.origin)

    def react(self, emoji: str = "❤") -> str:
        return self._do(react, emoji)

    def follow(self, ref: str) -> None:
        self._do(follow, ref)

    def unsend(self, mid: str = "") -> str:
        return self._do(unsend, mid)

    def block(self, blocked: bool = True) -> None:
        self.person.blocked = blocked

    def close_window(self) -> None:
        self._stage.call(lambda: self._stage.world.close_window(self.person))

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
