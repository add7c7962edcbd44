"""The stand-in's own paths for Messenger and Instagram: people on the phone page, what tests ask.

Owns: `/sandbox/messenger/…` and `/sandbox/instagram/…`. Never: a rule of the provider.
"""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Faults
from bot.sandbox.meta import phone
from bot.sandbox.meta.webhooks import MetaWebhooks
from bot.sandbox.meta.world import MetaPerson, MetaWorld


class MetaControl:
    def __init__(self, world: MetaWorld, faults: Faults, webhooks: MetaWebhooks) -> None:
        self.world, self.faults, self.webhooks = world, faults, webhooks
        self._root = f"/sandbox/{world.manners.kind}"

    def routes(self) -> list[web.RouteDef]:
        people = f"{self._root}/people"
        return [
            web.get(people, self.people),
            web.post(people, self.add_person),
            web.get(people + r"/{id:\d+}", self.chat),
            web.post(people + r"/{id:\d+}/{act}", self.act),
            web.get(self._root + r"/media/{id:\w+}", self.media),
            web.get(f"{self._root}/state", self.state),
            web.get(f"{self._root}/accepted", self.accepted),
            web.post(f"{self._root}/faults", self.set_faults),
            web.post(f"{self._root}/settings", self.change),
        ]

    async def people(self, request: web.Request) -> web.Response:
        played = [person for person in self.world.people.values() if person.is_played]
        return web.json_response([self._card(person) for person in played])

    async def add_person(self, request: web.Request) -> web.Response:
        body = await request.json()
        person = self.world.person(str(int(body["id"])), str(body.get("name", "")))
        return web.json_response(self._card(person))

    def _card(self, person: MetaPerson) -> dict[str, Any]:
        manners, last = self.world.manners, person.screen[-1] if person.screen else None
        return {
            "wa_id": f"{manners.kind[0]}{person.id}",
            "name": person.name,
            "channel": manners.title,
            "blocked": person.blocked,
            "unsends": manners.unsends,
            "has_window": True,
            "last": (last.body[:80] or "📷 Bild") if last else "",
            "last_at": last.at if last else None,
            "unread": 0,
        }

    def _person(self, request: web.Request) -> MetaPerson:
        person = self.world.people.get(request.match_info["id"])
        if person is None:
            raise web.HTTPNotFound
        return person

    async def chat(self, request: web.Request) -> web.Response:
        person = self._person(request)
        closes = self.world.window_closes(person)
        return web.json_response(
            {
                **self._card(person),
                "version": self.world.version,
                "now": self.world.now(),
                "window_closes": closes if closes > 0 else None,
                "messages": [
                    {**asdict(bubble), "picture": self._shown(bubble.picture)}
                    for bubble in person.screen[-200:]
                ],
            }
        )

    def _shown(self, picture: str | None) -> str | None:
        return f"{self._root}/media/{picture}" if picture in self.world.files else picture

    async def act(self, request: web.Request) -> web.Response:
        person = self._person(request)
        body = await request.json() if request.can_read_body else {}
        try:
            self._do(request, person, body)
        except LookupError as error:
            raise web.HTTPConflict(text=str(error)) from None
        return web.json_response({"ok": True})

    def _do(self, request: web.Request, person: MetaPerson, body: dict[str, Any]) -> None:
        match request.match_info["act"]:
            case "text":
                phone.text(self, person, str(body["text"]))
            case "tap":
                phone.tap(self, person, str(body["choice"]))
            case "image":
                phone.image(self, person, str(request.url.origin()))
            case "react":
                phone.react(self, person, str(body.get("emoji", "❤")))
            case "unsend":
                phone.unsend(self, person)
            case "close_window":
                self.world.close_window(person)
            case "block":
                person.blocked = bool(body.get("blocked", True))
            case _:
                raise web.HTTPNotFound

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
                "refused": dict(world.refused),
                "busiest_second": world.meter.most,
                "waiting": len(self.webhooks.pending),
                "delivered": self.webhooks.delivered,
                "version": world.version,
            }
        )

    async def accepted(self, request: web.Request) -> web.Response:
        """Id → how many messages were accepted for it."""
        return web.json_response(dict(self.world.accepted))

    async def set_faults(self, request: web.Request) -> web.Response:
        """As for WhatsApp: {"clear":true} · {"down":true} · {"plan":{kind:[times,value]}}; and
        {"refuse":[[code,subcode],…]}"""
        body = await request.json()
        if body.get("clear"):
            self.faults.clear()
            self.world.refuse.clear()
        self.faults.down = bool(body.get("down", self.faults.down))
        for kind, (times, value) in body.get("plan", {}).items():
            self.faults.plan(kind, int(times), float(value))
        for code, subcode in body.get("refuse", []):
            self.world.refuse.append((int(code), subcode))
        return web.json_response({"ok": True})

    async def change(self, request: web.Request) -> web.Response:
        """{"token":…} · {"advance":seconds} · {"human_agent":bool} · {"open":bool} ·
        {"url":…}: where the webhook leads · {"field":…,"event":{…}}: any event at all"""
        body = await request.json()
        if "token" in body:
            self.world.token = str(body["token"])
        self.world.human_agent = bool(body.get("human_agent", self.world.human_agent))
        self.world.shift += float(body.get("advance", 0))
        if "url" in body:
            self.webhooks.set_url(str(body["url"]))
        if "event" in body:
            self.webhooks.tell_event(str(body["field"]), body["event"])
        self.webhooks.open = bool(body.get("open", True))
        if self.webhooks.open:
            self.webhooks.reopen()
        return web.json_response({"ok": True})
