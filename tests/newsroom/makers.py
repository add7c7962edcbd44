"""Short ways to a newsroom with a fake channel."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from broadcasts.delivery import templates
from broadcasts.newsroom import drafts
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.texts import Texts
from broadcasts.settings import City, DigestSettings, QuietHours, Settings
from tests.fakes import FakeChannel

BERLIN = ZoneInfo("Europe/Berlin")


def newsroom(
    media: Path | None = None, channel: FakeChannel | None = None, **more: Any
) -> Newsroom:
    """`more`: sections of Settings."""
    city = City(name="Stadt Musterstadt", public_url="https://bote.example", **more.pop("city", {}))
    settings = Settings(city=city, **more)
    texts = Texts(
        city=city.name,
        public_url=city.public_url,
        language=city.language,
        minimum_age=city.minimum_age,
        digest_time="17:00",
        notices=settings.business_hours,
    )
    channels = {"whatsapp": channel or FakeChannel()}
    return Newsroom(settings, texts, channels, media or Path("media"))


def approve(room: Newsroom, *names: str, language: str = "de") -> None:
    """Approves the named templates, or all of them."""
    for draft in drafts.all_drafts(room, pictures=True):
        if draft.language == language and (not names or draft.name in names):
            templates.note_refused("whatsapp", draft.name, language, templates.APPROVED)


def local(day: str, wall: str, zone: ZoneInfo = BERLIN) -> datetime:
    """A moment as the town hall's clock shows it."""
    naive = datetime.fromisoformat(f"{day}T{wall}")
    return naive.replace(tzinfo=zone).astimezone(UTC)


def hours(quiet: tuple[int, int] = (21, 8), digest: int = 17, latest: int = 20) -> dict[str, Any]:
    return {
        "quiet_hours": QuietHours(start=time(quiet[0]), end=time(quiet[1])),
        "digest": DigestSettings(time=time(digest), latest=time(latest)),
    }


def post(title: str = "Markt", **more: Any) -> Post:
    """A post that is no row."""
    return Post(title=title, **{"text": "Am Samstag", "link": "", **more})
