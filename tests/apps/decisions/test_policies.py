"""Versions of the assignment policy, modes of queues, and who may set them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.factories import BOSS, NOW, actor, make_desk, make_person, minutes
from watchbill.apps.core.models import AuditEvent
from watchbill.apps.decisions import queries, services
from watchbill.apps.decisions.drafts import version_changes
from watchbill.apps.people.rights import Role
from watchbill.apps.work.queues import queue_save
from watchbill.engine.assign.policy import Policy
from watchbill.engine.assign.rails import GuardRails, Mode
from watchbill.engine.base.errors import Conflict, InvalidFacts, NotAllowed, NotFound


@pytest.fixture
def desk_id(db):
    queries.forget_compiled()
    return make_desk(has_clocks=False)


@pytest.fixture
def queue_id(desk_id):
    return queue_save(desk_id, name="Mail", by=BOSS, now=NOW)


def publish(desk_id, body=None, *, by=BOSS, **options):
    return services.policy_publish(
        desk_id, body or {"handover_min": 30}, **{"holds_from": NOW, "reason": "busy week", **options}, by=by, now=NOW
    )


def test_without_a_version_the_built_in_policy_holds(desk_id):
    """Number 0 needs nobody to publish it."""
    assert queries.policy_in_force(desk_id, NOW) == queries.PolicyInForce(number=0, policy=Policy())


def test_a_version_holds_from_its_instant_on(desk_id):
    """Before it the one before holds; the number is written into the body."""
    assert publish(desk_id, holds_from=NOW + minutes(60)) == 1
    assert queries.policy_in_force(desk_id, NOW + minutes(59)).number == 0
    in_force = queries.policy_in_force(desk_id, NOW + minutes(60))
    assert (in_force.number, in_force.policy.version, in_force.policy.handover_min) == (1, 1, 30)


def test_versions_count_up_and_keep_what_came_before(desk_id):
    """Nothing published is ever changed; the audit log keeps before and after."""
    publish(desk_id)
    publish(desk_id, {"handover_min": 45}, seen_number=1)
    assert [(v["number"], v["body"]["handover_min"]) for v in queries.policy_versions(desk_id)] == [(2, 45), (1, 30)]
    event = AuditEvent.objects.get(action="assign_policy_published", object_ref="2")
    assert (event.before["handover_min"], event.after["handover_min"], event.reason) == (30, 45, "busy week")


def test_what_a_version_does_not_name_stays_as_in_force(desk_id):
    """Kept is the whole; what changes is told; as delivered is said by name."""
    publish(desk_id, {"load_weight": 20, "needs_skill": False})
    publish(desk_id, {"handover_min": 45})
    publish(desk_id, {"delivered": ["needs_skill"]})
    assert queries.policy_versions(desk_id)[0]["body"] == Policy(version=3, load_weight=20, handover_min=45).as_json()
    assert [[str(one) for one in version_changes(desk_id, number)] for number in (1, 2, 3)] == [
        ["load_weight: 100 -> 20", "needs_skill: true -> false"],
        ["handover_min: 15 -> 45"],
        ["needs_skill: false -> true"],
    ]


def test_what_will_hold_later_is_not_in_force(desk_id):
    """A draft builds on what holds now; what it takes back of a version that is to come is told as a change."""
    publish(desk_id, {"load_weight": 20}, holds_from=NOW + minutes(60))
    publish(desk_id, {"handover_min": 45}, holds_from=NOW + minutes(60))
    assert [str(one) for one in version_changes(desk_id, 2)] == ["handover_min: 15 -> 45", "load_weight: 20 -> 100"]


def test_all_slips_of_a_draft_are_told_in_its_order(desk_id):
    """Values and names together; a number of a version that cannot be, too; nobody's own writing is changed in a hint."""
    made = make_person(desk_id, name="Ana")
    rules = ["when always then never PER-99999", "when always then aks team Core"]
    with pytest.raises(InvalidFacts) as refused:
        publish(desk_id, {"version": 99, "rules": rules, "handover_min": -1})
    assert [slip["key"] for slip in refused.value.details["slips"]] == [
        "version", "rules[0]", "rules[1]", "handover_min",
    ]  # fmt: skip
    said = refused.value.message
    assert "version = 99; expected none: the next version is 1, whatever a draft says" in said
    with pytest.raises(InvalidFacts, match=f"did you mean PER-{made}[?]"):
        publish(desk_id, {"rules": [f"when always then never PER-{made}9"]})


