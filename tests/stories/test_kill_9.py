"""kill -9 of web, worker, ticker and database, during an import, a tick and a write: nothing is lost, nothing doubled."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.factories import BOSS, make_desk, minutes
from tests.flows.assign.small_desk import NOW, make_small_desk
from tests.flows.intake import log, read
from tests.interfaces.office import office_open
from tests.stories.installation import Gate, Installation, kill
from watchbill.apps.clocks.queries import forget_compiled
from watchbill.apps.core.services import clock_jump, clock_move
from watchbill.apps.people.rights import Role
from watchbill.apps.work.services import projection_rebuild
from watchbill.flows import lead_times, renewing
from watchbill.flows.audit import seal_all, verify
from watchbill.flows.intake.load import import_run
from watchbill.flows.intake.profiles import profile_load
from watchbill.interfaces.ticker import Ticker

PROFILE = "servicenow-incidents"


def picture(installation: Installation) -> dict[str, list[tuple]]:
    """Everything that work left behind, by names: without keys, wall times and digests over keys."""
    return {
        "items": installation.rows(
            "select d.slug, coalesce(nullif(i.external_ref, ''), i.title), i.state, i.priority, p.name, q.name, i.version,"
            " i.opened_at, i.updated_at, i.due_sort_at, i.resolved_at from work_item i"
            " join people_desk d on d.id = i.desk_id left join people_person p on p.id = i.owner_id"
            " left join work_queue q on q.id = i.queue_id order by 1, 2"
        ),
        "events": installation.rows(
            "select coalesce(nullif(i.external_ref, ''), i.title), e.seq, e.kind, e.at, e.actor_name, e.state, e.priority,"
            " regexp_replace(e.data->>'text', ', facts [0-9a-f]+', ''), e.source_key, p.name from work_event e join work_item i on i.id = e.item_id"
            " left join people_person p on p.id = e.owner_id order by 1, 2"
        ),
        "clocks": installation.rows(
            "select coalesce(nullif(i.external_ref, ''), i.title), c.kind, c.status, c.elapsed_s, c.due_at, c.breach_at, c.warn_at,"
            " c.told_at, c.next_at from clocks_clock c join work_item i on i.id = c.item_id order by 1, 2"
        ),
        "decisions": installation.rows(
            "select coalesce(nullif(i.external_ref, ''), i.title), d.item_version, d.status, d.mode, p.name, d.score, d.proposed_at,"
            " d.answered_at from decisions_decision d join work_item i on i.id = d.item_id"
            " left join people_person p on p.id = d.chosen_id order by 1, d.proposed_at, d.item_version"
        ),
        "notices": installation.rows("select kind, count(*) from notices_notice group by 1 order by 1"),
        "held": installation.rows("select external_ref, at from inbox_heldevent order by 1, 2"),
    }


def assert_sound(installation: Installation) -> None:
    """The rows are what the events say, every event is there once and in order, and every seal holds."""
    with installation.here():
        before = read.rows_of_items()
        projection_rebuild()
        assert read.rows_of_items() == before
        gaps = "select item_id from work_event group by item_id having max(seq) <> count(*) or min(seq) <> 1"
        assert read.fetch(gaps) == []
        _, is_done = seal_all()
        assert is_done
        assert [found.bad for found in verify(by=BOSS, now=NOW)] == [None, None]


def kill_everything(installation: Installation) -> None:
    """kill -9 of every process of the installation, then of its database; then the database is started again."""
    for process in installation.processes:
        kill(process)
    installation.server.kill()
    installation.server.start()


@pytest.mark.slow
def test_an_import_whose_whole_house_is_killed(install, tmp_path):
    """Importer, web, worker, ticker and database die in the middle of a batch; run again, it is as one clean run."""
    house = install()
    path = log.write(tmp_path / "log.csv", log.many(2500, updates=2))
    with house.here():
        clock_move(desk_at=NOW, rate=0, limit_at=None, by=BOSS, now=NOW)
        clean, torn = make_desk(slug="clean"), make_desk(slug="torn")
        calm = import_run(path, profile_load(PROFILE), desk_id=clean, workers=1, by=BOSS, now=NOW)
    gate = Gate(house, "clocks_clock")
    importing = ("import", str(path), "--profile", PROFILE, "--desk", "torn", "--json")

    gate.close(after=1)
    house.run("web")
    house.run("worker")
    house.run("tick")
    house.run(*importing)
    house.wait_for(house.answers, "web answers")
    house.wait_for(house.has_ticker, "the ticker acts")
    gate.wait_until_held()
    kill_everything(house)
    gate.open()
    assert house.rows("select status from inbox_import order by id") == [("done",), ("applying",)]

    house.run("web")
    again = house.done(*importing[:-1])
    counts = ("rows_read", "rows_accepted", "rows_rejected", "items", "events", "people")
    assert [again[name] for name in counts] == [getattr(calm, name) for name in counts]
    with house.here():
        assert read.picture(torn) == read.picture(clean)
    assert_sound(house)
    house.wait_for(house.answers, "web answers again")


# The hour of the log's first row, moved to this year: 06:00 in Sao Paulo.
MORNING = datetime(2026, 3, 3, 9, tzinfo=UTC)
WEEKS = 522
STEPS = 5


def arriving():
    """Rows of twelve incidents, one every two minutes from the morning on, each taken and resolved within minutes."""
    rows = []
    for n in range(12):
        opened = {"opened_at": f"1/3/2016 06:{2 * n:02d}"}
        owned = {"assigned_to": f"Resolver {n % 3}", "assignment_group": f"Group {n % 2}", **opened}
        rows += [
            log.row(f"INC{n:03d}", 0, f"1/3/2016 06:{2 * n:02d}", **opened),
            log.row(f"INC{n:03d}", 1, f"1/3/2016 06:{2 * n + 3:02d}", "Active", **owned),
            log.row(f"INC{n:03d}", 2, f"1/3/2016 06:{2 * n + 9:02d}", "Resolved", **owned),
        ]
    return rows


def busy_morning(tmp_path) -> None:
    """Autopilot in one queue, advice in the other, clocks about to run out, and a log whose rows arrive as time moves."""
    desk = make_small_desk()
    desk.mode("Mail", "autopilot")
    for n in range(12):
        opened = MORNING - minutes(8 * n)
        desk.item("Mail" if n % 3 else "Network", now=opened, priority=1 + n % 3, title=f"Item {n:02d}")
    path = log.write(tmp_path / "log.csv", arriving())
    held = {"shift_weeks": WEEKS, "hold_after": MORNING}
    import_run(path, profile_load(PROFILE), desk_id=desk.id, workers=1, by=BOSS, now=MORNING, **held)
    clock_move(desk_at=MORNING, rate=0, limit_at=None, by=BOSS, now=MORNING)
    lead_times.tick(MORNING)  # what is learned in the morning depends on when: it would be another story
    while renewing.tick(MORNING):
        pass


def five_minutes_on(house: Installation, number: int) -> None:
    """Let the desk's time go on by five minutes, as a visitor of a demo would."""
    began = MORNING + minutes(5 * number)
    with house.here():
        clock_jump(began + minutes(5), by=BOSS, now=began)


