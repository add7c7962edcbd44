"""What `doctor` and `connect` learn from a real mail server."""

from pathlib import Path

import pytest

from broadcasts.channels.base import Outcome, ProviderError
from broadcasts.channels.email import door
from broadcasts.channels.email.settings import EmailSecrets
from tests.channels.email import samples
from tests.channels.email.server import PASSWORD, USER, make_certificate, running


def test_it_says_that_the_server_takes_us() -> None:
    with running() as server:
        channel = samples.channel(server.port)
        (state,) = channel.account_states()
        assert (state.account, state.limit) == (samples.FROM, None)
        found = {one.id: one for one in channel.look(samples.URL)}
        assert {id: one.ok for id, one in found.items()} == {
            "size": True,
            "links": True,
            "returned": True,
        }
        safe = samples.channel(server.port, bounce_address="bounce@musterstadt.example")
        assert [one.ok for one in safe.look("http://bote.musterstadt.example")] == [
            True,
            False,
            True,
        ]
        assert server.taken == []


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("550 5.7.1 not allowed to send as this", Outcome.ACCOUNT),
        ("530 5.7.0 sign in first", Outcome.CREDENTIALS),
    ],
)
def test_it_says_what_the_server_has_against_us(reply: str, outcome: Outcome) -> None:
    with running() as server:
        server.plan("MAIL", reply)
        with pytest.raises(ProviderError) as caught:
            samples.channel(server.port).account_states()
    assert caught.value.outcome is outcome


def test_it_says_that_the_password_is_wrong_or_nobody_is_there(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with running(certificate=certificate) as server:
        safe = {"security": "starttls", "user": USER, "ca_file": str(certificate)}
        channel = samples.channel(server.port, **safe)
        assert channel.account_states()
        channel._secrets = lambda: EmailSecrets(password="wrong", secret="x" * 20)
        with pytest.raises(ProviderError) as caught:
            channel.account_states()
        assert (caught.value.outcome, caught.value.code) == (Outcome.CREDENTIALS, "535 5.7.8")
        assert PASSWORD not in str(caught.value)
    with pytest.raises(ProviderError) as caught:
        samples.channel(9).look(samples.URL)
    assert caught.value.outcome is Outcome.NETWORK


def test_it_tells_how_returned_mail_is_brought() -> None:
    said = str(samples.channel().connect(samples.URL))
    secret = samples.SECRETS.secret
    assert f"{samples.URL}/webhooks/email/{door.path(secret)}" in said
    assert f"{door.HEADER}: {door.word(secret)}" in said
    assert secret not in said
