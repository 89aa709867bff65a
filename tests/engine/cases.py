"""How many cases a proof by counting takes: ten thousand in CI, a tenth of it on the way there."""

from __future__ import annotations

import os

CASES = {"ci": 10_000, "deep": 100_000}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 1_000)
"""Of all tests of one proof together; `HYPOTHESIS_PROFILE` chooses."""


def cases(share: float) -> int:
    """The cases of a test that has this *share* of its proof."""
    return round(CASES * share)
