"""The copy of one's data: complete, and of nobody else."""

import json

import pytest

from broadcasts import db
from broadcasts.people import inbox
from broadcasts.people.inbox import Conversation, Message, Picture
from broadcasts.people.subscribers import Subscriber
from broadcasts.privacy.export import export
from tests.delivery.makers import broadcast
from tests.privacy.test_erasure import delivered, lively

pytestmark = pytest.mark.usefixtures("database")


def test_it_holds_everything_of_one_and_nothing_of_another() -> None:
    one, _ = lively(1), lively(2)
    broadcast()
    delivered(one)
    copy = export(one)
    text = json.dumps(copy)
    assert (copy["wa_id"], copy["bsuid"]) == ("4917604069001", "DE.geheim1")
    (name,) = inbox.files_of(one)
    for value in ("Weg 1", "Antwort 1", "wamid.", "read", f"inbox/{name}"):
        assert value in text
    for value in ("4917604069002", "Weg 2", "DE.geheim2"):
        assert value not in text


def test_it_covers_every_column_of_a_subscriber() -> None:
    copy = export(lively(1))
    assert set(Subscriber._meta.fields) - {"id"} <= set(copy)


def test_it_covers_every_table_that_names_a_subscriber() -> None:
    covered = {"consent", "message", "delivery", "conversation", "copy_link", "link_code"}
    naming = {
        table._meta.table_name
        for table in db.Model.__subclasses__()
        if any(
            getattr(field, "rel_model", None) is Subscriber for field in table._meta.fields.values()
        )
    }
    assert naming == covered


def test_it_covers_every_column_of_a_conversation() -> None:
    """But which of the staff it was: that is theirs; and our own mark of a message's id."""
    copy = export(lively(1))
    parts = {
        Conversation: copy["conversation"],
        Message: copy["messages"][1],
        Picture: copy["messages"][1]["picture"],
    }
    ours = {"id", "subscriber", "message", "version", "staff", "checked_by", "closed_by"}
    ours |= {"assigned_to", "mark"}
    for table, part in parts.items():
        assert set(table._meta.fields) - ours <= set(part), table
    assert copy["conversation"]["is_assigned"] is False
