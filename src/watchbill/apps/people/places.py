"""Where people are, in SQL: for reads of other apps that count by people."""

_REGION_OF = (
    "coalesce({p}.region_id, (select min(t.region_id) from people_membership as m join people_team as t"
    " on t.id = m.team_id where m.person_id = {p}.id having count(distinct t.region_id) = 1))"
)
REGION_OF = _REGION_OF.format(p="p")
"""The region of the person ``p``: her own, else that of her teams if they are of one."""
REGION_ZONE_OF = f"(select zone from people_region where id = {REGION_OF})"
"""The time zone of that region, null without one."""
REGION_NAME_OF = f"(select name from people_region where id = {_REGION_OF.format(p='people_person')})"
"""The name of the region of each row of people, null without one."""
