"""Settings from the environment."""

import stat

import pytest

from watchbill.config.env import env_read, secret_key
from watchbill.engine.base.errors import InvalidFacts, Unavailable


def test_nothing_set_runs_on_a_laptop():
    """Without any setting, Watchbill listens on this machine only and runs its own database."""
    found = env_read({})
    assert (found.listen, found.port, found.live_port) == ("127.0.0.1", 8000, 8001)
    assert found.is_embedded
    assert not found.debug
    assert not found.is_tls


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("WATCHBILL_PORT", "eighty"),
        ("WATCHBILL_PORT", "0"),
        ("WATCHBILL_WEB_WORKERS", "-1"),
        ("WATCHBILL_DEBUG", "perhaps"),
        ("WATCHBILL_PUBLIC_URL", "desk.example.org"),
        ("WATCHBILL_LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_without_sense_is_named(name, word):
    """A value that cannot be meant is refused by a sentence with the setting's name and the value."""
    with pytest.raises(InvalidFacts, match=f"{name} is '(?i:{word})'"):
        env_read({name: word})


def test_the_public_host_may_be_asked_for():
    """The host of the public URL needs no second setting."""
    found = env_read({"WATCHBILL_PUBLIC_URL": "https://desk.example.org/"})
    assert "desk.example.org" in found.hosts
    assert found.public_url == "https://desk.example.org"
    assert found.is_tls


def test_the_secret_key_is_made_once_and_private(tmp_path):
    """The second process reads the key that the first one made, and nobody else can."""
    settings = env_read({"WATCHBILL_DATA": str(tmp_path / "new")})
    key = secret_key(settings)
    assert len(key) >= 50
    assert secret_key(settings) == key
    assert stat.S_IMODE((tmp_path / "new" / "secret-key").stat().st_mode) == 0o600
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_a_key_that_was_set_is_used(tmp_path):
    """A set key wins, and nothing is written."""
    settings = env_read({"WATCHBILL_DATA": str(tmp_path), "WATCHBILL_SECRET_KEY": "mine"})
    assert secret_key(settings) == "mine"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path):
    """Where no key can be kept, the sentence says where and what to do."""
    blocker = tmp_path / "file"
    blocker.touch()
    with pytest.raises(Unavailable, match="WATCHBILL_SECRET_KEY"):
        secret_key(env_read({"WATCHBILL_DATA": str(blocker / "below")}))
