"""Writing posts on the desk, and the queue by day."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from broadcasts import clock
from broadcasts.newsroom import posts, unsent
from broadcasts.newsroom.posts import Post, PostState, Written
from broadcasts.people.staff import Role
from broadcasts.privacy import audit
from tests.delivery.makers import broadcast
from tests.desk.conftest import Open
from tests.desk.visitor import Visitor, fields
from tests.system import System

TEXT = "Ab Samstag auf dem Rathausplatz."


def write(visitor: Visitor, **values: str) -> Post:
    visitor.send("/posts/new", {"title": "Markt", "text": TEXT, **values})
    found: Post = Post.select().order_by(Post.id.desc()).get()
    return found


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "#cc3300").save(out, kind)
    return out.getvalue()


def test_it_queues_a_post_and_says_for_which_day(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    tomorrow = clock.today(service.city.zone) + timedelta(days=1)
    page = visitor.send("/posts/new", {"title": "Markt", "on": tomorrow.isoformat()})
    post = Post.get()
    assert (post.title, post.on, post.author) == ("Markt", tomorrow, "press-de")
    assert "Eingereiht für" in page.text
    assert f'data-day="{tomorrow.isoformat()}"' in page.text
    assert audit.newest(act="post added")[0].about == f"post {post.id}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "This field is required|Feld wird benötigt|erforderlich"),
        ({"title": "x" * 121}, "121 Zeichen, höchstens 120"),
        ({"link": "javascript:alert(1)"}, "ist keine Adresse"),
        ({"on": "2020-01-01"}, "ist vorbei"),
    ],
)
def test_it_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed(
    desk: Open, typed: dict[str, str], said: str
) -> None:
    page = desk(Role.PRESS).send("/posts/new", {"title": "Markt", "text": TEXT, **typed})
    assert page.status_code == 422
    assert any(one in page.text for one in said.split("|"))
    assert TEXT in page.text
    assert not Post.select().exists()


def test_it_takes_a_picture_by_what_is_in_it(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    for name, data, status in (
        ("markt.png", picture(), 302),
        ("markt.jpg", b"<svg onload=alert(1)>", 422),
        ("gross.png", b"\x89PNG" + bytes(6 * 1024 * 1024), 422),
    ):
        typed = {**fields(visitor.get("/posts/new").text), "title": "Bild"}
        answer = visitor.http.post(
            "/posts/new", data=typed, files={"image": (name, data)}, follow_redirects=False
        )
        assert answer.status_code == status, name
    post = Post.get()
    kept: Path = service.city.config.media_dir / str(post.image)
    with Image.open(kept) as found:
        assert found.format == "JPEG"
    assert visitor.get(f"/posts/pictures/{post.image}").headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("way", [{"title": ""}, {"title": "Bild", "preview": "1"}])
def test_it_keeps_a_picture_that_was_chosen(
    service: System, desk: Open, way: dict[str, str]
) -> None:
    visitor = desk(Role.PRESS)
    typed = {**fields(visitor.get("/posts/new").text), **way}
    page = visitor.http.post("/posts/new", data=typed, files={"image": ("a.png", picture())})
    kept = fields(page.text)["kept_image"]
    assert page.text.count(f"/posts/pictures/{kept}") == 3  # in the form and on both telephones
    again = {**fields(page.text), "title": "Bild"}
    again.pop("preview", None)
    visitor.http.post("/posts/new", data=again)
    assert Post.get().image == kept


def test_it_shows_the_picture_while_typing_and_drops_it_when_asked(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    typed = {**fields(visitor.get("/posts/new").text), "title": "Bild"}
    visitor.http.post("/posts/new", data=typed, files={"image": ("a.png", picture())})
    post = Post.get()
    form = fields(visitor.get(f"/posts/{post.id}").text)
    shown = visitor.http.post("/posts/preview", data=form)
    assert str(post.image) in shown.text
    visitor.send(f"/posts/{post.id}", {"text": "Neu"})
    assert Post.get().image == post.image
    visitor.send(f"/posts/{post.id}", {"drop_image": "y"})
    assert Post.get().image is None


def test_it_reminds_of_what_a_picture_shows(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    form = visitor.get("/posts/new").text
    assert 'id="without-alt" hidden' in form, "there is no picture yet"
    typed = {**fields(form), "title": "Bild"}
    page = visitor.http.post("/posts/new", data=typed, files={"image": ("a.png", picture())})
    assert "fehlt eine Beschreibung" in page.text
    post = Post.get()
    assert 'id="without-alt">' in visitor.get(f"/posts/{post.id}").text
    page = visitor.send(f"/posts/{post.id}", {"image_alt": 'Am "Fluss" <b>'})
    assert "fehlt eine Beschreibung" not in page.text
    assert Post.get().image_alt == 'Am "Fluss" <b>'
    assert 'alt="Am &#34;Fluss&#34; &lt;b&gt;"' in visitor.get("/posts/").text
    form = visitor.get(f"/posts/{post.id}").text
    assert 'id="without-alt" hidden' in form
    long = visitor.send(f"/posts/{post.id}", {"image_alt": "x" * 301})
    assert long.status_code == 422
    assert "301 Zeichen" in long.text


def test_it_queues_a_form_that_is_sent_twice_once(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    write(visitor)
    page = visitor.send("/posts/new", {"title": "Markt", "text": TEXT})
    assert Post.select().count() == 1
    assert "schon eingereiht" in page.text


def test_it_says_when_a_post_is_moved_to_a_day_that_is_over(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    today = clock.today(service.city.zone)
    post = write(visitor, on=(today + timedelta(days=2)).isoformat())
    broadcast(on=today)
    answer = visitor.post(f"/posts/{post.id}/move", {"on": today.isoformat(), "version": "1"})
    assert "Er geht mit der vom" in answer.text


def test_it_refuses_more_than_the_largest_request(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    typed = {**fields(visitor.get("/posts/new").text), "title": "Bild"}
    answer = visitor.http.post("/posts/new", data=typed, files={"image": ("x", bytes(9 * 2**20))})
    assert answer.status_code == 413


def test_it_changes_a_post_and_says_who_did(desk: Open) -> None:
    first, second = desk(Role.PRESS), desk(Role.PRESS, Role.EMERGENCY)
    post = write(first)
    second.send(f"/posts/{post.id}", {"text": "Doch am Sonntag."})
    now = posts.get(post.id)
    assert (now.text, now.version, now.changed_by) == ("Doch am Sonntag.", 2, "emergency-press-de")
    assert "zuletzt geändert von emergency-press-de" in first.get("/posts/").text


def test_it_tells_the_second_of_two_who_edit_at_once(desk: Open) -> None:
    first, second = desk(Role.PRESS), desk(Role.PRESS, Role.EMERGENCY)
    post = write(first)
    opened = fields(first.get(f"/posts/{post.id}").text)
    second.send(f"/posts/{post.id}", {"text": "Von der anderen."})
    page = first.http.post(f"/posts/{post.id}", data={**opened, "text": "Von mir."})
    assert page.status_code == 409
    assert "Nichts wurde überschrieben" in page.text
    assert "Von der anderen." in page.text
    assert "Von mir." in page.text
    assert posts.get(post.id).text == "Von der anderen."
    first.http.post(f"/posts/{post.id}", data=fields(page.text))
    assert posts.get(post.id).text == "Von mir."


def test_it_moves_duplicates_and_withdraws(service: System, desk: Open) -> None:
    visitor = desk(Role.PRESS)
    post = write(visitor)
    later = clock.today(service.city.zone) + timedelta(days=3)
    visitor.post(f"/posts/{post.id}/move", {"on": later.isoformat(), "version": "1"})
    assert posts.get(post.id).on == later
    page = visitor.post(f"/posts/{post.id}/move", {"on": later.isoformat(), "version": "1"})
    assert "inzwischen geändert" in page.text
    visitor.post(f"/posts/{post.id}/duplicate")
    assert Post.select().count() == 2
    visitor.post(f"/posts/{post.id}/withdraw")
    assert posts.get(post.id).state == PostState.WITHDRAWN
    assert "schon" in visitor.post(f"/posts/{post.id}/withdraw").text


def test_it_cannot_be_moved_into_the_past_or_nowhere(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    post = write(visitor)
    page = visitor.post(f"/posts/{post.id}/move", {"on": "2020-01-01", "version": "1"})
    assert "ist vorbei" in page.text
    assert visitor.post(f"/posts/{post.id}/move", {"on": "morgen"}).status_code == 400
    assert posts.get(post.id).version == 1


def test_it_shows_both_telephones_while_typing(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    part = visitor.post(
        "/posts/preview", {"title": "Markt", "text": "Ab <b>Samstag</b> *neu*"}
    ).text
    assert "Im 24-Stunden-Fenster" in part
    assert "freigegebene Vorlage" in part
    assert "&lt;b&gt;Samstag" in part
    assert "<b>neu</b>" in part


def test_it_previews_without_a_script_too(desk: Open) -> None:
    page = desk(Role.PRESS).send("/posts/new", {"title": "Markt", "preview": "1"})
    assert page.status_code == 200
    assert not Post.select().exists()
    assert page.text.count("Markt") >= 3


def test_it_keeps_what_is_typed_until_it_is_saved(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    kept = visitor.post("/posts/draft", {"form": "post new", "title": "Halb", "on": "2026-1"})
    assert "Entwurf gesichert" in kept.json()["said"]
    page = visitor.get("/posts/new").text
    assert fields(page)["title"] == "Halb"
    assert "nicht gespeichert" in page
    assert fields(desk(Role.PRESS, Role.EMERGENCY).get("/posts/new").text)["title"] == ""
    write(visitor, title="Ganz")
    assert unsent.find("press-de", "post new") is None
    visitor.post("/posts/draft", {"form": "post new", "title": "Wieder"})
    visitor.post("/posts/draft/drop", {"form": "post new"})
    assert fields(visitor.get("/posts/new").text)["title"] == ""
    assert visitor.post("/posts/draft", {"form": "../x"}).status_code == 400


def test_it_leaves_a_sent_one_as_it_is(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    post = write(visitor)
    opened = fields(visitor.get(f"/posts/{post.id}").text)
    Post.update(state=PostState.SENT, broadcast=None).execute()
    page = visitor.http.post(f"/posts/{post.id}", data=opened)
    assert page.status_code == 422
    Post.update(state=PostState.WITHDRAWN).execute()
    assert "zurückgezogen" in visitor.get(f"/posts/{post.id}").text
    assert "Markt" in visitor.get("/posts/past").text


def test_it_gives_no_file_but_a_picture(desk: Open) -> None:
    visitor = desk(Role.PRESS)
    assert visitor.get("/posts/pictures/..%2fconfig.toml").status_code == 404
    assert visitor.get("/posts/77").status_code == 404


def draft(service: System, title: str = "Aus dem Feed") -> Post:
    room = service.city.newsroom
    return posts.add(room, Written(title, "Text"), state=PostState.DRAFT, by="feed presse")


def test_it_queues_a_draft_when_somebody_says_so(service: System, desk: Open) -> None:
    visitor, post = desk(Role.PRESS), draft(service)
    page = visitor.get("/posts/").text
    assert "Entwürfe" in page
    assert "Aus dem Feed" in page
    old = visitor.post(f"/posts/{post.id}/queue", {"version": "7"})
    assert "inzwischen geändert" in old.text
    assert posts.get(post.id).state == PostState.DRAFT
    visitor.post(f"/posts/{post.id}/queue", {"version": "1"})
    assert posts.get(post.id).state == PostState.QUEUED
    assert posts.get(post.id).changed_by == "press-de"
    assert audit.newest(act="post queued")[0].about == f"post {post.id}"


def test_it_keeps_a_draft_a_draft_until_it_is_saved_and_queued(service: System, desk: Open) -> None:
    visitor, post = desk(Role.PRESS), draft(service)
    visitor.send(f"/posts/{post.id}", {"text": "Neu"})
    assert (posts.get(post.id).text, posts.get(post.id).state) == ("Neu", PostState.DRAFT)
    visitor.send(f"/posts/{post.id}", {"text": "Ganz neu", "queue": "1"})
    assert (posts.get(post.id).text, posts.get(post.id).state) == ("Ganz neu", PostState.QUEUED)


def test_it_offers_a_draft_that_has_lain_for_long_for_the_next_digest(
    service: System, desk: Open
) -> None:
    visitor, post = desk(Role.PRESS), draft(service)
    long_ago = clock.today(service.city.zone) - timedelta(days=9)
    Post.update(on=long_ago).execute()
    assert fields(visitor.get(f"/posts/{post.id}").text)["on"] == ""
    visitor.post(f"/posts/{post.id}/queue", {"version": "1"})
    assert posts.get(post.id).on == posts.next_day(service.city.newsroom)


def test_it_throws_a_draft_away(service: System, desk: Open) -> None:
    visitor, post = desk(Role.PRESS), draft(service)
    visitor.post(f"/posts/{post.id}/withdraw")
    assert posts.get(post.id).state == PostState.WITHDRAWN
    assert "Entwürfe" not in visitor.get("/posts/").text
