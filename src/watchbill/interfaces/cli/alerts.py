"""`watchbill alerts`: what is out of the usual, who sees to it, and what is usual."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table


@click.group()
def alerts() -> None:
    """What is out of the usual: more comes in, waits, is handed over, in danger or held than normally."""


@alerts.command("list")
@desk_option
@click.option("--after", default="", metavar="ALR-7", help="Alerts behind this one.")
@limit_option
@spoken
def alerts_list(call: Call, desk: str | None, after: str, limit: int) -> None:
    """List the alerts of a desk, the latest first."""
    from watchbill.apps.core.references import ALERT, key_of
    from watchbill.flows.alerts.shown import alerts_shown

    before = key_of(ALERT, after) if after else None
    shown, more = alerts_shown(call.desk(desk).id, before=before, limit=limit, by=call.by)
    rows = [
        (
            one["reference"], one["opened_at"], one["title"],
            "over" if one["closed_at"] else one["acknowledged_by"] or "open", one["value"],
        )
        for one in shown
    ]  # fmt: skip
    call.tell(
        {"alerts": shown, "next": more},
        *table(("alert", "since", "what", "stands", "number"), rows),
        *([f"More: --after {more}"] if more else []),
    )


@alerts.command("series")
@desk_option
@spoken
def alerts_series(call: Call, desk: str | None) -> None:
    """Show the numbers that alerts compare: the latest hour beside what is usual."""
    from watchbill.flows.alerts.shown import series_plain, series_shown

    found = series_shown(call.desk(desk).id, by=call.by, now=call.now)
    rows = []
    for one in found:
        known = [hour for hour in one.hours if hour.value is not None]
        usual = "not known yet"
        if known and known[-1].high is not None:
            usual = f"{known[-1].low:.1f} to {known[-1].high:.1f}"
        rows.append((one.title, known[-1].value if known else None, usual, one.weeks))
    call.tell(
        {"series": [series_plain(one) for one in found]}, *table(("series", "latest", "usual", "weeks learned"), rows)
    )


@alerts.command("acknowledge")
@click.argument("alert")
@click.option("--note", default="", help="What you do about it.")
@spoken
def alerts_acknowledge(call: Call, alert: str, note: str) -> None:
    """Say that you see to an alert; it ends by itself."""
    from watchbill.apps.decisions.alerts import alert_acknowledge
    from watchbill.flows.alerts.shown import alert_shown

    row = alert_acknowledge(alert, note=note, by=call.by, now=call.now)
    call.tell(alert_shown(row), f"{row.reference}: acknowledged by {row.acknowledged_by_name}")


@alerts.command("settings")
@desk_option
@click.option("--per-week", type=float, help="False alarms that all learned series together may give a week.")
@click.option("--risk-items", type=int, help="So many items in danger are one alert.")
@click.option("--load-percent", type=int, help="Work held by those on shift, of what their limits allow.")
@click.option("--off", multiple=True, help="A kind that is not watched; give it again for more; '' watches all.")
@spoken
def alerts_settings(
    call: Call,
    desk: str | None,
    per_week: float | None,
    risk_items: int | None,
    load_percent: int | None,
    off: tuple[str, ...],
) -> None:
    """Show what raises an alert on a desk, or set it."""
    from dataclasses import replace

    from watchbill.apps.decisions.alerts import settings_of, settings_set

    desk_id = call.desk(desk).id
    settings, version = settings_of(desk_id)
    named = {"per_week": per_week, "risk_items": risk_items, "load_percent": load_percent}
    changes = {name: value for name, value in named.items() if value is not None}
    if off:
        changes["off"] = tuple(sorted(kind for kind in off if kind))  # type: ignore[assignment]
    if changes:
        settings = replace(settings, **changes)  # type: ignore[arg-type]
        version = settings_set(desk_id, settings, by=call.by, now=call.now)
    lines = [f"{name}: {', '.join(value) if name == 'off' else value}" for name, value in settings.as_json().items()]
    call.tell({**settings.as_json(), "version": version}, *lines)
