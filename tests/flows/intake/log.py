"""A small log in the shape of ServiceNow's audit trail; every row is invented."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

HEADER = [
    "number",
    "incident_state",
    "active",
    "reassignment_count",
    "reopen_count",
    "sys_mod_count",
    "made_sla",
    "caller_id",
    "opened_by",
    "opened_at",
    "sys_created_by",
    "sys_created_at",
    "sys_updated_by",
    "sys_updated_at",
    "contact_type",
    "location",
    "category",
    "subcategory",
    "u_symptom",
    "cmdb_ci",
    "impact",
    "urgency",
    "priority",
    "assignment_group",
    "assigned_to",
    "knowledge",
    "u_priority_confirmation",
    "notify",
    "problem_id",
    "rfc",
    "vendor",
    "caused_by",
    "closed_code",
    "resolved_by",
    "resolved_at",
    "closed_at",
]

DEFAULTS = dict.fromkeys(HEADER, "?") | {
    "incident_state": "New", "caller_id": "Caller 7", "opened_by": "Opened by  3", "opened_at": "29/2/2016 01:16",
    "sys_updated_by": "Updated by 21", "contact_type": "Phone", "location": "Location 143", "category": "Category 55",
    "subcategory": "Subcategory 170", "u_symptom": "Symptom 72", "impact": "2 - Medium", "urgency": "2 - Medium",
    "priority": "3 - Moderate", "assignment_group": "Group 56",
    # Final values, written on every row from the first one on.
    "closed_code": "code 5", "resolved_by": "Resolved by 149", "resolved_at": "29/2/2016 11:29",
    "closed_at": "5/3/2016 12:00",
}  # fmt: skip


def row(number: str, mods: int, at: str, state: str = "New", **columns: str) -> dict[str, str]:
    """One row, with everything that is not said as in `DEFAULTS`."""
    return DEFAULTS | {
        "number": number, "sys_mod_count": str(mods), "sys_updated_at": at, "incident_state": state, **columns,
    }  # fmt: skip


LATER = {"opened_at": "29/2/2016 09:00"}
OWNED = {"assigned_to": "Resolver 89", "assignment_group": "Group 24"}

# Rows of different incidents are mixed on purpose.
ROWS = [
    row("INC1", 0, "29/2/2016 01:23"),
    # Written 14 minutes after its opening, in progress and owned from the first row on.
    row("INC2", 0, "29/2/2016 09:14", "Active", **LATER, **OWNED),
    row("INC1", 1, "29/2/2016 08:53", "Active", **OWNED),
    # Updated two and a half hours before it was opened.
    row("INC3", 0, "1/3/2016 07:30", opened_at="1/3/2016 10:00", assignment_group="?"),
    row("INC1", 2, "29/2/2016 09:10", "Awaiting User Info", **OWNED),
    row("INC1", 3, "29/2/2016 09:10", "Active", priority="2 - High", impact="1 - High", **OWNED),
    # A slip of the source.
    row("INC2", 1, "29/2/2016 09:30", "-100", **LATER, **OWNED),
    row("INC1", 4, "29/2/2016 11:29", "Resolved", **OWNED),
    row("INC2", 2, "29/2/2016 09:45", "Active", **LATER, **OWNED),
    row("INC1", 5, "5/3/2016 12:00", "Closed", sys_updated_by="Updated by 908", **OWNED),
]


def text(rows=ROWS, *, header=HEADER, delimiter: str = ",") -> str:
    """The log as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([each.get(name, "?") for name in header] for each in rows)
    return stream.getvalue()


def write(path: Path, rows=ROWS) -> Path:
    """The log as a file, packed as its name says."""
    body = text(rows).encode()
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(body))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("log.csv", body)
    else:
        path.write_bytes(body)
    return path


def many(items: int, *, updates: int = 4) -> list[dict[str, str]]:
    """Rows of *items* incidents, one a minute, each taken, resolved and closed: a longer log of the same shape."""
    rows = []
    for n in range(items):
        day, minute = 1 + n // 1440, n % 1440
        at = [f"{day + later}/3/2016 {minute // 60:02d}:{minute % 60:02d}" for later in (0, 1, 2, 3)]
        owned = {"assigned_to": f"Resolver {n % 17}", "assignment_group": f"Group {n % 5}", "opened_at": at[0]}
        states = ("New", "Active", "Resolved", "Closed")
        rows += [
            row(
                f"INC{n:07d}",
                k,
                at[k],
                states[k],
                caller_id=f"Caller {n % 31}",
                **(owned if k else {"opened_at": at[0]}),
            )
            for k in range(updates)
        ]
    return rows
