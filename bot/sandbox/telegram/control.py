"""The stand-in's own paths for Telegram: its people on the phone page, and what a test asks for.

Owns: `/sandbox/telegram/…`. Never: a rule of the provider.
"""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Faults
from bot.sandbox.telegram import phone
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.world import TelegramPerson, TelegramWorld

PEOPLE = "/sandbox/telegram/people"


class TelegramControl:
    def __init__(self, world: TelegramWorld, faults: Faults, updates: Updates) -> None:
        self.world, self.faults, self.updates = world, faults, updates

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PEOPLE, self.people),
            web.post(PEOPLE, self.add_person),
            web.get(PEOPLE + r"/{id:\d+}", self.chat),
            web.post(PEOPLE + r"/{id:\d+}/{act}", self.act),
            web.get(r"/sandbox/telegram/media/{id:\w+}", self.media),
            web.get("/sandbox/telegram/state", self.state),
            web.get("/sandbox/telegram/accepted", self.accepted),
            web.post("/sandbox/telegram/faults", self.set_faults),
            web.post("/sandbox/telegram/settings", self.change),
        ]

    async def people(self, request: web.Request) -> web.Response:
        played = [person for person in self.world.people.values() if person.is_played]
        return web.json_response([_card(person) for person in played])

    async def add_person(self, request: web.Request) -> web.Response:
        body = await request.json()
        person = self.world.person(int(body["id"]), str(body.get("name", "")))
        return web.json_response(_card(person))

    def _person(self, request: web.Request) -> TelegramPerson:
        person = self.world.people.get(int(request.match_info["id"]))
        if person is None:
            raise web.HTTPNotFound
        return person

    async def chat(self, request: web.Request) -> web.Response:
        person = self._person(request)
        messages = [
            {
                **asdict(bubble),
                "picture": f"/sandbox/telegram/media/{bubble.picture}" if bubble.picture else None,
            }
            for bubble in person.screen[-200:]
        ]
        return web.json_response(
            {
                **_card(person),
                "version": self.world.version,
                "now": self.world.now(),
                "window_closes": None,
                "messages": messages,
            }
        )

    async def act(self, request: web.Request) -> web.Response:
        person, world, updates = self._person(request), self.world, self.updates
        body = await request.json() if request.can_read_body else {}
        match request.match_info["act"]:
            case "text":
                phone.text(world, updates, person, str(body["text"]))
            case "tap":
                phone.tap(world, updates, person, str(body["choice"]))
            case "image":
                phone.photo(world, updates, person, str(body.get("caption", "")))
            case "block":
                phone.block(world, updates, person, bool(body.get("blocked", True)))
            case _:
                raise web.HTTPNotFound
        return web.json_response({"ok": True})

    async def media(self, request: web.Request) -> web.Response:
        known = self.world.files.get(request.match_info["id"])
        if known is None:
            raise web.HTTPNotFound
        return web.Response(body=known, content_type="image/jpeg")

    async def state(self, request: web.Request) -> web.Response:
        world = self.world
        return web.json_response(
            {
                "accepted": sum(world.accepted.values()),
                "refused": {str(code): n for code, n in world.refused.items()},
                "busiest_second": world.meter.most,
                "waiting": len(self.updates.pending),
                "delivered": self.updates.delivered,
                "version": world.version,
            }
        )

    async def accepted(self, request: web.Request) -> web.Response:
        """Id → how many messages were accepted for it."""
        return web.json_response(dict(self.world.accepted))

    async def set_faults(self, request: web.Request) -> web.Response:
        """As for WhatsApp: {"clear":true} · {"down":true} · {"plan":{kind:[times,value]}}"""
        body = await request.json()
        if body.get("clear"):
            self.faults.clear()
        self.faults.down = bool(body.get("down", self.faults.down))
        for kind, (times, value) in body.get("plan", {}).items():
            self.faults.plan(kind, int(times), float(value))
        return web.json_response({"ok": True})

    async def change(self, request: web.Request) -> web.Response:
        """{"token":…} · {"open":bool} · {"update":{kind:{…}}}: any update at all"""
        body = await request.json()
        if "token" in body:
            self.world.token = str(body["token"])
        for kind, content in body.get("update", {}).items():
            self.updates.tell(kind, content)
        self.updates.open = bool(body.get("open", True))
        if self.updates.open:
            self.updates.reopen()
        return web.json_response({"ok": True})


def _card(person: TelegramPerson) -> dict[str, Any]:
    last = person.screen[-1] if person.screen else None
    return {
        "wa_id": f"t{person.id}",
        "name": person.name,
        "channel": "Telegram",
        "blocked": person.blocked,
        "last": (last.body[:80] or "📷 Bild") if last else "",
        "last_at": last.at if last else None,
        "unread": 0,
    }
