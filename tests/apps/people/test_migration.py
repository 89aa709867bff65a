"""Teams that were in a region before their places were kept have been there since ever."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories import BOSS, NOW, make_desk
from watchbill.apps.people.bulk import team_ensure_many
from watchbill.apps.people.regions import region_save
from watchbill.apps.people.teams import Place, team_places
from watchbill.engine.base.time import EARLIEST


@pytest.mark.django_db(transaction=True)
def test_teams_of_before_have_a_place_since_ever():
    """One without a region has none."""
    desk = make_desk(has_clocks=False)
    emea = region_save(desk, name="EMEA", zone="Europe/Lisbon", by=BOSS, now=NOW)
    teams = team_ensure_many(desk, ["Mail", "Fax"])
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate([("people", "0004_regions_are_kept")])
    try:
        with connection.cursor() as cursor:
            cursor.execute("update people_team set region_id = %s where id = %s", [emea, teams["Mail"]])
    finally:
        MigrationExecutor(connection).migrate(latest)
    places = team_places(desk)
    assert list(places[teams["Mail"]].places) == [Place(at=EARLIEST, zone="Europe/Lisbon")]
    assert not places[teams["Fax"]].places
