"""The Graph API's paths for a page's conversations, below /messenger and /instagram.

Owns: HTTP, the token, faults on request. Never: what is refused (messages).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Cut, Faults, cut
from bot.sandbox.meta import messages
from bot.sandbox.meta.manners import MetaError
from bot.sandbox.meta.webhooks import MetaWebhooks
from bot.sandbox.meta.world import MetaWorld

LARGEST_IMAGE = 8 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class MetaApi:
    def __init__(self, world: MetaWorld, faults: Faults, webhooks: MetaWebhooks) -> None:
        self.world, self.faults, self.webhooks = world, faults, webhooks

    def routes(self) -> list[web.RouteDef]:
        root = f"/{self.world.manners.kind}"
        node = root + r"/v{version:\d+\.\d+}/{node:\d+}"
        return [
            web.post(f"{node}/messages", self.guarded(self.send)),
            web.post(f"{node}/message_attachments", self.guarded(self.upload)),
            web.get(f"{node}/subscribed_apps", self.guarded(self.subscribed)),
            web.post(f"{node}/subscribed_apps", self.guarded(self.subscribe)),
            web.get(node, self.guarded(self.name)),
            web.get(root + r"/v{version:\d+\.\d+}/debug_token", self.guarded(self.debug_token)),
            web.get(root + r"/files/{name:\w+}.jpg", self.file),
        ]

    def guarded(self, handler: Handler) -> Handler:
        """Token first, as Meta does; errors in its form."""

        async def run(request: web.Request) -> web.StreamResponse:
            if self.faults.down:
                return web.Response(status=503, text="upstream unavailable")
            try:
                given = request.headers.get("Authorization", "").removeprefix("Bearer ")
                if given != self.world.token:
                    raise MetaError(190, 463)
                if (
                    request.match_info.get("node", account := self.world.settings.account)
                    != account
                ):
                    raise MetaError(100, 33, "no such object")
                return await handler(request)
            except Cut:
                return web.Response()  # into a closed connection
            except MetaError as error:
                shown = f"{error.code}/{error.subcode}" if error.subcode else str(error.code)
                self.world.refused[shown] += 1
                return web.json_response(error.body(), status=error.status)

        return run

    async def send(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if self.world.settings.latency:
            await asyncio.sleep(self.world.settings.latency)
        self._strike_before(request)
        person, bubble = messages.accept(self.world, body)
        echo: dict[str, Any] = {"mid": bubble.id, "is_echo": True, "text": bubble.body}
        field = self.world.manners.echo_field
        self.webhooks.tell(field, person, {"message": echo}, bubble.at)
        await self.faults.strike_after(request)
        return web.json_response({"recipient_id": person.id, "message_id": bubble.id})

    def _strike_before(self, request: web.Request) -> None:
        if self.faults.strikes("server_error") is not None:
            raise MetaError(2)
        if self.faults.strikes("too_fast") is not None:
            raise MetaError(*self.world.manners.too_fast)
        code = self.faults.strikes("code")
        if code is not None:
            raise MetaError(int(code))
        if self.faults.strikes("reset_before") is not None:
            cut(request)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        file = form.get("filedata")
        if not isinstance(file, web.FileField) or not self.world.manners.takes_files:
            raise MetaError(100, None, "filedata")
        try:
            attachment = json.loads(str(form.get("message")))["attachment"]
        except (ValueError, KeyError, TypeError):
            raise MetaError(100, None, "message cannot be read") from None
        content = file.file.read()
        is_image = content.startswith((b"\xff\xd8\xff", b"\x89PNG"))
        if attachment.get("type") != "image" or not is_image or len(content) > LARGEST_IMAGE:
            raise MetaError(100, 2018047, "upload attachment failure")
        id = f"90{self.world.next_id():012d}"
        self.world.files[id] = content
        return web.json_response({"attachment_id": id})

    async def subscribed(self, request: web.Request) -> web.StreamResponse:
        app = {"id": "1122334455", "subscribed_fields": sorted(self.world.fields)}
        return web.json_response({"data": [app] if self.world.fields else []})

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        fields = request.query.get("subscribed_fields", "")
        if not fields:
            raise MetaError(100, None, "subscribed_fields is required")
        self.world.fields = set(fields.split(","))
        return web.json_response({"success": True})

    async def name(self, request: web.Request) -> web.StreamResponse:
        settings = self.world.settings
        found = {"id": settings.account, self.world.manners.name_field: settings.name}
        return web.json_response(found)

    async def debug_token(self, request: web.Request) -> web.StreamResponse:
        """Until when a token is good; 0: for good."""
        if request.query.get("input_token") != self.world.token:
            raise MetaError(100, None, "input_token")
        data = {"type": "PAGE", "is_valid": True, "expires_at": self.world.token_until}
        return web.json_response({"data": data})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """What somebody sent; its address needs no token, as Meta's does not."""
        name = request.match_info["name"]
        if name in self.world.moved:
            raise web.HTTPFound(self.world.moved[name])
        known = self.world.files.get(name)
        if known is None:
            raise web.HTTPNotFound
        return web.Response(body=known, content_type="image/jpeg")


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise MetaError(100, None, "not JSON") from None
    if not isinstance(body, dict):
        raise MetaError(100, None, "not an object")
    return body
