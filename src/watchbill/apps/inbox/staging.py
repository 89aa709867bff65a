"""The rows of one file between reading and applying: two unlogged tables per import, dropped at its end.

Unlogged tables cost no write-ahead log. When the database server crashes it empties them; `rows_staged` then says
less than the import's progress mark, and the file is staged anew: batches that were applied stay applied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from watchbill.apps.work.bulk import OPENING_KEY, STEP_COLUMNS
from watchbill.engine.intake.rows import StagedRow

STEP = "inbox_step"
"""The temporary table of one batch: one row per event, as `work.bulk.work_load` reads it."""

SPACES = ("team", "skill", "customer", "owner", "queue")
"""What names in a file stand for, in the order in which they are made: a queue knows its team."""

_TYPES = {
    "line": "bigint", "at": "timestamptz", "true_at": "timestamptz", "opened_at": "timestamptz",
    "true_opened_at": "timestamptz", "part": "smallint", "priority": "smallint", "impact": "smallint", "urgency": "smallint",
    "item": 'text collate "C"', "attributes": "text",
}  # fmt: skip
_COLUMNS = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in StagedRow._fields)


_NULL = "\\N"
_LAST_PLACE = len(StagedRow._fields) - 1
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _rows(import_id: int) -> str:
    return f"inbox_staged_{int(import_id)}"


def _items(import_id: int) -> str:
    return f"inbox_stageditem_{int(import_id)}"


def staging_make(import_id: int) -> None:
    """Make the table of rows, empty."""
    staging_drop(import_id)
    with connection.cursor() as cursor:
        cursor.execute(f"create unlogged table {_rows(import_id)} ({_COLUMNS}) with (autovacuum_enabled = off)")


def staging_drop(import_id: int) -> None:
    """Drop what stands between reading and applying; without harm when there is nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"drop table if exists {_rows(import_id)}, {_items(import_id)}")


def rows_staged(import_id: int) -> int:
    """Return how many rows of the file are staged: 0 when the table is gone, or was emptied by a crash of the server."""
    with connection.cursor() as cursor:
        # one that an earlier version staged lacks a column: its rows are staged anew
        cursor.execute(
            "select exists (select from pg_attribute where attrelid = to_regclass(%s) and attname = 'part')",
            [_rows(import_id)],
        )
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(f"select count(*) from {_rows(import_id)} where part = 0")
        return int(cursor.fetchone()[0])


def rows_copy(import_id: int, blocks: Iterable[Sequence[StagedRow]]) -> int:
    """Add blocks of rows to the staged ones, as they come, in the caller's transaction; return how many of the file's."""
    further = 0
    with connection.cursor() as cursor:
        with cursor.copy(f"copy {_rows(import_id)} from stdin") as copy:
            for block in blocks:
                further += sum(row.part != "0" for row in block)
                copy.write(_copy_text(block))
        return int(cursor.rowcount) - further


def _copy_text(block: Sequence[StagedRow]) -> str:
    """Return rows in COPY's text form. Values hardly ever need escaping, so that is looked at for all of them at once."""
    nulls = 0
    columns: list[Iterable[str]] = []
    for column in zip(*block, strict=True):
        absent = column.count(None)
        nulls += absent
        columns.append([_NULL if value is None else value for value in column] if absent else column)
    text = "\n".join(map("\t".join, zip(*columns, strict=True))) + "\n" if block else ""
    is_plain = (
        text.count("\t") == len(block) * _LAST_PLACE
        and text.count("\n") == len(block)
        and text.count("\\") == nulls
        and "\r" not in text
    )
    return text if is_plain else "".join(map(_copy_line, block))


def _copy_line(row: StagedRow) -> str:
    return "\t".join([_NULL if value is None else value.translate(_ESCAPES) for value in row]) + "\n"


def staging_close(import_id: int) -> tuple[int, datetime | None, datetime | None]:
    """Number the items by when they were opened (as their first row says) and make the rows quick to find by item.

    Returns (items, first true instant, last true instant). A row whose state the source does not know takes the one
    before it, the first one "new". Safe to do again.
    """
    rows, items = _rows(import_id), _items(import_id)
    with connection.cursor() as cursor:
        cursor.execute(f"create index if not exists {rows}_item on {rows} (item)")
        cursor.execute(
            f"update {rows} as s set state = coalesce((select p.state from {rows} as p where p.item = s.item"
            " and p.state is not null and (p.at, p.line, p.part) < (s.at, s.line, s.part) order by p.at desc, p.line desc,"
            " p.part desc limit 1), 'new')"
            " where s.state is null"
        )
        cursor.execute(f"drop table if exists {items}")
        cursor.execute(
            f"create unlogged table {items} as select item, opened_at, true_opened_at, false as is_known,"
            " (row_number() over (order by opened_at, line))::int as number from (select distinct on (item) item,"
            f" opened_at, true_opened_at, line from {rows} order by item, at, line, part) as first"
        )
        cursor.execute(f"alter table {items} add primary key (number)")
        cursor.execute(f"analyze {rows} (item), {items} (number, item)")
        cursor.execute(f"select min(true_at), max(true_at) from {rows}")
        first_at, last_at = cursor.fetchone()
        cursor.execute(f"select count(*) from {items}")
        return int(cursor.fetchone()[0]), first_at, last_at


