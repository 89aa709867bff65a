"""Attainment on the real log that the package ships, reckoned a second time from its rows by other means."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime, timedelta
from importlib.resources import as_file, files

import pytest

from tests.factories import BOSS, EPOCH, NOW, make_desk
from watchbill.apps.clocks import services as clocks
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.reports.attainment import attainment
from watchbill.apps.reports.choices import By
from watchbill.apps.reports.slices import Slice
from watchbill.engine.base.calendar import Calendar
from watchbill.engine.clocks import default_policy
from watchbill.engine.report import Proportion
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.report.reading import read_timelines

LOG = files("watchbill.demo.data").joinpath("incident_event_log.zip")
TARGET = {"1": 240, "2": 480, "3": 960, "4": 2400}
PAUSED, DONE = {"Awaiting User Info", "Awaiting Vendor"}, {"Resolved", "Closed"}


def by_hand():
    """Met and decided by priority: minutes from opened_at on in which an incident neither waited nor was resolved.

    Reads opened_at, sys_updated_at, incident_state and priority; never made_sla, closed_at or anything of ours.
    """
    with zipfile.ZipFile(io.BytesIO(LOG.read_bytes())) as archive, archive.open(archive.namelist()[0]) as stream:
        rows = list(csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8")))
    lives, found = {}, {}
    for row in rows:
        lives.setdefault(row["number"], []).append(row)
    for life in lives.values():
        life.sort(key=lambda row: (instant(row["sys_updated_at"]), int(row["sys_mod_count"])))
        last, state, worked = instant(life[0]["opened_at"]), "New", timedelta()
        for row in life:
            at = max(instant(row["sys_updated_at"]), last)
            if state not in PAUSED | DONE:
                worked += at - last
            last, state = at, state if row["incident_state"] == "-100" else row["incident_state"]
        priority = life[-1]["priority"][0]
        met, decided = found.get(priority, (0, 0))
        if state in DONE:
            found[priority] = (met + (worked <= timedelta(minutes=TARGET[priority])), decided + 1)
    return found


def instant(text):
    return datetime.strptime(text, "%d/%m/%Y %H:%M")  # noqa: DTZ007 - only differences are taken


@pytest.mark.slow
@pytest.mark.django_db
def test_attainment_of_the_shipped_log_is_what_its_rows_say():
    """Round the clock, with the default targets and pauses: the same figure for each priority, counted by hand."""
    forget_compiled()
    desk = make_desk(slug="real", zone="UTC", has_clocks=False)
    always = Calendar.always().as_json()
    more = {"holds_from": EPOCH, "is_for_history": True, "reason": "test", "by": BOSS, "now": NOW}
    clocks.calendar_publish(desk, "always", always, **more)
    clocks.policy_publish(desk, default_policy(calendar="always").as_json(), **more)
    with as_file(LOG) as path:
        import_run(path, profile_load("servicenow-incidents"), desk_id=desk, workers=1, by=BOSS, now=NOW)
    read_timelines(NOW)
    wanted = Slice(desk_id=desk, commitment="resolution")
    found = {str(row.key): row.all for row in attainment(wanted, By.PRIORITY, by=BOSS, now=NOW)}
    assert found == {p: Proportion(hits=met, total=all_) for p, (met, all_) in by_hand().items()}
    assert sum(one.total for one in found.values()) == 21_016
