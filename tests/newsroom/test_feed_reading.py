"""Feeds as the world writes them, well or ill: what becomes an item, and what of it."""

import time
from pathlib import Path

import pytest

from broadcasts.newsroom import feed_reading, feed_text
from broadcasts.newsroom.feed_reading import Item, NoFeedError

BASE = "https://www.musterstadt.example/presse/feed.xml"


def rss(*items: str, head: str = "") -> bytes:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    content = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    body = "".join(f"<item>{item}</item>" for item in items)
    return f'{head}<rss version="2.0" {media} {content}><channel>{body}</channel></rss>'.encode()


def one(item: str) -> Item:
    (found,) = feed_reading.read(rss(item), base=BASE)
    return found


def test_it_reads_rss() -> None:
    item = one(
        "<title>Markt &amp;amp; Musik</title><guid>tag:7</guid>"
        "<link>/presse/7?utm_source=rss</link>"
        "<pubDate>Tue, 24 Nov 2026 10:00:00 +0100</pubDate>"
        "<description>&lt;p&gt;Am &lt;b&gt;Samstag&lt;/b&gt;.&lt;/p&gt;</description>"
        '<enclosure url="/bild.jpg" type="image/jpeg" length="9"/>'
    )
    assert item == Item(
        title="Markt & Musik",
        text="Am Samstag.",
        link="https://www.musterstadt.example/presse/7",
        guid="tag:7",
        picture="https://www.musterstadt.example/bild.jpg",
        published_at="2026-11-24T09:00:00+00:00",
    )


def test_it_reads_atom() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title>Bad</title>'
        '<link rel="alternate" href="https://a.example/1"/><updated>2026-11-24T09:00:00Z</updated>'
        '<content type="html">&lt;p&gt;1 &amp;lt; 2&lt;/p&gt;</content></entry>'
        '<entry><id>urn:2</id><title type="text">a &lt; b</title>'
        '<summary type="text">1 &lt; 2</summary></entry></feed>'
    )
    first, second = feed_reading.read(body.encode(), kind="application/atom+xml", base=BASE)
    assert (first.title, first.text, first.link) == ("Bad", "1 < 2", "https://a.example/1")
    assert (second.title, second.text, second.guid) == ("a < b", "1 < 2", "urn:2")


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8"])
def test_it_reads_every_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{rss("<title>Bäder</title>").decode()}'
    (item,) = feed_reading.read(text.encode(encoding))
    assert item.title == "Bäder"


def test_it_takes_the_summary_and_without_one_the_whole() -> None:
    whole = "<content:encoded>&lt;p&gt;Alles.&lt;/p&gt;</content:encoded>"
    both = one(f"<title>A</title><description>Kurz.</description>{whole}")
    assert (both.text, one(f"<title>A</title>{whole}").text) == ("Kurz.", "Alles.")


def test_it_finds_the_picture_among_other_files() -> None:
    sound = '<enclosure url="https://a.example/x.mp3" type="audio/mpeg"/>'
    media = '<media:content url="https://a.example/x.png" medium="image"/>'
    assert one(f"<title>A</title>{sound}{media}").picture == "https://a.example/x.png"
    thumbnail = '<media:thumbnail url="https://a.example/y.png"/>'
    assert one(f"<title>A</title>{sound}{thumbnail}").picture == "https://a.example/y.png"
    assert one(f"<title>A</title>{sound}").picture == ""


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (
            '<enclosure url="/b.jpg" type="image/jpeg" title=" Stände\nam Fluss "/>',
            "Stände am Fluss",
        ),
        (
            '<enclosure url="/b.jpg" type="image/jpeg"/><description>&lt;img src="/a.jpg" alt="A"'
            '&gt; &lt;img alt="Am Fluss" src="/b.jpg"&gt;</description>',
            "Am Fluss",
        ),
        ('<enclosure url="/b.jpg" type="image/jpeg"/>', ""),
        ('<description>&lt;img alt="Nichts" src="/b.jpg"&gt; Text</description>', ""),
        (f'<enclosure url="/b.jpg" type="image/jpeg" title="{"W " * 400}"/>', f"{'W ' * 149}W…"),
        ('<enclosure url="/b.jpg" type="image/jpeg" title="&lt;b&gt;&#x202e;x"/>', "<b>x"),
    ],
)
def test_it_finds_what_the_picture_shows(feed: str, said: str) -> None:
    assert one(f"<title>A</title>{feed}").picture_alt == said


def test_it_makes_a_title_of_the_first_line() -> None:
    assert one("<description>&lt;p&gt;Eins&lt;/p&gt;Zwei</description>").title == "Eins"
    assert feed_reading.read(rss("<guid>7</guid>")) == []


