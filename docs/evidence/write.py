"""Make the report of the public incident log anew, and the page about it: python docs/evidence/write.py [--quick | --page].

Without an option the whole comparison is run, which takes half an hour of two cores; --quick is the first look of some minutes, and
--page runs nothing and writes the page from the answer that is kept.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAME = "uci-incidents"
LOG = "src/watchbill/demo/data/incident_event_log.zip"
UNITS = {"h": " h", "points": " points", "share": ""}
SURE = {True: "yes", False: "**no**", None: "not looked at"}


def command(*, is_full: bool) -> str:
    """The shipped command that makes the report, as typed at the root of the repository."""
    full = " --full" if is_full else ""
    return f"watchbill backtest {LOG} --profile servicenow-incidents{full} --html docs/evidence/{NAME}.html --out docs/evidence/{NAME}.json"


def page(answer: dict[str, Any]) -> str:
    """The page; every figure in it is one of the answer's, or in one of its sentences."""
    source, twin, measured, verdict = (answer[key] for key in ("source", "twin", "measured", "verdict"))
    return "\n".join([
        "# The public incident log, backtested",
        "",
        "What `watchbill backtest` says of a history that we did not make: the audit trail of the incidents of an IT company. Every figure on this page is taken from",
        f"[the answer of one run]({NAME}.json); [the report]({NAME}.html) of the same run shows them as charts (download it, and open it in a browser). Both and this page come from one command at the root of the repository:",
        "",
        f"    {command(is_full=bool(answer['sweep']))}",
        "",
        "and `python docs/evidence/write.py`, which runs it and then writes this page. Same log and same version, same figures; the seconds that it took are all that differs.",
        "",
        "## The answer",
        "",
        f"> {verdict['sentence']}",
        ">",
        f"> {verdict['detail']}",
        "",
        *(["**The twin is of grade C: nothing below on policies may be relied upon.** It shows what the command says of such a desk, and that it says so.", ""] if verdict["is_illustrative"] else []),
        "## What was read",
        "",
        f"{source['rows']:,} rows, {source['rejected']:,} of them refused: {source['items']:,} incidents, {source['people']:,} people and {source['teams']:,} teams, opened from {source['begins_at']} to {source['ends_at']}.",
        f"Promised were {_targets(answer)} (the log holds no such promise; these are the targets that a new desk begins with). Counted are {measured['items']:,} incidents of {measured['weeks']:.1f} weeks; {measured['warm_up']:,} of the warm-up and {measured['stragglers']:,} stragglers were worked on and not counted.",
        "",
        "## How well the twin behaves",
        "",
        f"Learned from {twin['trained'][0]} to {twin['trained'][1]}, held against {twin['tested'][0]} to {twin['tested'][1]}, which it had not seen, in {twin['replications']} replications: **grade {twin['grade']}**.",
        "",
        *(f"- ({gate['key']}) {SURE[gate['is_passed']]}: {gate['says']}" for gate in twin["gates"]),
        "",
        "| measure | really | simulated | apart | two real periods | at most | passed |",
        "|---|---|---|---|---|---|---|",
        *(_measure(one) for one in twin["measures"]),
        "",
        "## The policies",
        "",
        f"{measured['replications']} replications; gain is of the share kept, in points, against the desk as it is, on the same arrivals and luck.",
        "",
        "| policy | kept | 95 % interval | half done | nine in ten done | gain | below the ceiling |",
        "|---|---|---|---|---|---|---|",
        *(_policy(one) for one in answer["policies"]),
        "",
        *_bound(answer["bound"]),
        *_sweep(answer["sweep"]),
        "## What it rests on",
        "",
        *(f"- {one['name']}: {one['value']} ({one['basis']}). {one['why']}" for one in answer["assumptions"]),
        "",
        *(f"- {one}" for one in answer["warnings"]),
        "",
        "## Whose data",
        "",
        "Claudio Aparecido Lira do Amaral, Marcelo Fantinato, Sarajane Marques Peres (University of São Paulo), *Incident management process enriched event log*, UCI Machine Learning Repository,",
        "[data set 498](https://archive.ics.uci.edu/dataset/498), under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/legalcode). The part that was read, and what was done with it: [attribution](../../src/watchbill/demo/data/ATTRIBUTION.md).",
        "What is simulated, compared and concluded here is ours, not theirs.",
        "",
    ])  # fmt: skip


def _targets(answer: dict[str, Any]) -> str:
    promise = answer["promise"]
    hours = next(iter(promise["hours"].values()))
    return ", ".join(f"{name} {target:g} h" for name, target in promise["targets_h"].items()) + f", {hours}"


def _figure(value: float | None, unit: str = "", digits: int = 1) -> str:
    return "" if value is None else f"{value:.{digits}f}{unit}"


def _measure(one: dict[str, Any]) -> str:
    digits = 3 if one["unit"] == "share" else 2
    unit = UNITS[one["unit"]]
    cells = [_figure(one[key], unit, digits) for key in ("real", "simulated", "distance", "floor", "limit")]
    return f"| {one['name']} | {' | '.join(cells)} | {'' if one['is_passed'] is None else SURE[one['is_passed']]} |"


def _policy(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    interval = "" if low is None else f"{low:.1f} to {high:.1f}"
    cells = [f"{one['attainment']:.1f} %", interval, _figure(one["p50_h"]["mean"], " h"), _figure(one["p90_h"]["mean"], " h")]  # fmt: skip
    return (
        f"| {one['name']} | {' | '.join(cells)} | {_gain(one['gain'])} | {_figure(one['regret'], ' points')} |".replace(
            "  |", " |"
        )
    )


def _gain(gain: dict[str, Any] | None) -> str:
    if gain is None:
        return ""
    spread = "" if gain["low"] is None else f" ({_signed(gain['low'])} to {_signed(gain['high'])})"
    return f"{_signed(gain['mean'])}{spread}"


def _signed(value: float) -> str:
    """With a true minus, and none before a nought."""
    text = f"{value:.2f}"
    return text.strip("-") if float(text) == 0 else text.replace("-", "−")


def _bound(bound: dict[str, Any] | None) -> list[str]:
    return [] if bound is None else [f"The ceiling: {bound['attainment']:.1f} %. {bound['says']}", ""]


def _sweep(sweep: list[dict[str, Any]]) -> list[str]:
    if not sweep:
        return ["No other assumptions were tried in this run.", ""]
    told = []
    for one in sweep:
        best = one["ranking"][0]
        told.append(f"| {one['name']} | {best} | {one['attainment'][best]:.1f} % | {len(one['flips']) or 'none'} |")
    return [
        "## Under other assumptions",
        "",
        "Each time with a twin fitted to the same history; pairs that changed places by more than chance are named in the report.",
        "",
        "| assumed | best | keeps | pairs that changed places |",
        "|---|---|---|---|",
        *told,
        "",
    ]


def main(words: list[str]) -> int:
    if "--page" not in words:
        program, *rest = shlex.split(command(is_full="--quick" not in words))
        done = subprocess.run([Path(sys.executable).with_name(program), *rest], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    answer = json.loads((HERE / f"{NAME}.json").read_text(encoding="utf-8"))
    (HERE / f"{NAME}.md").write_text(page(answer), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
