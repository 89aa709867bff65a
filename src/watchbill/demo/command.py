"""The command `watchbill demo`: everything from an empty folder to a working control room, or a reckoning without one."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

import click

Say = Callable[[str], None]


class Settings(Protocol):
    """What the demo asks of the installation's settings."""

    @property
    def listen(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def public_url(self) -> str: ...


class House(Protocol):
    """What the demo asks of the house that it stands in: the database, Django, the four parts. See `config/house.py`."""

    @property
    def settings(self) -> Settings: ...
    def say(self, sentence: str) -> None: ...
    def prepare(self, *, migrate: bool | None = None) -> None: ...
    def migrate(self) -> int: ...
    def ports_check(self, *, option: str = "") -> None: ...
    def serve(self, *, opened: Callable[[], None]) -> int: ...
    def apart(self, name: str, **settings: str) -> AbstractContextManager[None]: ...
    def scratch(self) -> AbstractContextManager[None]: ...


@click.command()
@click.option("--restart", is_flag=True, help="Begin the story anew; what was done in the demo is forgotten.")
@click.option("--port", type=click.IntRange(1, 65534), help="Port of the pages; live updates use the one after it.")
@click.option("--browser/--no-browser", default=True, help="Open the start page in a browser, where there is one.")
@click.option(
    "--check", is_flag=True, help="No server: replay three days in both modes and reckon; 1 if a sum is wrong."
)
@click.option("--json", "as_json", is_flag=True, help="With --check: one JSON object on standard output.")
@click.pass_obj
def demo(house: House, *, restart: bool, port: int | None, browser: bool, check: bool, as_json: bool) -> None:
    """Load a real incident history and open the control room, with time that moves."""
    if check:
        sys.exit(_check(house, as_json=as_json))
    if as_json:
        raise click.UsageError("--json goes with --check")
    ports = {} if port is None else {"WATCHBILL_PORT": str(port), "WATCHBILL_LIVE_PORT": str(port + 1)}
    with house.apart("demo", **ports):
        began = time.perf_counter()
        house.ports_check(option="--port")
        house.prepare(migrate=True)
        from watchbill.demo.stage import Stage

        stage = Stage(migrate=house.migrate, say=house.say)
        stage.set_up(restart=restart)
        address = f"{house.settings.public_url or _local(house.settings)}/start/"

        def opened() -> None:
            stage.opened()
            house.say(f"Ready after {time.perf_counter() - began:.1f} s. Open {address} (Ctrl-C ends it)")
            if browser:
                _show(address)

        with stage.listening():
            code = house.serve(opened=opened)
    sys.exit(code)


def _local(settings: Settings) -> str:
    host = "127.0.0.1" if settings.listen in {"0.0.0.0", "::"} else settings.listen  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _show(address: str) -> None:
    """Open the page in a browser, where a person sits at a screen."""
    import webbrowser

    has_screen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if has_screen and sys.stderr.isatty():
        webbrowser.open(address)


def _check(house: House, *, as_json: bool) -> int:
    """Run the reckoning in a database that is gone afterwards, also when it is told to stop; 0 when every sum comes out."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with house.scratch():
        house.prepare(migrate=True)
        from watchbill.demo.check import check

        found = check(house.say)
    if as_json:
        click.echo(json.dumps(found, default=str))
    else:
        for mode in ("advise", "autopilot"):
            click.echo(f"{mode}: " + ", ".join(f"{name} {value}" for name, value in found[mode].items()))
        click.echo("second desk: " + ", ".join(f"{name} {value}" for name, value in found["second_desk"].items()))
        click.echo("Everything reconciles." if found["ok"] else "Does not reconcile: " + "; ".join(found["problems"]))
    return 0 if found["ok"] else 1
