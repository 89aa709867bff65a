"""What commands may ask of the installation."""

import psycopg
import pytest
from psycopg.pq import Ping

from tests.config.conftest import settings_for
from watchbill.config import house as houses
from watchbill.config import server
from watchbill.config.address import database_url
from watchbill.config.database import database_ensure
from watchbill.config.env import env
from watchbill.config.house import House
from watchbill.engine.base.errors import Unavailable


@pytest.fixture
def settings_put_back():
    """Whatever a test does to the settings of this process ends with it."""
    yield
    env.cache_clear()


@pytest.mark.usefixtures("settings_put_back")
def test_a_scratch_server_is_gone_afterwards(monkeypatch):
    """With the embedded server, a throw-away one starts in a folder of its own and leaves nothing."""
    monkeypatch.delenv("WATCHBILL_DATABASE_URL", raising=False)
    env.cache_clear()
    house = House()
    before = house.settings.data_folder
    with house.scratch():
        folder = house.settings.data_folder
        assert folder != before
        assert server.ping(folder) is Ping.OK
    assert not folder.exists()
    assert house.settings.data_folder == before


@pytest.mark.usefixtures("settings_put_back", "used")
def test_a_scratch_database_is_gone_afterwards(home, monkeypatch):
    """With a server that was named, a database is made beside the named one and dropped."""
    url = database_ensure(settings_for(home), durable=False)
    monkeypatch.setenv("WATCHBILL_DATABASE_URL", url)
    env.cache_clear()
    house = House()
    with house.scratch():
        other = database_url(house.settings)
        assert other != url
        with psycopg.connect(other) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    assert database_url(house.settings) == url
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(other)


@pytest.mark.usefixtures("settings_put_back")
def test_the_tables_of_a_named_server_are_not_changed_unasked(monkeypatch):
    """On a server of the user's, missing updates are an answer; on ours they are made."""
    done = []
    monkeypatch.setattr("watchbill.config.database.database_ensure", lambda *_, **__: "")
    monkeypatch.setattr(houses, "migrations_pending", lambda: ["one", "two"])
    monkeypatch.setattr(House, "load", lambda _: None)
    monkeypatch.setattr(House, "migrate", lambda _: done.append("migrated"))
    monkeypatch.setenv("WATCHBILL_DATABASE_URL", "postgresql://a@127.0.0.1:1/b")
    env.cache_clear()
    with pytest.raises(Unavailable, match="lacks 2 updates.*watchbill migrate"):
        House().prepare()
    House().prepare(migrate=True)
    monkeypatch.delenv("WATCHBILL_DATABASE_URL")
    env.cache_clear()
    House().prepare()
    assert done == ["migrated", "migrated"]


@pytest.mark.usefixtures("settings_put_back")
@pytest.mark.parametrize(
    ("listen", "public", "address"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8000"),
        ("0.0.0.0", "", "http://127.0.0.1:8000"),
        ("127.0.0.1", "https://desk.example.org", "https://desk.example.org"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(monkeypatch, listen, public, address):
    """The public address if there is one, else this machine's."""
    monkeypatch.setenv("WATCHBILL_LISTEN", listen)
    monkeypatch.setenv("WATCHBILL_PUBLIC_URL", public)
    monkeypatch.delenv("WATCHBILL_PORT", raising=False)
    env.cache_clear()
    assert House().address == address


@pytest.mark.django_db
def test_only_a_new_installation_offers_a_link():
    """The first admin's link opens the door; once there is a user, nobody gets one unasked."""
    from django.test import Client

    from watchbill.apps.core.actor import console
    from watchbill.apps.core.queries import now
    from watchbill.apps.people.users import link_use

    link = House().first_admin_link()
    assert link is not None
    path = link.removeprefix(House().address)
    assert Client().get(path).status_code == 200
    secret = path.rstrip("/").rpartition("/")[2]
    link_use(secret, username="first", password="long-enough-a-word", by=console("test"), now=now())
    assert House().first_admin_link() is None
