"""What was typed into a form when the session behind it had ended: kept for a short while.

Owns: the table of interrupted forms, and that nothing stays in it. Never: reads what is in one (it
is encrypted by the desk), sends it. Used by the desk, the clean-up and erasure.
"""

from datetime import datetime, timedelta

import peewee

from broadcasts import clock, db

KEPT_FOR = timedelta(minutes=50)
"""It may hold what a citizen wrote. The clean-up comes every ten minutes: an hour at most."""


class InterruptedForm(db.Model):
    mark = peewee.CharField(max_length=32, primary_key=True)
    """A keyed hash of browser and form: only the browser that sent it can name it."""
    staff_id = peewee.IntegerField()
    """Whose it is: nobody else ever gets it."""
    content = peewee.TextField()
    """Encrypted."""
    saved_at = db.UTCField(index=True)

    class Meta:
        table_name = "interrupted_form"


def keep(mark: str, staff_id: int, content: str) -> None:
    """Replaces what this browser had sent to the same form."""
    now = clock.now()
    forget_old(now)  # where only a web process runs nobody else cleans up
    values = {"staff_id": staff_id, "content": content, "saved_at": now}
    InterruptedForm.insert(mark=mark, **values).on_conflict(
        conflict_target=[InterruptedForm.mark], update=values
    ).execute()


def take(mark: str, staff_id: int) -> str | None:
    """Gives it once: from then on it is nowhere but on the page."""
    with db.transaction():
        row = InterruptedForm.get_or_none(
            InterruptedForm.mark == mark,
            InterruptedForm.staff_id == staff_id,
            InterruptedForm.saved_at > clock.now() - KEPT_FOR,
        )
        drop(mark)
    return str(row.content) if row else None


def drop(mark: str) -> None:
    InterruptedForm.delete().where(InterruptedForm.mark == mark).execute()


def forget_old(now: datetime) -> None:
    InterruptedForm.delete().where(InterruptedForm.saved_at <= now - KEPT_FOR).execute()


def forget_all() -> None:
    """Somebody is erased, and what is encrypted here may name them: a colleague's text of these
    minutes is worth less than that."""
    InterruptedForm.delete().execute()
