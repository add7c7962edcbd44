"""What somebody is typing and has not sent: kept, so that no closed window loses it.

Owns: the table of drafts, one per account and form. Never: looks at what is in it. Used by the
desk's forms.
"""

from collections.abc import Mapping
from datetime import datetime

import peewee

from broadcasts import clock, db

LONGEST = 20_000
"""Signs of a draft: more than any form takes."""


class Draft(db.Model):
    staff = peewee.CharField(max_length=60)
    form = peewee.CharField(max_length=60)
    """"post new", "post 7", "alert"."""
    content = db.JSONField()
    saved_at = db.UTCField()

    class Meta:
        table_name = "draft"
        indexes = ((("staff", "form"), True),)


def keep(staff: str, form: str, content: Mapping[str, str]) -> datetime:
    """Replaces the account's draft of this form; gives when it was saved."""
    now = clock.now()
    cut = {name: value[:LONGEST] for name, value in content.items()}
    values = {"content": cut, "saved_at": now}
    Draft.insert(staff=staff, form=form, **values).on_conflict(
        conflict_target=[Draft.staff, Draft.form], update=values
    ).execute()
    return now


def find(staff: str, form: str) -> Draft | None:
    return Draft.get_or_none(Draft.staff == staff, Draft.form == form)


def drop(staff: str, form: str) -> None:
    """It has become a post or an alert, or is not wanted."""
    Draft.delete().where(Draft.staff == staff, Draft.form == form).execute()