def test_it_keeps_to_a_posts_lengths_and_ends_at_a_word() -> None:
    long = "Wörter " * 2000
    item = one(f"<title>{long}</title><description>{long}</description>")
    assert len(item.title) <= 120
    assert len(item.text) <= 3000
    assert item.title.endswith("Wörter…")
    assert item.text.endswith("Wörter…")


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Eins</p><p>Zwei</p>", "Eins\n\nZwei"),
        ("Eins<br>Zwei<br/>Drei", "Eins\nZwei\nDrei"),
        ("<ul><li>Eins</li><li> Zwei </li><li></li></ul>", "• Eins\n• Zwei"),
        ("Vor<script>alert('</p>')</script> nach", "Vor nach"),
        ("<style>p{}</style><!-- nie --><b onclick=x()>fett</b>", "fett"),
        ("<iframe src=x>nie</iframe><svg><script>nie</script></svg>da", "da"),
        ("<script>nie", ""),
        ("<a href='javascript:x()'>Link</a>", "Link"),
        ("F&uuml;r &lt;alle&gt; &amp; jeden", "Für <alle> & jeden"),
        ("a  \n b\t\xa0c", "a b c"),
        ("Stra\u00adße\u200b\u202e\x07", "Straße"),
        ("👨‍👩‍👧 kommen", "👨‍👩‍👧 kommen"),
        ("5 < 6 und 7 > 3", "5 < 6 und 7 > 3"),
        ("<p>offen", "offen"),
    ],
)
def test_it_makes_plain_words_of_html(html: str, text: str) -> None:
    assert feed_text.words(html) == text


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://a.example/x?id=7&utm_source=rss&fbclid=9", "https://a.example/x?id=7"),
        ("https://a.example/x?tx_news%5Bid%5D=7", "https://a.example/x?tx_news%5Bid%5D=7"),
        ("https://a.example/x#teil", "https://a.example/x#teil"),
        ("https://a.example/x y", "https://a.example/x%20y"),
        ("/x", "https://www.musterstadt.example/x"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://name:word@a.example/", ""),
        ("https://[", ""),
        ("https://a.example/" + "x" * 300, ""),
        ("", ""),
    ],
)
def test_it_takes_addresses_of_the_web_only(address: str, link: str) -> None:
    assert feed_text.link(address, BASE) == link


def test_it_knows_an_address_in_other_clothes() -> None:
    forms = ["http://www.a.example/x/?b=2&a=1", "https://a.example/x?a=1&b=2"]
    assert len({feed_text.essence(form) for form in forms}) == 1
    others = ["https://a.example/x?a=2", "https://a.example/x#1", "https://a.example/x#2"]
    assert len({feed_text.essence(form) for form in others}) == 3


# ------------------------------------------------------------------ ill-meaning


def laughs(between: str) -> str:
    lines = ['<!ENTITY lol0 "ha">']
    lines += [f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE rss [{between}{between.join(lines)}{between}]>"


@pytest.mark.parametrize("between", ["\n", " "])
def test_it_laughs_at_no_billion_laughs(between: str) -> None:
    """With a line each, feedparser takes the entities out; in one line, expat stops them."""
    body = rss("<title>&lol9;</title><description>da</description>", head=laughs(between))
    began = time.process_time()
    (item,) = feed_reading.read(body)
    assert len(item.title) < 20
    assert time.process_time() - began < 8


@pytest.mark.parametrize("between", ["\n", " "])
def test_it_opens_nothing_that_an_entity_names(tmp_path: Path, between: str) -> None:
    (tmp_path / "secret").write_text("geheim")
    head = f'<!DOCTYPE rss [{between}<!ENTITY x SYSTEM "file://{tmp_path}/secret">{between}]>'
    (item,) = feed_reading.read(rss("<title>a &x; b</title>", head=head))
    assert item.title in ("a b", "a &x; b")


def test_it_takes_an_address_for_no_feed(tmp_path: Path) -> None:
    """feedparser would open or fetch it, were it given as text."""
    file = tmp_path / "feed.xml"
    file.write_bytes(rss("<title>geheim</title>"))
    for body in (str(file).encode(), b"", b"<html><p>Wartung</p></html>"):
        with pytest.raises(NoFeedError, match="no_feed"):
            feed_reading.read(body)


def test_it_reads_broken_xml_but_no_half_of_one() -> None:
    broken = rss("<title>A & B</title><description>1 &nbsp; 2</description>")
    (item,) = feed_reading.read(broken)
    assert (item.title, item.text) == ("A & B", "1 2")
    with pytest.raises(NoFeedError, match="cut_off"):
        feed_reading.read(broken[: broken.index(b"nbsp")])


def test_it_reads_the_first_of_very_many() -> None:
    body = rss(*(f"<title>{number}</title>" for number in range(2000)))
    assert len(feed_reading.read(body)) == feed_reading.MOST_ITEMS
