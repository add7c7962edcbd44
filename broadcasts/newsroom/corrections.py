"""Corrections of posts that have been sent: what is on telephones cannot be changed any more.

Owns: the table of corrections; none is ever changed or taken back, a second one follows it. Never:
shows them (archive does). Called by the desk.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.newsroom import posts
from broadcasts.newsroom.posts import UNPRINTABLE, Post, PostError, PostState
from broadcasts.saying import say

LONGEST = 1000


class Correction(db.Model):
    id: Any = peewee.AutoField()
    post = peewee.ForeignKeyField(Post)
    post_id: int
    text = peewee.TextField()
    by = peewee.CharField(column_name="written_by", max_length=60)
    """Name of the account; for staff only."""
    at = db.UTCField(column_name="written_at")

    class Meta:
        table_name = "correction"


def add(post_id: int, text: str, *, by: str) -> Correction:
    """Puts it under a sent post; the same once more (a form sent twice) adds nothing. Raises
    PostError."""
    post, text = posts.get(post_id), text.strip()
    if post.state != PostState.SENT:
        raise PostError(say("only a post that has been sent is corrected; change this one"))
    if not text:
        raise PostError(say("missing", about="text"))
    if len(text) > LONGEST:
        signs = {"number": len(text), "most": LONGEST}
        raise PostError(say("%(number)s signs, at most %(most)s", about="text", **signs))
    if UNPRINTABLE.search(text):
        raise PostError(say("holds signs that cannot be shown", about="text"))
    earlier = of_posts([post_id]).get(post_id, [])
    if earlier and earlier[-1].text == text:
        return earlier[-1]
    return Correction.create(post=post_id, text=text, by=by, at=clock.now())


def of_posts(ids: Collection[int]) -> Mapping[int, list[Correction]]:
    """Post's id → its corrections, oldest first."""
    found: dict[int, list[Correction]] = defaultdict(list)
    if ids:
        query = Correction.select().where(Correction.post.in_(ids)).order_by(Correction.id)
        for row in list(query):
            found[row.post_id].append(row)
    return found