def test_a_version_is_taken_back_at_once(desk_id):
    """It holds again as it was, under a number of its own, with its reason; what is delivered, too; audited as any other."""
    publish(desk_id, {"load_weight": 20, "needs_skill": False})
    publish(desk_id, {"handover_min": 45, "needs_skill": True})
    take = {"reason": "nobody was left", "by": BOSS, "now": NOW + minutes(5)}
    assert services.policy_take_back(desk_id, 1, seen_number=2, **take) == 3
    held = queries.policy_in_force(desk_id, NOW + minutes(5))
    assert (held.number, held.policy) == (3, replace(queries.policy_version(desk_id, 1), version=3))
    event = AuditEvent.objects.get(action="assign_policy_published", object_ref="3")
    assert (event.reason, event.before["handover_min"], event.after["handover_min"]) == (
        "Version 1 again: nobody was left", 45, 15,
    )  # fmt: skip
    assert services.policy_take_back(desk_id, 0, **{**take, "now": NOW + minutes(6)}) == 4
    assert queries.policy_in_force(desk_id, NOW + minutes(6)).policy == Policy(version=4)


def test_taking_back_is_refused_as_publishing_is(desk_id):
    """Somebody was faster, no reason, no such version, what holds already, no right."""
    publish(desk_id)
    publish(desk_id, {"handover_min": 45})
    take = {"reason": "back", "by": BOSS, "now": NOW}
    with pytest.raises(Conflict, match="published version 2 of the assignment policy"):
        services.policy_take_back(desk_id, 1, seen_number=1, **take)
    with pytest.raises(InvalidFacts, match="Say why"):
        services.policy_take_back(desk_id, 1, **{**take, "reason": " "})
    with pytest.raises(NotFound, match="has no version 9"):
        services.policy_take_back(desk_id, 9, **take)
    with pytest.raises(InvalidFacts, match="Nothing has changed"):
        services.policy_take_back(desk_id, 2, **take)
    with pytest.raises(NotAllowed):
        services.policy_take_back(desk_id, 1, **{**take, "by": actor(Role.COORDINATOR, desk_id)})


def test_which_versions_held_lately(desk_id):
    """Until the next holds; one that was overtaken at its own instant never did, one to come does not yet."""
    for at in (0, 10, 10, 40):
        publish(desk_id, {"handover_min": len(queries.policy_versions(desk_id)) + 20}, holds_from=NOW + minutes(at))
    held = {at: queries.policies_held(desk_id, since=NOW + minutes(at), now=NOW + minutes(20)) for at in (-5, 5, 10)}
    assert held == {-5: {0, 1, 3}, 5: {1, 3}, 10: {3}}


def test_the_second_of_two_editors_gets_a_conflict(desk_id):
    """Who edited version 1 cannot publish over version 2; she is told by whom, when, and what was set."""
    publish(desk_id, seen_number=0)
    publish(desk_id, {"handover_min": 45}, seen_number=1)
    with pytest.raises(Conflict, match="published version 2 of the assignment policy") as second:
        publish(desk_id, seen_number=1)
    [change] = second.value.details["changes"]
    assert (change["by"], change["at"], change["text"]) == (BOSS.name, NOW.isoformat(), "busy week")
    assert change["set"] == {"version": 2, "handover_min": 45}


