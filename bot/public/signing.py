"""Signing up by a form, and what a link in a message does, on channels that have no chat.

Owns: these pages. Never: changes anything itself: what is filled in or pressed goes into the
journal, as a message does, and is applied by the same conversation. A GET changes nothing: mail
scanners open every link. Wired by bot/app.
"""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from bot import pausing, tongues
from bot.city import City
from bot.public import site
from bot.public import words as texts
from bot.public.copy_page import HEADERS
from broadcasts import clock, journal
from broadcasts.channels.base import Address, Channel, OnPage, Pages, Way
from broadcasts.channels.pages import LONGEST_CALLED, Link, LinkError
from broadcasts.newsroom import subjects
from broadcasts.people import attempts, selections, subscribers
from broadcasts.people.pauses import LONGEST, pauses_on
from broadcasts.people.subscribers import REACHED_BY_ALERTS, Subscriber, Wants
from broadcasts.privacy.keys import keyed_hash

FOR_ONE_ADDRESS = 3
"""Confirmations a day: whoever fills in somebody else's address must not fill their mailbox."""
FROM_ONE_PLACE = 20
"""Sign-ups an hour: a whole office may share one address."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

WANTS: Mapping[str, str] = {Wants.EVERYTHING: "start", Wants.ALERTS_ONLY: "alerts_only"}
"""What is chosen → the button that asks for it; with `:yes` the one that confirms it."""

FORM, ONE_CLICK, LINK = "Formular", "One-Click", "Link"
"""Kept with the evidence of a consent."""

WORDS = texts.section("signing")

PUNCTUATION = " .,-'’()"

Page = str | tuple[str, int]


@dataclass(frozen=True)
class Filled:
    """A form as it was filled in, and what is wrong with it: field → key of WORDS."""

    address: str = ""
    called: str = ""
    wants: str = ""
    chosen: tuple[str, ...] = ()
    wrong: Mapping[str, str] | None = None


def blueprint(city: City) -> Blueprint:
    made = Blueprint("signing", __name__, template_folder="templates")

    @made.get("/anmelden/<kind>")
    def form(kind: str) -> Page:
        chosen = tuple(request.args.getlist("choose"))
        return _form(city, _channel(city, kind), Filled(wants=Wants.EVERYTHING, chosen=chosen))

    @made.post("/anmelden/<kind>")
    def sign_up(kind: str) -> Page:
        return _sign_up(city, _channel(city, kind))

    @made.get("/abo/<kind>/<token>")
    def look(kind: str, token: str) -> Page:
        found = _read(_channel(city, kind), token)
        return _said(city, "gone", "", status=404) if found is None else _question(city, *found)

    @made.post("/abo/<kind>/<token>")
    def press(kind: str, token: str) -> Page | Response:
        return _press(city, _channel(city, kind), token)

    @made.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    return made


def _channel(city: City, kind: str) -> Channel:
    channel = city.channels.get(kind)
    if channel is None or channel.pages is None:
        abort(404)
    return channel


def _pages(channel: Channel) -> Pages:
    assert channel.pages is not None  # see _channel
    return channel.pages


def _keep(channel: Channel, said: OnPage) -> None:
    """On disk when this returns, like every message."""
    body = _pages(channel).entry(said)
    journal.append([journal.Arrival(channel.kind, body, [said.address.key])])


# ------------------------------------------------------------------ signing up


def _sign_up(city: City, channel: Channel) -> Page:
    """Says the same whether an address is known, new, or has had enough messages today."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        abort(403)
    language = _language(city, request.form.get("language", ""))
    filled, address = _filled(channel)
    if address is None or filled.wrong:
        return _form(city, channel, filled), 422
    place, whom = _limits(city, address)
    if attempts.is_barred(place, most=FROM_ONE_PLACE, within=HOUR):
        return _form(city, channel, replace(filled, wrong={"": "too_many"})), 429
    is_human = not request.form.get("website")
    if is_human and not attempts.is_barred(whom, most=FOR_ONE_ADDRESS, within=DAY):
        said = OnPage(
            address,
            Way.FORM,
            clock.now(),
            button=WANTS[filled.wants],
            label=WORDS[language]["sign_up"],
            language=language,
            origin=FORM,
            called=filled.called or None,
            chosen=_ticked(city),
        )
        _keep(channel, said)
    attempts.note([place, whom])
    return _said(city, "almost", language)


