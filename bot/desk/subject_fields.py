"""Two lists of tick boxes: which topics, and which districts, a post or an alert is about.

Owns: the fields that the forms of posts and alerts share. Never: what they decide (newsroom).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from bot.desk import here
from bot.desk.language import lazy
from broadcasts.newsroom import subjects
from broadcasts.people.selections import Scope
from broadcasts.settings import SubjectSettings


class SubjectsField(SelectMultipleField):
    """What is ticked already but is configured no longer can be taken off; the newsroom refuses to
    keep it."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, section: str, **more: Any) -> None:
        super().__init__(label, validate_choice=False, **more)
        self.section = section

    def iter_choices(self) -> Any:
        self.choices = self._offered()
        return super().iter_choices()

    @property
    def is_offered(self) -> bool:
        return bool(self._offered())

    def _offered(self) -> list[tuple[str, str]]:
        known: Mapping[str, SubjectSettings] = getattr(here.city().settings, self.section)
        tongue = here.language()
        gone = [name for name in self.data or () if name not in known]
        return [(name, one.label(tongue)) for name, one in known.items()] + [(n, n) for n in gone]


class SubjectFields:
    """Mixed into a form."""

    topics = SubjectsField(lazy("Topics"), "topics")
    districts = SubjectsField(lazy("Districts"), "districts")

    @property
    def scope(self) -> Scope:
        return Scope(tuple(self.topics.data or ()), tuple(self.districts.data or ()))


def named(scopes: Sequence[Scope]) -> str:
    """What a broadcast's parts are about, as staff read it; empty: it is for everybody."""
    names = list(dict.fromkeys(name for scope in scopes for name in scope.names))
    return ", ".join(subjects.labels(here.city().settings, names, here.language()))
