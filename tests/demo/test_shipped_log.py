"""The log that the package ships: whole, small, and with its credit beside it."""

import csv
import io
import zipfile
from importlib.resources import files

DATA = files("watchbill.demo.data")


def test_log_is_the_first_part_and_small():
    """121,213 rows of 21,016 incidents in one member, in less than one and a half megabytes."""
    packed = DATA.joinpath("incident_event_log.zip").read_bytes()
    assert len(packed) < 1_500_000
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (member,) = archive.infolist()
        with archive.open(member) as stream:
            rows = list(csv.reader(io.TextIOWrapper(stream, encoding="utf-8", newline="")))
    assert len(rows[0]) == 36
    assert len(rows) - 1 == 121_213
    assert len({row[0] for row in rows[1:]}) == 21_016


def test_credit_is_beside_it():
    """Authors, source, licence, and what was done with it."""
    text = DATA.joinpath("ATTRIBUTION.md").read_text(encoding="utf-8")
    for word in ("Amaral", "Fantinato", "Peres", "CC BY 4.0", "498", "What was done with it"):
        assert word in text
