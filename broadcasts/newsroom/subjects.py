"""Topics and districts of the city: what there is, how it is called, and what a post is about.

Owns: reading names that staff have typed. Never: what a reader has chosen (people/selections).
Called by posts, alerts, preview, and what shows their names.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from broadcasts.languages import spoken
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.wellformed import text_problems
from broadcasts.people import selections, subscribers
from broadcasts.people.selections import EVERYTHING, Scope, ordered
from broadcasts.saying import Said, say
from broadcasts.settings import Settings, SubjectSettings

LONGEST = 60
"""Signs of a note where the city has no topics."""


@dataclass(frozen=True)
class Subject:
    """One that may be chosen."""

    name: str
    """In the configuration; unique over topics and districts."""
    is_district: bool
    settings: SubjectSettings | None
    """None: configured no longer."""

    @property
    def kind(self) -> str:
        return "district" if self.is_district else "topic"

    @property
    def phrases(self) -> tuple[str, ...]:
        """What people type for it."""
        return (self.name, *(self.settings.phrases if self.settings else ()))

    def label(self, language: str) -> str:
        return self.settings.label(language) if self.settings else self.name


def there_are(settings: Settings) -> list[Subject]:
    """Topics first, each kind in the order of the configuration: their numbers for readers."""
    return [
        Subject(name, is_district, one)
        for is_district, kind in ((False, settings.topics), (True, settings.districts))
        for name, one in kind.items()
    ]


def gone(settings: Settings) -> list[str]:
    """Names somebody has chosen that are configured no longer."""
    there = settings.topics.keys() | settings.districts.keys()
    if selections.chosen() <= there:
        return []
    found = demand(settings, subscribers.by_selection())
    return sorted(one.name for one, number in found if number and not one.settings)


def demand(settings: Settings, counted: Iterable[tuple[int, int]]) -> list[tuple[Subject, int]]:
    """Each with how many readers have chosen it, and last what somebody has chosen that is
    configured no longer: they get only what concerns everybody. `counted`: what
    `subscribers.by_selection` gave."""
    known = selections.known()
    wanted: Counter[tuple[str, bool]] = Counter()
    for selection, number in counted:
        scope = known.get(selection, EVERYTHING)
        for names, is_district in ((scope.topics, False), (scope.districts, True)):
            wanted.update({(name, is_district): number for name in names})
    found = there_are(settings)
    there = {(one.name, one.is_district) for one in found}
    gone = [Subject(*key, None) for key in sorted(wanted.keys() - there)]
    return [(one, wanted[one.name, one.is_district]) for one in (*found, *gone)]


def labels(settings: Settings, names: Sequence[str], language: str) -> list[str]:
    """As people read them; a name that is no longer configured stands as it is."""
    known = {**settings.topics, **settings.districts}
    tongue = spoken(language, settings.city.language)
    return [known[name].label(tongue) if name in known else name for name in names]


def read(newsroom: Newsroom, topics: Sequence[str], districts: Sequence[str]) -> Scope:
    """What a post with these is about; by the name of the configuration, or as readers see it. A
    city without topics may still note one. Only for what `problems` finds nothing wrong with."""
    settings = newsroom.settings
    return ordered(
        _found(settings.topics, topics).values(), _found(settings.districts, districts).values()
    )


def by_now(settings: Settings, scope: Scope) -> Scope:
    """What a post kept with these is about: a note from before there were topics as if it were
    typed now. Where the city has given up all it names of a kind, nobody is left out by it."""
    return ordered(
        _by_now(settings.topics, scope.topics), _by_now(settings.districts, scope.districts)
    )


def _by_now(known: Mapping[str, SubjectSettings], names: Sequence[str]) -> list[str]:
    found = _found(known, names) if known else {}
    # Who has chosen what is given up beside it gets it as before.
    return [found.get(name, name) for name in names] if found else []


def not_configured(settings: Settings, scope: Scope) -> list[str]:
    """Names of a kept post by which nobody is left out, because there are no such any more. Where a
    city has no topics they are notes."""
    left = by_now(settings, scope)
    return [
        *(scope.topics if settings.topics and not left.topics else ()),
        *(scope.districts if not left.districts else ()),
    ]


def problems(
    newsroom: Newsroom, topics: Sequence[str], districts: Sequence[str], *, may_note: bool = True
) -> Iterator[Said]:
    """Everything that is wrong with names that staff have typed. `may_note`: a city without topics
    takes any, as a note."""
    settings = newsroom.settings
    for about, known, typed in (
        ("topics", settings.topics, topics),
        ("districts", settings.districts, districts),
    ):
        for one in typed:
            yield from text_problems(about, one, LONGEST)
        is_note = may_note and not known and about == "topics"
        there = typed if is_note else _found(known, typed) if known else ()
        strangers = [one for one in _cleaned(typed) if one not in _cleaned(there)]
        if strangers:
            yield say(
                "%(name)s is not configured (there are: %(names)s)",
                about=about,
                name=strangers[0],
                names=", ".join(one.name for one in known.values()) or "–",
            )


def _found(known: Mapping[str, SubjectSettings], typed: Sequence[str]) -> dict[str, str]:
    """What was typed → the name in the configuration."""
    spellings = {
        spelling.casefold(): name
        for name, one in known.items()
        for spelling in (name, *one.phrases)
    }
    cleaned = _cleaned(typed)
    if not known:
        return {one: one for one in cleaned}
    return {one: spellings[one.casefold()] for one in cleaned if one.casefold() in spellings}


def _cleaned(typed: Collection[str]) -> list[str]:
    return list(filter(None, (one.strip() for one in typed)))
