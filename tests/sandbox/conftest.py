"""A stand-in with one approved template and one citizen who has just written."""

from collections.abc import Iterator

import httpx
import pytest

from bot.sandbox import Sandbox, SandboxSettings
from tests.sandbox import asking


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    settings = SandboxSettings(token="t", app_secret="s", verify_token="v")
    with Sandbox(settings) as running:
        running.phone("+49 176 04069001").text("Hallo")
        yield running


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer t"}
    with httpx.Client(base_url=f"{sandbox.url}/v26.0", headers=headers) as client:
        for name, category in (("news", "MARKETING"), ("alarm", "UTILITY")):
            client.post("/9876543210/message_templates", json=asking.draft(name, category))
        sandbox.wait_for(lambda: sandbox.world.templates["alarm", "de"]["status"] == "APPROVED")
        yield client