def _limits(city: City, address: Address) -> tuple[str, str]:
    """(from where, to whom), neither of which can be read."""
    place = request.remote_addr or ""
    if city.settings.desk.behind_proxy:
        place = request.headers.get("X-Forwarded-For", place).rpartition(",")[2].strip()
    named = ("sign-up place", place), ("sign-up address", address.key)
    place_hash, address_hash = (keyed_hash(city.key, f"{what}/{value}") for what, value in named)
    return place_hash, address_hash


def _filled(channel: Channel) -> tuple[Filled, Address | None]:
    typed, called = request.form.get("address", ""), _called(request.form.get("called", ""))
    wants = request.form.get("wants", "")
    wrong: dict[str, str] = {}
    address = None
    try:
        address = channel.address(typed)
    except ValueError:
        wrong["address"] = "wrong_address"
    if not _is_name(called):
        wrong["called"] = "wrong_called"
    if wants not in WANTS:
        wrong["wants"] = "wrong_wants"
    chosen = tuple(request.form.getlist("choose"))
    return Filled(typed[:200], called[:200], wants, chosen, wrong), address


def _called(typed: str) -> str:
    return " ".join(unicodedata.normalize("NFC", typed).split())


def _is_name(called: str) -> bool:
    """Nothing that could be a link or a message: it stands in mails."""
    fits = len(called) <= LONGEST_CALLED and not called.casefold().startswith("www.")
    return fits and all(
        sign in PUNCTUATION or unicodedata.category(sign)[0] in "LM" for sign in called
    )


def _form(city: City, channel: Channel, filled: Filled) -> str:
    language = _language(city, request.values.get("language", ""))
    return render_template(
        "signup.html",
        city=city.settings.city,
        lang=language,
        words=_words(city, language),
        languages=[(tongue, WORDS[tongue]["name"]) for tongue in WORDS if tongue != language],
        pages=channel.pages,
        kind=channel.kind,
        filled=filled,
        wrong=filled.wrong or {},
        privacy=city.texts.privacy_url(language),
        **_subjects(city, language, filled.chosen),
    )


def _subjects(city: City, language: str, chosen: Collection[str]) -> dict[str, Any]:
    """What may be ticked, and what is: (name, label, whether)."""
    known = subjects.there_are(city.settings)
    tongue = language if language in WORDS else city.settings.city.language
    return {
        "subjects": [(one.name, one.label(language), one.name in chosen) for one in known],
        "choosing": site.words(tongue),
    }


def _ticked(city: City) -> tuple[str, ...] | None:
    """Of what there is to tick; None: nothing is."""
    known = [one.name for one in subjects.there_are(city.settings)]
    typed = request.form.getlist("choose")
    return tuple(name for name in known if name in typed) if known else None


def _language(city: City, asked: str) -> str:
    return asked if asked in WORDS else city.settings.city.language


def _words(city: City, language: str) -> Mapping[str, str]:
    words = WORDS.get(language, WORDS["de"])
    return {**words, "intro": words["intro"].format(age=city.settings.city.minimum_age)}


# ------------------------------------------------------------------ links


def _read(channel: Channel, token: str) -> tuple[Link, Subscriber] | None:
    """What a link says, and whose it is; None: it is not good, or they are erased."""
    try:
        link = _pages(channel).read(token, clock.now())
    except LinkError:
        return None
    person = subscribers.find(channel.kind, link.address)
    return None if person is None else (link, person)


