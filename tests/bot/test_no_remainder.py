"""Whatever somebody has written, in whatever order, late and twice: after "Alle Daten löschen"
nothing of it is found."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import open_city
from bot.city import City
from bot.receiver import Receiver
from broadcasts import clock, db, journal
from broadcasts.delivery import endings
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy import errands, search
from tests.channels.whatsapp import samples
from tests.system import write_config

HER, OTHER = "4917604069001", "4917604069002"

ITEMS: tuple[dict[str, Any], ...] = (
    {"text": {"body": "Start"}},
    {"text": {"body": "Stopp"}},
    {"text": {"body": f"Am Zypressenweg brennt es, bitte +{HER} anrufen"}},
    {"text": {"body": "lösch"}},
    {"text": {"body": "Übung"}},
    {"type": "image", "text": None, "image": {"id": "77", "mime_type": "image/jpeg"}},
    {"type": "audio", "text": None, "audio": {"id": "78"}},
    {"type": "reaction", "text": None, "reaction": {"emoji": "x", "message_id": "y"}},
    {"type": "hologram", "text": None, "hologram": {"of": HER}},
    {"timestamp": "soon"},
    {"from": None},
)
WRITERS = st.sampled_from([HER, OTHER])


@contextmanager
def a_city() -> Iterator[City]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        city = open_city(write_config(path, url=f'"sqlite:///{path / "stadtbote.db"}"'))
        with db.session():
            yield city
        db.close_database()


def written(count: int, who: str, parts: dict[str, Any], at: float) -> dict[str, Any]:
    bsuid = f"DE.{who}"
    contact = {"wa_id": who, "user_id": bsuid, "profile": {"name": f"Person {who}"}}
    common = {"id": samples.wamid(who, count), "from": who, "from_user_id": bsuid}
    # Everybody names only themselves: what others write of her is theirs.
    own = json.loads(json.dumps(parts).replace(HER, who))
    return samples.message(contacts=(contact,), **{**common, "timestamp": str(int(at)), **own})


def status(count: int, who: str) -> dict[str, Any]:
    return samples.status("delivered", id=samples.wamid(who, count), recipient_id=who)


def take_in(city: City, receiver: Receiver, bodies: list[Any]) -> None:
    for body in bodies:
        raw = json.dumps(body).encode()
        writers = city.channels["whatsapp"].writers(body)
        journal.append([journal.Arrival("whatsapp", raw, writers)])
    while receiver.drain():
        pass


@settings(max_examples=25)
@given(st.lists(st.tuples(WRITERS, st.sampled_from(ITEMS)), max_size=8), st.booleans())
def test_it_leaves_no_remainder(said: list[tuple[str, dict[str, Any]]], batched: bool) -> None:
    start = clock.now().timestamp() - 600
    with a_city() as city:
        receiver = Receiver(city)
        bodies: list[Any] = [
            written(count, who, parts, start + count) for count, (who, parts) in enumerate(said)
        ]
        bodies += [status(count, who) for count, (who, _) in enumerate(said)]
        bodies.append(written(98, OTHER, ITEMS[0], start + 98))
        erase = written(99, HER, {"text": {"body": "Alle Daten löschen"}}, start + 99)
        take_in(city, receiver, [samples.batch(bodies)] if batched else bodies)
        take_in(city, receiver, [erase])
        receiver.close()
        # Nobody answers at the provider's: a minute later both are given up.
        endings.expire_answers(clock.now() + timedelta(seconds=61))
        errands.give_up()
        # All of it comes once more, in another grouping.
        take_in(city, receiver, [samples.batch([*bodies, erase]), *bodies])
        receiver.release()
        db.truncate_log()
        places = search.Places(folder=city.config.folder, media=city.config.media_dir)
        asked = search.meant(city.channels, HER)
        assert search.everywhere(places, asked, [f"Person {HER}"]) == []
        assert Subscriber.select().where(Subscriber.wa_id == OTHER).count() == 1
