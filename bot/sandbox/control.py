"""The stand-in's own paths: the phone page, and what a separate process asks of it.

Owns: `/` and `/sandbox/…`. Never: a rule of the provider.
"""

from dataclasses import asdict
from importlib.resources import files
from typing import Any

from aiohttp import web

from bot.sandbox import acts, authenticator
from bot.sandbox.faults import Faults
from bot.sandbox.graph import Graph
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Bubble, Person, World

STATIC = {"phone.css": "text/css", "phone.js": "text/javascript"}


class Control:
    def __init__(self, world: World, faults: Faults, webhooks: Webhooks, graph: Graph) -> None:
        self.world, self.faults, self.webhooks, self.graph = world, faults, webhooks, graph

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.page),
            web.get("/authenticator", self.authenticator),
            web.get("/static/{name}", self.static),
            web.get("/sandbox/people", self.people),
            web.post("/sandbox/people", self.add_person),
            web.get(r"/sandbox/people/{wa_id:\d+}", self.chat),
            web.post(r"/sandbox/people/{wa_id:\d+}/{act}", self.act),
            web.get(r"/sandbox/media/{id:\d+}", self.media),
            web.get("/sandbox/state", self.state),
            web.get("/sandbox/accepted", self.accepted),
            web.post("/sandbox/faults", self.set_faults),
            web.post("/sandbox/settings", self.change),
            web.post("/sandbox/templates/{name}/{language}", self.template),
            web.post("/sandbox/webhook", self.webhook),
        ]

    async def page(self, request: web.Request) -> web.Response:
        return _file("phone.html", "text/html")

    async def authenticator(self, request: web.Request) -> web.Response:
        return authenticator.page(self.world.settings.authenticator)

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        return _file(name, STATIC[name])

    async def people(self, request: web.Request) -> web.Response:
        return web.json_response(self.cards())

    def cards(self) -> list[dict[str, Any]]:
        played = [person for person in self.world.people.values() if person.is_played]
        return [self._card(person) for person in played]

    def _card(self, person: Person) -> dict[str, Any]:
        last = person.screen[-1] if person.screen else None
        return {
            "wa_id": person.wa_id,
            "name": person.name,
            "shape": person.shape,
            "blocked": person.blocked,
            "last": (last.body[:80] or "📷 Bild") if last else "",
            "last_at": last.at if last else None,
            "unread": sum(not b.mine and b.status in ("sent", "delivered") for b in person.screen),
        }

    async def add_person(self, request: web.Request) -> web.Response:
        body = await request.json()
        person = self.world.person(
            str(body["number"]), shape=body.get("shape", "both"), name=body.get("name", "")
        )
        return web.json_response(self._card(person))

    def _person(self, request: web.Request) -> Person:
        person = self.world.people.get(request.match_info["wa_id"])
        if person is None:
            raise web.HTTPNotFound
        return person

    async def chat(self, request: web.Request) -> web.Response:
        person = self._person(request)
        closes = {number: person.window_closes(number) for number in self.world.numbers}
        open_until = max(closes.values())
        return web.json_response(
            {
                **self._card(person),
                "version": self.world.version,
                "now": self.world.now(),
                "window_closes": open_until if open_until > 0 else None,
                "messages": [self._bubble(bubble) for bubble in person.screen[-200:]],
            }
        )

    def _bubble(self, bubble: Bubble) -> dict[str, Any]:
        picture = bubble.picture
        if picture and picture in self.world.media:
            picture = f"/sandbox/media/{picture}"
        return {**asdict(bubble), "picture": picture}

    async def act(self, request: web.Request) -> web.Response:
        person = self._person(request)
        body = await request.json() if request.can_read_body else {}
        number = body.get("phone_id") or next(iter(self.world.numbers))
        world, webhooks = self.world, self.webhooks
        match request.match_info["act"]:
            case "text":
                acts.text(world, webhooks, person, number, str(body["text"]))
            case "tap":
                acts.tap(world, webhooks, person, number, str(body["choice"]))
            case "image":
                acts.image(world, webhooks, person, number, str(body.get("caption", "")))
            case "voice":
                acts.voice(world, webhooks, person, number)
            case "preference":
                acts.preference(world, webhooks, person, number, resume=bool(body.get("resume")))
            case "block":
                person.blocked = bool(body.get("blocked", True))
            case _:
                raise web.HTTPNotFound
        return web.json_response({"ok": True})

    async def media(self, request: web.Request) -> web.Response:
        known = self.world.media.get(request.match_info["id"])
        if known is None:
            raise web.HTTPNotFound
        return web.Response(body=known[0], content_type=known[1])

    async def state(self, request: web.Request) -> web.Response:
        world = self.world
        return web.json_response(
            {
                "accepted": sum(world.accepted.values()),
                "refused": {str(code): n for code, n in world.refused.items()},
                "busiest_second": {number: m.most for number, m in world.meters.items()},
                "webhooks": {
                    "waiting": self.webhooks.waiting,
                    "delivered": self.webhooks.delivered,
                    "refused": self.webhooks.refused,
                },
                "version": world.version,
            }
        )

    async def accepted(self, request: web.Request) -> web.Response:
        """Address → how many messages were accepted for it."""
        return web.json_response(dict(self.world.accepted))

    async def set_faults(self, request: web.Request) -> web.Response:
        """{"clear":true} · {"down":true} · {"plan":{kind:[times,value]}} ·
        {"chance":{kind:[probability,value]}}"""
        body = await request.json()
        if body.get("clear"):
            self.faults.clear()
        if "down" in body:
            self.faults.down = bool(body["down"])
        for kind, (times, value) in body.get("plan", {}).items():
            self.faults.plan(kind, int(times), float(value))
        for kind, (probability, value) in body.get("chance", {}).items():
            self.faults.chance(kind, float(probability), float(value))
        return web.json_response({"ok": True})

    async def change(self, request: web.Request) -> web.Response:
        """{"token":…} · {"account_error":code or null} · {"advance":seconds}"""
        body = await request.json()
        if "token" in body:
            self.world.token = str(body["token"])
        if "account_error" in body:
            self.world.account_error = body["account_error"]
        self.world.shift += float(body.get("advance", 0))
        return web.json_response({"ok": True})

    async def template(self, request: web.Request) -> web.Response:
        name, language = request.match_info["name"], request.match_info["language"]
        if (name, language) not in self.world.templates:
            raise web.HTTPNotFound
        self.graph.set_template(name, language, str((await request.json())["status"]))
        return web.json_response({"ok": True})

    async def webhook(self, request: web.Request) -> web.Response:
        """{"url":…} · {"open":bool} · {"phone_id":…,"field":…,"value":{…}}"""
        body = await request.json()
        if "url" in body:
            self.webhooks.url = str(body["url"])
        if "field" in body:
            self.webhooks.tell(str(body.get("phone_id", "")), body["field"], body["value"])
        self.webhooks.open = bool(body.get("open", True))
        if self.webhooks.open:
            self.webhooks.reopen()
        return web.json_response({"ok": True})


def _file(name: str, kind: str) -> web.Response:
    text = (files("bot.sandbox") / "static" / name).read_text(encoding="utf-8")
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self';"
        " connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
        "Cache-Control": "no-cache",
    }
    return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)
