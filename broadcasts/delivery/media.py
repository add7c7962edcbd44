"""Pictures as the provider knows them: uploaded once per number, again when too old.

Owns: the table of uploads. Never: the picture itself (a file in the media folder).
"""

from datetime import datetime, timedelta

import peewee

from broadcasts import clock, db

USABLE_FOR = timedelta(days=25)
"""Meta keeps uploaded media for 30 days (whatsapp.md §7)."""


class Upload(db.Model):
    id = peewee.AutoField()
    account = peewee.CharField(max_length=64)
    picture = peewee.CharField(max_length=200)
    media = peewee.TextField()
    uploaded_at = db.UTCField()

    class Meta:
        table_name = "upload"
        indexes = ((("account", "picture"), True),)


def find(account: str, picture: str, now: datetime) -> str | None:
    """The provider's id of a picture, if it is still good."""
    row = Upload.get_or_none(
        Upload.account == account,
        Upload.picture == picture,
        Upload.uploaded_at > now - USABLE_FOR,
    )
    return None if row is None else row.media


def note(account: str, picture: str, media: str) -> None:
    with db.transaction():
        forget(account, picture)
        Upload.create(account=account, picture=picture, media=media, uploaded_at=clock.now())


def forget(account: str, picture: str) -> None:
    """The provider refused it: upload again."""
    Upload.delete().where(Upload.account == account, Upload.picture == picture).execute()
