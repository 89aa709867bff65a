"""The names of a desk with the keys behind them, for whoever writes names where programs look at keys."""

from __future__ import annotations

from collections import defaultdict

from watchbill.apps.core.references import PERSON, shown
from watchbill.apps.core.sql import tuples

Named = dict[str, tuple[int | str, ...]]
"""Keys by case-folded name: a name may be that of two people."""
SORTS = ("team", "skill", "region", "person")


def names_of_desk(desk_id: int) -> dict[str, Named]:
    """Return the teams, skills, regions and people of a desk, robots left out, by sort and name: one query.

    A person goes by her reference, too. For the system itself: it looks at no rights.
    """
    found: dict[str, dict[str, list[int | str]]] = {sort: defaultdict(list) for sort in SORTS}
    for sort, key, name in _rows(desk_id):
        found[sort][name.casefold()].append(key)
        if sort == "person":
            found[sort][str(shown(PERSON, key)).casefold()].append(key)
    return {sort: {name: tuple(keys) for name, keys in named.items()} for sort, named in found.items()}


def names_spelt(desk_id: int) -> dict[str, dict[str, str]]:
    """Return the same names as they are written, by sort and case-folded name: one query."""
    found: dict[str, dict[str, str]] = {sort: {} for sort in SORTS}
    for sort, key, name in _rows(desk_id):
        found[sort][name.casefold()] = name
        if sort == "person":
            said = str(shown(PERSON, key))
            found[sort][said.casefold()] = said
    return found


def _rows(desk_id: int) -> list[tuple[str, int, str]]:
    return tuples(
        "select 'team', id, name from people_team where desk_id = %(desk)s"
        " union all select 'skill', id, name from people_skill where desk_id = %(desk)s"
        " union all select 'region', id, name from people_region where desk_id = %(desk)s"
        " union all select 'person', id, name from people_person where desk_id = %(desk)s and not is_robot"
        " order by 1, 2",
        {"desk": desk_id},
    )