def is_there(house: Installation) -> bool:
    """Whether everything up to where time was to go has happened."""
    return house.rows("select jump_to_at is null from core_installation") == [(True,)]


@pytest.mark.slow
def test_ticks_killed_in_the_middle(install, tmp_path):
    """Of two tickers the acting one is killed, then the database, then all: the morning ends as an undisturbed one."""
    calm = install()
    with calm.here():
        busy_morning(tmp_path)
    torn = install(of=calm)
    for number in range(STEPS):
        five_minutes_on(calm, number)
        with calm.here():
            forget_compiled()
            for _ in range(3):
                Ticker().turn()
        assert is_there(calm)
    undisturbed = picture(calm)
    assert {event[2] for event in undisturbed["events"]} >= {"opened", "state", "clock", "suggested", "decided"}
    assert {row[2] for row in undisturbed["decisions"]} >= {"applied", "proposed"}

    gate = Gate(torn, "work_event", "decisions_decision", "clocks_clock")
    acting = torn.run("tick")
    torn.wait_for(torn.has_ticker, "one ticker acts")
    other = torn.run("tick")

    def step(number: int, *, after: int, then: Callable[[], None]) -> None:
        """Let *then* happen in the middle of a transaction of the step, and wait until the step has been done."""
        gate.close(after=after)
        five_minutes_on(torn, number)
        gate.wait_until_held()
        then()
        torn.wait_for(lambda: is_there(torn), f"step {number} is done")

    def kill_the_acting_one() -> None:
        other.send_signal(signal.SIGSTOP)  # it takes over when nothing of the dead one is left in the database
        kill(acting)
        gate.open()
        other.send_signal(signal.SIGCONT)

    def kill_the_database() -> None:
        torn.server.kill()
        gate.open()
        torn.server.start()

    def kill_all() -> None:
        kill_everything(torn)
        gate.open()
        torn.run("tick")
        torn.run("tick")

    step(0, after=0, then=kill_the_acting_one)
    torn.run("tick")
    step(1, after=2, then=kill_the_database)
    step(2, after=3, then=kill_all)
    step(3, after=4, then=kill_the_database)
    five_minutes_on(torn, 4)
    torn.wait_for(lambda: is_there(torn), "the last step is done")
    for name, rows in picture(torn).items():
        assert rows == undisturbed[name], name
    assert_sound(torn)


def test_a_write_whose_web_process_is_killed(install):
    """The web process dies before its answer; the same request with the same key, sent again, makes the item once."""
    house = install()
    with house.here():
        key = office_open().user("caller", Role.ADMIN)
    gate = Gate(house, "work_event")
    web = house.run("web")
    house.wait_for(house.answers, "web answers")
    body = json.dumps({"desk": "north", "title": "Once", "queue": "Mail"})
    headers = {"Authorization": f"Bearer {key}", "Idempotency_Key": "k1", "Content_Type": "application/json"}

    def send() -> tuple[int, bytes]:
        status, _, answer = house.ask("POST", "/api/v1/items", body, **headers)
        return status, answer

    gate.close()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(send)
        gate.wait_until_held()
        kill(web)
        assert first.result()[0] == 0
    gate.open()
    assert house.rows("select count(*) from work_item") == [(0,)]
    house.run("web")
    house.wait_for(house.answers, "web answers again")
    (status, answer), again = send(), send()
    assert (status, answer) == again
    assert status == 201
    assert house.rows("select title, version from work_item") == [("Once", 1)]
    assert house.rows("select kind from work_event") == [("opened",)]
    assert_sound(house)
