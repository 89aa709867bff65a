"""PostgreSQL's programs, and the user who runs them when we are root."""

import os
import pwd

import pytest

from watchbill.config import programs as tools
from watchbill.engine.base.errors import Unavailable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another user")


def test_the_wheel_brings_what_is_needed():
    """The newest version of the wheel has every program, and says its version itself."""
    newest = tools.programs_newest()
    assert newest.major >= 18
    assert f"{newest.major}." in tools.run([newest.path("postgres"), "--version"]).stdout


def test_an_incomplete_wheel_is_named(monkeypatch):
    """A program that is not there is named, with the way out."""
    monkeypatch.setattr(tools, "CLIENT_PROGRAMS", ("pg_no_such_thing",))
    with pytest.raises(Unavailable, match="program pg_no_such_thing cannot be found.*make setup"):
        tools.programs_newest()


def test_programs_see_no_settings_of_another_server(monkeypatch):
    """PGHOST and its like would lead the tools to a server that is not ours."""
    monkeypatch.setenv("PGHOST", "elsewhere.example.org")
    monkeypatch.setenv("WATCHBILL_SECRET_KEY", "secret")
    assert not {"PGHOST", "WATCHBILL_SECRET_KEY"} & set(tools.clean_environment())


def test_the_first_closed_folder_is_found(home):
    """Of all folders above, the first that the user may not pass through is named."""
    stranger = pwd.struct_passwd(("stranger", "x", 54321, 54321, "", "/", "/bin/sh"))
    closed = home / "open" / "closed"
    closed.mkdir(parents=True)
    for folder in (home, home / "open"):
        folder.chmod(0o755)
    closed.chmod(0o700)
    assert tools.closed_parent(closed / "data", stranger) == closed
    closed.chmod(0o711)
    assert tools.closed_parent(closed / "data", stranger) is None


def test_an_ordinary_user_needs_no_other(tmp_path, monkeypatch):
    """Who is not root runs the server as himself."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert tools.server_user(tmp_path / "postgresql") is None


@as_root
def test_the_owner_of_a_folder_stays(tmp_path):
    """Root runs an existing server as the user who made it."""
    folder = tmp_path / "postgresql"
    folder.mkdir()
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    assert tools.server_user(folder) == nobody


@as_root
def test_programs_in_a_closed_folder_are_copied(home, monkeypatch):
    """Where the wheel lies behind a closed folder, a copy runs, and no folder's rights were changed."""
    home.chmod(0o711)
    user = tools.server_user(home / "postgresql")
    monkeypatch.setattr(tools, "closed_parent", lambda *_: home)
    original = tools.programs_newest()
    copied = tools.programs_for(original, user, store=home)
    assert copied.folder.is_relative_to(home)
    for program in tools.SERVER_PROGRAMS:
        assert tools.run([copied.path(program), "--version"], user=user).returncode == 0
    assert tools.programs_for(original, user, store=home) == copied
