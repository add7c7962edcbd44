"""What the clock starts: name, cadence, function, last result.

Owns: the APScheduler and the table of jobs. Never: when a digest is due (newsroom decides that
from the database, so that a missed run is caught up or skipped on purpose). Run by bot/loops.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from bot import feeds, health
from bot.city import City
from broadcasts import clock, db, journal
from broadcasts.delivery import billing, broadcasts, heartbeats, tallies, upkeep
from broadcasts.faults import where
from broadcasts.newsroom import digests, interrupted, pausing, post_pictures, received, releases
from broadcasts.people import growth, notices
from broadcasts.privacy import (
    audit,
    backups,
    erasure_log,
    errands,
    leaving,
    link_codes,
    opt_outs,
    retention,
)
from broadcasts.privacy.ageing import Ground

log = logging.getLogger(__name__)


REFUSED = "refused"
"""How a result begins when a person must do something first."""

REST = timedelta(minutes=1)
"""Then it is tried again after it."""


@dataclass(frozen=True)
class Job:
    name: str
    every: timedelta
    run: Callable[[City], str]
    """Returns in a word or two what came of it."""
    is_long: bool = False
    """May take hours: nothing that is due by the second waits behind it."""


def send_digest(city: City) -> str:
    """Starts today's digest if it is due; two schedulers that try at once start one."""
    now = clock.now()
    digests.keep_posts_of_the_unsent(now)
    if digests.due(city.newsroom, now) is None:
        return "not due"
    try:
        broadcast = digests.send(city.newsroom, now=now)
    except broadcasts.AlreadySentError:
        return "already sent"
    except digests.OverBudgetError:
        return "refused: it would pass the month's budget"  # without figures: news only once
    except digests.DigestError as error:
        return f"refused: {error}"
    return f"started broadcast {broadcast.id}"


def ask_provider(city: City) -> str:
    """Templates, numbers and token as the provider has them: webhooks can be lost, a question
    cannot. The answers are kept for the desk."""
    wrong = [check.id for check in health.ask(city) if not check.ok]
    return "not well: " + ", ".join(wrong) if wrong else "ok"


def count_growth(city: City) -> str:
    growth.count(city.zone, clock.now(), erased=erasure_log.counted)
    growth.present()  # so that no page is the first to ask
    return "ok"


def count_broadcasts(city: City) -> str:
    tallies.catch_up(clock.now())
    billing.fold()
    return "ok"


def retire_unreachable(city: City) -> str:
    yesterday = clock.today(city.zone) - timedelta(days=1)
    return f"{upkeep.retire_unreachable(yesterday)} unreachable"


def ask_for_all_clear(city: City) -> str:
    """An alert has run out: its readers wait for the all-clear, so staff must hear of it."""
    return f"{releases.remind(clock.now())} alerts without all-clear"


def fetch_pictures(city: City) -> str:
    """What citizens sent; several workers that try at once fetch each picture once."""
    tried = received.fetch_due(city.channels, city.config.media_dir, clock.now())
    return f"{tried} tried" if tried else "ok"


def fetch_feeds(city: City) -> str:
    """One feed at a time, over all workers; the next one within seconds."""
    report = feeds.fetch_next(city)
    return str(report) if report and report.is_news else "ok"


def clean_up(city: City) -> str:
    now = clock.now()
    journal.forget_seen(now)
    notices.forget_old(now)
    heartbeats.forget_old(now)
    interrupted.forget_old(now)
    backups.prune(city.config.backup_dir, city.settings.backup.keep_days, now)
    erasure_log.prepare(now)
    erasure_log.forget_old(now)
    opt_outs.forget_old(now)
    post_pictures.drop_strays(city.newsroom, now)
    link_codes.forget_old(now)
    return "ok"


NIGHT = 2
"""The local hour from which on it is night enough; missed, it is made up for at any later one."""

DAYTIME = range(10, 18)
"""Local hours at which a question may ring on a telephone."""


WAKING = range(8, 20)
"""The same of a welcome after a pause, which is to come before the day's digest."""


def delete_old(city: City) -> str:
    """Once a night, in short batches; who is not done by the morning goes on."""
    here = clock.local_now(city.zone)
    if here.hour < NIGHT or retention.is_done(here.date()):
        return "not due"
    counts = retention.run(ground(city), here.date())
    return " ".join(f"{rule}={number}" for rule, number in counts.items() if number) or "nothing"


def ask_silent(city: City) -> str:
    """Once a day, when nobody is asleep, who has been silent for more than a year is asked."""
    here = clock.local_now(city.zone)
    is_quiet = city.settings.quiet_hours.contains(here.time())
    if here.hour not in DAYTIME or is_quiet or retention.was_asked(here.date()):
        return "not due"
    asked = leaving.ask(ground(city))
    retention.note(here.date(), retention.ASKED, asked, done=True)
    return f"{asked} asked"


