"""What all forms share: protection against forged requests, and messages in the page's language.

Owns: the base of every form. Never: a form of an area. Used by every area of the desk.
"""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm

from bot.desk import here, interrupted, language
from broadcasts.saying import Said


class DeskForm(FlaskForm):
    """Checked for forgery (CSRF) with every POST; WTForms' own messages follow the page."""

    class Meta(FlaskForm.Meta):
        cache_translations = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What is sent; on the page of a form that met an ended session, what it held."""
            given = super().wrap_formdata(form, formdata)
            return interrupted.typed() if given is None else given

        @property
        def locales(self) -> list[str]:
            return [here.language()]

    def show(self, problems: Iterable[Said]) -> None:
        """Puts what another room refuses beside the field it is about; what is about none stands
        above the form."""
        for problem in problems:
            field = self._fields.get(problem.field)
            text = language.said(problem)
            if field is None:
                self.form_errors.append(text)
            else:
                field.errors = [*field.errors, text]


def stripped(value: Any) -> Any:
    """A filter: what was typed without the blanks around it, line ends as everywhere else."""
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
