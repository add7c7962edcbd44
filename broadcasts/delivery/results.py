"""Answers to our calls, written back in batches.

Owns: moving a row from `sending` by what the provider answered. Never: a status by webhook
(statuses), the number's own state (lane). Called by the sender.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from broadcasts import clock, db
from broadcasts.channels.base import Outcome, Result
from broadcasts.delivery import effects, outbox
from broadcasts.delivery.outbox import Delivery
from broadcasts.delivery.policy import (
    CONSEQUENCES,
    MOST_LATE_RETRIES,
    MOST_MEDIA_TRIES,
    Concerns,
)
from broadcasts.delivery.states import DeliveryState
from broadcasts.delivery.wire import Outgoing

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answered:
    outgoing: Outgoing
    result: Result


# A status may have been quicker than the answer: then only the provider's id is news.
_ACCEPTED = """
UPDATE delivery SET
    provider_id = ?,
    due_at = CASE WHEN state IN ('sending', 'unknown') THEN NULL ELSE due_at END,
    changed_at = CASE WHEN state IN ('sending', 'unknown') THEN ? ELSE changed_at END,
    code = CASE WHEN state IN ('sending', 'unknown') THEN ? ELSE code END,
    outcome = CASE WHEN state IN ('sending', 'unknown') THEN 'accepted' ELSE outcome END,
    leased_by = NULL,
    state = CASE WHEN state IN ('sending', 'unknown') THEN 'sent' ELSE state END
WHERE id = ? AND attempt = ? AND state <> 'queued'
  AND (subscriber_id IS NOT NULL OR address IS NOT NULL)
"""

_ACCEPTED_OF_ERASED = """
UPDATE delivery SET state = 'sent', due_at = NULL, leased_by = NULL, changed_at = ?
WHERE id = ? AND attempt = ? AND state IN ('sending', 'unknown') AND subscriber_id IS NULL
"""


def record(answered: Sequence[Answered]) -> None:
    """Writes a batch in one transaction."""
    if not answered:
        return
    accepted = [item for item in answered if item.result.outcome is Outcome.ACCEPTED]
    with db.transaction():
        outbox.lock_in_order(item.outgoing.id for item in answered)
        _record_accepted(accepted)
        for item in answered:
            if item.result.outcome is not Outcome.ACCEPTED:
                _record_refused(item)
        outbox.drop_receipts(
            [item.outgoing.id for item in answered if item.outgoing.broadcast_id is None]
        )


def _record_accepted(accepted: Sequence[Answered]) -> None:
    now = db.moment(clock.now())
    db.execute_many(
        _ACCEPTED,
        [
            (
                item.result.provider_id,
                now,
                "held" if item.result.held else "",
                item.outgoing.id,
                item.outgoing.attempt,
            )
            for item in accepted
        ],
    )
    # Of somebody erased while the call was under way nothing is kept but that it was sent.
    db.execute_many(
        _ACCEPTED_OF_ERASED, [(now, item.outgoing.id, item.outgoing.attempt) for item in accepted]
    )


def _record_refused(item: Answered) -> None:
    outgoing, result = item.outgoing, item.result
    consequence = CONSEQUENCES[result.outcome]
    delivery = Delivery.get_or_none(
        Delivery.id == outgoing.id,
        Delivery.attempt == outgoing.attempt,
        Delivery.state.in_((DeliveryState.SENDING, DeliveryState.UNKNOWN)),
    )
    if delivery is None:
        return
    state = _next_state(delivery, result)
    now = clock.now()
    change: dict[str, Any] = {"due_at": None}
    if state is DeliveryState.QUEUED:
        wait = result.retry_after or consequence.wait(outgoing.attempt)
        change = {"due_at": now + max(wait, timedelta(0))}
        if result.outcome is Outcome.WINDOW_CLOSED:
            change["refusals"] = delivery.refusals + 1
    elif state is DeliveryState.UNKNOWN:
        change = {"due_at": now, "unknowns": Delivery.unknowns + 1}
    Delivery.update(
        state=state,
        leased_by=None,
        outcome=result.outcome,
        code=result.code,
        changed_at=now,
        **change,
    ).where(Delivery.id == delivery.id).execute()
    _tell_others(delivery, consequence.concerns, result, state)


def _tell_others(
    delivery: Delivery, concerns: Concerns, result: Result, state: DeliveryState
) -> None:
    if concerns is Concerns.MEDIA and state is DeliveryState.FAILED:
        # The picture itself is unfit: it will be for everybody.
        concerns = Concerns.TEMPLATE
    evidence = f"refusal {result.code} of delivery {delivery.id}"
    effects.apply(
        concerns, effects.Refusal(delivery, result.outcome, result.code, evidence, clock.now())
    )
    log.info("refused delivery=%s outcome=%s code=%s", delivery.id, result.outcome, result.code)


def _next_state(delivery: Delivery, result: Result) -> DeliveryState:
    """The table's word, but for what cannot be mended by trying again."""
    if result.outcome is Outcome.WINDOW_CLOSED and (
        delivery.broadcast_id is None or delivery.refusals >= MOST_LATE_RETRIES
    ):
        return DeliveryState.FAILED
    if result.outcome is Outcome.MEDIA and delivery.attempt >= MOST_MEDIA_TRIES:
        return DeliveryState.FAILED
    if delivery.broadcast_id is None and CONSEQUENCES[result.outcome].concerns is Concerns.TEMPLATE:
        return DeliveryState.FAILED
    return CONSEQUENCES[result.outcome].state
