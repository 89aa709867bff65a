"""The short references by which people, decisions, imports, customers, their sites, acts on many items, breaches,
exclusions, replays, absences, moves, dry runs, tunings, backtests, days in hindsight, shadow runs, recovery options, alerts and partners go outside: PER-12, DEC-40, IMP-3, CUS-7,
SITE-3, ACT-5, BRE-9, EXC-2, RPL-4, ABS-6, MOV-7, DRY-1, TUN-1, BKT-2, RGT-3, SHD-3, REC-3, ALR-8, PTN-3.

Items carry their reference in a column of their own (CASE-10042); queues and desks go by name.
"""

from __future__ import annotations

import re

from watchbill.engine.base.errors import NotFound

PERSON, DECISION, IMPORT, CUSTOMER, SITE, ACT, REPLAY = "PER", "DEC", "IMP", "CUS", "SITE", "ACT", "RPL"
DRY_RUN, TUNING, BACKTEST, REGRET, SHADOW, RECOVERY, ALERT = "DRY", "TUN", "BKT", "RGT", "SHD", "REC", "ALR"
BREACH, EXCLUSION, ABSENCE, MOVE, PARTNER = "BRE", "EXC", "ABS", "MOV", "PTN"


def shown(prefix: str, key: int | None) -> str | None:
    """Return the reference of a row, or None for no row."""
    return None if key is None else f"{prefix}-{key}"


def key_of(prefix: str, reference: str) -> int:
    """Return the key inside a reference. Raises NotFound for anything that is none."""
    found = re.fullmatch(rf"{prefix}-(\d{{1,18}})", reference.strip().upper(), re.ASCII)
    if found is None:
        raise NotFound(f"There is no {reference[:60]!r}; a reference looks like {prefix}-12")
    return int(found[1])


def is_reference(prefix: str, text: str) -> bool:
    """Say whether *text* has the form of a reference."""
    return re.fullmatch(rf"{prefix}-\d{{1,18}}", text.strip().upper(), re.ASCII) is not None