def keys_repeat(import_id: int) -> bool:
    """Say whether two rows of one item have the same key, and so need a number to be told apart."""
    with connection.cursor() as cursor:
        cursor.execute(f"select exists (select 1 from {_rows(import_id)} group by item, key having count(*) > 1)")
        return bool(cursor.fetchone()[0])


def items_between(import_id: int, first: int, last: int) -> list[str]:
    """Return the references of the items numbered from *first* to *last*."""
    with connection.cursor() as cursor:
        cursor.execute(f"select item from {_items(import_id)} where number between %s and %s", [first, last])
        return [row[0] for row in cursor.fetchall()]


def items_mark_known(import_id: int, refs: Sequence[str]) -> None:
    """Note that the desk has these items already: their first row in this file does not open them."""
    with connection.cursor() as cursor:
        cursor.execute(f"update {_items(import_id)} set is_known = true where item = any(%s)", [list(refs)])


def names_without_target(import_id: int, space: str, *, size: int = 5000) -> Iterator[list[tuple[str, str | None]]]:
    """Give the names of one space that stand for nothing yet, with the team beside a queue, some at a time."""
    if space not in SPACES:
        raise ValueError(space)
    beside = "max(s.team)" if space == "queue" else "null"
    statement = (
        f"select s.{space}, {beside} from {_rows(import_id)} as s where s.{space} is not null and not exists"
        " (select 1 from inbox_importname as n where n.import_id = %s and n.space = %s and n.name = s."
        f"{space}) group by 1 order by 1 limit {size}"
    )
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [import_id, space])
            names = cursor.fetchall()
        if names:
            yield names
        if len(names) < size:
            return


_IDS = """
    left join inbox_importname as {0} on {0}.import_id = %(import_id)s and {0}.space = '{0}' and {0}.name = s.{0}"""

_CHANGED = (
    "state", "priority", "impact", "urgency", "title", "category", "language", "skill_id", "queue_id", "team_id",
    "owner_id", "customer_id",
)  # fmt: skip
_NUMBERS = ("priority", "impact", "urgency")
_WHOLE = (
    "jsonb_build_object('kind', %(kind)s::text, "
    + ", ".join(f"'{name}', {name}" for name in _CHANGED)
    + ", 'attributes', attributes::jsonb)"
)


def _set(name: str) -> str:
    """Return the SQL of ``"name":value`` where a row sets it: where it differs from the row before."""
    if name == "attributes":
        value = "attributes"
    elif name == "state":
        value = "'\"' || state || '\"'"
    else:
        value = f"{name}::text" if name.endswith("_id") or name in _NUMBERS else f"to_json({name})::text"
    return f"case when {name} is distinct from b_{name} then '\"{name}\":' || coalesce({value}, 'null') end"


_DELTA = (
    "('{' || concat_ws(',', case when is_opening then %(opens)s end, "
    + ", ".join(_set(name) for name in (*_CHANGED, "attributes"))
    + ") || '}')::jsonb"
)
"""What a row sets: put together as text, because joining a dozen small JSON objects costs three times as much."""

