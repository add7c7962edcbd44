"""What is configured, without a secret."""

import pytest

from bot.desk.settings import _without_password
from broadcasts.people.staff import Role
from tests.desk.conftest import Open
from tests.system import APP_SECRET, KEY, TOKEN, VERIFY_TOKEN


def test_it_shows_each_value_and_what_it_means(desk: Open) -> None:
    page = desk(Role.ADMIN).get("/settings/").text
    assert "Stadt Musterstadt" in page
    assert "Ortszeit der Tagesnachricht" in page
    assert "mon, tue, wed, thu, fri, sat, sun" in page
    assert "(wie ausgeliefert)" in page
    assert "1234567890" in page
    assert "0,1131 EUR" in page
    assert "<strong>7 Tage nach Abschluss</strong>" in page
    assert "config.toml" in page


def test_it_shows_no_secret(desk: Open) -> None:
    page = desk(Role.ADMIN).get("/settings/").text
    assert "WHATSAPP_TOKEN" in page
    assert not [one for one in (KEY, TOKEN, APP_SECRET, VERIFY_TOKEN) if one in page]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///stadtbote.db", "sqlite:///stadtbote.db"),
        ("postgresql://bote:geheim@db.example/bote", "postgresql://bote:…@db.example/bote"),
        ("postgresql://db.example:5433/bote?password=geheim", "postgresql://db.example:5433/bote"),
    ],
)
def test_it_hides_the_databases_password(url: str, shown: str) -> None:
    assert _without_password(url) == shown
