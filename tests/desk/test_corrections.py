"""Correcting what has been sent: who may, what is kept, what is refused."""

import pytest

from broadcasts.newsroom.corrections import Correction
from broadcasts.newsroom.posts import Post, PostState
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.delivery.makers import DAY, sent
from tests.desk.conftest import Open


def post(state: PostState = PostState.SENT) -> Post:
    row = sent({}, on=DAY)
    values = {"on": DAY, "created_at": row.created_at, "broadcast": row}
    return Post.create(title="Markt", text="Um 8 Uhr", state=state, **values)


def test_it_puts_a_correction_under_a_sent_post(desk: Open) -> None:
    made = post()
    page = desk(Role.PRESS).send(
        f"/posts/{made.id}", {"text": "Erst um 9 Uhr."}, to=f"/posts/{made.id}/correction"
    )
    assert "steht jetzt im Archiv" in page.text
    assert "Korrektur von press-de" in page.text
    assert f"/archiv/{DAY}" in page.text
    assert audit.newest(act="post corrected")[0].about == f"post {made.id}"
    assert Post.get().text == "Um 8 Uhr", "the post itself stays"


@pytest.mark.parametrize(("text", "said"), [("", "rforderlich|benötigt"), ("x" * 1001, "1.001")])
def test_it_says_what_is_wrong_and_keeps_what_was_typed(desk: Open, text: str, said: str) -> None:
    made = post()
    page = desk(Role.PRESS).send(
        f"/posts/{made.id}", {"text": text}, to=f"/posts/{made.id}/correction"
    )
    assert page.status_code == 422
    assert any(one in page.text for one in said.split("|"))
    assert text in page.text
    assert not Correction.select().exists()


def test_it_leaves_what_was_not_sent_to_the_post_itself(desk: Open) -> None:
    made, visitor = post(PostState.QUEUED), desk(Role.PRESS)
    page = visitor.post(f"/posts/{made.id}/correction", {"text": "Erst um 9 Uhr."})
    assert "noch ändern" in page.text
    assert not Correction.select().exists()
    assert visitor.post("/posts/999/correction", {"text": "Nichts"}).status_code == 404


def test_it_is_for_the_press_office(desk: Open) -> None:
    made = post()
    page = desk(Role.EMERGENCY).post(f"/posts/{made.id}/correction", {"text": "Erst um 9 Uhr."})
    assert page.status_code == 403
    assert not Correction.select().exists()
