"""The catalogue of what the service says, per language, with the city's name.

Owns: looking up and filling texts, and what a city may override. Never: decides when something is
said. Used by bot/conversation, wording and the configuration.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from broadcasts.languages import PLAIN, spoken
from broadcasts.settings import LANGUAGES, WEEKDAYS, BusinessHours

LONGEST = 1000
"""Signs: an interactive body holds 1024 (whatsapp.md §7), and so does every template."""

LONGEST_BUTTON = 20
"""Signs of a reply button's title (whatsapp.md §7)."""

LONGEST_FOOTER = 60
"""Signs of a template's footer (whatsapp.md §3); "Abmelden: Stopp" must not be cut off."""

LIMITS: Mapping[str, int] = {
    "button_": LONGEST_BUTTON,
    "digest_footer": LONGEST_FOOTER,
    "alert_footer": LONGEST_FOOTER,
}
"""How a key begins → signs of its text; every other one: LONGEST."""

COPY_PATH = "kopie"
"""Below the city's own address: where the copy of one's data waits; a token follows."""

ARCHIVE_PATH = "archiv"
"""Below the city's own address: what has been sent; a digest's day follows."""

NOTICES_BESIDE = "notices_beside"
"""What is said of service notices, where a city has some."""
IN_PLAIN = f"sprache={PLAIN}"
"""After the address of a page of the archive: in plain words, where there are some."""

MUST_SAY: Mapping[str, str] = {
    NOTICES_BESIDE: "days",
    "welcome": "privacy_url",
    "welcome_back": "privacy_url",
    "welcome_alerts_only": "privacy_url",
    "erased": "code",
    "did_you_mean": "word",
    "alert_in_force_since": "time",
    "digest_more": "link",
    "digest_whole": "link",
    "copy": "link",
    "pause_begun": "last",
    "pause_missed": "link",
    "pause_holds": "last",
    "link_code": "code",
    "link_code_move": "code",
    "move_invitation": "code",
    "linked": "privacy_url",
    "moved": "privacy_url",
    "confirm_start": "privacy_url",
    "confirm_age": "privacy_url",
    "welcome_by_link": "privacy_url",
    "welcome_back_by_link": "privacy_url",
    "welcome_alerts_only_by_link": "privacy_url",
    "erased_by_link": "code",
    "copy_by_link": "link",
    "confirm_start_by_link": "privacy_url",
    "confirm_age_by_link": "privacy_url",
}
"""Key → the placeholder a city's own wording may not leave out: a duty, or the text's purpose."""

BY_LINK = "_by_link"
"""Ends the key of a wording for channels without a chat: nobody writes, and a button is a link."""

CONSENT_TEXTS = tuple(
    key + ending
    for ending in ("", BY_LINK)
    for key in ("welcome", "welcome_back", "welcome_alerts_only")
)
"""What a person has been told when consent is recorded."""

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LEFT_OVER = re.compile(r"\{[^{}]*\}?|\}")


class UnknownTextError(Exception):
    """No text has this key, or a value for a placeholder is missing."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The texts that come with the software."""
    source = files("broadcasts.newsroom") / "catalogue" / f"{language}.toml"
    return MappingProxyType(tomllib.loads(source.read_text(encoding="utf-8")))


