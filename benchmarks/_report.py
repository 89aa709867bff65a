"""The one form in which every benchmark tells its figure: a line of JSON."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping
from typing import Literal

_PER_MB = 1024 * 1024 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes on macOS, kilobytes elsewhere


def peak_mb(*, children: bool = False) -> float:
    """The largest resident memory so far of this process, or of the largest child that it has waited for, in MB."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF)
    return round(usage.ru_maxrss / _PER_MB, 1)


def report(
    *,
    name: str,
    case: str,
    value: float,
    unit: str,
    target: float | None,
    better: Literal["lower", "higher"] = "lower",
    against: Mapping[str, object] | None = None,
    peak: float | None = None,
) -> bool:
    """Print one line and say whether the target was reached.

    name, case: which benchmark, which size or variant of it.
    value, unit: the figure.
    target: None for a figure that is only told; ``ok`` is then null and the answer True.
    against: what the figure is compared with, measured in the same run unless it says otherwise.
    peak: MB, when it is not this process's own, for example ``peak_mb(children=True)``.
    """
    reached = None if target is None else (value <= target if better == "lower" else value >= target)
    line = {
        "name": name,
        "case": case,
        "value": _rounded(value),
        "unit": unit,
        "target": target,
        "better": better,
        "ok": reached,
        "peak_mb": peak_mb() if peak is None else peak,
        "against": dict(against or {}),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)
    return reached is not False


def _rounded(value: float) -> float:
    """Four significant digits, or all of a number above a thousand."""
    return round(value) if abs(value) >= 1000 else float(f"{value:.4g}")
