"""pm4py's Monte Carlo simulation of a Petri net, discovered from learned.csv: times between activities drawn, no calendars, no people.

Runs where pm4py is installed, not where Watchbill is: see README.md beside this. Its arrivals have one constant pace, here that of
the period itself. Nobody queues: its places are given room for everybody, since the times that it learns hold the queues already.
Writes pm4py.simulated.csv into the folder: as many items as real.csv, the first opened with the first there.

Run: python montecarlo.py FOLDER
"""

import csv
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pm4py
from pm4py.algo.simulation.montecarlo.variants import petri_semaph_fifo as montecarlo

ROOM = 1_000_000
NOISE = 0.2
"""Of the inductive miner, as pm4py's own examples have it."""


def main(folder: Path) -> None:
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - pm4py draws from it
    learned = pd.read_csv(folder / "learned.csv")
    for column in ("start_time", "end_time"):
        learned[column] = pd.to_datetime(learned[column], utc=True)
    names = {"case_id": "case:concept:name", "activity": "concept:name", "end_time": "time:timestamp"}
    log = learned.rename(columns=names).sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    net, first, last = pm4py.discover_petri_net_inductive(log, noise_threshold=NOISE)
    real = pd.read_csv(folder / "real.csv")
    begins = pd.to_datetime(real["start_time"]).min()
    period = (pd.to_datetime(real.groupby("case_id")["start_time"].min()).max() - begins).total_seconds()
    items = real["case_id"].nunique()
    asked = montecarlo.Parameters
    simulated, _ = montecarlo.apply(
        pm4py.convert_to_event_log(log), net, first, last,
        parameters={
            asked.PARAM_NUM_SIMULATIONS: items, asked.PARAM_DEFAULT_NUM_RESOURCES_PER_PLACE: ROOM,
            asked.PARAM_CASE_ARRIVAL_RATIO: period / items,
        },
    )  # fmt: skip
    write(folder / "pm4py.simulated.csv", simulated, begins.to_pydatetime())


def write(file: Path, simulated: object, begins: datetime) -> None:
    origin = min(event["time:timestamp"] for trace in simulated for event in trace)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(("case_id", "activity", "resource", "start_time", "end_time"))
        for number, trace in enumerate(simulated):
            before = None
            for event in trace:
                at = begins + timedelta(seconds=(event["time:timestamp"] - origin).total_seconds())
                writer.writerow(
                    (f"case {number}", event["concept:name"], "", (before or at).isoformat(), at.isoformat())
                )
                before = at


if __name__ == "__main__":
    main(Path(sys.argv[1]))
