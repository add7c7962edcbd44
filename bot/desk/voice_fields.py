"""Fields for the same text in plain words and in other languages, folded away below the text.

Owns: their names (`plain_title`, `en_text` …) and what they hold. Never: what a version may look
like (newsroom/voices). Used by the forms of posts, alerts and prepared texts.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wtforms import SelectField, StringField, TextAreaField

from bot.desk import here
from bot.desk.forms import DeskForm, stripped
from bot.desk.language import lazy
from bot.desk.words import LANGUAGES
from broadcasts.languages import READ, others
from broadcasts.newsroom.voices import Kept, Voice

PARTS: Mapping[str, Callable[[], Any]] = {
    "title": lambda: StringField(lazy("Title"), filters=[stripped]),
    "text": lambda: TextAreaField(lazy("Text"), filters=[stripped]),
    "link": lambda: StringField(lazy("Link"), filters=[stripped], render_kw={"inputmode": "url"}),
}

F = TypeVar("F", bound="type[VoicesForm]")


class VoicesForm(DeskForm):
    """What a form with such fields can be asked."""

    looked_at = SelectField(lazy("On the telephone"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = here.newsroom().language
        self.looked_at.choices = [(code, LANGUAGES[code]) for code in (own, *others(own))]

    @property
    def tongues(self) -> list[tuple[str, Any]]:
        """(language, its name) of each that a text may have a version in."""
        return [(code, LANGUAGES[code]) for code in others(here.newsroom().language)]

    @property
    def language(self) -> str:
        """The one whose telephone is looked at."""
        own = here.newsroom().language
        return self.looked_at.data if self.looked_at.data in others(own) else own

    def _part(self, language: str, part: str) -> str:
        field = self._fields.get(f"{language}_{part}")
        return str(field.data or "") if field is not None else ""

    def voices(self) -> dict[str, Voice]:
        own = here.newsroom().language
        found = {
            code: Voice(**{part: self._part(code, part) for part in PARTS}) for code in others(own)
        }
        return {code: one for code, one in found.items() if one}

    @property
    def has_voices(self) -> bool:
        """Then they are not folded away; neither is what something is wrong with."""
        names = [f"{code}_{part}" for code in READ for part in PARTS]
        wrong = any(self._fields[name].errors for name in names if name in self._fields)
        return wrong or bool(self.voices())


def with_voices(*parts: str) -> Callable[[F], F]:
    """Adds the fields of every language to a form."""

    def add(form: F) -> F:
        for language in READ:
            for part in parts:
                setattr(form, f"{language}_{part}", PARTS[part]())
        return form

    return add


def names(*parts: str) -> list[str]:
    return [f"{language}_{part}" for language in READ for part in parts]


def filled(column: Kept | None) -> dict[str, str]:
    """What is kept, as a form's fields take it."""
    return {
        f"{language}_{part}": one.get(part, "")
        for language, one in (column or {}).items()
        for part in PARTS
    }
