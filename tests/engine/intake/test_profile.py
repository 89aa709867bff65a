"""A profile is refused where it makes no sense, with the key, the value and what was expected."""

import copy
import tomllib

import pytest

from watchbill.engine.base.errors import InvalidFacts
from watchbill.engine.base.work import State
from watchbill.engine.intake.profile import Profile

SMALL = tomllib.loads("""
name = "small"
title = "A small profile"
kind = "incident"
source = "small"
zone = "Europe/Stockholm"
dates = "%d/%m/%Y %H:%M"
[item]
reference = "id"
at = "at"
key = ["at"]
title = "{what|Something} in {where}"
[state]
columns = ["state"]
map = { Open = "new", Done = "closed" }
[levels]
priority = { otherwise = 3 }
""")


def changed(path, value):
    """The small profile with one key set, or removed with None."""
    body = copy.deepcopy(SMALL)
    *tables, key = path.split(".")
    place = body
    for table in tables:
        place = place.setdefault(table, {})
    if value is None:
        del place[key]
    else:
        place[key] = value
    return body


def test_small_profile_is_read():
    """The columns that it reads, each once, in the order of the keys."""
    profile = Profile.from_toml(SMALL)
    assert profile.columns == ("id", "at", "what", "where", "state")
    assert profile.states == {"Open": State.NEW, "Done": State.CLOSED}
    assert profile.delimiter == ","


@pytest.mark.parametrize(("path", "value", "told"), [
    ("nmae", "x", "nmae"), ("kind", "ticket", "one of case, incident"), ("zone", "Europe/Stokholm", "zone"),
    ("dates", "%d.%m", "%d, %m"), ("delimiter", ";;", "one character"), ("item.at", None, "item.at"),
    ("item.key", [], "at least one column"), ("item.title", "{what", "item.title"),
    ("item.title", "{what:>10}", "nothing else in braces"), ("state.map", {}, "value = state"),
    ("state.map", {"Open": "open"}, "state.map.Open"), ("state.map", {"Open": "scheduled"}, "a state of a incident"),
    ("levels.priority", {"columns": ["p"], "values": {"high": 0}}, "levels.priority.values.high"),
    ("fields", {"ownr": "x"}, "fields.ownr"), ("attributes", {"a": {"column": "x", "states": ["shut"]}}, "attributes.a"),
    ("attributes", {"a": {"column": "x", "fold": "title"}}, "upper, lower"), ("actor", {"robots": ["x"]}, "actor.columns"),
])  # fmt: skip
def test_what_makes_no_sense_is_named(path, value, told):
    """The sentence names the key."""
    with pytest.raises(InvalidFacts) as caught:
        Profile.from_toml(changed(path, value))
    assert told in caught.value.message