def welcome_back(city: City) -> str:
    """In the morning, who has paused up to yesterday; missed, at any later hour of daylight."""
    here = clock.local_now(city.zone)
    if here.hour not in WAKING or city.settings.quiet_hours.contains(here.time()):
        return "not due"
    return f"{pausing.tell_returned(city.newsroom, clock.now())} back"


def ground(city: City) -> Ground:
    """What retention needs at hand."""
    return Ground(city.newsroom, city.key, city.audit_key, clock.now())


def make_backup(city: City) -> str:
    """Each night, once: what is there of today already is seen in the folder."""
    settings, local = city.settings.backup, clock.local_now(city.zone)
    if not settings.nightly or local.time() < settings.time:
        return "not due"
    made = backups.listing(city.config.backup_dir)
    if made and made[-1].made_at.astimezone(city.zone).date() >= local.date():
        return "made"
    try:
        backups.make(city.backup_source())
    except backups.BackupError as error:
        return f"refused: {error}"
    return "made"


def forget_at_provider(city: City) -> str:
    """What an erasure has still to do: until the provider has confirmed, or for a minute."""

    def note() -> None:
        audit.record(city.audit_key, audit.SERVICE, "provider not reached")

    tried = errands.run_due(city.channels, clock.now(), not_reached=note)
    return f"{tried} tried" if tried else "ok"


JOBS: Sequence[Job] = (
    Job("digest", timedelta(seconds=5), send_digest),
    Job("fetch_pictures", timedelta(seconds=3), fetch_pictures),
    Job("fetch_feeds", timedelta(seconds=5), fetch_feeds, is_long=True),
    Job("forget_at_provider", timedelta(seconds=3), forget_at_provider),
    Job("backup", timedelta(minutes=1), make_backup, is_long=True),
    Job("ask_provider", timedelta(hours=6), ask_provider),
    Job("retire_unreachable", timedelta(hours=6), retire_unreachable),
    Job("ask_for_all_clear", timedelta(seconds=20), ask_for_all_clear),
    Job("clean_up", timedelta(minutes=10), clean_up),
    Job("delete_old", timedelta(minutes=10), delete_old, is_long=True),
    Job("ask_silent", timedelta(minutes=30), ask_silent),
    Job("welcome_back", timedelta(minutes=1), welcome_back),
    Job("count_growth", timedelta(minutes=15), count_growth),
    Job("count_broadcasts", timedelta(minutes=1), count_broadcasts),
)


class Jobs:
    """The scheduler of one process, and what came of each job's last run."""

    def __init__(
        self,
        city: City,
        jobs: Sequence[Job] = JOBS,
        *,
        done: Callable[[], None] = lambda: None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`done`: called after each job; `beat`: writes this process's signs of life."""
        self._city = city
        self._done, self._beat = done, beat
        self._results: dict[str, str] = {}
        self._scheduler = BackgroundScheduler(
            timezone=city.zone,
            # Signs of life wait for no job.
            executors={
                "default": ThreadPoolExecutor(3),
                "long": ThreadPoolExecutor(3),
                "beat": ThreadPoolExecutor(1),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for job in jobs:
            self._scheduler.add_job(
                self._run,
                "interval",
                seconds=job.every.total_seconds(),
                args=[job],
                id=job.name,
                executor="long" if job.is_long else "default",
                # In wall-clock terms: at once, not one interval from now.
                next_run_time=clock.local_now(city.zone),
            )
        self._scheduler.add_job(
            self._show_life,
            "interval",
            seconds=heartbeats.EVERY.seconds,
            id="beat",
            executor="beat",
        )

    def start(self) -> None:
        self._scheduler.start()

    def catch_up(self) -> None:
        """After the clock was put back no job waits for the old time to come round again."""
        if not self._scheduler.running:
            # Not started yet: its jobs have no next time.
            return
        now = datetime.now(self._city.zone)  # the scheduler's own clock
        for job in self._scheduler.get_jobs():
            longest = max(job.trigger.interval, REST)
            if job.next_run_time - now > longest + timedelta(seconds=1):
                job.modify(next_run_time=now)

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self, job: Job) -> None:
        with db.session():
            try:
                result = job.run(self._city)
            except Exception as error:
                log.error("job name=%s error=%s", job.name, where(error))
                result = f"failed: {type(error).__name__}"
        if self._results.get(job.name) != result:
            # Only news: a job every few seconds would fill the log.
            log.info("job name=%s result=%s", job.name, result)
        self._results[job.name] = result
        self._done()
        if result.startswith(REFUSED):
            self._rest(job)

    def _rest(self, job: Job) -> None:
        """What a person must mend is not mended in seconds, and each try counts all readers."""
        at = datetime.now(self._city.zone) + REST
        with suppress(JobLookupError):  # not scheduled here
            self._scheduler.modify_job(job.name, next_run_time=at)

    def _show_life(self) -> None:
        try:
            with db.session():
                self._beat()
        except db.DatabaseError as error:
            log.warning("beat error=%s", where(error))
