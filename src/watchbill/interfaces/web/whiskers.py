"""Geometry of the chart of shares with their intervals: pure, from rows to per cent of any width."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watchbill.apps.reports.attainment import Attained
from watchbill.interfaces.web.formats import plural
from watchbill.interfaces.web.reportslices import rate, share_words
from watchbill.interfaces.web.viewmodels.attainment import Whisker, Whiskers

LEFT, RIGHT = 5.0, 95.0
"""Per cent of the width between which the axis lies: the words at its ends need the rest."""
LINE_H, TOP = 34.0, 20.0
LONGEST = 44
"""Characters of a label, which stands above its interval, that fit a phone."""
MOST = 30
"""Rows that are drawn; the table has all."""


def whiskers(rows: Sequence[Attained], hrefs: Sequence[str], *, all_share: float | None, what: str) -> Whiskers | None:
    """Draw the rows of which anything was decided: the first `MOST`. The axis begins at the tenth below the lowest end."""
    drawn = [(row, href) for row, href in zip(rows, hrefs, strict=True) if row.counted.total][:MOST]
    if not drawn:
        return None
    floor = int(min(row.counted.interval[0] for row, _ in drawn) * 10) / 10
    floor = min(floor, 0.9)

    def x(share: float) -> float:
        return round(LEFT + (max(share, floor) - floor) / (1 - floor) * (RIGHT - LEFT), 2)

    step = 0.1 if floor < 0.8 else 0.05
    ticks = [floor + step * n for n in range(round((1 - floor) / step) + 1)]
    shares = [row.counted.share or 0.0 for row, _ in drawn]
    left = sum(1 for row in rows if row.counted.total) - len(drawn)
    return Whiskers(
        summary=f"Attainment by {what}: {plural(len(drawn), 'row')}, from {share_words(min(shares))} to"
        f" {share_words(max(shares))}, each with its 95% interval",
        height=TOP + LINE_H * len(drawn) + 4,
        ticks=[(x(tick), f"{tick * 100:.0f}%") for tick in ticks],
        all_x=None if all_share is None else x(all_share),
        rows=[_whisker(row, href, TOP + LINE_H * n, x) for n, (row, href) in enumerate(drawn)],
        more=f"{plural(left, 'row is', 'rows are')} in the table alone" if left else "",
    )


def _whisker(row: Attained, href: str, y: float, to_x: Callable[[float], float]) -> Whisker:
    low, high = row.counted.interval
    shown = rate(row.counted)
    return Whisker(
        label=row.label if len(row.label) <= LONGEST else f"{row.label[: LONGEST - 1]}…",
        y=y,
        low=to_x(low),
        high=to_x(high),
        x=to_x(row.counted.share or 0.0),
        other_x=to_x(row.all.share or 0.0) if row.all != row.counted else None,
        few=shown.few,
        text=f"{row.label}: {shown.text} ({shown.interval}), {shown.count}",
        href=href,
    )
