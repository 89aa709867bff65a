"""`watchbill notices`: what was sent, what was given up, and where webhooks go."""

from __future__ import annotations

import click

from watchbill.interfaces.cli.speaking import Call, desk_option, limit_option, spoken, table


@click.group()
def notices() -> None:
    """Mails and webhooks that go out: what became of each, sending again, and the endpoints of a desk."""


@notices.command("list")
@desk_option
@click.option(
    "--state", type=click.Choice(["waiting", "sent", "dead", "merged", "dropped"]), help="Only of this state."
)
@click.option("--after", type=click.IntRange(min=1), metavar="PLACE", help="Messages behind this place: “next” before.")
@limit_option
@spoken
def notices_list(call: Call, desk: str | None, state: str | None, after: int | None, limit: int) -> None:
    """List what was sent for a desk, or is to be, the latest first."""
    from watchbill.apps.notices.queries import message_page

    found = message_page(call.desk(desk).id, state=state or "", before=after, limit=limit + 1, by=call.by)
    rows, more = found[:limit], found[limit - 1]["id"] if len(found) > limit else None
    shown = [{name: value for name, value in row.items() if name not in {"id", "digest__key"}} for row in rows]
    cells = [
        (row["key"], row["subject"], row["channel"], row["state"], row["attempts"], row["receipt"] or row["error"])
        for row in rows
    ]
    call.tell(
        {"messages": shown, "next": more},
        *table(("key", "what", "by", "state", "attempts", "the other side said"), cells),
        *([f"More: --after {more}"] if more else []),
    )


@notices.command("attempts")
@click.argument("key")
@spoken
def notices_attempts(call: Call, key: str) -> None:
    """Show every attempt to send one message."""
    from watchbill.apps.notices.queries import message_attempts

    rows = message_attempts(key, by=call.by)
    cells = [(row["began_at"], row["ended_at"], row["is_ok"], row["said"]) for row in rows]
    call.tell({"key": key, "attempts": rows}, *table(("began", "ended", "taken", "said"), cells))


@notices.command("again")
@click.argument("key")
@spoken
def notices_again(call: Call, key: str) -> None:
    """Have a message sent again that was given up."""
    from watchbill.apps.core.queries import wall_now
    from watchbill.apps.notices.outbox import message_again
    from watchbill.flows.outbox import woken

    with woken():
        message_again(key, by=call.by, now=call.now, wall=wall_now())
    call.tell({"key": key, "state": "waiting"}, f"{key}: is sent again")


@notices.command("send")
@spoken
def notices_send(call: Call) -> None:
    """Send what is due at once, as the worker does every minute."""
    from watchbill.apps.people.rights import Right, require
    from watchbill.flows.outbox import messages_send

    require(call.by, Right.ALERT_ANSWER, None)
    done = messages_send()
    call.tell({"attempts": done}, f"{done} attempts")


@notices.command("endpoints")
@desk_option
@spoken
def notices_endpoints(call: Call, desk: str | None) -> None:
    """List where webhooks of a desk go. Secrets are never shown."""
    from dataclasses import asdict

    from watchbill.apps.notices.queries import endpoint_list

    rows = endpoint_list(call.desk(desk).id, by=call.by)
    shown = [{name: value for name, value in asdict(row).items() if name not in {"id", "desk_id"}} for row in rows]
    cells = [(row.name, row.url, ", ".join(row.kinds) or "every kind", row.is_active) for row in rows]
    call.tell({"endpoints": shown}, *table(("name", "address", "kinds", "on"), cells))


@notices.command("endpoint")
@click.argument("name")
@click.argument("url")
@desk_option
@click.option("--kind", "kinds", multiple=True, help="Only alerts of this kind; give it again for more.")
@click.option("--off", is_flag=True, help="Send nothing there.")
@click.option("--new-secret", is_flag=True, help="Make a new secret; the one before signs no more.")
@spoken
def notices_endpoint(
    call: Call, name: str, url: str, desk: str | None, kinds: tuple[str, ...], *, off: bool, new_secret: bool
) -> None:
    """Make the endpoint of that name, or change it; the secret of a new one is told this once."""
    from django.conf import settings

    from watchbill.apps.notices.endpoints import endpoint_save

    saved = endpoint_save(
        call.desk(desk).id, name=name, url=url, kinds=kinds, is_active=not off, is_new_secret=new_secret,
        is_open=settings.WEBHOOK_OPEN, by=call.by, now=call.now,
    )  # fmt: skip
    lines = [f"{name}: saved"]
    if saved.secret:
        lines.append(f"The secret that signs, shown this once: {saved.secret}")
    call.tell({"name": name, "secret": saved.secret or None}, *lines)
