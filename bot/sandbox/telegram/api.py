"""/bot<token>/<method>: HTTP as the Bot API speaks it.

Owns: the token, reading parameters in each of the ways Telegram takes them, faults on request.
Never: what a method does (methods).
"""

import asyncio
import json
from typing import Any

from aiohttp import web

from bot.sandbox.faults import Cut, Faults, cut
from bot.sandbox.telegram.methods import METHODS, SENDING
from bot.sandbox.telegram.updates import Updates
from bot.sandbox.telegram.world import BotError, TelegramWorld


class TelegramApi:
    def __init__(self, world: TelegramWorld, faults: Faults, updates: Updates) -> None:
        self.world, self.faults, self.updates = world, faults, updates

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", r"/bot{token:[^/]+}/{method:\w+}", self.call),
            web.get(r"/file/bot{token:[^/]+}/{path:.+}", self.file),
        ]

    def _check(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if token != self.world.token:
            is_token = token.partition(":")[0].isdigit() and len(token.partition(":")[2]) > 20
            raise BotError(401, "Unauthorized") if is_token else BotError(404, "Not Found")

    async def call(self, request: web.Request) -> web.StreamResponse:
        if self.faults.down:
            return web.Response(status=503, text="upstream unavailable")
        try:
            self._check(request)
            return web.json_response({"ok": True, "result": await self._result(request)})
        except Cut:
            return web.Response()  # into a closed connection
        except BotError as error:
            self.world.refused[error.code] += 1
            return web.json_response(error.body(), status=error.code)

    async def _result(self, request: web.Request) -> Any:
        method = request.match_info["method"].lower()
        parameters = await _parameters(request)
        if method == "getupdates":
            return await self._fetch(parameters)
        if method not in METHODS:
            raise BotError(404, "Not Found: method not found")
        if method not in SENDING:
            return METHODS[method](self.world, self.updates, parameters)
        if self.world.settings.latency:
            await asyncio.sleep(self.world.settings.latency)
        self._strike_before(request)
        result = METHODS[method](self.world, self.updates, parameters)
        await self.faults.strike_after(request)
        return result

    async def _fetch(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        allowed = parameters.get("allowed_updates")
        if allowed is not None:
            self.updates.allowed = json.loads(allowed) if isinstance(allowed, str) else allowed
        offset = parameters.get("offset")
        return await self.updates.fetch(
            None if offset is None else int(offset),
            min(50.0, float(parameters.get("timeout") or 0)),
            min(100, int(parameters.get("limit") or 100)),
        )

    def _strike_before(self, request: web.Request) -> None:
        if self.faults.strikes("server_error") is not None:
            raise BotError(500, "Internal Server Error")
        after = self.faults.strikes("too_fast")
        if after is not None:
            seconds = int(after) or self.world.settings.retry_after
            raise BotError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        code = self.faults.strikes("code")
        if code is not None:
            raise BotError(int(code), "on request")
        if self.faults.strikes("reset_before") is not None:
            cut(request)

    async def file(self, request: web.Request) -> web.StreamResponse:
        self_path = request.match_info["path"]
        file_id = self_path.rpartition("/")[2].removesuffix(".jpg")
        if request.match_info["token"] != self.world.token or file_id not in self.world.files:
            raise web.HTTPNotFound
        return web.Response(body=self.world.files[file_id], content_type="image/jpeg")


async def _parameters(request: web.Request) -> dict[str, Any]:
    """From the address, a form, a form with files, or JSON."""
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = json.loads(await request.read())
        except ValueError:
            raise BotError(400, "Bad Request: can't parse JSON object") from None
        return found | (body if isinstance(body, dict) else {})
    for name, value in (await request.post()).items():
        found[name] = value.file.read() if isinstance(value, web.FileField) else value
    # A file may be named by what it was attached as.
    return {name: _attached(found, value) for name, value in found.items()}


def _attached(found: dict[str, Any], value: Any) -> Any:
    if isinstance(value, str) and value.startswith("attach://"):
        return found.get(value.removeprefix("attach://"), value)
    return value
