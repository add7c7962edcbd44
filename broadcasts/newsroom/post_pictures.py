"""Pictures of posts that are none yet: of a form still open, of an item just fetched.

Owns: keeping one before its post can be saved, and its end if none ever is. Never: what a picture
may be (pictures). Called by the desk, feed_items and the nightly job.
"""

from datetime import datetime, timedelta

from broadcasts import db
from broadcasts.newsroom import pictures
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.pictures import Picture, PictureError
from broadcasts.newsroom.posts import Post, PostError

STRAY_AFTER = timedelta(days=2)
"""So long a picture of a form that was never saved is kept."""


def keep(newsroom: Newsroom, image: Picture) -> str:
    """Takes a picture before its post can be saved; gives its name. Raises PostError."""
    try:
        return pictures.keep(newsroom.media, pictures.read(image))
    except PictureError as error:
        raise PostError(*error.said) from error


def drop_strays(newsroom: Newsroom, now: datetime) -> int:
    """Those of forms that were never saved, a while later. Returns how many."""
    used = {row[0] for row in db.rows(Post.select(Post.image).where(Post.image.is_null(False)))}
    return pictures.drop_strays(newsroom.media, used, now - STRAY_AFTER)
