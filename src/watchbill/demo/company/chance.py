"""The one source of chance: a stream for each purpose, so that what one of them draws does not move the others."""

from __future__ import annotations

from random import Random


def stream(seed: int, purpose: str) -> Random:
    """Return the numbers of one purpose: the same ones for the same seed, on every machine."""
    return Random(f"{seed}:{purpose}")  # noqa: S311 - invents a company, guards nothing
