"""Our marks as Telegram's HTML."""

import pytest

from broadcasts.channels.telegram.markup import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*fett* und _schräg_", "<b>fett</b> und <i>schräg</i>"),
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("*a < b*", "<b>a &lt; b</b>"),
        ("https://example.org/a_b_c?x=1&y=2", "https://example.org/a_b_c?x=1&amp;y=2"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("datei_name_lang", "datei_name_lang"),
        ("*über\nzwei Zeilen*", "*über\nzwei Zeilen*"),
        ("**", "**"),
    ],
)
def test_it_marks_what_is_meant(text: str, html: str) -> None:
    assert to_html(text) == html
