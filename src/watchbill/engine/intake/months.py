"""Months by name, as programs write them: whole or short, in eight languages."""

from __future__ import annotations

_NAMES = (
    "jan january januar janv janvier janeiro ene enero gen gennaio januari",
    "feb february februar fév févr février fev fevereiro febrero febbraio februari",
    "mar march mär märz mrz mars março marzo mrt maart",
    "apr april avr avril abr abril aprile",
    "may mai maio mayo mag maggio mei maj",
    "jun june juni juin junho junio giu giugno",
    "jul july juli juil juillet julho julio lug luglio",
    "aug august aoû août aou ago agosto augustus augusti",
    "sep sept september septembre set setembro septiembre settembre",
    "oct october okt oktober octobre out outubro octubre ott ottobre",
    "nov november novembre novembro noviembre",
    "dec december dez dezember déc décembre dezembro dic diciembre dicembre",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
"""Every name, in small letters, with the month's number; no name means two months."""


def month_of(name: str) -> int:
    """Return the number of the month, 1 to 12; 0, which is none, for a word that names none."""
    return MONTHS.get(name.casefold().rstrip("."), 0)
