"""Files that citizens send: where they lie, and for how long that address is good.

Owns: the addresses. Never: a rule of messages. The provider's page:
developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import hashlib
import hmac
import io
from typing import Any

from aiohttp import web
from PIL import Image, ImageDraw

from bot.sandbox.world import World

PATH = "/whatsapp_business/attachments/"
GOOD_FOR = 300.0
"""Seconds."""


def described(world: World, origin: Any, media: str) -> dict[str, Any]:
    """What the provider says of a file when asked by its id."""
    content, kind, _ = world.media[media]
    until = int(world.now() + GOOD_FOR)
    query = f"mid={media}&ext={until}&hash={_mark(world, media, until)}"
    return {
        "messaging_product": "whatsapp",
        "url": f"{origin}{PATH}?{query}",
        "mime_type": kind,
        "sha256": hashlib.sha256(content).hexdigest(),
        "file_size": str(len(content)),
        "id": media,
    }


def given(world: World, request: web.Request) -> web.Response:
    """The file itself; its address is not to be guessed, and runs out. The token was looked at
    before."""
    media, until = request.query.get("mid", ""), request.query.get("ext", "")
    known = world.media.get(media)
    is_right = until.isdigit() and hmac.compare_digest(
        request.query.get("hash", ""), _mark(world, media, int(until))
    )
    if known is None or not is_right or int(until) < world.now():
        raise web.HTTPNotFound
    return web.Response(body=known[0], content_type=known[1])


def _mark(world: World, media: str, until: int) -> str:
    said = f"{media}/{until}".encode()
    return hmac.new(world.settings.app_secret.encode(), said, hashlib.sha256).hexdigest()[:32]


def photograph() -> bytes:
    """What a telephone takes: a lantern that is out, with the place where it stands."""
    image = Image.new("RGB", (640, 480), "#1d2733")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 390, 640, 480), fill="#39424c")
    pen.rectangle((312, 130, 328, 400), fill="#6b7782")
    pen.polygon([(280, 130), (360, 130), (340, 70), (300, 70)], fill="#8a98a4")
    for left in (60, 470):
        pen.rectangle((left, 210, left + 110, 390), fill="#2b3743")
        pen.rectangle((left + 20, 240, left + 50, 280), fill="#ffd76a")
    exif = Image.Exif()
    exif[0x010F] = "Telefon"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (51.0, 0.0, 0.0), "E", (9.0, 0.0, 0.0)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, exif=exif)
    return out.getvalue()
