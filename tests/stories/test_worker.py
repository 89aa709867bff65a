"""A real worker of four jobs and a ticker, with an import, a replay, a renewal and a taking over at once, killed in the middle."""

from __future__ import annotations

import io
import os
import signal
from datetime import timedelta

import pytest

from tests.factories import BOSS, make_desk, make_item, publish_replayed
from tests.flows.intake import log, read
from tests.flows.test_customer_clocks import desk_with, resolution
from tests.stories.installation import Gate, kill
from tests.stories.test_kill_9 import PROFILE, assert_sound
from watchbill.apps.clocks.models import Clock, ReplayItem
from watchbill.apps.clocks.replays import replay_row
from watchbill.apps.core.queries import wall_now
from watchbill.apps.customers.services import customer_ensure
from watchbill.apps.inbox.queries import import_get
from watchbill.apps.people import users
from watchbill.apps.people.queries import actor_of_username
from watchbill.apps.people.rights import Role
from watchbill.flows import clocks, lead_times, renewing
from watchbill.flows.customers import customer_change
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.flows.intake.upload import upload_take
from watchbill.flows.replay.drafts import replay_ask
from watchbill.flows.replay.run import replay_run

ITEMS = 12
HOUR = timedelta(hours=1)


def send(desk: int) -> int:
    """Send a log to a desk; return the import's key."""
    users.user_create("ann", name="Ann", by=BOSS, now=wall_now())
    users.role_grant("ann", Role.ADMIN, desk_id=desk, by=BOSS, now=wall_now())
    raw = log.text(log.many(400, updates=2)).encode()
    sender = actor_of_username("ann")
    taken = upload_take(
        io.BytesIO(raw), name="log.csv", size=len(raw), loaded=profile_load(PROFILE), desk_id=desk, by=sender,
        now=wall_now(),
    )  # fmt: skip
    return taken.import_id


def full_desk(*, begun: timedelta) -> tuple[int, int]:
    """A desk with eight hours for everybody and four for premier customers, and open items of one customer; both keys."""
    desk = desk_with(resolution(4, when="tier is premier"), resolution(8))
    acme = customer_ensure(desk, "Acme", by=BOSS, now=wall_now())
    for _ in range(ITEMS):
        make_item(desk, customer="Acme", now=wall_now() - begun)
    return desk, acme


def left_by(desk: int) -> dict[str, list[dict[str, object]]]:
    """What an import left on a desk, but for the instant at which it ran: up to there everything counts as told."""
    left = read.picture(desk)
    for clock in left["clocks"]:
        del clock["told_at"]
    return left


@pytest.mark.slow
def test_four_jobs_and_a_ticker_that_are_killed_do_everything_once(install, tmp_path, monkeypatch):
    """Held together in the middle of their writes, killed, and started again: as if nobody had been killed."""
    house = install()
    monkeypatch.setattr(renewing, "AT_ONCE", 2)
    monkeypatch.setattr(clocks, "BATCH", 2)
    draft = {"clocks": [resolution(2)]}
    with house.here():
        clean, torn = make_desk(slug="clean"), make_desk(slug="torn")
        path = tmp_path / "log.csv"
        path.write_text(log.text(log.many(400, updates=2)))
        import_run(path, profile_load(PROFILE), desk_id=clean, workers=1, by=BOSS, now=wall_now())
        renewed, acme = full_desk(begun=5 * HOUR)
        taken, _ = full_desk(begun=5 * HOUR)
        replayed, _ = full_desk(begun=3 * HOUR)
        while lead_times.tick(wall_now()) or renewing.tick(wall_now()):
            pass
        publish_replayed(taken, {"clocks": [resolution(3)], "takes_over": "retroactive"}, now=wall_now())
        calm = replay_ask(replayed, draft, is_waking=False, by=BOSS, now=wall_now())
        replay_run(calm)
        customer_change(acme, tier="premier", by=BOSS, now=wall_now())
        replay_id = replay_ask(replayed, draft, by=BOSS, now=wall_now())
        import_id = send(torn)

    gate = Gate(house, "work_event", "clocks_clock", "clocks_replayitem")
    gate.close()
    parts = [house.run("worker"), house.run("tick")]
    house.wait_for(lambda: waiting_at(house) >= 3, "import, replay and ticker stand before the gate")
    assert house.rows("select state from clocks_replay order by id desc limit 1") == [("running",)]
    for part in parts:
        os.killpg(part.pid, signal.SIGSTOP)  # all at the same moment
    for part in parts:
        kill(part)
    gate.open()
    house.run("worker")
    house.run("tick")
    house.wait_for(lambda: house.rows(IS_ALL_DONE) == [(True,)], "all that was asked for is done")

    with house.here():
        assert left_by(torn) == left_by(clean)
        assert import_get(import_id, by=BOSS).status == "done"
        one, again = replay_row(calm), replay_row(replay_id)
        for name in ("items", "items_changed", "total", "commitments"):
            assert one.result[name] == again.result[name]
        items = [
            list(ReplayItem.objects.filter(replay_id=each).values_list("item_id", "effects"))
            for each in (calm, replay_id)
        ]
        assert items[0] == items[1] != []
        hours = {
            desk: set(Clock.objects.filter(desk_id=desk).values_list("target_s", flat=True))
            for desk in (renewed, taken)
        }
        assert hours == {renewed: {4 * 3600}, taken: {3 * 3600}}
    told = house.rows(
        "select i.desk_id, e.data ->> 'what', count(*), count(distinct e.item_id) from work_event as e"
        " join work_item as i on i.id = e.item_id where e.kind = 'clock' and e.data ->> 'what' = 'breach' group by 1, 2"
    )
    assert {(desk, many, items) for desk, _, many, items in told} >= {(renewed, ITEMS, ITEMS), (taken, ITEMS, ITEMS)}
    assert house.rows("select 1 from procrastinate_jobs where status in ('failed', 'aborted')") == []
    assert_sound(house)


IS_ALL_DONE = (
    "select not exists (select from clocks_renewal) and not exists (select from inbox_upload)"
    " and not exists (select from clocks_replay where state in ('waiting', 'running'))"
    " and not exists (select from clocks_clock where next_at <= now())"
    " and exists (select from clocks_takingover where done_at is not null)"
)


def waiting_at(house) -> int:
    """How many stand before the gate."""
    [(count,)] = house.rows(
        f"select count(*) from pg_locks where locktype = 'advisory' and not granted and objid = {Gate.LOCK}"
    )
    return count