# Rows of an item in order, each beside the one before it (b_...). Its first row opens it, at its opening instant; when
# that row was written later and tells of a state or an owner, it comes as an event of its own after an opening that
# tells of neither: nothing is known before the instant at which the log says it. "offset 0" keeps the planner at looking
# up the rows of each item: reading all rows for each batch would cost the square of the file.
_DERIVE = f"""
insert into {STEP}
with s as (
    select i.number, i.opened_at as began_at, i.true_opened_at as true_began_at, i.is_known, s.*,
        greatest(s.at, i.opened_at) as event_at, owner.target_id as owner_id, team.target_id as team_id,
        queue.target_id as queue_id, skill.target_id as skill_id, customer.target_id as customer_id
    from @items as i cross join lateral (select * from @rows where item = i.item offset 0) as s
    {"".join(_IDS.format(space) for space in SPACES)}
    where i.number between %(first)s and %(last)s
), b as (
    select *, row_number() over log as place, @again as again,
        {", ".join(f"lag({name}) over log as b_{name}" for name in (*_CHANGED, "attributes"))}
    from s window log as (partition by number order by event_at, line, part)
), c as (
    select *, place = 1 and at > began_at and (state <> 'new' or owner_id is not null) as is_late from b
), d as (
    select number, item, line, part, began_at, true_began_at, event_at, true_at, actor_kind, actor, key, again, place, is_known,
        is_before, is_late and not is_known and not is_before as is_split,
        is_before or (place = 1 and not is_late and not is_known) as is_opening,
        case when is_before then 'new' else state end as state,
        case when not is_before then owner_id end as owner_id,
        case when is_before then (attributes::jsonb - %(later)s::text[])::text else attributes end as attributes,
        {", ".join(name for name in _CHANGED if name not in {"state", "owner_id"})},
        {", ".join(f"b_{name}" for name in (*_CHANGED, "attributes"))}
    from c join (values (false), (true)) as twice (is_before) on is_late or not is_before
), e as (
    select *, case when is_opening then began_at else event_at end as happened_at,
        case when is_before then true_began_at else true_at end as told_at
    from d
)
select number, item, began_at, (line * 16 + part) * 2 - is_before::int, happened_at, is_before or (place = 1 and not is_split),
    actor_kind, actor,
    case when is_before then '{OPENING_KEY}' when again = 1 then key else key || '#' || again end,
    case
        when is_split then jsonb_strip_nulls(jsonb_build_object('state', nullif(state, 'new'), 'owner_id', owner_id,
            'attributes', case when attributes::jsonb ?| %(later)s::text[] then attributes::jsonb end))
        when place = 1 and not is_opening then {_WHOLE}
        else {_DELTA}
    end,
    case when happened_at <> told_at or (is_opening and began_at <> true_began_at) then
        jsonb_strip_nulls(jsonb_build_object(
            'log_at', case when happened_at <> told_at then told_at end,
            'log_opened_at', case when is_opening and not is_before and began_at <> true_began_at then true_began_at end))
    else '{{}}'::jsonb end
from e
"""


_AGAIN = "row_number() over (partition by number, key order by line, part)"
"""Which row of its key a row is. Costs a sort of its own, so it is left out where no key comes twice."""


def _derive(import_id: int, *, has_repeats: bool) -> str:
    statement = _DERIVE.replace("@items", _items(import_id)).replace("@rows", _rows(import_id))
    return statement.replace("@again", _AGAIN if has_repeats else "1")


def step_make() -> None:
    """Make the temporary table of one batch, or empty it."""
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table if not exists {STEP} ({STEP_COLUMNS}) on commit delete rows")
        cursor.execute(
            f"delete from {STEP}"
        )  # a commit has emptied it already; within one transaction there may be rows


def step_derive(import_id: int, first: int, last: int, *, kind: str, later: Sequence[str], has_repeats: bool) -> int:
    """Fill the batch's table with the events that the rows of items *first* to *last* tell of; return how many.

    *later* names the attributes that nobody knows of a new item; *has_repeats* says whether any key comes twice.
    """
    step_make()
    values: dict[str, Any] = {
        "import_id": import_id, "first": first, "last": last, "kind": kind, "opens": f'"kind":"{kind}"',
        "later": list(later),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_derive(import_id, has_repeats=has_repeats), values)
        return int(cursor.rowcount)


def step_hold(desk_id: int, *, source: str, kind: str, after: datetime) -> int:
    """Move the batch's events later than *after* to those that are held; return how many were moved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into inbox_heldevent (desk_id, external_source, external_ref, item_kind, opened_at, ord, at,"
            " is_opening, actor_kind, actor_name, source_key, patch, data) select %(desk_id)s, %(source)s, external_ref,"
            " %(kind)s, opened_at, ord, at, is_opening, actor_kind, actor_name, source_key, patch, data"
            f" from {STEP} where at > %(after)s order by at, ord"
            " on conflict (desk_id, external_source, external_ref, source_key) do nothing",
            {"after": after, "desk_id": desk_id, "source": source, "kind": kind},
        )
        cursor.execute(f"delete from {STEP} where at > %s", [after])
        return int(cursor.rowcount)


def held_take(until: datetime, *, limit: int) -> list[tuple[int, str, str]]:
    """Move the earliest held events up to *until*, at most *limit*, into the batch's table, in the caller's transaction.

    All of one desk, source and kind of item, since one load has one; returns (desk, source, kind) for each event, so
    an empty list when nothing is due. The events leave the held ones: when the transaction fails they are back.
    """
    step_make()
    with connection.cursor() as cursor:
        cursor.execute(
            "with first as (select desk_id, external_source, item_kind from inbox_heldevent where at <= %(until)s"
            " order by at, id limit 1), due as (select h.id from inbox_heldevent as h join first as f"
            " using (desk_id, external_source, item_kind) where h.at <= %(until)s order by h.at, h.id limit %(limit)s),"
            " gone as (delete from inbox_heldevent as h using due where h.id = due.id returning h.*),"
            f" taken as (insert into {STEP} select dense_rank() over (order by opened_at, external_ref), external_ref,"
            " opened_at, ord, at, is_opening, actor_kind, actor_name, source_key, patch, data from gone)"
            " select desk_id, external_source, item_kind from gone",
            {"until": until, "limit": limit},
        )
        return cursor.fetchall()
