"""A demo with a small invented log: an incident a minute from nine o'clock on, each taken, resolved and closed in a day."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from tests.factories import BOSS, make_desk
from tests.flows.intake import log
from watchbill.apps.clocks.queries import forget_compiled as clocks_forget
from watchbill.apps.core import services
from watchbill.apps.core.queries import Story
from watchbill.apps.decisions.queries import forget_compiled as policies_forget
from watchbill.apps.decisions.services import policy_publish
from watchbill.apps.people.demo_users import demo_users_make
from watchbill.apps.people.queries import person_search
from watchbill.apps.shifts.services import usual_hours_set
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load

BEGINS = datetime(2016, 3, 1, 12, tzinfo=UTC)
"""A Tuesday, 09:00 in Sao Paulo."""
ENDS = BEGINS + timedelta(days=2)
EVENTS_OF_ITEM = 4


def rows(items):
    """Opened a minute apart, taken half an hour later, resolved after three hours, closed after nine."""
    found = []
    for n in range(items):
        at = [_local(n + later) for later in (0, 30, 180, 540)]
        owned = {"assigned_to": f"Resolver {n % 5}", "assignment_group": "Group 1", "opened_at": at[0]}
        found += [
            log.row(f"INC{n:04d}", k, at[k], state, caller_id=f"Caller {n % 31}",
                    **(owned if k else {"opened_at": at[0], "assignment_group": "Group 1"}))
            for k, state in enumerate(("New", "Active", "Resolved", "Closed"))
        ]  # fmt: skip
    return found


def _local(minutes):
    at = BEGINS - timedelta(hours=3) + timedelta(minutes=1 + minutes)
    return f"{at.day}/{at.month}/{at.year} {at.hour:02d}:{at.minute:02d}"


def begin(folder: Path, *, items: int) -> int:
    """Make the demo and return its desk; its clock stands still at the beginning, and everything is held."""
    clocks_forget()
    policies_forget()
    services.clock_move(desk_at=BEGINS, rate=0, limit_at=BEGINS, by=BOSS, now=BEGINS)
    desk_id = make_desk(slug="uci")
    early = BEGINS - timedelta(days=1)
    everybody = {"needs_skill": False, "needs_team": False}
    policy_publish(desk_id, everybody, holds_from=early, is_for_history=True, reason="test", by=BOSS, now=BEGINS)
    import_run(
        log.write(folder / "log.csv", rows(items)), profile_load("servicenow-incidents"), desk_id=desk_id,
        hold_after=BEGINS, workers=1, by=BOSS, now=BEGINS,
    )  # fmt: skip
    for person in person_search(desk_id, "Resolver", by=BOSS):
        usual_hours_set(person["id"], desk_id=desk_id, week=[["08:00-18:00"]] * 7, by=BOSS, now=BEGINS)
    demo_users_make(agent_id=None, by=BOSS, now=BEGINS)
    services.story_set(Story(desk="uci", starts_at=BEGINS, ends_at=ENDS, weeks=0))
    return desk_id


def child_environment(folder: Path) -> dict[str, str]:
    """The environment of a process that works on this test's database."""
    facts = connection.settings_dict
    host, port = quote(str(facts["HOST"]), safe="/"), f"&port={facts['PORT']}" if facts["PORT"] else ""
    who = quote(facts["USER"]) + (f":{quote(facts['PASSWORD'])}" if facts["PASSWORD"] else "")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WATCHBILL_", "DJANGO_"))}
    return plain | {
        "WATCHBILL_DATABASE_URL": f"postgresql://{who}@/{facts['NAME']}?host={host}{port}",
        "WATCHBILL_DATA": str(folder),
        "WATCHBILL_SECRET_KEY": settings.SECRET_KEY,
        "DJANGO_SETTINGS_MODULE": "watchbill.config.settings",
    }


def part_command(name):
    return [sys.executable, "-m", "watchbill.config.main", name, "--supervised"]
