"""The servers that a run of the tests copies are made once, and made anew where making them was broken off."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from tests import clusters as module
from tests.clusters import NEW, READY, Clusters, here
from watchbill.apps.shifts.queries import calendar_of
from watchbill.config.cluster import folder_of


@pytest.fixture
def made(monkeypatch, tmp_path):
    """Clusters whose server is one file that says how far it came."""
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("WATCHBILL_TEST_FOLDER", str(tmp_path / "run"))
    said = []

    def ensure(settings, *, durable):
        folder = folder_of(settings.data_folder)
        folder.mkdir(exist_ok=True)
        (folder / "said").write_text("".join(said))
        return "postgresql://nobody@/none"

    def migrate(*_args, **_how):
        said.append("tables ")
        if len(said) == 1:
            raise RuntimeError("no room")

    monkeypatch.setattr(module, "database_ensure", ensure)
    monkeypatch.setattr(module, "database_stop", lambda settings: (folder_of(settings.data_folder) / "said").exists())
    monkeypatch.setattr(module, "call_command", migrate)
    monkeypatch.setattr(module, "here", lambda _url: nullcontext())
    return Clusters(nullcontext)


def test_what_was_broken_off_is_made_by_the_next(made, tmp_path):
    """The first fails with its own error, once the new folder is there; the next goes on, and so it does after half a copy."""
    with pytest.raises(RuntimeError, match="no room"):
        made.put(tmp_path / "a", READY)
    half = tmp_path / "run" / "clusters" / f"{READY}.draft"
    half.mkdir()
    (half / "rest").touch()
    for kind in (READY, NEW):
        (tmp_path / kind).mkdir()
        made.put(tmp_path / kind, kind)
        assert [one.name for one in folder_of(tmp_path / kind).iterdir()] == ["said"]


def test_what_was_read_of_one_database_is_not_told_of_another():
    """Keys repeat from database to database, and rows of the same key differ: nothing kept goes in, and nothing comes out."""
    kept = calendar_of.cache_info
    calendar_of("UTC", (((60, 120),),) * 7, frozenset())
    with here("postgresql://postgres@/elsewhere?host=/nowhere"):
        assert kept().currsize == 0
        calendar_of("UTC", (((60, 120),),) * 7, frozenset())
    assert kept().currsize == 0
