"""Wording: within every limit, links whole, nothing lost silently."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.channels.base import TemplateMessage, Text, Unit, pack, size, unpack
from broadcasts.delivery.broadcasts import Form
from broadcasts.newsroom import drafts, wording
from broadcasts.newsroom.drafts import BODY_LIMIT
from broadcasts.newsroom.posts import Post
from broadcasts.newsroom.shortening import fit_item, one_line, shares, shorten
from broadcasts.newsroom.texts import COPY_PATH, Texts
from broadcasts.newsroom.wording import AlertWords
from broadcasts.settings import LANGUAGES
from tests.fakes import FakeChannel
from tests.newsroom.makers import approve, newsroom, post

ROOM = newsroom()
DAY = date(2026, 11, 24)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
POSTS = st.lists(
    st.builds(
        lambda title, text, link: post(title, text=text, link=link),
        TEXT.map(lambda t: t[:120] or "Titel"),
        TEXT,
        st.sampled_from(["", "https://stadt.example/" + "x" * 150, "https://s.example"]),
    ),
    min_size=1,
    max_size=9,
)


@given(POSTS)
def test_it_fills_a_template_within_its_limit(posts: list[Post]) -> None:
    values = wording.digest_values(ROOM, posts, "de", on=DAY, pictures_as_links=False)
    body = drafts.filled(drafts.digest_body(ROOM, len(posts), "de"), values)
    assert size(body) <= BODY_LIMIT
    assert len(values) == min(len(posts), 5)
    for _, value in values:
        assert value.strip()
        assert not re.search(r"[\n\r\t]| {5,}", value)


@given(POSTS)
def test_it_shows_links_whole_or_not_at_all(posts: list[Post]) -> None:
    values = wording.digest_values(ROOM, posts, "de", on=DAY, pictures_as_links=False)
    whole = {post.link for post in posts} | {"https://bote.example/archiv/2026-11-24"}
    for _, value in values:
        for link in re.findall(r"https://(?:stadt|s|bote)\.example\S*", value):
            assert link in whole


@given(POSTS)
def test_it_keeps_free_text_within_the_channels_limit(posts: list[Post]) -> None:
    channel = FakeChannel(text_limit=1000)
    assert size(wording.digest_text(ROOM, posts, "de", channel, on=DAY).body) <= 1000


def test_it_shows_short_posts_in_full() -> None:
    posts = [post(f"Titel {n}", text=f"Text {n}", link=f"https://s.example/{n}") for n in range(5)]
    values = wording.digest_values(ROOM, posts, "de", on=DAY, pictures_as_links=False)
    assert values[0] == ("post_1", "*Titel 0* Text 0 https://s.example/0")
    free = wording.digest_text(ROOM, posts, "de", FakeChannel(), on=DAY).body
    assert "*Titel 4*\nText 4\nhttps://s.example/4" in free


def test_it_counts_the_rest_beyond_five() -> None:
    values = wording.digest_values(ROOM, [post()] * 8, "de", on=DAY, pictures_as_links=False)
    assert values[-1][1].endswith("und 3 weitere: https://bote.example/archiv/2026-11-24")


@pytest.mark.parametrize("unit", list(Unit))
@given(posts=POSTS)
def test_it_says_where_the_whole_stands_of_what_it_had_to_cut(
    unit: Unit, posts: list[Post]
) -> None:
    channel = FakeChannel(text_limit=1000, text_unit=unit)
    body = wording.digest_text(ROOM, posts, "de", channel, on=DAY).body
    assert size(body, unit) <= 1000
    roomy = replace(channel, text_limit=10**6)
    whole = wording.digest_text(ROOM, posts, "de", roomy, on=DAY).body
    link = "Alles in voller Länge: https://bote.example/archiv/2026-11-24"
    assert (link in body) == (body != whole)
    assert link not in whole


def test_it_shares_room_fairly() -> None:
    assert shares([10, 500, 500], 410) == [10, 200, 200]
    assert shares([10, 20], 1000) == [10, 20]
    assert shares([5, 5], 0) == [0, 0]


@given(TEXT, st.integers(1, 50))
def test_it_shortens_to_the_limit(text: str, limit: int) -> None:
    assert size(shorten(text, limit)) <= limit


def test_it_shortens_at_a_word() -> None:
    assert shorten("Der Markt am Samstag", 14) == "Der Markt am…"


@given(st.text(max_size=130), st.text(max_size=300), st.integers(4, 400))
def test_it_fits_an_item(title: str, text: str, limit: int) -> None:
    fitted = fit_item(one_line(title) or "T", one_line(text), "https://s.example/a", limit, gap=" ")
    assert size(fitted) <= limit


def test_it_says_what_the_first_picture_shows() -> None:
    shown = [post(), post(image="a.jpg", image_alt="Am Fluss"), post(image="b.jpg", image_alt="B")]
    text = wording.digest_text(ROOM, shown, "de", FakeChannel(), on=DAY)
    assert (text.picture, text.picture_alt) == ("a.jpg", "Am Fluss")
    assert unpack(pack(text)) == text
    old = {name: value for name, value in pack(text).items() if name != "picture_alt"}
    assert unpack(old) == replace(text, picture_alt="")


def test_it_sends_a_picture_only_with_words_that_fit_its_caption() -> None:
    short, long = post(image="a.jpg"), post(image="a.jpg", text="Wort " * 300)
    channel = FakeChannel()
    assert wording.digest_text(ROOM, [short], "de", channel, on=DAY).picture == "a.jpg"
    assert wording.digest_text(ROOM, [long], "de", channel, on=DAY).picture is None


@pytest.mark.usefixtures("database")
class TestChoice:
    def test_it_uses_the_picture_template_where_it_is_approved(self) -> None:
        approve(ROOM, "digest_1_image")
        found, needs = wording.digest(ROOM, [post(image="a.jpg")], ["de"], on=DAY)
        content = {row.form: row.content for row in found}[Form.TEMPLATE]
        assert isinstance(content, TemplateMessage)
        assert (content.name, content.picture) == ("digest_1_image", "a.jpg")
        assert needs == []

    def test_it_falls_back_to_the_citys_language(self) -> None:
        approve(ROOM, "digest_1")
        found, needs = wording.digest(ROOM, [post()], ["de", "nl"], on=DAY)
        dutch = next(r.content for r in found if r.language == "nl" and r.form is Form.TEMPLATE)
        assert isinstance(dutch, TemplateMessage)
        assert dutch.language == "de"
        assert needs == []

    def test_it_names_the_missing_template(self) -> None:
        _, needs = wording.digest(ROOM, [post()] * 3, ["de"], on=DAY)
        assert [str(need) for need in needs] == ["digest_3 (de)"]

    def test_it_words_an_alert_as_template_and_as_repeat(self) -> None:
        approve(ROOM, "alert_2h")
        found, _ = wording.alert(
            ROOM,
            "alert",
            "2h",
            words=AlertWords("Zu\nHause bleiben", title="Sturm"),
            languages=["de"],
        )
        contents = {row.form: row.content for row in found}
        assert set(contents) == {Form.TEMPLATE, Form.REPEAT}
        first, repeat = contents[Form.TEMPLATE], contents[Form.REPEAT]
        assert isinstance(first, TemplateMessage)
        assert isinstance(repeat, TemplateMessage)
        assert first.values == (("message", "*Sturm* Zu Hause bleiben"),)
        assert "Vielleicht haben Sie" in repeat.values[0][1]

    def test_it_words_an_alert_freely_only_without_a_template(self) -> None:
        found, needs = wording.alert(
            ROOM, "alert", "2h", words=AlertWords("Sturm"), languages=["de"]
        )
        assert [row.form for row in found] == [Form.WINDOW]
        assert isinstance(found[0].content, Text)
        assert len(needs) == 1

    def test_it_refuses_an_alert_too_long_for_its_template(self) -> None:
        approve(ROOM, "alert_2h")
        with pytest.raises(wording.TooLongError, match="too long"):
            wording.alert(ROOM, "alert", "2h", words=AlertWords("x" * 1000), languages=["de"])


@pytest.mark.parametrize(
    ("language", "words"), [("de", "PROBEALARM"), ("en", "DRILL"), ("nl", "OEFENING")]
)
@pytest.mark.parametrize("name", ["alert", "alert_update", "alert_clear"])
def test_it_begins_every_part_of_a_drill_with_that_word(
    name: str, language: str, words: str
) -> None:
    drill = AlertWords("Zu Hause bleiben", title="Sturm", severity="danger", is_drill=True)
    free = wording.alert_text(ROOM, name, drill, language, FakeChannel())
    assert free.body.lstrip("*").startswith(words)
    body = drafts.alert_body(ROOM, drill.template(name), language)
    assert body.startswith(words)
    _, repeat = wording.alert_messages(ROOM, name, drill, language)
    assert ROOM.texts.get(wording.HEADINGS[name], language) in repeat[1]


def test_it_puts_the_severity_before_the_title_in_each_language() -> None:
    words = AlertWords("Zu Hause bleiben", title="Sturm", severity="caution")
    shown = [words.headline(ROOM, language) for language in ("de", "en", "nl")]
    assert shown == ["🟡 Vorsicht · Sturm", "🟡 Caution · Sturm", "🟡 Let op · Sturm"]


DRAFTS = list(drafts.all_drafts(newsroom(city={}), pictures=True))


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda d: f"{d.name}-{d.language}")
def test_it_drafts_templates_within_metas_limits(draft: drafts.TemplateDraft) -> None:
    names = re.findall(r"\{\{(\w+)\}\}", draft.body)
    assert re.fullmatch(r"[a-z0-9_]{1,512}", draft.name)
    is_notice = draft.name in drafts.NOTICES
    assert names or draft.name == drafts.STILL_THERE
    assert names == [name for name, _ in draft.examples]
    assert not draft.body.startswith("{{")
    assert not draft.body.endswith("}}")
    assert size(drafts.filled(draft.body, draft.examples)) <= BODY_LIMIT
    assert size(draft.footer) <= 60
    # A question may be found weeks later; a warning must not.
    is_warning = draft.category == "UTILITY" and not is_notice
    assert (draft.time_to_live is not None) is is_warning


def test_it_drafts_every_language_and_lifetime() -> None:
    assert {draft.language for draft in DRAFTS} == set(LANGUAGES)
    assert {draft.name for draft in DRAFTS} >= {
        *(f"digest_{n}" for n in range(1, 6)),
        *(f"digest_{n}_image" for n in range(1, 6)),
        *("alert_30m", "alert_2h", "alert_12h", "drill_2h", *drafts.NOTICES),
    }


def test_it_takes_no_variable_out_of_a_citys_name() -> None:
    texts = Texts(
        city="Stadt {{1}}",
        public_url="https://a.example",
        language="de",
        minimum_age=16,
        digest_time="17:00",
    )
    body = drafts.digest_body(replace(newsroom(), texts=texts), 1, "de")
    assert re.findall(r"\{\{(\w+)\}\}", body) == ["post_1"]


def test_it_shows_nobody_the_link_to_a_persons_copy() -> None:
    body = f"Alles als Datei: https://bote.example/{COPY_PATH}/aB3-_x9 Der Link gilt einen Tag."
    shown = wording.content_as_shown(newsroom(), Text(body))
    assert shown == f"Alles als Datei: https://bote.example/{COPY_PATH}/… Der Link gilt einen Tag."
