"""/metrics for Prometheus: counts, never a person.

Owns: which figures are shown. Never: counts anything by itself; all figures are read from the
database, so that every process shows the same. Wired by bot/app.
"""

from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from broadcasts import clock, journal
from broadcasts.delivery import accounts, broadcasts, outbox, settlements
from broadcasts.people import subscribers

LATEST = 5
"""Broadcasts whose deliveries are shown by state."""


class Figures(Collector):
    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield from (_subscribers(), _journal(), _strange(), _numbers(), _deliveries(), _unknown())


def _gauge(
    name: str, text: str, labels: list[str], rows: Iterator[tuple[list[str], float]]
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"stadtbote_{name}", text, labels=labels)
    for values, number in rows:
        gauge.add_metric(values, number)
    return gauge


def _subscribers() -> GaugeMetricFamily:
    counts = subscribers.count()
    rows = (([name], counts[name]) for name in ("active", "alerts_only", "stopped", "retired"))
    return _gauge("subscribers", "Readers by what they want", ["wants"], rows)


def _journal() -> GaugeMetricFamily:
    oldest = journal.oldest()
    age = (clock.now() - oldest).total_seconds() if oldest else 0.0
    rows: Iterator[tuple[list[str], float]] = iter([([], age)])
    return _gauge("journal_age_seconds", "Age of the oldest update not applied yet", [], rows)


def _strange() -> GaugeMetricFamily:
    rows = (([reason], float(number)) for reason, number in journal.count_strange().items())
    return _gauge("not_understood", "Updates nobody understood, by reason", ["reason"], rows)


def _numbers() -> GaugeMetricFamily:
    rows = (([state.account], float(state.stopped_at is not None)) for state in accounts.everyone())
    return _gauge("number_stopped", "1 when the provider refuses the number", ["number"], rows)


def _unknown() -> GaugeMetricFamily:
    """The price of invariant 5, for whoever wants to be warned of it."""
    rows = (
        ([str(row.id), settled], float(number))
        for row in broadcasts.recent(LATEST)
        for settled, number in settlements.of(row.id).items()
    )
    text = "Deliveries whose outcome was unknown, and how that was settled"
    return _gauge("deliveries_unknown", text, ["broadcast", "settled"], rows)


def _deliveries() -> GaugeMetricFamily:
    rows = (
        ([str(row.id), str(row.kind), state], float(number))
        for row in broadcasts.recent(LATEST)
        for state, number in outbox.figures(row.id).items()
        if state != "recipients"
    )
    text = "Deliveries of the latest broadcasts by state"
    return _gauge("deliveries", text, ["broadcast", "kind", "state"], rows)


FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
"""What a web server adds to a request that it passes on."""


def blueprint() -> Blueprint:
    pages = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(Figures())

    @pages.get("/metrics")
    def metrics() -> Response:
        # How many read, and what fails, is no news for everybody: whoever comes through the web
        # server in front (which says for whom it asks) finds nothing here.
        if any(request.headers.get(name) for name in FORWARDED):
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return pages
