"""The words of figures: by what they are counted, which of what is counted, and where an exclusion stands.

Without Django, so that commands know them before the house is ready.
"""

from __future__ import annotations

from enum import StrEnum


class By(StrEnum):
    """What attainment can be divided by; people, queue, team, priority and customer as the item stands now."""

    COMMITMENT = "commitment"
    AGREEMENT = "agreement"
    PRIORITY = "priority"
    QUEUE = "queue"
    TEAM = "team"
    OWNER = "owner"
    CUSTOMER = "customer"
    WEEK = "week"
    MONTH = "month"


class Result(StrEnum):
    """Which of the commitments behind a number."""

    MET = "met"
    MISSED = "missed"
    DECIDED = "decided"
    EXCLUDED = "excluded"
    BROKEN = "broken"


class Sort(StrEnum):
    """What a code says."""

    BREACH = "breach"
    EXCLUSION = "exclusion"


class ExclusionStatus(StrEnum):
    """Where an exclusion stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PausedBy(StrEnum):
    """By what pauses are counted."""

    PERSON = "person"
    TEAM = "team"


class PauseSort(StrEnum):
    """Which pauses behind a number."""

    ALL = "all"
    LATE = "late"
    FOR_CUSTOMER = "for-customer"
    SILENT = "silent"
