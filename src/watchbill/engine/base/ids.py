"""Identities as the engine sees them: plain integers that cannot be mixed up."""

from __future__ import annotations

from typing import NewType

ItemId = NewType("ItemId", int)
PersonId = NewType("PersonId", int)
TeamId = NewType("TeamId", int)
QueueId = NewType("QueueId", int)
SkillId = NewType("SkillId", int)
RegionId = NewType("RegionId", int)
