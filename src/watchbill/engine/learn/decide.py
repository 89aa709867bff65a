"""From answers to findings: each pattern tested against chance, all of them together held to a rate of false ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from watchbill.engine.base.ids import PersonId, QueueId
from watchbill.engine.learn import rules
from watchbill.engine.learn.facts import Answer, Number, Said
from watchbill.engine.learn.outcome import Change, Effect, Finding, FindingKind, Learned
from watchbill.engine.report import Proportion


def learn(answers: Sequence[Answer], policy: Mapping[str, Number]) -> Learned:
    """Find what people do otherwise, again and again, and which change of the policy would follow them.

    Four patterns are looked for: a weight with which the choice would have been theirs; a margin that would have spared
    moves they refused; a reason to refuse that one queue gives more than the rest; a person whose proposals in one queue go
    to the same other person. A change of a number is chosen by the earlier two thirds of the answers and judged by the later third
    (exact sign test, one-sided); a frequency is compared with that of everybody else (exact binomial tail). Those that
    stand out after Benjamini and Hochberg's rule at `rules.FALSE_SHARE` over all that was tested are findings.

    answers: in any order; equal input, equal output. policy: the numbers in force, by name; one that is missing is not tried. O(n log n + n x weights x factors). docs/algorithms/learn.md.
    """
    said = sorted(answers, key=lambda answer: (answer.at, answer.decision))
    tested = [*_weights(said, policy), *_margin(said, policy), *_refusals(said), *_pairs(said)]
    believed = rules.stand_out([finding.p for finding in tested])
    found = [finding for finding, is_one in zip(tested, believed, strict=True) if is_one]
    return Learned(
        overridden=Proportion(hits=sum(answer.is_override for answer in said), total=len(said)),
        by_refusal=dict(sorted(Counter(a.refusal for a in said if a.said is Said.REFUSED).items())),
        told=sum(answer.preferred is not None for answer in said),
        tested=len(tested),
        findings=tuple(sorted(found, key=lambda finding: (finding.p, finding.key))),
    )


def _weights(said: Sequence[Answer], policy: Mapping[str, Number]) -> Iterator[Finding]:
    told = [answer for answer in said if answer.preferred is not None and answer.others]
    for weight in rules.WEIGHTS:
        numbers = {name: policy[name] for name in weight.parameters if name in policy}
        allowed = [
            factor for factor in rules.FACTORS if all(one.value * factor <= one.most for one in numbers.values())
        ]

        def test(answer: Answer, factor: float, rule: str = weight.rule) -> bool:
            return rules.agrees(answer, rule=rule, factor=factor)

        found = _tried(told, allowed if numbers else [], test, usual=1.0)
        if found is None:
            continue
        factor, effect, cases, p = found
        yield Finding(
            kind=FindingKind.WEIGHT, key=f"weight:{weight.rule}", rule=weight.rule, p=p, cases=cases, effect=effect,
            changes=tuple(
                Change(parameter=name, before=one.value, after=round(one.value * factor, 4))
                for name, one in numbers.items()
            ),
        )  # fmt: skip


def _margin(said: Sequence[Answer], policy: Mapping[str, Number]) -> Iterator[Finding]:
    """Moves accepted, and moves refused because the item should stay: with a larger margin they would not be proposed."""
    moves = [
        answer
        for answer in said
        if answer.gain is not None and (answer.said is Said.TAKEN or answer.refusal == rules.KEPT)
    ]
    if not {"churn_min", "churn_points_per_hour"} <= policy.keys():
        return
    margin, per_min = policy["churn_min"], policy["churn_points_per_hour"].value / 60
    allowed = [more for more in rules.MARGINS_MIN if margin.value + more <= margin.most]

    def test(answer: Answer, more: float) -> bool:
        is_proposed = (answer.gain or 0.0) > more * per_min or not more
        return is_proposed is (answer.said is Said.TAKEN)

    found = _tried(moves, allowed if per_min else [], test, usual=0)
    if found is not None:
        more, effect, cases, p = found
        change = Change(parameter="churn_min", before=margin.value, after=margin.value + more)
        yield Finding(kind=FindingKind.MARGIN, key="margin", p=p, cases=cases, effect=effect, changes=(change,))


def _tried(
    told: Sequence[Answer], values: Sequence[float], test: Callable[[Answer, float], bool], *, usual: float
) -> tuple[float, Effect, tuple[int, ...], float] | None:
    """Choose one of *values* by the earlier answers, and judge it by the later: value, effect, cases, chance.

    None when there are too few answers, or nothing agrees better than what is *usual*.
    """
    cut = int(len(told) * rules.LEARN_SHARE)
    earlier, later = told[:cut], told[cut:]
    if len(later) < rules.FEWEST or not values:
        return None
    agreed = {value: sum(test(answer, value) for answer in earlier) for value in (usual, *values)}
    best = min(values, key=lambda value: (-agreed[value], abs(value - usual)))
    if agreed[best] <= agreed[usual]:
        return None
    before, after = [test(answer, usual) for answer in later], [test(answer, best) for answer in later]
    gained = sum(then and not now for now, then in zip(before, after, strict=True))
    lost = sum(now and not then for now, then in zip(before, after, strict=True))
    effect = Effect(agreed=Proportion(hits=sum(before), total=len(later)), gained=gained, lost=lost)
    changed = [answer.decision for answer in told if test(answer, usual) != test(answer, best)]
    return best, effect, tuple(reversed(changed)), rules.tail(gained, gained + lost, 0.5)


def _refusals(said: Sequence[Answer]) -> Iterator[Finding]:
    """Each reason to refuse in each queue, beside all other queues; where these have few answers, beside one in two."""
    by_queue: dict[QueueId | None, list[Answer]] = defaultdict(list)
    for answer in said:
        by_queue[answer.queue].append(answer)
    for queue, own in sorted(by_queue.items(), key=lambda pair: pair[0] or 0):
        rest = len(said) - len(own)
        if queue is None or len(own) < rules.FEWEST:
            continue
        for code in sorted({answer.refusal for answer in own if answer.refusal}):
            cases = tuple(answer.decision for answer in reversed(own) if answer.refusal == code)
            elsewhere = sum(answer.refusal == code for answer in said) - len(cases)
            yield Finding(
                kind=FindingKind.REFUSALS, key=f"refusals:{queue}:{code}", queue=queue, refusal=code, cases=cases,
                own=Proportion(hits=len(cases), total=len(own)), others=_others(elsewhere, rest),
                p=_more_than(len(cases), len(own), elsewhere, rest),
            )  # fmt: skip


def _pairs(said: Sequence[Answer]) -> Iterator[Finding]:
    """Each person proposed in each queue, and who got it instead, beside how often that other person gets things instead."""
    proposed: dict[tuple[QueueId | None, PersonId], list[Answer]] = defaultdict(list)
    for answer in said:
        proposed[answer.queue, answer.chosen.person].append(answer)
    for (queue, person), own in sorted(proposed.items(), key=lambda pair: (pair[0][0] or 0, pair[0][1])):
        rest = len(said) - len(own)
        if len(own) < rules.FEWEST or rest < rules.FEWEST:
            continue
        for instead in sorted({answer.given_to for answer in own if answer.given_to is not None}):
            cases = tuple(answer.decision for answer in reversed(own) if answer.given_to == instead)
            elsewhere = sum(answer.given_to == instead for answer in said) - len(cases)
            yield Finding(
                kind=FindingKind.PAIR, key=f"pair:{queue or 0}:{person}:{instead}", queue=queue, person=person,
                instead=instead, cases=cases, own=Proportion(hits=len(cases), total=len(own)),
                others=Proportion(hits=elsewhere, total=rest), p=_more_than(len(cases), len(own), elsewhere, rest),
            )  # fmt: skip


def _others(elsewhere: int, rest: int) -> Proportion | None:
    """How often it happens elsewhere; None where there are too few answers to say."""
    return Proportion(hits=elsewhere, total=rest) if rest >= rules.FEWEST else None


def _more_than(hits: int, total: int, elsewhere: int, rest: int) -> float:
    """The chance of so many here, were it as frequent as elsewhere; one more is counted there, so that it is never 0.

    Where there are too few answers elsewhere to say: were it as frequent as `rules.HALF`.
    """
    return rules.tail(hits, total, rules.HALF if rest < rules.FEWEST else (elsewhere + 1) / (rest + 2))
