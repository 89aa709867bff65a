"""Prosimos on the model that Simod discovered from learned.csv: writes simod-N.simulated.csv into the folder.

Runs where simod and prosimos are installed, not where Watchbill is: see README.md beside this. It has as many items
as the period, the first opened with the first there, as its own evaluation does; so its queues are empty at the beginning.

Run: python prosimos_run.py FOLDER MODEL.bpmn MODEL.json [RUNS]
"""

import random
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from prosimos.simulation_engine import run_simulation


def main(folder: Path, bpmn: str, parameters: str, runs: int) -> None:
    real = pd.read_csv(folder / "real.csv")
    opened = pd.to_datetime(real.groupby("case_id")["start_time"].min(), utc=True)
    for number in range(1, runs + 1):
        random.seed(number)
        np.random.seed(number)  # noqa: NPY002 - Prosimos draws from it
        file = str(folder / f"simod-{number}.simulated.csv")
        run_simulation(bpmn, parameters, opened.size, log_out_path=file, starting_at=str(opened.min()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 1)