def test_a_version_needs_a_reason_and_numbers_in_range(desk_id):
    """The error names the key."""
    with pytest.raises(InvalidFacts, match="why"):
        publish(desk_id, reason=" ")
    with pytest.raises(InvalidFacts, match="handover_min"):
        publish(desk_id, {"handover_min": -1})
    with pytest.raises(InvalidFacts, match="handover"):
        publish(desk_id, {"handover": 1})
    assert queries.policy_versions(desk_id) == []


def test_publishing_and_switching_need_their_rights(desk_id, queue_id):
    """A queue manager switches modes but publishes nothing; a coordinator does neither."""
    queue_manager, coordinator = (actor(role, desk_id) for role in (Role.QUEUE_MANAGER, Role.COORDINATOR))
    for by in (queue_manager, coordinator):
        with pytest.raises(NotAllowed):
            publish(desk_id, by=by)
    with pytest.raises(NotAllowed):
        services.mode_set(queue_id, mode="off", by=coordinator, now=NOW)
    with pytest.raises(NotAllowed):
        services.autopilot_stop(desk_id, reason="", by=coordinator, now=NOW)
    assert services.mode_set(queue_id, mode="off", by=queue_manager, now=NOW) == 1


def test_a_mode_is_set_with_rails_and_audited(desk_id, queue_id):
    """What held before is kept in the audit log."""
    rails = {"per_hour": 5, "priorities": [4], "people": [make_person(desk_id)]}
    assert services.mode_set(queue_id, mode="autopilot", guard_rails=rails, version=0, by=BOSS, now=NOW) == 1
    row = queries.modes_of_desk(desk_id)[queue_id]
    assert (row.mode, row.rails, row.version) == (Mode.AUTOPILOT, GuardRails.from_json(rails), 1)
    event = AuditEvent.objects.get(action="queue_mode_set")
    assert (event.object_ref, event.before, event.after["mode"]) == ("Mail", {"mode": "advise"}, "autopilot")


def test_two_people_switching_at_once_conflict(desk_id, queue_id):
    """The second saw an old version, and is told who was faster: also when that was the off switch of the whole desk."""
    services.mode_set(queue_id, mode="autopilot", version=0, by=BOSS, now=NOW)
    with pytest.raises(Conflict, match=r"changed the mode of Mail") as second:
        services.mode_set(queue_id, mode="off", version=0, by=BOSS, now=NOW)
    assert second.value.details["changes"][0]["set"]["mode"] == "autopilot"
    chief = actor(Role.MANAGER, desk_id, name="Chief")
    services.autopilot_stop(desk_id, reason="enough", by=chief, now=NOW)
    with pytest.raises(Conflict, match=r"Chief changed the mode of Mail") as second:
        services.mode_set(queue_id, mode="off", version=1, by=BOSS, now=NOW)
    assert second.value.details["changes"] == [
        {"by": "Chief", "at": NOW.isoformat(), "set": {"mode": "advise"}, "text": "enough"}
    ]


def test_bad_modes_rails_and_queues_are_refused(queue_id):
    """Each with the thing that is wrong."""
    with pytest.raises(InvalidFacts, match="off, advise, autopilot"):
        services.mode_set(queue_id, mode="on", by=BOSS, now=NOW)
    with pytest.raises(InvalidFacts, match="per_hour"):
        services.mode_set(queue_id, mode="autopilot", guard_rails={"per_hour": 0}, by=BOSS, now=NOW)
    with pytest.raises(NotFound):
        services.mode_set(10**9, mode="off", by=BOSS, now=NOW)


def test_rails_name_people_of_the_desk_only(queue_id):
    """Somebody of another desk cannot be given this desk's work."""
    stranger = make_person(make_desk(has_clocks=False))
    with pytest.raises(InvalidFacts, match="nobody of this desk"):
        services.mode_set(queue_id, mode="autopilot", guard_rails={"people": [stranger]}, by=BOSS, now=NOW)
