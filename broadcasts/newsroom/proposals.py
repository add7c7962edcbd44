"""Correction proposals: the website says something else by now than a post that people have read.

Owns: the table of proposals, and what comes of one. Never: sends or changes anything by itself; a
person of the press office decides. Written by feed_items, shown by the desk.
"""

import re
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee

from broadcasts import clock, db
from broadcasts.newsroom import corrections, posts
from broadcasts.newsroom.context import Newsroom
from broadcasts.newsroom.posts import OPEN, Post, PostError, PostState, Written
from broadcasts.newsroom.shortening import shorten
from broadcasts.newsroom.wellformed import LONGEST_TITLE
from broadcasts.saying import say

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")


class ProposalState(StrEnum):
    OPEN = "open"
    TAKEN_OVER = "taken_over"
    DISMISSED = "dismissed"


class CorrectionProposal(db.Model):
    id: Any = peewee.AutoField()
    post: Any = peewee.ForeignKeyField(Post)
    post_id: int
    feed = peewee.CharField(max_length=60)
    title = peewee.TextField()
    text = peewee.TextField(default="")
    link = peewee.TextField(default="")
    """As the website has it now."""
    state = db.EnumField(ProposalState, default=ProposalState.OPEN)
    proposed_at = db.UTCField()
    decided_by = peewee.CharField(max_length=60, default="")
    decided_at = db.UTCField(null=True)

    class Meta:
        table_name = "correction_proposal"


def propose(post: Post, feed: str, written: Written, now: datetime) -> None:
    """One proposal at a time for each post: what the website says later replaces it. In the
    caller's transaction."""
    new = {"title": written.title, "text": written.text, "link": written.link, "proposed_at": now}
    if not CorrectionProposal.update(**new).where(*_open_of(post.id)).execute():
        CorrectionProposal.create(post=post, feed=feed, **new)


def drop(post_id: int) -> None:
    """The website says again what the post says."""
    CorrectionProposal.delete().where(*_open_of(post_id)).execute()


def _open_of(post_id: int) -> tuple[Any, ...]:
    return (
        CorrectionProposal.post == post_id,
        CorrectionProposal.state == ProposalState.OPEN,
    )


def waiting() -> list[CorrectionProposal]:
    """With their posts, the oldest first."""
    query = CorrectionProposal.select(CorrectionProposal, Post).join(Post)
    return list(
        query.where(CorrectionProposal.state == ProposalState.OPEN).order_by(CorrectionProposal.id)
    )


def count_waiting() -> int:
    query = CorrectionProposal.select().where(CorrectionProposal.state == ProposalState.OPEN)
    return int(query.count())


def correction(proposal: CorrectionProposal) -> str:
    """What a correction of its sent post would say: the sentences that the post does not hold;
    where the website only leaves some out, all that it says now."""
    post, words = proposal.post, proposal.text
    known = set(SENTENCE_ENDS.split(post.text))
    new = dict.fromkeys(one for one in SENTENCE_ENDS.split(words) if one not in known)
    changed = " ".join(new)
    if not changed and words != post.text:
        changed = words
    parts = [
        proposal.title if proposal.title != post.title else "",
        changed,
        proposal.link if proposal.link != post.link else "",
    ]
    # What the website says again is in the post already, but not in its correction.
    said = "\n".join(filter(None, parts)) or words or proposal.title
    return shorten(said, corrections.LONGEST)


def correct(proposal_id: int, text: str, *, by: str) -> Post:
    """Puts these words under the sent post, for everybody to read in the archive. In the caller's
    transaction. Raises PostError."""
    post_id = _decide(proposal_id, ProposalState.TAKEN_OVER, by).post_id
    corrections.add(post_id, text, by=by)
    return posts.get(post_id)


def take_over(newsroom: Newsroom, proposal_id: int, *, by: str) -> Post:
    """An open post gets the website's words; beside a sent one a draft is made, for those who must
    hear of it: somebody finishes and queues it. Gives that post. In the caller's transaction.
    Raises PostError."""
    proposal = _decide(proposal_id, ProposalState.TAKEN_OVER, by)
    post = posts.get(proposal.post_id)
    about = {**posts.about(newsroom, post), "image_alt": post.image_alt}
    words = Written(proposal.title, proposal.text, proposal.link, **about)
    if post.state in OPEN:
        written = replace(words, on=post.on)
        return posts.edit(newsroom, post.id, written, version=post.version, by=by)
    title = shorten(f"Korrektur: {proposal.title}", LONGEST_TITLE)
    written = replace(words, title=title)
    return posts.add(newsroom, written, kept=post.image or "", state=PostState.DRAFT, by=by)


def dismiss(proposal_id: int, *, by: str) -> Post:
    """The post stays as it is. Raises PostError."""
    return posts.get(_decide(proposal_id, ProposalState.DISMISSED, by).post_id)


def _decide(proposal_id: int, state: ProposalState, by: str) -> CorrectionProposal:
    """Of two who decide at once one is told."""
    row: CorrectionProposal | None = CorrectionProposal.get_or_none(
        CorrectionProposal.id == proposal_id
    )
    if row is None:
        raise PostError(say("there is no such proposal any more"))
    query = CorrectionProposal.update(state=state, decided_by=by, decided_at=clock.now())
    if not query.where(
        CorrectionProposal.id == proposal_id, CorrectionProposal.state == ProposalState.OPEN
    ).execute():
        raise PostError(say("%(who)s has decided on it already", who=row.decided_by))
    return row
