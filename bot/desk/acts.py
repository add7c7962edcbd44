"""What the audit trail calls an act → words for people.

Owns: the table. Never: decides what is written down. Used by the page of the audit trail; a test
holds it to the code.
"""

from collections.abc import Mapping
from typing import Any

from bot.desk.language import lazy

ACTS: Mapping[str, Any] = {
    "alert alone refused": lazy("tried to release an alert alone"),
    "alert not sent": lazy("took back or refused an alert"),
    "alert released": lazy("released an alert as the second person"),
    "alert released alone": lazy("released an alert alone"),
    "alert written": lazy("wrote an alert"),
    "answer sent": lazy("answered a citizen"),
    "audit trail checked": lazy("had the audit trail checked"),
    "audit trail exported": lazy("took the audit trail as a file"),
    "backup restored": lazy("put a backup back"),
    "broadcast resumed": lazy("let a held broadcast go on"),
    "broadcast stopped": lazy("stopped a broadcast"),
    "canned answer deleted": lazy("deleted a canned answer"),
    "canned answer kept": lazy("kept a canned answer"),
    "channel moved": lazy("moved the readers of a channel to another"),
    "conversation assigned": lazy("gave a conversation to somebody"),
    "conversation closed": lazy("closed a conversation"),
    "conversation exported": lazy("took a conversation as a file"),
    "conversation opened again": lazy("opened a conversation again"),
    "delicate parts shown": lazy("uncovered what is for few eyes"),
    "digest sent by hand": lazy("sent the digest by hand"),
    "feed asked": lazy("had a feed fetched"),
    "identity checked": lazy("marked an identity as checked"),
    "identity mark removed": lazy("took back the mark of a checked identity"),
    "notice seen": lazy("saw a notice"),
    "one-time codes set up": lazy("set up one-time codes"),
    "password changed": lazy("changed the own password"),
    "pause begun by hand": lazy("made a pause for a person"),
    "pause ended by hand": lazy("ended a person's pause"),
    "person corrected": lazy("corrected what is kept of a person"),
    "person erased": lazy("erased a person"),
    "person exported": lazy("took a copy of a person's data"),
    "person looked up": lazy("looked a person up"),
    "person opted out by hand": lazy("opted a person out by hand"),
    "person restricted": lazy("restricted a person's data"),
    "restriction lifted": lazy("lifted a restriction"),
    "objection noted": lazy("noted an objection"),
    "objection taken back": lazy("took an objection back"),
    "post added": lazy("queued a post"),
    "post changed": lazy("changed a post"),
    "post corrected": lazy("corrected a post that was sent"),
    "post duplicated": lazy("queued a post once more"),
    "post moved": lazy("moved a post"),
    "post queued": lazy("queued a draft"),
    "post withdrawn": lazy("withdrew a post"),
    "present password wrong": lazy("gave a wrong present password"),
    "prepared text dropped": lazy("dropped a prepared text"),
    "prepared text kept": lazy("kept a prepared text"),
    "proposal dismissed": lazy("dismissed what the website would correct"),
    "proposal taken over": lazy("took over what the website would correct"),
    "provider asked": lazy("had the provider asked how all is"),
    "provider not reached": lazy("could not tell the provider to forget an erased person"),
    "receipt checked": lazy("checked the receipt of an erasure"),
    "remnants searched": lazy("searched for what is left of a person"),
    "service notice sent": lazy("sent a service notice"),
    "session ended": lazy("was signed out"),
    "sign-in": lazy("signed in"),
    "sign-in failed": lazy("failed to sign in"),
    "sign-out": lazy("signed out"),
    "staff added": lazy("made an account"),
    "staff disabled": lazy("disabled an account"),
    "staff reset": lazy("gave an account a new first password"),
    "staff roles changed": lazy("changed an account's roles"),
    "templates synced": lazy("had missing templates created"),
    "test message": lazy("sent a test to the own telephone"),
}


def in_words(act: str) -> str:
    """What a later version has written stands for itself."""
    return str(ACTS.get(act, act))
