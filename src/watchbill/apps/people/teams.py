"""Reads of teams that look at no rights: for what clocks are computed from."""

from __future__ import annotations

from watchbill.apps.people import models


def team_zones(desk_id: int) -> dict[int, tuple[str, str | None]]:
    """Return name and time zone (of the region, None without one) of every team of a desk, by id: what clocks look at."""
    rows = models.Team.objects.filter(desk_id=desk_id).values_list("id", "name", "region__zone")
    return {team_id: (name, zone) for team_id, name, zone in rows}
