"""A pause of somebody who reads by e-mail: begun, ended and over, over real HTTP and SMTP."""

from datetime import timedelta

import httpx

from broadcasts import clock
from broadcasts.delivery.outbox import Delivery
from broadcasts.newsroom import digests, pausing, posts
from broadcasts.newsroom.posts import Written
from broadcasts.people.consent import Consent, Deed
from tests.channels.email.server import MailServer
from tests.patience import wait_until
from tests.stories.test_email import (  # noqa: F401
    confirmed,
    find,
    links,
    mails,
    press,
    system,
    text_of,
)
from tests.system import System

DETAILS = "Ihre Angaben ändern, Kopie Ihrer Daten, alles löschen"


def test_it_pauses_on_the_page_and_is_back(system: System, mails: MailServer) -> None:  # noqa: F811
    page = links(system, confirmed(system, mails))[DETAILS]
    today = clock.today(system.city.zone)
    assert "Letzter Tag der Pause" in httpx.get(page).text

    for until in ("2020-01-01", "9999-12-31", "morgen", "", "'; DROP TABLE subscriber"):
        answer = httpx.post(page, data={"do": "pause:until", "until": until})
        assert answer.status_code == 422
        assert "Bitte einen Tag von heute" in answer.text
    assert find().paused_until is None

    last = today + timedelta(days=3)
    press(page, do="pause:until", until=last.isoformat())
    said = text_of(mails.wait_for(3)[2])
    assert f"{last:%d.%m.%Y}" in said
    assert "Weiter" not in said
    assert find().paused_until == last
    assert "Sie haben Pause bis einschließlich" in httpx.get(page).text
    assert Consent.select().where(Consent.deed == Deed.PAUSED).count() == 1

    posts.add(system.city.newsroom, Written("Markt", on=today))
    digests.send(system.city.newsroom, now=clock.now())
    with clock.travel(clock.now() + timedelta(days=4)):
        assert pausing.tell_returned(system.city.newsroom, clock.now()) == 1
    # Due in four days: now.
    Delivery.update(due_at=clock.now()).where(Delivery.state == "queued").execute()
    back = text_of(mails.wait_for(4)[3])
    assert "Willkommen zurück" in back
    assert f"bis={last.isoformat()}" in back

    press(page, do="pause:until", until=last.isoformat())
    wait_until(lambda: find().paused_until == last)
    press(page, do="resume")
    wait_until(lambda: find().paused_until is None)
