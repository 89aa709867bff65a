"""Where the database is."""

from pathlib import Path

import pytest

from watchbill.config.address import (
    SOCKET_FOLDER_BYTES,
    django_settings,
    embedded_url,
    socket_folder,
    url_parts,
    url_with_database,
)
from watchbill.engine.base.errors import InvalidFacts


def test_the_socket_is_in_the_data_folder():
    """A data folder of usual length holds its socket."""
    assert socket_folder(Path("/var/lib/watchbill")) == Path("/var/lib/watchbill/socket")


def test_a_long_path_gets_a_short_socket_of_its_own():
    """Two folders too deep for the kernel's limit get two short places, the same ones each time."""
    deep = [Path("/srv") / ("x" * 120) / name for name in "ab"]
    places = [socket_folder(folder) for folder in deep]
    assert all(len(bytes(place)) <= SOCKET_FOLDER_BYTES for place in places)
    assert len(set(places)) == 2
    assert places == [socket_folder(folder) for folder in deep]


def test_an_odd_folder_survives_the_url():
    """Spaces and percent signs in the path reach libpq unharmed."""
    folder = Path("/srv/desk 50%")
    assert url_parts(embedded_url(folder))["host"] == "/srv/desk 50%/socket"


def test_options_of_the_url_reach_libpq():
    """Encoded passwords, ports and TLS settings of a URL are all kept."""
    found = django_settings("postgresql://me:p%40ss@db.example.org:6432/desk?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "me",
        "p@ss",
        "db.example.org",
        "6432",
        "desk",
    )
    assert found["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["mysql://x/y", "desk", "postgresql://db.example.org", "postgresql://h/d?nonsense=1"])
def test_what_is_no_postgresql_url_is_refused(url):
    """Another database, no database, or an unknown option is a sentence that names the setting."""
    with pytest.raises(InvalidFacts, match="WATCHBILL_DATABASE_URL"):
        url_parts(url)


def test_another_database_on_the_same_server():
    """Only the name changes, even for a URL without a host."""
    assert url_with_database("postgresql:///desk?host=/run/pg", "other") == "postgresql:///other?host=/run/pg"
