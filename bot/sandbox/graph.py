"""The Graph API's paths: what an unchanged client of the provider calls.

Owns: HTTP of the stand-in. Never: what is refused (rules, messages, templates).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.sandbox import attachments, messages, templates
from bot.sandbox.faults import Cut, Faults, cut
from bot.sandbox.rules import GraphError
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import World

LARGEST_IMAGE = 5 * 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Graph:
    def __init__(self, world: World, faults: Faults, webhooks: Webhooks) -> None:
        self.world, self.faults, self.webhooks = world, faults, webhooks

    def routes(self) -> list[web.RouteDef]:
        """With a version in front (`/v26.0/…`) and without."""
        found = []
        for prefix in ("", r"/v{version:\d+\.\d+}"):
            found += [
                web.post(prefix + r"/{number:\d+}/messages", self.guarded(self.send)),
                web.post(prefix + r"/{number:\d+}/media", self.guarded(self.upload)),
                web.delete(prefix + r"/{number:\d+}/contact_book", self.guarded(self.forget)),
                web.get(prefix + r"/{waba:\d+}/message_templates", self.guarded(self.list)),
                web.post(prefix + r"/{waba:\d+}/message_templates", self.guarded(self.create)),
                web.delete(prefix + r"/{waba:\d+}/message_templates", self.guarded(self.delete)),
                web.get(prefix + r"/{waba:\d+}/phone_numbers", self.guarded(self.phones)),
                web.post(prefix + r"/{app:\d+}/uploads", self.guarded(self.begin_upload)),
                web.post(prefix + r"/{session:upload:.+}", self.guarded(self.finish_upload)),
                web.get(prefix + "/debug_token", self.guarded(self.token)),
                web.get(prefix + r"/{id:\d+}", self.guarded(self.node)),
                web.delete(prefix + r"/{id:\d+}", self.guarded(self.drop)),
            ]
        return [*found, web.get(attachments.PATH, self.guarded(self.attachment))]

    def guarded(self, handler: Handler) -> Handler:
        """Token first, as the provider does; errors in its form."""

        async def run(request: web.Request) -> web.StreamResponse:
            if self.faults.down:
                return web.Response(status=503, text="upstream unavailable")
            try:
                given = request.headers.get("Authorization", "")
                if given.removeprefix("Bearer ").removeprefix("OAuth ") != self.world.token:
                    raise GraphError(190)
                return self._dated(await handler(request))
            except Cut:
                return web.Response()  # into a closed connection
            except GraphError as error:
                self.world.refused[error.code] += 1
                return web.json_response(error.body(), status=error.status)

        return run

    def _dated(self, answer: web.StreamResponse) -> web.StreamResponse:
        """`Date` as the stand-in's own clock shows it."""
        if self.world.shift and not answer.prepared:
            answer.headers["Date"] = formatdate(self.world.now(), usegmt=True)
        return answer

    def _number(self, request: web.Request) -> Any:
        number = self.world.numbers.get(request.match_info["number"])
        if number is None:
            raise GraphError(33)
        return number

    async def send(self, request: web.Request) -> web.StreamResponse:
        number = self._number(request)
        body = await _json(request)
        await self._latency()
        self._strike_before(request)
        accepted = messages.accept(self.world, number, body)
        self._remember(accepted)
        self.webhooks.report(accepted)
        await self.faults.strike_after(request)
        address = accepted.address
        answer: dict[str, Any] = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": address, "wa_id": address}],
            "messages": [{"id": accepted.bubble.id}],
        }
        if accepted.bubble.template:
            answer["messages"][0]["message_status"] = "accepted"
        return web.json_response(answer)

    async def _latency(self) -> None:
        low, high = self.world.settings.latency
        if high > 0:
            await asyncio.sleep(self.world.random.uniform(low, high))

    def _strike_before(self, request: web.Request) -> None:
        if self.faults.strikes("server_error") is not None:
            raise GraphError(131000)
        if self.faults.strikes("too_fast") is not None:
            raise GraphError(130429)
        code = self.faults.strikes("code")
        if code is not None:
            raise GraphError(int(code))
        if self.faults.strikes("reset_before") is not None:
            cut(request)

    def _remember(self, accepted: messages.Accepted) -> None:
        world, bubble = self.world, accepted.bubble
        world.accepted[accepted.address] += 1
        if accepted.person is not None and accepted.late_code is None:
            accepted.person.received += 1
            world.show(accepted.person, bubble)
        if world.settings.keep_messages:
            world.log.append(
                {
                    "address": accepted.address,
                    "at": bubble.at,
                    "kind": bubble.kind,
                    "body": bubble.body,
                    "template": bubble.template,
                    "language": bubble.language,
                    "parameters": bubble.parameters,
                    "picture": bubble.picture,
                    "tracker": bubble.tracker,
                    "id": bubble.id,
                }
            )

    async def upload(self, request: web.Request) -> web.StreamResponse:
        self._number(request)
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            raise GraphError(131008, "file is required")
        content = file.file.read()
        if file.content_type not in ("image/jpeg", "image/png"):
            raise GraphError(131053, "only JPEG and PNG")
        if len(content) > LARGEST_IMAGE:
            raise GraphError(131053, "5 MB at most")
        media = self.world.next_id() + "00000000"
        self.world.media[media] = (content, file.content_type, self.world.now())
        return web.json_response({"id": media})

    async def forget(self, request: web.Request) -> web.StreamResponse:
        self._number(request)
        address = request.query.get("bsuid") or request.query.get("wa_id")
        if not address:
            raise GraphError(131008, "bsuid or wa_id")
        self.world.forgotten.append(address)
        return web.json_response({"success": True})

    async def list(self, request: web.Request) -> web.StreamResponse:
        rows = [dict(row) for row in self.world.templates.values()]
        if name := request.query.get("name"):
            rows = [row for row in rows if name in row["name"]]
        size, start = int(request.query.get("limit", 25)), int(request.query.get("after") or 0)
        page, end = rows[start : start + size], start + size
        paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
        if end < len(rows):
            paging["next"] = f"{request.url.origin()}{request.path}?after={end}"
        summary = {
            "total_count": len(rows),
            "message_template_count": len(rows),
            "message_template_limit": 6000,
            "are_translations_complete": False,
        }
        return web.json_response({"data": page, "paging": paging, "summary": summary})

    async def create(self, request: web.Request) -> web.StreamResponse:
        template = templates.create(self.world, await _json(request))
        delay = self.world.settings.approve_after
        if delay is not None:
            key = template["name"], template["language"]
            asyncio.get_running_loop().call_later(delay, self.set_template, *key, "APPROVED")
        return web.json_response(
            {"id": template["id"], "status": "PENDING", "category": template["category"]}
        )

    def set_template(self, name: str, language: str, status: str) -> None:
        """A template changes its state, and the city is told."""
        template = self.world.templates[name, language]
        template["status"] = status
        self.webhooks.tell(
            "",
            "message_template_status_update",
            {
                "event": status,
                "message_template_id": int(template["id"]),
                "message_template_name": name,
                "message_template_language": language,
                "reason": "NONE",
            },
        )

    async def delete(self, request: web.Request) -> web.StreamResponse:
        name = request.query.get("name")
        for key in [key for key in self.world.templates if key[0] == name]:
            del self.world.templates[key]
        return web.json_response({"success": True})

    async def phones(self, request: web.Request) -> web.StreamResponse:
        rows = [self._phone(number) for number in self.world.numbers]
        return web.json_response({"data": rows})

    def _phone(self, phone_id: str) -> dict[str, Any]:
        number = self.world.numbers[phone_id]
        return {
            "id": phone_id,
            "display_phone_number": number.display,
            "verified_name": "Stadt Musterstadt",
            "quality_rating": "GREEN",
            "throughput": {"level": "HIGH" if number.rate > 80 else "STANDARD"},
            "whatsapp_business_manager_messaging_limit": self.world.tier,
        }

    async def node(self, request: web.Request) -> web.StreamResponse:
        node = request.match_info["id"]
        if node in self.world.numbers:
            return web.json_response(self._phone(node))
        if node in self.world.media:
            return web.json_response(attachments.described(self.world, request.url.origin(), node))
        raise GraphError(100, "no such object")

    async def drop(self, request: web.Request) -> web.StreamResponse:
        """A file goes; who asks for another thing's end gets none."""
        if self.world.media.pop(request.match_info["id"], None) is None:
            raise GraphError(100, "no such object")
        return web.json_response({"success": True})

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        return attachments.given(self.world, request)

    async def token(self, request: web.Request) -> web.Response:
        """What a token may do, and until when; 0: for good."""
        if request.query.get("input_token") != self.world.token:
            raise GraphError(100, "input_token")
        data = {"type": "SYSTEM_USER", "is_valid": True, "expires_at": self.world.token_until}
        return web.json_response({"data": data})

    async def begin_upload(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"id": f"upload:{self.world.next_id()}"})

    async def finish_upload(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.json_response({"h": f"4::handle{self.world.next_id()}"})


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError as error:
        raise GraphError(100, "not JSON") from error
    if not isinstance(body, dict):
        raise GraphError(100, "not an object")
    return body
