"""The sender: what is due goes out once, in the right order, and every answer has its effect."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from broadcasts import clock, db, journal
from broadcasts.channels.base import (
    Account,
    Outcome,
    ProviderError,
    Result,
    TemplateMessage,
    Text,
)
from broadcasts.delivery import accounts, broadcasts, media, outbox, templates
from broadcasts.delivery.broadcasts import Broadcast, Form, Wording
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.sender import SendLoop
from broadcasts.delivery.states import BroadcastKind, BroadcastState, DeliveryState
from broadcasts.people import subscribers
from broadcasts.people.subscribers import Subscriber, Wants
from tests.delivery.makers import ACCOUNT, broadcast, deliveries, reader, states
from tests.fakes import FakeChannel, FakeSender, Sent
from tests.patience import PATIENCE

pytestmark = pytest.mark.usefixtures("database")
FAST = (Account("whatsapp", ACCOUNT, "+49 176 04069000", 1000),)


def run(
    sender: FakeSender,
    until: Callable[[], bool],
    *,
    accounts: tuple[Account, ...] = FAST,
    seconds: float = PATIENCE,
) -> None:
    """Runs the real loop until the condition holds; the test fails if it never does."""
    channel = FakeChannel(accounts=accounts, outgoing=sender)
    loop = SendLoop({"whatsapp": channel}, default_language="de", in_flight=50)
    stop = threading.Event()

    async def watch() -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not until() and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        stop.set()

    async def both() -> None:
        await asyncio.gather(loop._run(stop), watch())

    db.database.close()
    asyncio.run(both())
    db.database.connect(reuse_if_open=True)
    assert until(), states_of_all()


def states_of_all() -> list[str]:
    return [str(row.state) for row in Delivery.select()]


def refuse(outcome: Outcome, code: str = "1") -> Callable[[Sent], Result]:
    return lambda sent: Result(outcome, code=code)


def refuse_once(outcome: Outcome) -> Callable[[Sent], Result]:
    """The first call is refused, every later one accepted."""
    calls: list[Sent] = []

    def answer(sent: Sent) -> Result:
        calls.append(sent)
        return Result(outcome if len(calls) == 1 else Outcome.ACCEPTED, f"wamid.{len(calls)}")

    return answer


def test_it_sends_each_recipient_one_message() -> None:
    for number in range(30):
        reader(number)
    digest, sender = broadcast(), FakeSender()
    run(sender, lambda: states(digest) == ["sent"] * 30)
    assert len({sent.address.wa_id for sent in sender.sent}) == 30
    assert len(sender.sent) == 30


def test_it_chooses_free_text_inside_the_window_and_the_template_outside() -> None:
    reader(1)
    reader(2, window=False)
    digest, sender = broadcast(), FakeSender()
    run(sender, lambda: states(digest) == ["sent"] * 2)
    kinds = {sent.address.wa_id: type(sent.content) for sent in sender.sent}
    assert kinds == {"4917604069001": Text, "4917604069002": TemplateMessage}


def test_it_counts_a_window_that_closes_soon_as_closed() -> None:
    person = reader(1)
    person.window_closes_at = clock.now() + timedelta(minutes=4)
    person.save()
    digest, sender = broadcast(), FakeSender()
    run(sender, lambda: states(digest) == ["sent"])
    assert isinstance(sender.sent[0].content, TemplateMessage)


def test_it_sends_an_alert_as_template_inside_the_window_too() -> None:
    reader(1)
    alert, sender = broadcast(BroadcastKind.ALERT), FakeSender()
    run(sender, lambda: states(alert) == ["sent"])
    assert isinstance(sender.sent[0].content, TemplateMessage)


def test_it_lets_an_alert_overtake_a_digest() -> None:
    for number in range(40):
        reader(number)
    digest, sender = broadcast(), FakeSender()
    alerts: list[broadcasts.Broadcast] = []

    def overtake(sent: Sent) -> Result:
        if len(sender.sent) == 5:
            alerts.append(broadcast(BroadcastKind.ALERT))
        return Result(Outcome.ACCEPTED, sent.tracker)

    sender.answer = overtake
    run(sender, lambda: states(digest) == ["sent"] * 40, accounts=(_slow(100),))
    names = [getattr(sent.content, "name", "digest") for sent in sender.sent]
    first = names.index("alert_1")
    last = len(names) - 1 - names[::-1].index("alert_1")
    assert first < 15
    assert set(names[first:last]) == {"alert_1"}


def _slow(rate: int) -> Account:
    return Account("whatsapp", ACCOUNT, "+49 176 04069000", rate)


def test_it_answers_before_a_digest() -> None:
    for number in range(20):
        reader(number)
    digest, sender = broadcast(), FakeSender()
    outbox.answer(Subscriber.get(), Text("Antwort"))
    run(sender, lambda: states(digest) == ["sent"] * 20)
    assert sender.sent[0].content == Text("Antwort")


def test_it_keeps_an_unknown_outcome_off_the_wire() -> None:
    reader(1)
    digest, sender = broadcast(), FakeSender(answer=refuse(Outcome.UNKNOWN))
    run(sender, lambda: states(digest) == ["unknown"])
    assert len(sender.sent) == 1


def test_it_repeats_an_alert_with_a_word_that_it_is_one() -> None:
    reader(1)
    repeat = Wording(
        "whatsapp", "de", Form.REPEAT, TemplateMessage("alert_1", "de", (("a", "!"),)), "utility"
    )
    first = Wording(
        "whatsapp", "de", Form.TEMPLATE, TemplateMessage("alert_1", "de", (("a", "x"),)), "utility"
    )
    alert = broadcast(BroadcastKind.ALERT, wordings=(first, repeat))
    Delivery.update(settled_by_silence=1).execute()
    sender = FakeSender()
    run(sender, lambda: states(alert) == ["sent"])
    assert sender.sent[0].content == repeat.content


def test_it_tries_the_template_when_the_window_turns_out_closed() -> None:
    reader(1)
    digest, sender = broadcast(), FakeSender(answer=refuse_once(Outcome.WINDOW_CLOSED))
    run(sender, lambda: states(digest) == ["sent"])
    assert [type(sent.content) for sent in sender.sent] == [Text, TemplateMessage]


@pytest.mark.parametrize(
    "outcome",
    [Outcome.NOT_TODAY, Outcome.UNREACHABLE, Outcome.NEEDS_PHONE_NUMBER, Outcome.OUR_MISTAKE],
)
def test_it_fails_what_cannot_be_mended(outcome: Outcome) -> None:
    reader(1)
    digest, sender = broadcast(), FakeSender(answer=refuse(outcome, "131026"))
    run(sender, lambda: states(digest) == ["failed"])
    row = deliveries(digest)[0]
    assert (row.outcome, row.code) == (outcome, "131026")


def test_it_takes_a_refused_digest_as_stop_for_digests() -> None:
    reader(1)
    digest, sender = broadcast(), FakeSender(answer=refuse(Outcome.OPTED_OUT))
    run(sender, lambda: states(digest) == ["failed"])
    assert Subscriber.get().wants == Wants.ALERTS_ONLY


@pytest.mark.parametrize("outcome", [Outcome.TRANSIENT, Outcome.PERSON_TOO_FAST, Outcome.SLOW_DOWN])
def test_it_queues_again_what_passes(outcome: Outcome) -> None:
    reader(1)
    digest, sender = broadcast(), FakeSender(answer=refuse(outcome))
    run(sender, lambda: bool(sender.sent) and states(digest) == ["queued"])
    due_at = deliveries(digest)[0].due_at
    assert timedelta(seconds=1) < due_at - clock.now() < timedelta(seconds=6)


@pytest.mark.parametrize(
    "outcome", [Outcome.WRONG_TEMPLATE, Outcome.TEMPLATE_PAUSED, Outcome.TEMPLATE_DISABLED]
)
def test_it_holds_a_broadcast_whose_template_is_refused(outcome: Outcome) -> None:
    for number in range(3):
        reader(number, window=False)
    digest, sender = broadcast(), FakeSender(answer=refuse(outcome, "132015"))
    run(sender, lambda: broadcasts.get(digest.id).state == BroadcastState.HELD)
    assert states(digest) == ["queued"] * 3
    known = templates.find("whatsapp", "digest_1", "de")
    assert (known is None) == (outcome is Outcome.WRONG_TEMPLATE)


@pytest.mark.parametrize("outcome", [Outcome.CREDENTIALS, Outcome.ACCOUNT])
def test_it_stops_the_number_and_fails_nobody(outcome: Outcome) -> None:
    for number in range(5):
        reader(number)
    digest, sender = broadcast(), FakeSender(answer=refuse(outcome, "190"))
    run(sender, lambda: bool(accounts.stopped()) and "sending" not in states(digest))
    assert states(digest) == ["queued"] * 5
    assert accounts.stopped()[0].stop_code == "190"


def test_it_resumes_a_stopped_number_by_itself() -> None:
    for number in range(5):
        reader(number)
    digest, sender = broadcast(), FakeSender()
    accounts.ensure(FAST)
    accounts.stop(ACCOUNT, Outcome.CREDENTIALS, "190")
    run(sender, lambda: states(digest) == ["sent"] * 5)
    assert accounts.stopped() == []


def test_it_pauses_the_number_while_the_network_is_away() -> None:
    for number in range(5):
        reader(number)
    digest, sender = broadcast(), FakeSender(answer=refuse(Outcome.NETWORK))
    run(sender, lambda: accounts.get(ACCOUNT).paused_until is not None)
    assert states(digest) == ["queued"] * 5
    assert len(sender.sent) <= 5


def test_it_holds_a_broadcast_that_only_meets_mistakes_of_ours() -> None:
    for number in range(60):
        reader(number)
    digest, sender = broadcast(), FakeSender(answer=refuse(Outcome.OUR_MISTAKE, "100"))
    run(sender, lambda: broadcasts.get(digest.id).state == BroadcastState.HELD)
    assert "queued" in states(digest)


def test_it_waits_for_a_message_of_the_recipient_that_is_not_applied_yet() -> None:
    reader(1)
    reader(2)
    journal.append([journal.Arrival("whatsapp", b"{}", ["4917604069001"])])
    digest, sender = broadcast(), FakeSender()
    run(sender, lambda: states(digest) == ["queued", "sent"])
    assert [sent.address.wa_id for sent in sender.sent] == ["4917604069002"]


def test_it_sends_nothing_of_a_broadcast_past_its_time() -> None:
    reader(1)
    digest = broadcast(expires_at=clock.now() - timedelta(seconds=1))
    sender, waits = FakeSender(), iter(range(20))
    run(sender, lambda: next(waits, None) is None)
    assert states(digest) == ["queued"]
    assert sender.sent == []


def test_it_skips_whom_no_wording_fits() -> None:
    reader(1, window=False)
    free = Wording("whatsapp", "de", Form.WINDOW, Text("nur im Fenster"), "service")
    digest, sender = broadcast(wordings=(free,)), FakeSender()
    run(sender, lambda: states(digest) == ["skipped"])
    assert deliveries(digest)[0].code == "no_wording"


def test_it_speaks_the_citys_language_where_another_is_missing() -> None:
    reader(1, language="nl")
    digest, sender = broadcast(), FakeSender()
    run(sender, lambda: states(digest) == ["sent"])
    assert sender.sent[0].content == Text("digest frei")


def test_it_uploads_a_picture_once_for_all() -> None:
    for number in range(5):
        reader(number)
    wording = Wording("whatsapp", "de", Form.WINDOW, Text("Bild", picture="a.jpg"), "service")
    digest, sender = broadcast(wordings=(wording,)), FakeSender()
    run(sender, lambda: states(digest) == ["sent"] * 5)
    assert sender.uploads == ["a.jpg"]
    assert {sent.media for sent in sender.sent} == {"media-1"}


class SlowUploads(FakeSender):
    """Uploads take a while and come to nothing."""

    async def upload(self, account: str, path: str) -> str:
        self.uploads.append(path)
        await asyncio.sleep(0.3)
        raise ProviderError(Outcome.TRANSIENT, "x", "no answer")


def picture_digest() -> Broadcast:
    wording = Wording("whatsapp", "de", Form.WINDOW, Text("Bild", picture="a.jpg"), "service")
    return broadcast(wordings=(wording,))


def test_it_lets_one_failed_upload_fail_for_all_who_wait() -> None:
    """Each trying for itself would outlive its lease, be taken for silent, and go twice."""
    for number in range(30):
        reader(number)
    digest, sender = picture_digest(), SlowUploads()
    run(sender, lambda: len({row.attempt for row in deliveries(digest)} - {0}) == 1)
    run(sender, lambda: states(digest) == ["queued"] * 30)
    assert len(sender.uploads) <= 4
    assert sender.sent == []


def test_it_keeps_calls_free_for_an_alert_while_a_digest_waits() -> None:
    for number in range(60):
        reader(number)
    digest, sender = picture_digest(), SlowUploads()
    alerts: list[Broadcast] = []

    def alert_is_out() -> bool:
        if not alerts and len(sender.uploads) == 1:
            alerts.append(broadcast(BroadcastKind.ALERT))
        return bool(sender.sent)

    run(sender, alert_is_out)
    # Before the upload has failed: the digest's rows still hold their calls.
    assert len(sender.uploads) == 1
    assert digest.id


def test_it_uploads_again_a_picture_the_provider_refuses() -> None:
    reader(1)
    wording = Wording("whatsapp", "de", Form.WINDOW, Text("Bild", picture="a.jpg"), "service")
    digest, sender = broadcast(wordings=(wording,)), FakeSender(answer=refuse(Outcome.MEDIA))
    run(sender, lambda: bool(sender.sent) and states(digest) == ["queued"])
    assert media.find(ACCOUNT, "a.jpg", clock.now()) is None


def test_it_gives_leased_rows_back_on_a_clean_end() -> None:
    for number in range(50):
        reader(number)
    digest, sender = broadcast(), FakeSender()
    run(sender, lambda: len(sender.sent) >= 2, accounts=(_slow(20),))
    now = clock.now() + timedelta(milliseconds=10)
    again = outbox.claim(ACCOUNT, digest.id, worker="next", limit=100, now=now)
    assert len(again) == states(digest).count("queued")


def test_it_takes_a_receipts_address_along_when_it_has_left() -> None:
    from broadcasts.channels.base import Address

    outbox.receipt(
        "whatsapp",
        ACCOUNT,
        Address("4917604069001"),
        Text("Beleg"),
        expires_at=clock.now() + timedelta(seconds=60),
    )
    sender = FakeSender()
    run(sender, lambda: Delivery.select().count() == 0)
    assert sender.sent[0].address.wa_id == "4917604069001"


def test_it_calls_an_unforeseen_failure_unknown() -> None:
    reader(1)

    def fall(sent: Sent) -> Result:
        raise RuntimeError("unforeseen")

    digest = broadcast()
    run(FakeSender(answer=fall), lambda: states(digest) == ["unknown"])
    assert deliveries(digest)[0].state == DeliveryState.UNKNOWN


def test_it_leaves_stopped_people_alone_even_if_their_row_is_queued() -> None:
    person = reader(1)
    digest, sender = broadcast(), FakeSender()
    subscribers.opt_out(person, clock.now())
    run(sender, lambda: states(digest) == ["skipped"])
    assert sender.sent == []


def test_it_knows_that_something_has_left_of_what_was_stopped_meanwhile() -> None:
    alert = broadcast(BroadcastKind.ALERT)
    loop = SendLoop({"whatsapp": FakeChannel()}, default_language="de", in_flight=1)
    broadcasts.mark_stopped(alert.id, clock.now())
    loop._mark_started({alert.id, None})  # not among the live any more when its answer comes
    assert broadcasts.get(alert.id).started_at is not None
