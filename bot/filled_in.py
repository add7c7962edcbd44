"""What was filled in: values left from the example, weak secrets, a privacy notice with gaps.

Owns: judging the configuration beyond what stops a start. Never: reads it (config), or prints a
secret. Called by bot/checks.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from bot.checks import Check
from bot.city import City
from bot.public import contact
from bot.starter import PLACEHOLDERS
from broadcasts.channels.registry import REGISTRY
from broadcasts.privacy import notice
from broadcasts.saying import say


def checks(city: City) -> list[Check]:
    return [*_configuration(city), _examples(city), _secrets(city), _notice(city), *_picture(city)]


def _configuration(city: City) -> Iterator[Check]:
    """What `config` found that is no reason not to start."""
    for problem in city.config.warnings:
        yield Check(
            "configuration",
            False,
            say("%(key)s: %(text)s", key=problem.key, text=problem.text),
        )
    if not city.config.warnings:
        yield Check("configuration", True, say("as it should be"))


def _examples(city: City) -> Check:
    """Values of the example that nobody has replaced, by name."""
    left = ", ".join(f"{key} = {value}" for key, value in examples_left(city))
    return Check(
        "examples",
        not left,
        say("still as in the example: %(values)s", values=left) if left else say("all replaced"),
        say("Fill in your own values in config.toml, then restart."),
        stops=True,
    )


def _notice(city: City) -> Check:
    """Whether the privacy notice says what the law asks for; a stand-in's citizens have no law."""
    left = ", ".join(f"privacy.{name}" for name in notice.missing(city.settings.privacy))
    detail = say("does not name: %(names)s", names=left) if left else say("names whom it must")
    is_played = _is_played(city)
    return Check(
        "privacy_notice",
        is_played or not left,
        say("not looked at: the provider is played by a stand-in") if is_played else detail,
        say("Fill in the section [privacy] in config.toml, then restart."),
        is_known=not is_played,
    )


def _picture(city: City) -> Iterator[Check]:
    """Whether the contact card has the picture that somebody named."""
    if city.config.picture is not None:
        is_there = contact.read(city.config.picture) is not None
        yield Check(
            "contact_picture",
            is_there,
            say("on the contact card") if is_there else say("is no JPEG or PNG, or not there"),
            say("Put the picture beside config.toml and name it in city.picture."),
        )


EXAMPLE_HOST = re.compile(r"(^|\.)example$")


def examples_left(city: City) -> Iterator[tuple[str, str]]:
    """(key, value). A stand-in for the provider takes the example's numbers: they are looked at
    only where the provider itself is meant."""
    sections: dict[str, object] = {"city": city.settings.city}
    is_played = _is_played(city)
    sections |= {} if is_played else city.settings.channels
    for section, values in sections.items():
        for key, example in PLACEHOLDERS.get(section, {}).items():
            value = str(getattr(values, key, ""))
            is_name = (section, key) == ("city", "name")
            if _is_left(value, example) and not (is_name and is_played):
                yield f"{section}.{key}", value


def _is_left(value: str, example: str) -> bool:
    host = urlsplit(value).hostname or ""
    return value == example or "FILL IN" in value or bool(EXAMPLE_HOST.search(host))


def _is_played(city: City) -> bool:
    """By a stand-in for the provider."""
    return not all(map(_is_real, city.settings.channels.items()))


def _is_real(channel: tuple[str, object]) -> bool:
    """The provider's own address is used, not a stand-in's."""
    kind, settings = channel
    addresses = [f for f in fields(REGISTRY[kind].settings) if f.name.endswith("_url")]
    return all(getattr(settings, f.name) == f.default for f in addresses)


LEAST_VARIETY = 8
"""Different signs in a secret: below it somebody has typed it."""


def _secrets(city: City) -> Check:
    """Weak ones by name, never by value. What the provider gives is its own affair."""
    ours = {"SECRET_KEY": city.config.secret_key}
    for kind in city.channels:
        secrets = city.config.secrets(kind)
        ours |= {
            f.metadata["key"]: getattr(secrets, f.name)
            for f in fields(secrets)
            if f.metadata.get("ours", False)
        }
    weak = ", ".join(name for name, value in ours.items() if is_weak(value))
    return Check(
        "secrets",
        not weak,
        say("%(names)s is easy to guess", names=weak) if weak else say("hard to guess"),
        say("Write a long random one into .env; after a new SECRET_KEY no old receipt is found."),
    )


def is_weak(secret: str) -> bool:
    return len(secret) < 16 or len(set(secret)) < LEAST_VARIETY