def _question(city: City, link: Link, person: Subscriber, wrong: str = "") -> Page:
    """What a link means, with the button that does it."""
    shown = render_template(
        "link.html",
        city=city.settings.city,
        lang=_language(city, person.language),
        words=_words(city, _language(city, person.language)),
        link=link,
        person=person,
        is_reader=person.wants in REACHED_BY_ALERTS,
        tongues=tongues.offered(city, person),
        pause=pausing.UNTIL,
        pauses_on=pauses_on(person.paused_until, clock.today(city.zone)),
        wrong=wrong,
        longest=LONGEST_CALLED,
        **_subjects(city, person.language, selections.read(person.selection_id).names),
    )
    return (shown, 422) if wrong else shown


def _press(city: City, channel: Channel, token: str) -> Page | Response:
    found = _read(channel, token)
    if request.form.get("List-Unsubscribe") == "One-Click":
        # RFC 8058: done by a mail program, with nothing to look at, no cookie and no redirect. Of
        # somebody erased nothing is left to do.
        if found is not None:
            _keep(channel, _leaving(city, *found))
        return Response("", mimetype="text/plain")
    if found is None:
        return _said(city, "gone", "", status=404)
    link, person = found
    words = WORDS[_language(city, person.language)]
    done = _pressed(link, words) if link.button else _details(city, link, person)
    if isinstance(done, str):
        return _question(city, link, person, wrong=done)
    if done.button or done.called is not None or done.chosen is not None:
        _keep(channel, done)
    return _said(city, "done", person.language)


def _leaving(city: City, link: Link, person: Subscriber) -> OnPage:
    label = WORDS[_language(city, person.language)]["leave"]
    return OnPage(link.address, Way.LINK, clock.now(), "stop", label, origin=ONE_CLICK)


def _pressed(link: Link, words: Mapping[str, str]) -> OnPage:
    """The one thing that this link is for."""
    label = link.label or words["leave"]
    return OnPage(link.address, Way.LINK, clock.now(), link.button, label, origin=LINK)


def _details(city: City, link: Link, person: Subscriber) -> OnPage | str:
    """One of several things; else the key of what is wrong with what was filled in."""
    words = WORDS[_language(city, person.language)]
    plain = OnPage(link.address, Way.LINK, clock.now(), origin=LINK)
    for button, key in (("stop", "leave"), ("copy", "ask_copy"), ("erase:yes", "erase_yes")):
        if request.form.get("do") == button:
            return replace(plain, button=button, label=words[key])
    for one in tongues.offered(city, person):
        if request.form.get("do") == one.id:
            return replace(plain, button=one.id, label=one.label)
    if request.form.get("do") == "resume":
        return replace(plain, button="resume", label=words["resume"])
    if request.form.get("do") == pausing.UNTIL:
        until = _until(clock.today(city.zone))
        label = f"{words['pause_until']} {until:%d.%m.%Y}" if until else ""
        return replace(plain, button=pausing.UNTIL, label=label) if until else "wrong_until"
    called, wants = _called(request.form.get("called", "")), request.form.get("wants", "")
    if not _is_name(called):
        return "wrong_called"
    is_new = wants in WANTS and wants != person.wants
    chosen, shown = _ticked(city), {one.name for one in subjects.there_are(city.settings)}
    is_other = set(chosen or ()) != shown.intersection(selections.read(person.selection_id).names)
    return replace(
        plain,
        button=f"{WANTS[wants]}:yes" if is_new else "",
        label=words[wants] if is_new else "",
        called=called if called != person.called else None,
        chosen=chosen if is_other else None,
    )


def _until(today: date) -> date | None:
    """The last day of a pause, as a browser's field gives it."""
    try:
        until = date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return None
    return until if today <= until <= today + LONGEST else None


def _said(city: City, key: str, language: str, *, status: int = 200) -> Page:
    """A page that only says something; without a language, whose it was is not known any more."""
    lang = _language(city, language)
    others = [] if language else [(tongue, WORDS[tongue]) for tongue in WORDS if tongue != lang]
    shown = render_template(
        "said.html", city=city.settings.city, lang=lang, words=WORDS[lang], key=key, others=others
    )
    return shown, status
