"""Service notices: when one leaves, to whom, at what cost, and what none can be."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from broadcasts import clock
from broadcasts.delivery import audience, broadcasts, endings, wire
from broadcasts.delivery.broadcasts import AlreadySentError, Broadcast, Form
from broadcasts.delivery.hours import OUTSIDE
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.renditions import Renditions
from broadcasts.delivery.states import BroadcastState, DeliveryState
from broadcasts.newsroom import digests, drafts, pausing, posts, service_notices
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.notice_words import Draft
from broadcasts.newsroom.posts import Written
from broadcasts.newsroom.service_notices import NoticeError, Outlook
from broadcasts.people import selections
from broadcasts.people.selections import Scope
from broadcasts.people.subscribers import Subscriber, Wants
from broadcasts.settings import BudgetSettings, BusinessHours, OfficeSettings, SubjectSettings
from tests.delivery.makers import reader
from tests.newsroom.makers import approve, hours, local, newsroom
from tests.newsroom.test_budget import PRICES

pytestmark = pytest.mark.usefixtures("database")

DAY, SATURDAY, MONDAY = "2026-11-24", "2026-11-28", "2026-11-30"
WATER = Draft("Am Dienstag von 9 bis 12 Uhr", "Wasser abgestellt", "www.stadt.example/wasser")


def room(*, approved: bool = True, **more: Any) -> Newsroom:
    given = {"business_hours": BusinessHours(), "prices": PRICES, **hours(quiet=(0, 0)), **more}
    made = newsroom(**given)
    if approved:
        approve(made)
    return made


def readers(number: int, first: int = 1, **more: Any) -> None:
    with clock.travel(local("2026-11-01", "09:00")):
        for index in range(first, first + number):
            reader(index, window=False, **more)


def look(made: Newsroom, day: str, wall: str, draft: Draft = WATER) -> Outlook:
    return service_notices.outlook(made, draft, local(day, wall))


def send(made: Newsroom, day: str, wall: str, draft: Draft = WATER) -> Broadcast:
    at = local(day, wall)
    with clock.travel(at):
        return service_notices.send(made, draft, at)


def test_it_leaves_at_once_in_business_hours() -> None:
    readers(2)
    seen = look(room(), DAY, "10:00")
    assert seen.held_until is None
    assert seen.leaves_at == local(DAY, "10:00")
    assert (seen.recipients, seen.unreachable, seen.waiting) == (2, 0, 0)
    assert send(room(), DAY, "10:00").state == BroadcastState.WRITING


def test_it_is_held_until_the_next_working_day_with_a_reason() -> None:
    readers(1)
    made = room()
    assert look(made, SATURDAY, "12:00").held_until == local(MONDAY, "08:30")
    sent = send(made, SATURDAY, "12:00")
    assert (sent.state, sent.held_reason) == (BroadcastState.HELD, OUTSIDE)
    assert sent.on == date(2026, 11, 30), "it belongs to the day on which it leaves"
    assert sent.expires_at == local("2026-12-02", "17:00")


def test_it_takes_a_holiday_of_the_offices_state_for_a_day_off() -> None:
    made = room(office=OfficeSettings(state="BW"))
    assert look(made, "2027-01-05", "18:00").leaves_at == local("2027-01-07", "08:30")
    assert look(room(), "2027-01-05", "18:00").leaves_at == local("2027-01-06", "08:30")


def test_it_asks_whose_window_is_open_when_it_leaves() -> None:
    with clock.travel(local(SATURDAY, "11:00")):
        reader(1)  # until Sunday
    forms = {row.form: number for row, number, _ in look(room(), SATURDAY, "12:00").renditions}
    assert forms == {Form.WINDOW: 0, Form.TEMPLATE: 1}


def test_it_reads_as_what_it_is_inside_and_outside_the_window() -> None:
    readers(1)
    shown = {row.form: text for row, _, text in look(room(), DAY, "10:00").renditions}
    assert shown[Form.WINDOW] == (
        "*Service-Hinweis · Stadt Musterstadt*\n\n*Wasser abgestellt*\n"
        "Am Dienstag von 9 bis 12 Uhr\nhttps://www.stadt.example/wasser\n\n_Abmelden: Stopp_"
    )
    assert shown[Form.TEMPLATE] == (
        "Service-Hinweis · Stadt Musterstadt:\n\n*Wasser abgestellt* Am Dienstag von 9 bis 12 Uhr"
        " https://www.stadt.example/wasser\n\nDas ist ein Hinweis neben der täglichen Nachricht."
        "\n\nAbmelden: Stopp"
    )


def test_it_goes_to_those_who_want_everything_only() -> None:
    readers(1)
    readers(1, 2, wants=Wants.ALERTS_ONLY)
    assert look(room(), DAY, "10:00").recipients == 1


def test_it_tells_what_it_costs_on_the_day_on_which_it_leaves() -> None:
    readers(3)
    assert str(look(room(), DAY, "10:00").cost.amount) == "3.00"


@pytest.mark.parametrize(
    ("draft", "field", "words"),
    [
        (Draft(" \n "), "text", "empty"),
        (Draft("Wasser\x00weg"), "text", "cannot be shown"),
        (Draft("Wasser", title="a\x07b"), "title", "cannot be shown"),
        (Draft("x" * 10_000), "text", "10,000 signs, at most 1,024"),
        (Draft("x" * 1_000), "text", "signs too long, with title and link"),
        (Draft("Wasser", title="x" * 121), "title", "at most 120"),
        (Draft("Wasser", link="javascript:alert(1)"), "link", "is not an address"),
        (Draft("Wasser", link="https://a b.example"), "link", "is not an address"),
    ],
)
def test_it_takes_no_nonsense(draft: Draft, field: str, words: str) -> None:
    with pytest.raises(NoticeError, match=words) as caught:
        look(room(), DAY, "10:00", draft)
    assert [one.field for one in caught.value.said] == [field]


def test_it_names_everything_that_is_wrong_at_once() -> None:
    with pytest.raises(NoticeError) as caught:
        look(room(), DAY, "10:00", Draft("", "x" * 121, "ftp://a"))
    assert [one.field for one in caught.value.said] == ["title", "text", "link"]


@pytest.mark.parametrize("signs", [850, 900, 950])
def test_it_goes_in_whole_or_not_at_all(signs: int) -> None:
    readers(1)
    draft = Draft("ä" * signs, "Titel", "https://a.example")
    try:
        seen = look(room(), DAY, "10:00", draft)
    except NoticeError:
        assert signs > 850
    else:
        for _, _, text in seen.renditions:
            assert "ä" * signs in text
            assert text.count("\n") < 20


def test_it_is_one_a_day_by_the_day_on_which_it_leaves() -> None:
    readers(1)
    made = room()
    send(made, SATURDAY, "12:00")
    for day, wall in ((SATURDAY, "13:00"), ("2026-11-29", "10:00"), (MONDAY, "09:00")):
        with pytest.raises(AlreadySentError, match="one a day at most"):
            send(made, day, wall)
    assert "one a day at most" in "".join(look(made, MONDAY, "09:00").warnings)
    assert send(made, MONDAY, "17:30").on == date(2026, 12, 1)


def test_it_does_not_use_up_a_day_when_it_is_stopped_before_anybody_got_it() -> None:
    readers(1)
    made = room()
    first = send(made, SATURDAY, "12:00")
    endings.stop(first.id)
    second = send(made, SATURDAY, "13:00")
    assert second.on == first.on
    with clock.travel(local(MONDAY, "09:00")):
        broadcasts.mark_started(second.id, clock.now())
    endings.stop(second.id)
    with pytest.raises(AlreadySentError):
        send(made, MONDAY, "10:00")


def test_it_uses_up_the_day_when_it_was_stopped_on_the_wire() -> None:
    readers(1)
    made = room()
    first = send(made, DAY, "10:00")
    Delivery.create(
        broadcast=first,
        channel="whatsapp",
        account="4711",
        state=DeliveryState.SENDING,
        changed_at=clock.now(),
    )
    endings.stop(first.id)
    with pytest.raises(AlreadySentError):
        send(made, DAY, "11:00")


def test_it_and_the_digest_of_a_day_do_not_hold_each_other() -> None:
    readers(1)
    made = room()
    send(made, DAY, "10:00")
    at = local(DAY, "17:00")
    with clock.travel(at):
        posts.add(made, Written("Markt", on=date(2026, 11, 24)))
        assert digests.due(made, at) == date(2026, 11, 24)
        digests.send(made, now=at)
    assert send(made, DAY, "17:30").on == date(2026, 11, 25)


def test_it_says_which_template_it_needs_and_does_not_go_without() -> None:
    readers(2)
    made = room(approved=False)
    assert "not approved: notice (de)" in look(made, DAY, "10:00").warnings
    with pytest.raises(NoticeError, match=r"2 readers can only be reached .* notice \(de\)"):
        send(made, DAY, "10:00")


def test_it_keeps_to_the_months_hard_cap() -> None:
    readers(6)
    made = room(budget=BudgetSettings(per_month=5, hard_cap=True))
    assert "this service notice costs about 6.00 EUR" in "".join(look(made, DAY, "10:00").warnings)
    with pytest.raises(NoticeError, match="it does not go; alerts go all the same"):
        send(made, DAY, "10:00")
    assert not Broadcast.select().exists()
    lenient = room(budget=BudgetSettings(per_month=5))
    assert send(lenient, DAY, "10:00").state == BroadcastState.WRITING


def test_it_says_when_the_hours_are_too_short_for_everybody() -> None:
    found = [{**row, "number": 1_000_000} for row in counted_one(room())]
    seen = service_notices.outlook(room(), WATER, local(DAY, "16:55"), readers=found)
    assert "the rest leaves a day later" in "".join(seen.warnings)


def counted_one(made: Newsroom) -> list[dict[str, Any]]:
    readers(1)
    return service_notices.counted(made, local(DAY, "16:55"))


def test_it_is_not_there_without_its_section() -> None:
    made = newsroom()
    with pytest.raises(NoticeError, match=r"no section \[business_hours\]"):
        look(made, DAY, "10:00")
    names = Counter(draft.name for draft in drafts.all_drafts(made, pictures=False))
    assert drafts.SERVICE_NOTICE not in names
    assert drafts.SERVICE_NOTICE in {d.name for d in drafts.all_drafts(room(), pictures=False)}


def test_it_goes_only_to_the_district_it_is_for() -> None:
    readers(3)
    for number, name in ((1, "north"), (2, "south")):
        chosen = selections.keep(Scope((), (name,)))
        Subscriber.update(selection=chosen).where(Subscriber.id == number).execute()
    districts = {name: SubjectSettings(name=name) for name in ("north", "south")}
    made = room(districts=districts)
    now = local(DAY, "10:00")
    seen = service_notices.outlook(made, Draft("Kein Wasser", scope=Scope((), ("north",))), now)
    assert (seen.recipients, seen.chosen_otherwise) == (2, 1)
    with pytest.raises(NoticeError, match="is not configured"):
        service_notices.outlook(made, Draft("Kein Wasser", scope=Scope((), ("west",))), now)
    send(made, DAY, "10:00", Draft("Kein Wasser", scope=Scope((), ("north",))))
    audience.write_all_waiting(made.channels)
    assert sorted(row.subscriber.id for row in Delivery.select()) == [1, 3]


def test_it_concerns_everybody_whatever_they_have_chosen() -> None:
    readers(2)
    chosen = selections.keep(Scope(("baustellen",)))
    Subscriber.update(selection=chosen).where(Subscriber.id == 1).execute()
    made = room()
    assert look(made, DAY, "10:00").recipients == 2
    sent = send(made, DAY, "10:00")
    audience.write_all_waiting(made.channels)
    Delivery.update(leased_by="w").execute()
    ids = [row.id for row in Delivery.select()]
    terms, found = wire.terms(made.channels["whatsapp"]), Renditions("de")
    at = local(DAY, "10:01")
    gone = wire.take(ids, worker="w", renditions=found, terms=terms, now=at)
    assert [row.broadcast_id for row in gone] == [sent.id] * 2


def test_it_leaves_out_who_pauses_also_from_one_minute_to_the_next() -> None:
    readers(2)
    made = room()
    Subscriber.update(paused_from=date(2026, 11, 20), paused_until=date(2026, 11, 30)).where(
        Subscriber.id == 1
    ).execute()
    assert look(made, DAY, "10:00").recipients == 1
    sent = send(made, DAY, "10:00")
    audience.write_all_waiting(made.channels)
    (row,) = Delivery.select().where(Delivery.broadcast == sent.id)
    with clock.travel(local(DAY, "10:01")):
        pausing.begin(Subscriber.get_by_id(2), date(2026, 11, 26), date(2026, 11, 24))
    assert Delivery.get_by_id(row.id).state == DeliveryState.SKIPPED