class Texts:
    """The catalogue of one city."""

    def __init__(
        self,
        *,
        city: str,
        public_url: str,
        language: str,
        minimum_age: int,
        digest_time: str,
        notices: BusinessHours | None = None,
        overrides: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        """`notices`: when service notices leave, where there are some."""
        self._language = language
        self._overrides = overrides
        self._notices = notices
        base = public_url.rstrip("/")
        self._always = {
            "city": city,
            "age": str(minimum_age),
            "digest_time": digest_time,
            "public_url": base,
        }

    def get(self, key: str, language: str, *, by_link: bool = False, **values: str) -> str:
        """The text in this language, else in the city's. `by_link`: in its wording for channels
        without a chat, where it has one. Raises UnknownTextError."""
        tongue = spoken(language, self._language)
        if by_link and f"{key}{BY_LINK}" in catalogue(tongue):
            key = f"{key}{BY_LINK}"
        known = {**self._always, "privacy_url": self.privacy_url(tongue), **values}
        if key == NOTICES_BESIDE:
            known |= self._hours(tongue)
        return PLACEHOLDER.sub(lambda match: _value(key, match[1], known), self._raw(key, tongue))

    @property
    def beside(self) -> str:
        """Key of what must be said beside the promise of one message a day; empty: nothing."""
        return NOTICES_BESIDE if self._notices else ""

    def _hours(self, language: str) -> dict[str, str]:
        given = self._notices or BusinessHours()
        names = [self.get(f"weekday_{day}", language) for day in WEEKDAYS if day in given.weekdays]
        days = ", ".join(names)
        if len(names) > 2 and "".join(given.weekdays) in "".join(WEEKDAYS):
            days = self.get("days_from_to", language, first=names[0], last=names[-1])
        return {"days": days, "start": f"{given.start:%H:%M}", "end": f"{given.end:%H:%M}"}

    def has(self, key: str) -> bool:
        return key in catalogue(self._language)

    def privacy_url(self, language: str) -> str:
        """Of the notice in this language; the city's own stands at the shortest address."""
        address = f"{self._always['public_url']}/datenschutz"
        return address if language == self._language else f"{address}/{language}"

    def digest_url(self, on: date, language: str) -> str:
        """Where everybody may read a day's digest, in whole."""
        address = f"{self._always['public_url']}/{ARCHIVE_PATH}/{on.isoformat()}"
        if language == PLAIN:
            return f"{address}?{IN_PLAIN}"
        return address if language == self._language else f"{address}/{language}"

    def _raw(self, key: str, language: str) -> str:
        text = self._overrides.get(language, {}).get(key) or catalogue(language).get(key)
        if text is None:
            raise UnknownTextError(key)
        return text

    def consent_version(self, language: str) -> str:
        """Which wording of the welcome a person has agreed to; another one when overridden."""
        tongue = spoken(language, self._language)
        version = f"{tongue}-{catalogue(tongue)['consent_version']}"
        version += "-notices" if self._notices else ""
        own = [self._overrides.get(tongue, {}).get(key) for key in CONSENT_TEXTS]
        if not any(own):
            return version
        told = "\0".join(text for text in own if text)
        return f"{version}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _value(key: str, name: str, known: Mapping[str, str]) -> str:
    try:
        return known[name]
    except KeyError as error:
        raise UnknownTextError(f"{key}: no value for {name}") from error


def problems(overrides: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Everything wrong with texts from the configuration, each with its key."""
    for language, texts in overrides.items():
        if language not in LANGUAGES:
            yield f"{language}: unknown language (there are {', '.join(LANGUAGES)})"
            continue
        for key, text in texts.items():
            yield from _problems_of(language, key, text)


def _problems_of(language: str, key: str, text: str) -> Iterator[str]:
    original = catalogue(language).get(key)
    if original is None or key == "consent_version":
        yield f"{language}.{key}: there is no such text"
        return
    if not text.strip():
        yield f"{language}.{key}: is empty"
    longest = limit(key)
    if len(text) > longest:
        yield f"{language}.{key}: {len(text)} signs, at most {longest}"
    always = {"city", "age", "digest_time", "public_url", "privacy_url"}
    for name in set(PLACEHOLDER.findall(text)) - set(PLACEHOLDER.findall(original)) - always:
        yield f"{language}.{key}: unknown placeholder {{{name}}}"
    # "{City}" or "{city" would be sent as it stands.
    for brace in sorted(set(LEFT_OVER.findall(PLACEHOLDER.sub("", text)))):
        yield f"{language}.{key}: {brace} is no placeholder"
    if text.strip() and key in MUST_SAY and f"{{{MUST_SAY[key]}}}" not in text:
        yield f"{language}.{key}: {{{MUST_SAY[key]}}} is missing"


def limit(key: str) -> int:
    """Signs a text may have in its place."""
    return next((most for start, most in LIMITS.items() if key.startswith(start)), LONGEST)
