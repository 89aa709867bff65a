"""Exports as common tools write them, made up: one table each, and the file that it is written into."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

from openpyxl import Workbook

OPENED = datetime(2024, 1, 29, 8, 0)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ITEMS = 40


def life(n: int) -> dict[str, datetime]:
    """The instants of the life of item *n*: a day and some minutes after the one before."""
    opened = OPENED + timedelta(hours=27 * n, minutes=n)
    return {
        "opened": opened, "started": opened + timedelta(minutes=20), "resolved": opened + timedelta(hours=5),
        "closed": opened + timedelta(days=3), "updated": opened + timedelta(days=3, minutes=1),
    }  # fmt: skip


def jira(at: datetime | None) -> str:
    """As Jira writes it: 01/Feb/24 3:05 PM."""
    if at is None:
        return ""
    return f"{at.day:02d}/{MONTHS[at.month - 1]}/{at:%y} {at.hour % 12 or 12}:{at:%M} {at:%p}"


def text(header, rows, *, delimiter=",") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def jira_csv() -> str:
    """Names of months, two-digit years, AM and PM, several columns of one name, line breaks in the description."""
    header = ["Summary", "Issue key", "Issue id", "Issue Type", "Status", "Priority", "Resolution", "Assignee", "Reporter", "Created", "Updated", "Resolved", "Labels", "Labels", "Labels", "Description"]  # fmt: skip
    rows = []
    for n in range(ITEMS):
        is_done, at = n % 4 != 3, life(n)
        rows.append([
            f"Printer {n} is silent", f"HELP-{100 + n}", str(20_000 + n), ("Bug", "Task")[n % 2], "Done" if is_done else "In Progress",
            ("Highest", "High", "Medium", "Low", "Lowest")[n % 5], "Done" if is_done else "", f"agent{n % 3}", f"user{n % 7}",
            jira(at["opened"]), jira(at["resolved"]), jira(at["resolved"] if is_done else None), "printing", "", "office", "It says:\nnothing",
        ])  # fmt: skip
    return text(header, rows)


def zendesk_csv() -> str:
    """ISO dates with an offset in words, Pending and On-hold."""
    header = ["Id", "Subject", "Status", "Priority", "Group", "Assignee", "Requester", "Organization", "Created at", "Updated at", "Initially assigned at", "Solved at"]  # fmt: skip
    states = ("New", "Open", "Pending", "On-hold", "Solved", "Closed")
    rows = []
    for n in range(ITEMS):
        at, state = {name: f"{when:%Y-%m-%d %H:%M:%S} UTC" for name, when in life(n).items()}, states[n % 6]
        is_done = state in ("Solved", "Closed")
        rows.append([
            str(9_000 + n), f"Cannot sign in ({n})", state, ("Urgent", "High", "Normal", "Low")[n % 4], f"Tier {n % 2 + 1}",
            "" if state == "New" else f"Agent {n % 5}", f"Person {n % 9}", f"Firm {n % 4}", at["opened"], at["updated"],
            "" if state == "New" else at["started"], at["resolved"] if is_done else "",
        ])  # fmt: skip
    return text(header, rows)


def servicenow_csv(*, days_first: bool = False) -> str:
    """One row per incident, month first as in the United States (or day first)."""
    header = ["number", "opened_at", "short_description", "caller_id", "priority", "state", "category", "assignment_group", "assigned_to", "sys_updated_on", "resolved_at", "closed_at"]  # fmt: skip
    form = "%d/%m/%Y %I:%M:%S %p" if days_first else "%m/%d/%Y %I:%M:%S %p"
    rows = []
    for n in range(ITEMS):
        at, state = (
            {name: when.strftime(form) for name, when in life(n).items()},
            ("Closed", "Resolved", "In Progress")[n % 3],
        )
        rows.append([
            f"INC00{1000 + n}", at["opened"], f"Disk {n}", f"Caller {n % 6}", ("1 - Critical", "2 - High", "3 - Moderate", "4 - Low", "5 - Planning")[n % 5],
            state, "Hardware", f"Group {n % 3}", f"Resolver {n % 4}", at["updated"], "" if n % 3 == 2 else at["resolved"], at["closed"] if n % 3 == 0 else "",
        ])  # fmt: skip
    return text(header, rows)


def freshdesk_csv() -> str:
    """Statuses that say for whom an item waits, and the first response."""
    header = ["Ticket ID", "Subject", "Status", "Priority", "Source", "Type", "Agent", "Group", "Created time", "Due by Time", "Resolved time", "Closed time", "Last update time", "Initial response time"]  # fmt: skip
    states = ("Open", "Waiting on Customer", "Waiting on Third Party", "Resolved", "Closed")
    rows = []
    for n in range(ITEMS):
        at, state = {name: f"{when:%Y-%m-%d %H:%M:%S}" for name, when in life(n).items()}, states[n % 5]
        is_done = state in ("Resolved", "Closed")
        rows.append([
            str(n + 1), f"Order {n}", state, ("Low", "Medium", "High", "Urgent")[n % 4], "Email", ("Question", "Problem")[n % 2],
            "No Agent" if state == "Open" else f"Agent {n % 3}", "Support", at["opened"], at["closed"], at["resolved"] if is_done else "",
            at["closed"] if state == "Closed" else "", at["updated"], at["started"],
        ])  # fmt: skip
    return text(header, rows)


def german_csv() -> str:
    """Semicolons, umlauts, dates as dd.mm.yyyy."""
    header = ["Ticketnummer", "Betreff", "Status", "Priorität", "Bearbeiter", "Gruppe", "Kunde", "Erstellt am", "Gelöst am", "Geschlossen am", "Geändert am"]  # fmt: skip
    states = ("Neu", "In Bearbeitung", "Warten auf Kunde", "Gelöst", "Geschlossen")
    rows = []
    for n in range(ITEMS):
        at, state = {name: f"{when:%d.%m.%Y %H:%M}" for name, when in life(n).items()}, states[n % 5]
        rows.append([
            f"T-{n:05d}", f"Störung {n}", state, ("Kritisch", "Hoch", "Mittel", "Niedrig")[n % 4], "nicht zugewiesen" if n % 5 == 0 else f"Müller {n % 3}",
            "Rechenzentrum", f"Kunde {n % 4}", at["opened"], at["resolved"] if n % 5 > 2 else "", at["closed"] if n % 5 == 4 else "", at["updated"],
        ])  # fmt: skip
    return text(header, rows, delimiter=";")


def french_csv() -> str:
    header = ["N° de ticket", "Objet", "Statut", "Priorité", "Technicien", "Groupe", "Demandeur", "Date de création", "Date de prise en charge", "Date de résolution", "Date de clôture"]  # fmt: skip
    states = ("Nouveau", "En cours", "Résolu", "Clos")
    rows = []
    for n in range(ITEMS):
        at, state = {name: f"{when:%d/%m/%Y %H:%M:%S}" for name, when in life(n).items()}, n % 4
        rows.append([
            f"{n + 1:06d}", f"Écran noir {n}", states[state], ("Très haute", "Haute", "Moyenne", "Basse")[n % 4], f"René {n % 3}" if state else "",
            "Équipe 1", f"Zoé {n % 5}", at["opened"], at["started"] if state else "", at["resolved"] if state > 1 else "", at["closed"] if state > 2 else "",
        ])  # fmt: skip
    return text(header, rows, delimiter=";")


def portuguese_csv() -> str:
    header = ["Número do chamado", "Assunto", "Situação", "Prioridade", "Responsável", "Equipe", "Cliente", "Aberto em", "Resolvido em", "Encerrado em", "Atualizado em"]  # fmt: skip
    states = ("Novo", "Em andamento", "Aguardando cliente", "Resolvido", "Encerrado")
    rows = []
    for n in range(ITEMS):
        at, state = {name: f"{when:%d/%m/%Y %H:%M}" for name, when in life(n).items()}, n % 5
        rows.append([
            f"CH{n:04d}", f"Impressora {n}", states[state], ("Crítica", "Alta", "Média", "Baixa")[n % 4], f"João {n % 3}", "Suporte", f"Loja {n % 4}",
            at["opened"], at["resolved"] if state > 2 else "", at["closed"] if state > 3 else "", at["updated"],
        ])  # fmt: skip
    return text(header, rows, delimiter="\t")


def workbook(path: Path, body: str, *, delimiter: str = ",", form: str | None = None, sheet: str = "Export") -> Path:
    """The table as a workbook; where *form* is given, texts written so become real instants."""
    book = Workbook(write_only=True)
    book.create_sheet("Notes")
    page = book.create_sheet(sheet)
    for row in csv.reader(io.StringIO(body), delimiter=delimiter):
        page.append([_cell(value, form) for value in row])
    book.save(path)
    return path


def _cell(value: str, form: str | None):
    if not value:
        return None
    if value.isdigit():
        return int(value)
    if form:
        try:
            return datetime.strptime(value, form)  # noqa: DTZ007 -- a cell has no zone
        except ValueError:
            pass
    return value


EXPORTS = {
    "jira": jira_csv, "zendesk": zendesk_csv, "servicenow": servicenow_csv, "freshdesk": freshdesk_csv, "german": german_csv,
    "french": french_csv, "portuguese": portuguese_csv,
}  # fmt: skip
