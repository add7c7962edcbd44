"""What staff type becomes safe HTML."""

import pytest

from bot import markup


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*Markt* am _Samstag_", "<b>Markt</b> am <em>Samstag</em>"),
        ("<script>*x*</script>", "&lt;script&gt;<b>x</b>&lt;/script&gt;"),
        ("snake_case_name 2*3", "snake_case_name 2*3"),
        (
            'Mehr: https://a.example/?x=1&y="z_a_b").',
            'Mehr: <a href="https://a.example/?x=1&amp;y=&#34;z_a_b" rel="noopener">'
            "https://a.example/?x=1&amp;y=&#34;z_a_b</a>&#34;).",
        ),
        (
            "*Jetzt: https://a.example*",
            '<b>Jetzt: <a href="https://a.example" rel="noopener">https://a.example</a></b>',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_it_marks_a_page(typed: str, shown: str) -> None:
    assert markup.page(typed) == shown


def test_it_leaves_addresses_to_the_telephone() -> None:
    assert markup.phone("*a* https://a.example/_b_") == "<b>a</b> https://a.example/<em>b</em>"
