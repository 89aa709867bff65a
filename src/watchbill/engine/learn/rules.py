"""What is looked for, and what counts as enough: weights that can be tried on kept decisions, and the tests of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

from watchbill.engine.learn.facts import Answer

FALSE_SHARE = 0.05
"""Of all findings that are shown, about so many are chance, in the long run (Benjamini and Hochberg's rate)."""

FEWEST = 20
"""Fewer answers than this, in a queue or to judge a change by, and nothing is tested."""

HALF = 0.5
"""With fewer than FEWEST answers elsewhere to compare with, what happens here must happen more often than not."""

LEARN_SHARE = 2 / 3
"""A change is chosen by the earlier answers, so many of them, and judged by the later ones."""

FACTORS = (0.5, 0.75, 1.25, 1.5, 2.0, 3.0)
"""What a weight is tried to be multiplied by; the mildest of equally good ones is taken."""

MARGINS_MIN = (5, 10, 15, 30, 60)
"""What is tried to be added to the margin for a move, minutes."""

KEPT = "keep_with_owner"
"""The reason to refuse that speaks of the move itself."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Parameters of the policy that multiply the points of one rule, and nothing else: a change can be tried exactly."""

    rule: str
    parameters: tuple[str, ...]


WEIGHTS = (
    Weight("skill_speed", ("speed_per_level",)),
    Weight("continuity", ("continuity_item", "continuity_customer")),
    Weight("even_load", ("load_weight", "spread_weight")),
    Weight("time_left_in_shift", ("shift_weight",)),
    Weight("spares_generalists", ("breadth_weight",)),
)


def agrees(answer: Answer, *, rule: str = "", factor: float = 1.0) -> bool:
    """Whether the best of those weighed is whom the person preferred, with the points of *rule* multiplied by *factor*.

    The one proposed wins a tie, so that with factor 1 exactly the accepted proposals agree.
    """
    best, most = answer.chosen.person, answer.chosen.score + (factor - 1) * answer.chosen.points.get(rule, 0.0)
    for other in answer.others:
        score = other.score + (factor - 1) * other.points.get(rule, 0.0)
        if factor != 1.0 and score > most + 1e-9:
            best, most = other.person, score
    return best == answer.preferred


def tail(hits: int, total: int, share: float) -> float:
    """P(X >= hits) for X binomial of *total* and *share* (above 0, below 1): exact. O(total - hits)."""
    whole, hit, miss = lgamma(total + 1), log(share), log1p(-share)
    ways = (
        whole - lgamma(k + 1) - lgamma(total - k + 1) + k * hit + (total - k) * miss for k in range(hits, total + 1)
    )
    return min(1.0, sum(map(exp, ways)))


def stand_out(chances: Sequence[float], *, rate: float = FALSE_SHARE) -> list[bool]:
    """Which of several tests to believe so that about *rate* of those believed are chance.

    Y. Benjamini, Y. Hochberg (1995), "Controlling the false discovery rate", *JRSS B* 57(1): the largest k with
    p(k) <= k * rate / m, and all below it.
    """
    order = sorted(range(len(chances)), key=lambda at: chances[at])
    believed = 0
    for rank, at in enumerate(order, start=1):
        if chances[at] <= rank * rate / len(chances):
            believed = rank
    found = [False] * len(chances)
    for at in order[:believed]:
        found[at] = True
    return found
