"""The distances of real.csv and before.csv by log-distance-measures, the implementation that came with their definition.

Runs where that is installed, not where Watchbill is: see README.md beside this. Writes reference.json into the folder.

Run: python reference.py FOLDER
"""

import datetime as dt
import json
import sys
from pathlib import Path

import pandas as pd
from log_distance_measures import absolute_event_distribution as absolute
from log_distance_measures import case_arrival_distribution as arrival
from log_distance_measures import circadian_event_distribution as circadian
from log_distance_measures import circadian_workforce_distribution as workforce
from log_distance_measures import cycle_time_distribution as cycle
from log_distance_measures import n_gram_distribution as ngram
from log_distance_measures import relative_event_distribution as relative
from log_distance_measures.config import AbsoluteTimestampType, EventLogIDs

IDS = EventLogIDs(
    case="case_id", activity="activity", start_time="start_time", end_time="end_time", resource="resource"
)
END = AbsoluteTimestampType.END
MINUTE = dt.timedelta(minutes=1)


def main(folder: Path) -> None:
    one, other = (_read(folder / name) for name in ("real.csv", "before.csv"))
    pair = (one, IDS, other, IDS)
    ended = tuple(log.assign(start_time=log["end_time"]) for log in (one, other))
    figures = {
        "cycle": cycle.cycle_time_distribution_distance(*pair, bin_size=MINUTE) / 60,
        "relative": relative.relative_event_distribution_distance(*pair, discretize_type=END),
        "absolute": absolute.absolute_event_distribution_distance(*pair, discretize_type=END),
        "ngram": ngram.n_gram_distribution_distance(*pair, n=3),
        "arrivals": arrival.case_arrival_distribution_distance(*pair),
        "circadian": circadian.circadian_event_distribution_distance(*pair, discretize_type=END),
        "workforce": workforce.circadian_workforce_distribution_distance(ended[0], IDS, ended[1], IDS),
    }
    (folder / "reference.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures))


def _read(file: Path) -> pd.DataFrame:
    log = pd.read_csv(file)
    for column in ("start_time", "end_time"):
        log[column] = pd.to_datetime(log[column], utc=True)
    return log


if __name__ == "__main__":
    main(Path(sys.argv[1]))
